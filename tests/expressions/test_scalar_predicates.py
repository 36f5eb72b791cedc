"""A compiled condition gives what evaluating the expression gives, or refuses."""

import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from native.test_search import conditions
from support.encoder import Stream

from expressions.recorded_values import Recorder
from tttui.native import reader
from tttui.navigation.expressions import EvaluationError, Expression, compile_expression
from tttui.navigation.scalar_predicates import MISSING, Attribute, Item, MissingItemError, Read

CONDITIONS = [
    "a > 5",
    "a % 7 == 0",
    "a == b",
    "a + b > 10",
    "not a",
    "a and b",
    "a or b > 2",
    "a is None",
    "a is not None",
    "a is True",
    "a in (1, 2, 'x')",
    "a not in [1]",
    "a == 'x'",
    "a != b and a < 3",
    "1 < a < b",
    "-a > b",
    "a * 2 == b",
    "a // 3 == 1",
    "a / 2 > 1",
    "a - b == 0",
    "a in b",
    "a.startswith('x')",
    "a.endswith('y') or b",
    "a * b * 3 % 5 == 2",
    "a == 1.5",
    "$1 == a",
    "a < b < 10 > a",
    "a == -1",
    "'x' in a",
]
SCALARS = st.none() | st.booleans() | st.integers(-20, 20) | st.floats(-10, 10) | st.sampled_from(["x", "", "xy", "y"])


@pytest.mark.parametrize("text", CONDITIONS)
@given(a=SCALARS, b=SCALARS)
def test_a_predicate_agrees_with_the_expression(text: str, a: Any, b: Any) -> None:
    expression = compile_expression(text)
    predicate = expression.scalar_predicate()
    assert predicate is not None
    names = {"a": a, "b": b, "$1": a}
    scalars = [names[name] for name in predicate.names]
    try:
        holds = predicate.test(*scalars)
    except Exception:
        return  # it refuses: then the expression itself is asked
    assert holds is expression.evaluate(lambda name: Recorder().value(names[name])).truth()
    assert predicate.select([scalars, scalars]) == ([0, 1] if holds else [])


@pytest.mark.parametrize("text", CONDITIONS)
@given(values=st.lists(st.tuples(SCALARS, SCALARS), min_size=1, max_size=9))
def test_what_is_left_out_natively_certainly_does_not_hold(text: str, values: list[tuple[Any, Any]]) -> None:
    expression = compile_expression(text)
    predicate = expression.scalar_predicate()
    assert predicate is not None
    stream = Stream().push(1, 1).call()
    for pair in values:
        stream.var(0, pair[0]).var(1, pair[1]).line(0)
    slots = [{"a": 0, "b": 1, "$1": 0}[name] for name in predicate.names]
    containers: Any = ((), (), (), {}, MISSING, {})
    left = reader.columns(stream.whole(), conditions(kinds=1), 0, 99, slots, True, containers, predicate.native, False)
    events, rows = left[:2]
    assert rows == [tuple(values[event - 1][slot] for slot in slots) for event in events]
    for event, pair in enumerate(values, 1):
        held = holds(expression, *pair)
        assert not held or event in events
        # Of numbers it tells nearly everything.
        if all(type(value) in (int, float, bool) for value in pair) and not re.search("with|in|//|%", text):
            assert held is (event in events)


def holds(expression: Expression, a: Any, b: Any) -> bool:
    recorder = Recorder()
    values = {"a": a, "b": b, "$1": a}
    try:
        return expression.evaluate(lambda name: recorder.value(values[name])).truth()
    except EvaluationError:
        return False


@pytest.mark.parametrize(
    "text",
    [
        "len(a, b) > 3",
        "len(len(a)) > 3",
        "a().c == 1",
        "a.b.c.d.e.f.g.h.i.j == 1",
        "a.__class__ == 1",
        "a[b] == 1",
        "a[True] == 1",
        "a[1.0] == 1",
        "a[b]['y'] == 1",
        "[a] == b",
        "f'{a}'",
        "a ** 2 > 3",
        "a << 2",
        "f(a)",
        "a.upper() == b",
        "[x for x in a]",
        "1 == 1",
        "a & 1",
        "a is b",
        "a if b else 1",
        "a in c[0]",
        "lambda: a",
        "a == b''",
        "a == 1j",
        "a.startswith(b)",
        "'%s' % a == 'x'",
        "'x' * a == 'xx'",
    ],
)
def test_what_needs_more_than_scalars_has_no_predicate(text: str) -> None:
    assert compile_expression(text).scalar_predicate() is None


@pytest.mark.parametrize("text", ["a % 7 == 0", "a * 1000000000 == b", "a * b == 1", "-a == 1"])
def test_a_text_is_neither_formatted_nor_repeated(text: str) -> None:
    predicate = compile_expression(text).scalar_predicate()
    assert predicate is not None
    for hostile in ("%1000000000d", b"%1000000000d", [1]):
        with pytest.raises(TypeError):
            predicate.test(*[hostile] * len(predicate.names))


def test_a_predicate_is_quick() -> None:
    predicate = compile_expression("i % 7 == 0 and j > 3").scalar_predicate()
    assert predicate is not None
    rows = [(number, number % 5) for number in range(200_000)]
    started = time.process_time()
    found = predicate.select(rows)
    assert len(found) == sum(1 for i, j in rows if i % 7 == 0 and j > 3)
    assert time.process_time() - started < 2  # some 30 ms; far from what walking the tree would take


def test_a_hostile_name_can_reach_nothing() -> None:
    for text in ("__builtins__ == 1", "enumerate == 1", "number == 1", "constant0 == 1", "argument0 == argument1"):
        expression = compile_expression(text)
        predicate = expression.scalar_predicate()
        assert predicate is not None
        assert predicate.test(*[1] * len(predicate.names)) is True
    with pytest.raises(EvaluationError):
        compile_expression("__builtins__.x").evaluate(lambda name: Recorder().value(1))


def test_a_predicate_says_what_it_reads() -> None:
    predicate = compile_expression("a.x is None or a.y > len(b) and b['k'] is True and a is not None and a.z").scalar_predicate()
    assert predicate is not None
    assert predicate.names == ("a.x", "a.y", "len(b)", "b['k']", "a", "a.z")
    assert predicate.reads == (
        Read("a", (Attribute("x"),), may_be_any=True),
        Read("a", (Attribute("y"),)),
        Read("b", length=True),
        Read("b", (Item("k"),)),
        Read("a", may_be_any=True),
        Read("a", (Attribute("z"),)),
    )
    assert predicate.test(None, 0, 0, MISSING, ..., 0)
    assert not predicate.test(..., 0, 0, MISSING, ..., 0)


@pytest.mark.parametrize("text", ["d['k'] is None", "d['k'] not in ()", "not d['k']", "-d['k'] < 3", "d['k'] == 1 or True", "d['k'] or 1"])
def test_an_item_that_is_missing_ends_the_evaluation(text: str) -> None:
    predicate = compile_expression(text).scalar_predicate()
    assert predicate is not None
    with pytest.raises(MissingItemError):
        predicate.test(MISSING)
    with pytest.raises(MissingItemError):
        predicate.select([(MISSING,)])
