"""Why this value: the way back in small programs, by hand."""

from functools import cache

import pytest

from navigation.programs import BANK
from navigation.recordings import Recorded, recorded_text
from tttui.errors import TttuiError
from tttui.navigation.origin import Hop, operands, origin


@cache
def made(text: str) -> Recorded:
    return recorded_text("origin", text)


def way(text: str, expression: str, *, line: int = 0, nth: int = -1) -> list[tuple[str, str, int]]:
    """(kind, function, line) of each hop, asked at the nth event of a line; without a line at the end."""
    return [(hop.kind, hop.function, hop.line) for hop in hops(text, expression, line=line, nth=nth)]


def hops(text: str, expression: str, *, line: int = 0, nth: int = -1) -> list[Hop]:
    run = made(text).run
    event = [row.number for row in made(text).rows if row.kind == "line" and row.line == line][nth] if line else run.events - 1
    return list(origin(run, event, expression))


def test_a_value_is_followed_through_calls_and_arguments_to_a_literal() -> None:
    found = hops(BANK, "charge", line=17)
    assert [(hop.kind, hop.function, hop.line) for hop in found] == [
        ("write", "transfer", 13),
        ("return", "fee", 9),
        ("literal", "fee", 9),
    ]
    assert found[0].value is not None
    assert found[0].value.text == "3"
    assert found[-1].final
    assert found[-1].what == "3"


def test_an_augmented_attribute_leads_to_its_operands() -> None:
    found = hops(BANK, 'accounts["ann"].balance')
    assert (found[0].kind, found[0].function, found[0].line) == ("write", "transfer", 14)
    choices = operands(made(BANK).run, found[0])
    assert {choice.what for choice in choices} == {"amount + charge", "source.balance"}
    assert all(choice.value is not None for choice in choices)


def test_every_hop_is_a_position_at_its_line() -> None:
    recorded = made(BANK)
    run = recorded.run
    for expression in ('accounts["ann"].balance', "total", 'accounts["cy"]', 'accounts["ann"].history[1]'):
        found = hops(BANK, expression)
        assert found[-1].final
        for hop in found:
            state = run.state(hop.event)
            assert state["threads"][state["thread"]][-1][2] == hop.line
            assert run.code(state["threads"][state["thread"]][-1][1]).qualname == hop.function
            assert hop.source == BANK.split("\n")[hop.line - 1].strip()
            assert hop.text


def test_an_object_ends_where_it_was_made() -> None:
    assert way(BANK, 'accounts["cy"]') == [
        ("write", "<module>", 23),
        ("write", "<module>", 19),
        ("creation", "<module>", 19),
    ]


def test_an_item_that_was_appended_comes_from_the_loop_that_called() -> None:
    assert way(BANK, 'accounts["ann"].history[1]') == [
        ("write", "transfer", 16),
        ("argument", "<module>", 22),
        ("element", "<module>", 21),
        ("literal", "<module>", 21),
    ]


