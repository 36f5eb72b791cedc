"""Forward and reverse searches visit the same hits, in opposite order, and no hit is passed over."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from navigation.recordings import LARGE, SMALL, Recorded, Row, recorded
from navigation.test_moves import positions
from tttui.navigation import filters
from tttui.navigation.filters import EventFilter
from tttui.navigation.finders import FilterFinder, Finder, OutputFinder, RaiseFinder, TaskFinder, ThreadFinder, UncaughtFinder

EVERYWHERE = [*SMALL, *LARGE]
Expected = Callable[[Recorded], list[int]]


def forwards(finder: Finder, limit: int = 10**9) -> list[int]:
    hits: list[int] = []
    position = -1
    while len(hits) < limit and (found := finder.after(position)) is not None:
        hits.append(position := found)
    return hits


def backwards(record: Recorded, finder: Finder, limit: int = 10**9) -> list[int]:
    hits: list[int] = []
    position = len(record.rows)
    while len(hits) < limit and (found := finder.before(position)) is not None:
        hits.append(position := found)
    return hits


def fresh_raises(record: Recorded) -> list[int]:
    latest: dict[int, Row] = {}
    found = []
    for row in record.rows:
        before = latest.get(row.thread)
        if row.kind == "raise" and not (before is not None and before.kind == "unwind" and before.value in (row.value, "")):
            found.append(row.number)
        latest[row.thread] = row
    return found


def thread_switches(record: Recorded) -> list[int]:
    rows = record.rows
    return [row.number for row in rows[1:] if rows[row.number - 1].thread != row.thread]


def task_switches(record: Recorded) -> list[int]:
    found, task = [], 0
    for row in record.rows:
        if row.task and row.task != task:
            found.append(row.number)
            task = row.task
    return found


def outputs(record: Recorded) -> list[int]:
    return sorted({output.event for output in record.run.outputs() if output.event >= 0})


def check(record: Recorded, finder: Finder, expected: list[int], limit: int = 60) -> None:
    """Some hits from each end, against all that there are."""
    assert forwards(finder, limit) == expected[:limit]
    assert backwards(record, finder, limit) == expected[::-1][:limit]


@pytest.mark.parametrize("name", EVERYWHERE)
def test_what_happened_is_found_from_both_ends(name: str) -> None:
    record = recorded(name)
    search = record.navigator().search
    check(record, RaiseFinder(search), fresh_raises(record))
    check(record, ThreadFinder(search), thread_switches(record))
    check(record, TaskFinder(search), task_switches(record))
    check(record, OutputFinder(search), outputs(record))
    uncaught = UncaughtFinder(search)
    assert forwards(uncaught) == backwards(record, uncaught)[::-1]
    assert set(forwards(uncaught)) <= set(record.events(lambda row: row.kind in ("raise", "throw", "reraise", "unwind")))


@pytest.mark.parametrize("name", EVERYWHERE)
@settings(max_examples=15, deadline=None)
@given(data=some.data())
def test_hits_of_any_filter_are_those_of_a_plain_look_through_all_events(name: str, data: some.DataObject) -> None:
    record = recorded(name)
    row = record.rows[data.draw(positions(record))]
    search = record.navigator().search
    stack = search.stack(row.number)
    cases: list[tuple[EventFilter, Callable[[Row], bool]]] = [
        (filters.lines([(row.code, row.line)]), lambda o: (o.kind, o.code, o.line) == ("line", row.code, row.line)),
        (filters.calls([row.code]), lambda o: (o.kind, o.code) == ("call", row.code)),
        (EventFilter(call=row.call), lambda o: o.call == row.call),
        (EventFilter(call=stack[0].call, codes=frozenset({stack[0].code})), lambda o: o.call == stack[0].call),
        (EventFilter(thread=row.thread), lambda o: o.thread == row.thread),
        (EventFilter(thread=-row.thread), lambda o: o.thread != row.thread),
        (EventFilter(task=row.task), lambda o: o.task == row.task),
        (
            EventFilter(codes=frozenset({row.code}), kinds=filters.kinds("return", "unwind")),
            lambda o: o.code == row.code and o.kind in ("return", "unwind"),
        ),
        (EventFilter(kinds=filters.STOP_KINDS, stops="statement"), lambda o: record.is_stop(o, False)),
        (
            EventFilter(kinds=filters.kinds("line"), codes=frozenset({row.code}), first_line=row.line),
            lambda o: (o.kind, o.code) == ("line", row.code) and o.line >= row.line,
        ),
    ]
    wanted, matches = data.draw(some.sampled_from(cases))
    expected = record.events(matches)
    finder = FilterFinder(search, wanted)
    before = [event for event in expected if event < row.number]
    after = [event for event in expected if event > row.number]
    assert finder.after(row.number) == (after[0] if after else None)
    assert finder.before(row.number) == (before[-1] if before else None)
    start, stop = sorted((data.draw(positions(record)), row.number))
    assert list(finder.hits(start, stop, False)) == [event for event in expected if start <= event < stop]
    assert list(finder.hits(start, stop, True)) == [event for event in expected if start <= event < stop][::-1]
    if after:
        assert finder.after(row.number, after[0]) is None
        assert finder.after(row.number, after[0] + 1) == after[0]


@pytest.mark.parametrize("name", ["long_recursion", "long_generators", "long_tasks"])
@settings(max_examples=15, deadline=None)
@given(data=some.data())
def test_changes_of_a_variable_are_found_in_both_directions(name: str, data: some.DataObject) -> None:
    record = recorded(name)
    row = record.rows[data.draw(positions(record))]
    slots = len(record.run.code(row.code).slots)
    if not slots:
        return
    slot = data.draw(some.integers(0, slots - 1))
    changes = changes_of(record)
    expected = sorted({event for event, call, its_slot in changes if its_slot == slot and call == row.call})
    wanted = EventFilter(variable=(row.code, slot), call=row.call)
    search = record.navigator().search
    assert [event.number for event in search.matches(wanted)] == expected
    assert [event.number for event in search.matches(wanted, back=True)] == expected[::-1]


_CHANGES: dict[str, list[tuple[int, int, int]]] = {}


def changes_of(record: Recorded) -> list[tuple[int, int, int]]:
    if record.name not in _CHANGES:
        _CHANGES[record.name] = [row[1:4] for chunk in record.run.chunks() for row in record.run.rows_of(chunk, 4)]
    return _CHANGES[record.name]


def test_moves_to_hits_stay_in_their_thread_unless_told_otherwise() -> None:
    record = recorded("long_tasks")
    crunch = next(code.id for code in record.run.codes() if code.qualname == "crunch")
    lines = [row for row in record.rows if row.code == crunch and row.kind == "line"]
    threads = {row.thread for row in lines}
    assert len(threads) == 3
    navigator = record.navigator()
    first = lines[0]
    navigator.goto(first.number)
    seen: set[int] = set()
    while navigator.line().moved and len(seen) < 50:
        seen.add(navigator.position)
        assert record.rows[navigator.position].thread == first.thread
    navigator.goto(first.number)
    navigator.across_threads = True
    navigator.call("crunch", 80)
    switched = {record.rows[row.number].thread for row in lines if row.number <= navigator.position}
    assert len(switched) > 1


def test_a_move_to_a_line_goes_by_statement_and_by_name_of_the_file() -> None:
    record = recorded("long_recursion")
    navigator = record.navigator()
    source = (record.run.source(1) or "").splitlines()
    line = source.index("    total = fib(") + 1
    hits = [row.number for row in record.stops(False) if row.kind == "line" and row.line == line]
    assert navigator.line("long_recursion.py", line).position == hits[0]
    assert navigator.line(None, line, 2).position == hits[2]
    assert navigator.line(None, line, back=True).position == hits[1]
    assert navigator.line(count=-1).position == hits[0]
    stop = navigator.line(None, 10_000)
    assert (stop.moved, stop.reason) == (False, "nothing")
