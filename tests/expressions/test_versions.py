"""Where versions of Python differ, an expression is what it was on the program's."""

import sys
from collections import OrderedDict

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from expressions.recorded_values import Recorder
from tttui.navigation.builtin_functions import sum_of_numbers
from tttui.navigation.characters import told_apart
from tttui.navigation.expression_errors import EvaluationError, NotBound
from tttui.navigation.expressions import compile_expression
from tttui.store.records import Value

HERE = sys.version_info[:2]
NUMBERS = some.one_of(some.floats(), some.integers(), some.booleans(), some.sampled_from([1e16, -1e16, 1.0, 0.1, 2**63, -(2**63), -0.0]))


def evaluated(text: str, python: tuple[int, int], **values: object) -> str:
    recorder = Recorder()

    def lookup(name: str) -> Value:
        if name not in values:
            raise NotBound(name)
        return recorder.value(values[name])

    try:
        return compile_expression(text).evaluate(lookup, None, python).text
    except EvaluationError as error:
        return type(error).__name__


@given(some.lists(NUMBERS, max_size=12), some.sampled_from([0, 0.0, 1, 0.1]))
@example([0.1] * 10, 0)
@example([1e16, 1.0, 2**63, -1e16, 1.0], 0)
def test_sums_are_those_of_this_python_on_it(numbers: list[float], start: float) -> None:
    assert repr(sum_of_numbers(numbers, start, corrected=HERE >= (3, 12))) == repr(sum(numbers, start))


@pytest.mark.parametrize(
    ("text", "older", "before", "newer", "since"),
    [
        ("sum([0.1] * 10)", (3, 11), "0.9999999999999999", (3, 12), "1.0"),
        ("repr(ordered)", (3, 11), "\"OrderedDict([('a', 1), (2, 'b')])\"", (3, 12), "\"OrderedDict({'a': 1, 2: 'b'})\""),
        ("'aXa'.replace('a', 'b', count=1)", (3, 12), "Raised", (3, 13), "'bXa'"),
        ("{'a': 1}[1:2]", (3, 11), "Raised", (3, 13), "Raised"),
        ("sum([1j, 2j])", (3, 13), "3j", (3, 14), "NeedsCheckpoint"),
    ],
)
def test_each_version_has_its_own_answer(text: str, older: tuple[int, int], before: str, newer: tuple[int, int], since: str) -> None:
    ordered = OrderedDict[object, object]([("a", 1), (2, "b")])
    assert (evaluated(text, older, ordered=ordered), evaluated(text, newer, ordered=ordered)) == (before, since)


def test_what_only_another_version_knows_is_refused_not_invented() -> None:
    other = (3, 11) if HERE >= (3, 13) else (3, 15)
    shaking = "\U0001fae8 \U0001fae9"  # faces of Unicode 15 and 16
    for text in ("repr(s)", "s.isprintable()", "s.upper()", "f'{s!r}'", "'x'.join([s, s]).title()"):
        assert evaluated(text, other, s=shaking) == "NeedsCheckpoint"
        assert evaluated(text, HERE, s=shaking) != "NeedsCheckpoint"
        assert evaluated(text, other, s="caf\xe9 \u4e2d\u6587") != "NeedsCheckpoint"
    assert evaluated("len(s) + s.count('x')", other, s="x\xe9") == "3"
    mismatch = (3, 13) if HERE >= (3, 14) else (3, 14)
    assert evaluated("f'{x:.6_f}'", mismatch, x=1.5) == "NeedsCheckpoint"


def test_characters_are_told_apart_between_any_two_versions() -> None:
    assert told_apart("\U0001fae8", (3, 11), (3, 12))
    assert told_apart("\U0001fae8", (3, 15), (3, 11))
    assert not told_apart("\U0001fae8", (3, 12), (3, 15))
    assert not told_apart("plain \xe9\u4e2d", (3, 11), (3, 15))
    assert [told_apart(chr(0x31350 + offset), (3, 11), (3, 12)) for offset in (-1, 0, 4191, 4192)] == [False, True, True, False]
