"""Overviews, compared with counting all events."""

import random
from itertools import pairwise

import pytest

from navigation.recordings import LARGE, Recorded, recorded
from tttui.navigation.tracks import Tracks

NAMES = ["recursion", "exception_passes_frames", "async_gather", "threads_each_their_own", *LARGE]


def depths(made: Recorded) -> list[int]:
    stacks: dict[int, int] = {}
    found = []
    for row in made.rows:
        depth = stacks.get(row.thread, 0) + (row.kind in ("call", "resume", "throw"))
        found.append(depth)
        stacks[row.thread] = depth - (row.kind in ("return", "unwind", "yield"))
    return found


def raises(made: Recorded) -> list[int]:
    """Events at which an exception sets out, not where it passes into the caller."""
    before: dict[int, str] = {}
    found = []
    for row in made.rows:
        if row.kind == "raise" and before.get(row.thread) != "unwind":
            found.append(row.number)
        before[row.thread] = row.kind
    return found


def ranges(made: Recorded) -> list[tuple[int, int]]:
    events = made.run.events
    chooser = random.Random(made.name)
    found = [(0, events), (0, 1), (events - 1, events), (events // 3, events // 3 + 40)]
    for _ in range(6):
        start, stop = sorted(chooser.sample(range(events + 1), 2))
        found.append((start, stop))
    return [(start, min(stop, events)) for start, stop in found]


@pytest.mark.parametrize("axis", ["event", "time"])
@pytest.mark.parametrize("name", NAMES)
def test_columns_cover_a_range_and_their_sums_are_exact(name: str, axis: str) -> None:
    made = recorded(name)
    tracks, deep, raised = Tracks(made.run), depths(made), raises(made)
    calls = [row.number for row in made.rows if row.kind == "call"]
    for start, stop in ranges(made):
        columns = tracks.columns(start, stop, 60, axis=axis)  # type: ignore[arg-type]  # parametrized with both
        assert columns[0].start == start
        assert columns[-1].stop == stop
        assert all(one.stop == other.start and one.stop_ns == other.start_ns for one, other in pairwise(columns))
        assert all(column.start <= column.stop and column.start_ns <= column.stop_ns for column in columns)
        assert sum(column.events for column in columns) == stop - start
        assert sum(column.calls for column in columns) == sum(start <= event < stop for event in calls)
        assert sum(column.exceptions for column in columns) == sum(start <= event < stop for event in raised)
        assert max(column.depth_max for column in columns) == max(deep[start:stop])
        assert min(column.depth_min for column in columns if column.events) == min(deep[start:stop])
        mean = sum(column.depth_mean * column.events for column in columns) / (stop - start)
        assert mean == pytest.approx(sum(deep[start:stop]) / (stop - start))


@pytest.mark.parametrize("name", NAMES)
def test_narrow_columns_are_exact_one_by_one(name: str) -> None:
    made = recorded(name)
    tracks, deep, raised = Tracks(made.run), depths(made), raises(made)
    middle = made.run.events // 2
    for start, stop in [(0, min(made.run.events, 500)), (max(0, middle - 3000), min(made.run.events, middle + 3000))]:
        for column in tracks.columns(start, stop, 37):
            inside = deep[column.start : column.stop]
            assert column.events == len(inside)
            assert (column.depth_min, column.depth_max) == (min(inside), max(inside))
            assert column.exceptions == sum(column.start <= event < column.stop for event in raised)


@pytest.mark.parametrize("name", NAMES)
def test_lanes_add_up_to_what_each_thread_and_task_did(name: str) -> None:
    made = recorded(name)
    tracks = Tracks(made.run)
    for start, stop in ranges(made):
        rows = made.rows[start:stop]
        for sort in ("thread", "task"):
            lanes = tracks.lanes(start, stop, 40, sort=sort)
            expected: dict[int, int] = {}
            for row in rows:
                id_ = row.thread if sort == "thread" else row.task
                if id_:
                    expected[id_] = expected.get(id_, 0) + 1
            assert {lane.id: sum(lane.events) for lane in lanes} == expected
            assert all(lane.name for lane in lanes)


def test_output_is_counted_where_it_was_written() -> None:
    made = recorded("long_recursion")
    columns = Tracks(made.run).columns(0, made.run.events, 30)
    outputs = [output.event for output in made.run.outputs()]
    assert sum(column.outputs for column in columns) == sum(event < made.run.events for event in outputs)
    for column in columns:
        assert column.outputs == sum(column.start <= event < column.stop for event in outputs)


def test_an_empty_range_has_no_columns() -> None:
    tracks = Tracks(recorded("recursion").run)
    assert tracks.columns(5, 5, 10) == ()
    assert tracks.columns(5, 9, 0) == ()
    assert tracks.lanes(7, 3, 10) == ()
