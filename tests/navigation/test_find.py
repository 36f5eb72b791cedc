"""Find: by hand for a small program, against looking through all rows for others; bounded time; identity."""

import random
import re
import time
from functools import cache
from typing import Any

import pytest

from navigation.programs import BANK, LONG
from navigation.recordings import Recorded, recorded, recorded_text
from tttui.errors import TttuiError
from tttui.navigation.find import EVERYWHERE, Found, Progress, aliases, find, find_object, together
from tttui.navigation.looking import Look, parse_path
from tttui.navigation.patterns import Pattern
from tttui.navigation.targets import target_at
from tttui.store.run import Run
from tttui.store.stream import OB_NEW, OB_SETKEY, OB_SNAPSHOT, OB_SPLICE, OBJECTS, PART_ATTRIBUTES, PART_PAIRS, VARIABLES, object_of


@cache
def bank() -> Recorded:
    return recorded_text("bank", BANK)


@cache
def long() -> Recorded:
    return recorded_text("long", LONG)


def told(found: list[Found]) -> list[tuple[str, str, int]]:
    return [(one.where, one.what, one.line) for one in found]


def test_a_text_is_found_in_values_output_and_messages() -> None:
    found = list(find(bank().run, "ann", where=frozenset({"value", "output", "exception"})))
    assert ("value", "owner", 2) in told(found)
    assert ("value", "Account.owner", 4) in told(found)
    assert ("value", "dict['ann']", 20) in told(found)
    assert [one.event for one in found] == sorted(one.event for one in found)
    assert all(one.text[one.start : one.stop] == "ann" for one in found)


def test_names_functions_and_messages_are_told_apart() -> None:
    run = bank().run
    assert {one.where for one in find(run, "balance", where=frozenset({"name"}))} == {"name"}
    assert [one.line for one in find(run, "transfer", where=frozenset({"function"}))] == [12, 12]
    messages = list(find(run, "negative -84", where=frozenset({"exception"})))
    assert [(one.what, one.line) for one in messages] == [("ValueError", 27)]
    printed = list(find(run, "moved 4", where=frozenset({"output"})))
    assert [(one.what, one.text) for one in printed] == [("stdout", "moved 4")]


def test_a_number_is_found_by_its_digits_and_by_an_expression() -> None:
    run = bank().run
    plain = [one for one in find(run, "-84", where=frozenset({"value"})) if one.text == "-84"]
    assert told(plain) == [("value", "Account.balance", 15)]
    assert list(find(run, r"^-8\d$", regex=True, where=frozenset({"value"}))) == plain


def test_upper_and_lower_case_are_one_where_wanted() -> None:
    run = bank().run
    assert not list(find(run, "TRANSFER", where=frozenset({"function"})))
    assert len(list(find(run, "TRANSFER", ignore_case=True, where=frozenset({"function"})))) == 2


@pytest.mark.parametrize("pattern", ["a", "1", "e.*r", "[0-9]+"])
@pytest.mark.parametrize("name", ["bank", "generator_pipeline", "dict_of_objects", "exception_chains", "long"])
def test_backwards_gives_the_same_in_reverse(name: str, pattern: str) -> None:
    made = bank() if name == "bank" else long() if name == "long" else recorded(name)
    stop = min(made.run.events, 3000) if name != "long" else 66500
    start = 0 if name != "long" else 65000
    regex = not pattern.isalnum()
    forwards = list(find(made.run, pattern, regex=regex, start=start, stop=stop))
    backwards = list(find(made.run, pattern, regex=regex, start=start, stop=stop, backwards=True))
    assert sorted(map(repr, forwards)) == sorted(map(repr, backwards))
    assert [one.event for one in backwards] == [one.event for one in forwards][::-1]


@pytest.mark.parametrize("number", [77, 204, 0])
def test_values_are_those_of_a_look_at_every_row(number: int) -> None:
    run = long().run
    expected: set[int] = set()
    for chunk in run.chunks():
        for row in run.rows_of(chunk, 1 | VARIABLES | OBJECTS):
            if any(type(raw) is int and raw == number for raw in said(run, row)):
                expected.add(row[1])
    found = {one.event for one in find(run, rf"^{number}$", regex=True, where=frozenset({"value"}))}
    assert found == expected
    assert {one.event for one in find(run, str(number), where=frozenset({"value"})) if one.text == str(number)} == expected


def said(run: Run, row: tuple[Any, ...]) -> list[Any]:
    """The values that a row of `reader.events` says anew."""
    if row[0] == "object":
        return list(changed(run, row[3], row[1])) if row[2] == OB_SNAPSHOT else fresh(row[1:])
    return [row[4] if row[0] == "variable" else row[10]]


def changed(run: Run, object_: int, event: int) -> set[object]:
    """The numbers that became entries of an object at an event."""
    found: list[dict[object, object]] = []
    for at in (event - 1, event):
        content = run.contents([object_], at)[object_]
        entries: dict[object, object] = {}
        for number, part in content.parts.items():
            for index, entry in enumerate(part.known()):
                keyed = number in (PART_ATTRIBUTES, PART_PAIRS)
                entries[number, entry[0] if keyed else index] = entry[1] if keyed else entry
        found.append(entries)
    return {raw for key, raw in found[1].items() if type(raw) is int and found[0].get(key) != raw}


