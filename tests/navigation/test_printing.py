"""Print over all hits, compared with looking at each moment."""

from functools import cache

import pytest

from navigation.programs import BANK, LONG
from navigation.recordings import Recorded, recorded_text
from tttui.errors import TttuiError
from tttui.navigation.expression_errors import EvaluationError
from tttui.navigation.expressions import compile_expression
from tttui.navigation.names import Names
from tttui.navigation.printing import Printed, print_all


@cache
def bank() -> Recorded:
    return recorded_text("bank", BANK)


@cache
def long() -> Recorded:
    return recorded_text("long", LONG)


def line_of(statement: str) -> int:
    return next(number for number, line in enumerate(LONG.split("\n"), 1) if line.strip() == statement)


def values(printed: list[Printed]) -> list[str | None]:
    return [one.value.text if one.value is not None else None for one in printed]


def test_each_hit_has_its_value_time_and_call() -> None:
    run = bank().run
    found = list(print_all(run, "bank.py", 14, "amount + charge"))
    assert values(found) == ["61", "123"]
    assert [one.time_ns for one in found] == [run.state(one.event)["time_ns"] for one in found]
    assert [one.call for one in found] == [run.state(one.event)["threads"][1][-1][0] for one in found]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("source.balance", ["100", "39"]),
        ("source.history", ["[]", "[60]"]),
        ('accounts["bob"].balance, total', ["(0, 0)", "(60, 1)"]),
        ("len(accounts)", ["2", "2"]),
        ("source.owner.upper()", ["'ANN'", "'ANN'"]),
        ("nothing", [None, None]),
    ],
)
def test_objects_globals_and_what_has_no_value(expression: str, expected: list[str | None]) -> None:
    found = list(print_all(bank().run, "bank.py", 14, expression))
    assert values(found) == expected
    assert all(one.error for one in found) == (expected == [None, None])


def test_a_condition_leaves_hits_out() -> None:
    run = bank().run
    assert values(list(print_all(run, "bank.py", 14, "amount", condition="amount > 100"))) == ["120"]
    assert values(list(print_all(run, "bank.py", 14, "amount", condition="source.balance == 100"))) == ["60"]
    assert values(list(print_all(run, "bank.py", 14, "amount", condition="False"))) == []


@pytest.mark.parametrize(
    ("statement", "expression", "condition"),
    [
        ("node.last = k", "node.count", "i % 700 == 3"),
        ("seen[k] = i", "k, i", "k == 7"),
        ("if len(queue) > 30:", "len(queue), queue[0]", "i % 500 == 0"),
        ("if k % 50 == 0:", "calls", "i % 400 == 1"),
        ("hits += 1", "hits", None),
        ("node.last = k", "node.count", "node.count % 20 == 19 and i > 0"),
        ("node.last = k", "k - i", "i % 100 == 99 and seen[k] + 1"),
        ("queue.append(i)", "i", "len(queue) == 30 and i % 50 == 0"),
    ],
)
def test_every_hit_is_what_its_moment_shows(statement: str, expression: str, condition: str | None) -> None:
    made, line = long(), line_of(statement)
    run = made.run
    shown, test = compile_expression(expression), compile_expression(condition) if condition else None
    expected = []
    for row in made.rows:
        if row.kind != "line" or row.line != line:
            continue
        names = Names(run, row.number, depth=1)
        try:
            if test is None or test.evaluate(names.lookup, names.expand).truth():
                expected.append((row.number, shown.evaluate(names.lookup, names.expand).value.text))
        except EvaluationError:
            expected.append((row.number, ""))
        if len(expected) >= 6:
            break
    found = []
    for one in print_all(run, "long.py", line, expression, condition=condition):
        found.append((one.event, one.value.text if one.value is not None else ""))
        if len(found) >= 6:
            break
    assert found == expected
    assert found


@pytest.mark.parametrize(
    ("condition", "error"),
    [
        ("120 // (amount - 60) == 2", "ZeroDivisionError"),
        ("accounts['eve'] is None", "KeyError"),
        ("accounts['ann'].history[0] < 'x'", "IndexError"),
        ("nothing > 1", "nothing"),
    ],
)
def test_a_condition_that_raises_says_so_at_that_hit(condition: str, error: str) -> None:
    first = next(print_all(bank().run, "bank.py", 14, "amount", condition=condition))
    assert first.value is None
    assert error in first.error


def test_backwards_gives_the_same_in_reverse() -> None:
    run = long().run
    forwards = list(print_all(run, "long.py", line_of("node.flag = not node.flag"), "node.flag, i"))
    assert len(forwards) > 3
    assert list(print_all(run, "long.py", line_of("node.flag = not node.flag"), "node.flag, i", backwards=True)) == forwards[::-1]


def test_hits_come_before_the_end_is_seen_and_can_be_stopped() -> None:
    run = long().run
    found: list[Printed] = []
    found.extend(print_all(run, "long.py", line_of("node.last = k"), "k", cancelled=lambda: len(found) > 3))
    assert 3 < len(found) < 11000


def test_what_never_ran_or_is_no_expression_is_an_error() -> None:
    run = bank().run
    with pytest.raises(TttuiError, match="never ran"):
        print_all(run, "bank.py", 3000, "x")
    with pytest.raises(TttuiError):
        print_all(run, "nothing.py", 1, "x")
    with pytest.raises(TttuiError):
        print_all(run, "bank.py", 14, "1 +")