CASES = {
    "input": (
        """
import sys
def read():
    return sys.stdin.readline()
name = read()
""",
        "name",
        [("write", "<module>", 5), ("return", "read", 4), ("input", "read", 4)],
    ),
    "a call into code that was not recorded": (
        """
import math
x = 2.0
y = math.sqrt(x)
""",
        "y",
        [("write", "<module>", 4), ("unrecorded call", "<module>", 4)],
    ),
    "a default": (
        """
def f(a, b=5):
    return b
r = f(1)
""",
        "r",
        [("write", "<module>", 4), ("return", "f", 3), ("default", "<module>", 4)],
    ),
    "a keyword": (
        """
def f(a, *, b):
    return b
r = f(1, b=2)
""",
        "r",
        [("write", "<module>", 4), ("return", "f", 3), ("argument", "<module>", 4), ("literal", "<module>", 4)],
    ),
    "the object before the dot": (
        """
class A:
    def me(self):
        return self
a = A()
b = a.me()
""",
        "b",
        [
            ("write", "<module>", 6),
            ("return", "A.me", 4),
            ("argument", "<module>", 6),
            ("write", "<module>", 5),
            ("unrecorded call", "<module>", 5),
        ],
    ),
    "the right one of two calls on a line": (
        """
def one():
    return 1
def two():
    return 2
x = (one(), two())
a, b = one(), two()
""",
        "b",
        [("write", "<module>", 7), ("return", "two", 5), ("literal", "two", 5)],
    ),
    "a closure": (
        """
def outer(start):
    count = start
    def inner():
        return count
    return inner
value = outer(7)()
""",
        "value",
        [
            ("write", "<module>", 7),
            ("return", "outer.<locals>.inner", 5),
            ("write", "outer", 3),
            ("argument", "<module>", 7),
            ("literal", "<module>", 7),
        ],
    ),
    "a generator": (
        """
def numbers():
    base = 4
    yield base
for n in numbers():
    kept = n
""",
        "kept",
        [("write", "<module>", 6), ("yield", "numbers", 4), ("write", "numbers", 3), ("literal", "numbers", 3)],
    ),
    "a loop over a list": (
        """
prices = [3, 8]
prices[1] = 9
for price in prices:
    last = price
""",
        "last",
        [("write", "<module>", 5), ("element", "<module>", 4), ("write", "<module>", 3), ("literal", "<module>", 3)],
    ),
    "a branch of a conditional expression": (
        """
a, b, c = 1, 2, False
x = a if c else b
""",
        "x",
        [("write", "<module>", 3), ("operand", "<module>", 3), ("write", "<module>", 2), ("literal", "<module>", 2)],
    ),
    "an exception": (
        """
def fails():
    raise ValueError("no")
try:
    fails()
except ValueError as error:
    kept = error
""",
        "kept",
        [("write", "<module>", 7), ("creation", "fails", 3)],
    ),
    "a walrus": (
        """
if (n := 10) > 5:
    m = n
""",
        "m",
        [("write", "<module>", 3), ("write", "<module>", 2), ("literal", "<module>", 2)],
    ),
    "a coroutine": (
        """
import asyncio
async def add(first, second):
    await asyncio.sleep(0)
    return first
async def main():
    return await add(3, 4)
result = asyncio.run(main())
""",
        "result",
        [
            ("write", "<module>", 8),
            ("unrecorded call", "<module>", 8),
        ],
    ),
    "an attribute of a dataclass": (
        """
from dataclasses import dataclass
@dataclass
class P:
    x: int
p = P(11)
y = p.x
""",
        "y",
        [("write", "<module>", 7), ("write", "<module>", 6), ("literal", "<module>", 6)],
    ),
    "a property": (
        """
class A:
    def __init__(self):
        self._x = 4
    @property
    def x(self):
        return self._x
a = A()
y = a.x
""",
        "y",
        [("write", "<module>", 9), ("return", "A.x", 7), ("write", "A.__init__", 4), ("literal", "A.__init__", 4)],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_way_back_is_known_for(case: str) -> None:
    text, expression, expected = CASES[case]
    assert way(text, expression) == expected
    assert hops(text, expression)[-1].final


def test_what_names_nothing_leads_nowhere() -> None:
    found = hops(BANK, "nothing")
    assert [(hop.kind, hop.final) for hop in found] == [("unknown", True)]
    with pytest.raises(TttuiError):
        hops(BANK, "1 +")


def test_what_is_asked_for_and_stands_in_no_line_is_asked_at_the_line_of_the_moment() -> None:
    record = recorded_text("asked", "xs = [1]\nys = xs\nprint(ys)\n")
    navigator = record.navigator()
    navigator.line("asked.py", 3)
    for text in ("len(xs)", "nothing"):
        hops = list(origin(record.run, navigator.position, text))
        assert [(hop.event, hop.line) for hop in hops] == [(navigator.position, 3)]