def fresh(record: tuple[Any, ...]) -> list[Any]:
    """The numbers that a record of an object says anew, keys and those in tuples included; snapshots say nothing new."""
    tag = record[1]
    found: list[Any] = []
    if tag == OB_SETKEY:
        found = [record[4], record[5]]
    elif tag == OB_SPLICE:
        found = [
            raw
            for entry in record[6]
            for raw in (entry[1:] if record[3] == PART_ATTRIBUTES else entry if record[3] == PART_PAIRS else (entry,))
        ]
    elif tag == OB_NEW:
        for part, _, head, tail in record[4]:
            found += [
                raw
                for entry in (*head, *tail)
                for raw in (entry[1:] if part == PART_ATTRIBUTES else entry if part == PART_PAIRS else (entry,))
            ]
    for raw in list(found):
        if isinstance(raw, tuple) and raw[0] == 0x10:
            found += raw[2]
    return found


def test_a_search_tells_how_far_it_is_and_can_be_stopped() -> None:
    run = long().run
    told_of: list[Progress] = []
    list(find(run, "no such text", progress=told_of.append))
    assert [progress.done for progress in told_of] == sorted(progress.done for progress in told_of)
    assert told_of[-1].done == told_of[-1].total == run.events
    assert len(told_of) == len(run.chunks())
    assert list(find(run, "1", cancelled=lambda: True)) == []


def test_a_range_bounds_the_search() -> None:
    run = bank().run
    every = [one for one in find(run, "a") if one.where != "output"]
    middle = run.events // 2
    some = [one for one in find(run, "a", start=middle - 5, stop=middle + 5) if one.where != "output"]
    assert some == [one for one in every if middle - 5 <= one.event < middle + 5]


# -- regular expressions


@pytest.mark.parametrize("text", ["(", "[z-a]", "a{2,1}", ""])
def test_what_is_no_regular_expression_is_an_error(text: str) -> None:
    with pytest.raises(TttuiError):
        find(bank().run, text, regex=True)


def test_an_expression_that_explodes_is_stopped() -> None:
    with Pattern(r"(a+)+$", regex=True) as pattern:
        started = time.monotonic()
        with pytest.raises(TttuiError, match="too long"):
            pattern.search("a" * 60 + "b")
        assert time.monotonic() - started < 120  # in another process; it would take years


def test_the_process_of_its_own_finds_what_re_finds() -> None:
    chooser = random.Random(1)
    texts = ["".join(chooser.choice("ab1 \n") for _ in range(chooser.randrange(30))) for _ in range(500)]
    for expression in (r"a+b+", r"(a|b)*1+", r"^\s*(\w+)\s+\1", r"(?:a*b){2,}"):
        with Pattern(expression, regex=True) as pattern:
            assert pattern.search_all(texts) == [None if (one := re.search(expression, text)) is None else one.span() for text in texts]


# -- identity


def test_an_object_is_found_wherever_it_came_to_be() -> None:
    run = bank().run
    at = run.events - 1
    look = Look(run, at)
    bob = object_of(look.value(parse_path('accounts["cy"]')))
    found = told(list(find_object(run, bob)))
    assert found == [
        ("object", "self", 2),
        ("object", "dict['bob']", 20),
        ("object", "target", 12),
        ("object", "target", 12),
        ("object", "dict['cy']", 24),
    ]
    assert told(list(find_object(run, bob, backwards=True))) == found[::-1]


def test_all_ways_to_an_object_are_told_shortest_first() -> None:
    made = bank()
    run = made.run
    at = next(row.number for row in made.rows if row.kind == "line" and row.line == 14)
    ann = target_at(run, at, "source.balance").object
    assert [(alias.path, alias.function) for alias in aliases(run, at, ann)] == [("source", "transfer"), ("accounts['ann']", "<module>")]
    after = next(row.number for row in made.rows if row.kind == "line" and row.line == 24)
    bob = target_at(run, after, 'accounts["bob"].balance').object
    assert {alias.path for alias in aliases(run, after, bob)} == {"accounts['bob']", "accounts['cy']"}


def test_where_two_are_one_is_a_stretch() -> None:
    made = bank()
    run = made.run
    after = next(row.number for row in made.rows if row.kind == "line" and row.line == 24)
    first, second = target_at(run, after, 'accounts["bob"]'), target_at(run, after, 'accounts["cy"]')
    (stretch,) = together(run, first, second)
    gone = next(row.number for row in made.rows if row.kind == "line" and row.line == 25)
    assert (stretch.start, stretch.stop) == (after, gone)
    assert stretch.object == target_at(run, after, 'accounts["bob"].balance').object


def test_everywhere_is_all_but_identity() -> None:
    assert {"value", "name", "function", "output", "exception"} == EVERYWHERE
