"""Conditions that are checked natively hold where the evaluator says so, whatever the program does to its objects."""

from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from navigation.recordings import Recorded, recorded_text
from tttui.navigation.conditions import Condition, ConditionalFinder
from tttui.navigation.finders import StreamFinder

PROGRAM = """
from collections import Counter, OrderedDict, defaultdict, deque


class Loud(dict):
    def __getitem__(self, key):
        return "loud"

    def __len__(self):
        return 3


class Equal:
    def __eq__(self, other):
        return other == "k"

    def __hash__(self):
        return hash("k")


class Thing:
    def __init__(self):
        self.x = 0
        self.next = None


def look(step, thing, d, xs, s, pair):
    return step


def changed(step, thing, d, xs, s, others):
    r = (step * 7919 + 13) % 1009
    if r % 3 == 0:
        thing.x = r
    elif r % 31 == 4:
        thing.next = Thing() if r % 2 else None
    elif r % 41 == 6 and thing.next is not None:
        thing.next.y = ("four", 1.5, thing)[r % 3]
        thing.next.next = thing
    elif r % 37 == 5 and hasattr(thing, "y"):
        del thing.y
    elif r % 29 == 3:
        thing.y = "text" if r % 2 else 1.5
    k = ("k", "q", 1, 0, (1, 2), "a" * 70, 2.0)[r % 7]
    if r % 5 == 0:
        d[k] = r
    elif r % 5 == 1:
        d.pop(k, None)
    elif r % 211 == 3:
        d.clear()
    elif r % 223 == 2:
        d.update({str(n): n for n in range(r % 300)})
    elif r % 61 == 2:
        d["k"] = thing
    elif r % 67 == 2:
        d[True] = "true"
    elif r % 499 == 3 and len(d) < 2:
        d[Equal()] = "equal"
    if r % 2 == 0:
        xs.append(r)
    elif r % 11 == 0 and type(xs) is list:
        del xs[1:3]
    elif r % 101 == 0:
        xs.clear()
    elif r % 103 == 0:
        xs.extend(range(r % 80))
    elif r % 13 == 0 and xs:
        xs.pop()
    if r % 4 == 0:
        s.add(r % 20)
    else:
        s.discard(r % 20)


def main():
    things = [Thing() for _ in range(5)]
    resting = Thing()
    dicts = [{}, OrderedDict(), defaultdict(int), Counter(), Loud(), {"k": 0}]
    lists = [[], deque(), [1, 2]]
    sets = [set(), {1}]
    nothing = {"k": 1, "never": None}
    for step in range(9000):
        n = step if step % 3 else step // 7
        thing, d, xs, s = things[n % 5], dicts[n % 6], lists[n % 3], sets[n % 2]
        changed(step, thing, d, xs, s, nothing)
        if step % 50 == 7:
            thing, d = resting, nothing
        if step % 16 < 2:
            look(step, thing, d, xs, s, (thing, xs))


main()
"""
CONDITIONS = (
    "thing.x == 300",
    "thing.x > 900 and step % 2",
    "thing.next is None",
    "thing.next is not None and thing.x > 500",
    "not (thing.next is None)",
    "thing.y == 'text'",
    "thing.y == 1.5 or thing.x == 3",
    "thing is None",
    "thing is not None and step < 90",
    "d['k'] == 35",
    "d['k'] != 0",
    "d['k'] > 500",
    "not d['q']",
    "d['q'] is None",
    "d['q'] is not None",
    "d['k'] in ()",
    "d['k'] not in ()",
    "d['never'] is None",
    "d[1] == 'true'",
    "d[0] == 0 or d['k'] == 0",
    "step % 10 == 3 and d['q'] % 2 == 0",
    "len(d) == 3",
    "len(d) > 200",
    "len(xs) > 60",
    "len(xs) == 0",
    "len(s) == 4 and len(xs) % 2",
    "len(step) == 2",
    "d['k'] == 'loud'",
    "d['k'] == 'equal'",
    "thing.next.x == 0",
    "thing.next.next is None and thing.x > 300",
    "d['k'].x > 100",
    "d['k'].next.x == 0",
    "xs[0] > 500",
    "xs[-1] % 2 == 0 and step > 3",
    "xs[2] == 2 or xs[70] > 900",
    "pair[0].x > 700",
    "pair[1][0] == 13",
    "pair[-1][-2] < 200",
    "pair[7] is None",
    "len(pair) == 2 and len(pair[1]) > 40",
    "len(thing.next.y) == 4",
    "thing.x / 2 == 150.5 or thing.x // 7 == -1",
    "not (thing.y != 'text' and thing.x < 900)",
    "0 <= thing.x - 300 < 100",
    "thing.x in (13, 0, 1008) or thing.y not in ['text', 1.5]",
    "thing.y > 1",
)


@cache
def made() -> Recorded:
    return recorded_text("changes", PROGRAM)


@cache
def all_hits() -> Sequence[int]:
    navigator = made().navigator()
    plain = navigator.breakpoints.finder(navigator.breakpoints.function("look"))
    assert isinstance(plain, StreamFinder)
    return list(plain.hits(0, navigator.run.events, False))


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_condition_holds_where_the_evaluator_says_so(text: str) -> None:
    navigator = made().navigator()
    assert len(navigator.run.chunks()) >= 3
    chosen = navigator.breakpoints.finder(navigator.breakpoints.function("look", condition=text))
    assert isinstance(chosen, ConditionalFinder)
    found = list(chosen.hits(0, navigator.run.events, False))
    again = navigator.breakpoints.finder(navigator.breakpoints.function("look", condition=text))
    assert isinstance(again, ConditionalFinder)
    assert list(again.hits(0, navigator.run.events, True)) == found[::-1]
    # One by one takes long: some of all hits, and some that were found.
    test = Condition(navigator.search, text, {})
    asked = sorted({*all_hits()[::41], *found[:: max(len(found) // 15, 1)]})
    assert [event for event in asked if test.holds(event)] == [event for event in asked if event in set(found)]


@settings(max_examples=5, deadline=None)
@given(data=some.data())
def test_a_part_of_the_recording_has_its_part_of_the_hits_in_any_order_of_asking(data: some.DataObject) -> None:
    navigator = made().navigator()
    text = data.draw(some.sampled_from(("thing.x > 900", "len(xs) > 60", "thing.next is None and len(s) > 3")))
    chosen = navigator.breakpoints.finder(navigator.breakpoints.function("look", condition=text))
    whole = made().navigator()
    all_ = whole.breakpoints.finder(whole.breakpoints.function("look", condition=text))
    assert isinstance(chosen, ConditionalFinder)
    assert isinstance(all_, ConditionalFinder)
    expected = list(all_.hits(0, navigator.run.events, False))
    for _ in range(4):
        start, stop = sorted(data.draw(some.tuples(*[some.integers(0, navigator.run.events)] * 2)))
        back = data.draw(some.booleans())
        found = list(chosen.hits(start, stop, back))
        assert (found[::-1] if back else found) == [event for event in expected if start <= event < stop]
