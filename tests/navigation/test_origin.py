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
            ("return", "main", 7),
            ("return", "add", 5),
            ("argument", "main", 7),
            ("literal", "main", 7),
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


WAYS = """\
import functools
from collections import deque

def numbers(n):
    got = yield n
    return "done"

def outer():
    r = yield from numbers(4)
    yield r

def conf(timeout=None, *rest, **more):
    t = timeout or 30
    return t

def passing(*args):
    return conf(*args)

class Held:
    def __contains__(self, key):
        return key == 13
    def __setattr__(self, name, value):
        self.__dict__[name] = value * 2
    def __radd__(self, other):
        return other + 1
    times = 3

last = list(outer())[-1]
xs = [1, 2, 3, 4]
xs[1:3] = [9]
del xs[0]
xs.insert(0, 7)
xs += [5]
ys = xs[:]
ys.reverse()
first, *others = [1, 2, 3]
pair = [5, 6, 7]
pair[0], pair[1] = pair[1], pair[0]
queue = deque([1, 2, 3])
queue.rotate(1)
front = queue.popleft()
table = {"a": 0, "b": [3]}
missing = table.get("z", -1)
taken = table.pop("b")
either = table.get("a") or 8
chosen = 5 if either > 7 else 6
none = passing(0, 1, 2)
if (most := len(xs) + 1) > 2:
    more = most
squares = [y for y in (x * 2 for x in [3])]
for number, (left, right) in enumerate(zip(ys, "abc"), 1):
    pass
held = Held()
inside = 13 in held
held.size = 4
size = held.size
added = 1 + held
Held.times += 1
often = held.times
part = functools.partial(int, "7")
try:
    raise KeyError("k") from ValueError("v")
except KeyError as error:
    cause = error.__cause__
"""


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("xs[1]", ["xs[1] is what xs[0] was before xs.insert(0, 7)", "xs[0] is what xs[1] was before del xs[0]", "xs[1] is 9 of [9]"]),
        ("xs[0]", ["xs[0] was put in by 7", "7 stands there as it is"]),
        ("ys[0]", ["ys[0] is what ys[3] was before ys.reverse()", "ys[3] is what xs[3] was before ys = xs[:]", "xs[3] is 5 of [5]"]),
        ("others", ["others was unpacked from [1, 2, 3]"]),
        (
            "front",
            ["front was set to queue.popleft()", "queue.popleft() is queue[0]", "queue[0] is what queue[2] was before queue.rotate(1)"],
        ),
        ("pair[0]", ["pair[0] was set to pair[1]", "pair[1] was made as 6"]),
        ("pair[1]", ["pair[1] was set to pair[0]", "pair[0] was made as 5"]),
        ("missing", ["missing was set to table.get('z', -1)", "-1, as there was no such item"]),
        ("taken", ["taken was set to table.pop('b')", "table.pop('b') is table['b']", "table['b'] was made as [3]"]),
        ("either", ["either was set to table.get('a') or 8", "8, as table.get('a') was false", "8 stands there as it is"]),
        ("chosen", ["chosen was set to 5 if either > 7 else 6", "5, as either > 7 was true"]),
        ("none", ["none was set to passing(0, 1, 2)", "returned by passing", "returned by conf", "t was set to timeout or 30"]),
        ("more", ["more was set to most", "most was set to len(xs) + 1"]),
        ("right", ["right was taken from enumerate(zip(ys, 'abc'), 1)"]),
        ("left", ["left is ys[2]", "ys[2] is what ys[1] was before ys.reverse()"]),
        ("inside", ["inside was set to 13 in held", "returned by Held.__contains__", "computed as key == 13"]),
        ("size", ["size was set to held.size", "held.size was made by value * 2", "computed as value * 2"]),
        (
            "added",
            ["added was set to 1 + held", "returned by Held.__radd__", "computed as other + 1", "other was given to Held.__radd__ as 1"],
        ),
        (
            "often",
            ["often was set to held.times", "held.times is that of its class, Held.times", "Held.times was changed by Held.times += 1"],
        ),
        ("cause", ["cause was set to error.__cause__", "error.__cause__ was set to ValueError('v')"]),
    ],
)
def test_the_way_says_what_was_so(expression: str, told: list[str]) -> None:
    assert [hop.text for hop in hops(WAYS, expression)][: len(told)] == told


def test_what_a_yield_from_gives_is_what_the_generator_returned() -> None:
    found = hops(WAYS, "r", line=10)
    assert [hop.text for hop in found[:2]] == ["r was set to (yield from numbers(4))", "returned by numbers"]
    assert found[1].line == 6


def test_what_is_spread_reaches_the_rest_of_the_arguments() -> None:
    assert hops(WAYS, "rest", line=13)[0].text == "rest was given to conf as args"


def test_no_constant_that_a_call_was_given_is_taken_for_what_it_set() -> None:
    text = "from dataclasses import dataclass, field\n@dataclass\nclass P:\n    x: int\n    tags: list = field(default_factory=list)\np = P(1)\n"
    (found,) = hops(text, "p.tags")
    assert (found.kind, found.final) == ("unrecorded call", True)
    (read,) = hops("import json\nd = json.loads('[1, 2]')\n", "d[1]")
    assert (read.kind, read.final) == ("input", True)
