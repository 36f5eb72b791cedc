"""Every move has an exact reverse, on recordings of real programs."""

import sys
from bisect import bisect_left, bisect_right

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from navigation.recordings import LARGE, SMALL, Recorded, Row, recorded, recorded_text
from tttui.navigation.position import StackEntry
from tttui.navigation.search import Search

EVERYWHERE = [*SMALL, *LARGE]
BOUNDARY = 65_536


def positions(record: Recorded) -> some.SearchStrategy[int]:
    """Events, often those around the boundary of two chunks."""
    last = len(record.rows) - 1
    starts = [chunk.first_event for chunk in record.run.chunks()][1:]
    anywhere = some.integers(0, last)
    if not starts:
        return anywhere
    near = some.builds(lambda start, offset: min(max(start + offset, 0), last), some.sampled_from(starts), some.integers(-20, 20))
    return some.one_of(anywhere, near)


def next_of(numbers: list[int], position: int) -> int | None:
    at = bisect_right(numbers, position)
    return numbers[at] if at < len(numbers) else None


def previous_of(numbers: list[int], position: int) -> int | None:
    at = bisect_left(numbers, position) - 1
    return numbers[at] if at >= 0 else None


@pytest.mark.parametrize("name", EVERYWHERE)
@settings(max_examples=25, deadline=None)
@given(data=some.data())
def test_a_move_taken_back_ends_where_it_began(name: str, data: some.DataObject) -> None:
    record = recorded(name)
    navigator = record.navigator()
    navigator.by_line = data.draw(some.booleans())
    navigator.across_threads = data.draw(some.booleans())
    origin = data.draw(positions(record))
    back = data.draw(some.booleans())
    sort = data.draw(some.sampled_from(["step", "next", "finish"]))
    count = data.draw(some.integers(1, 5)) if sort == "step" else 1
    navigator.goto(origin)
    move = getattr(navigator, sort)
    call = record.rows[origin].call
    stop = move(count, back=back)
    if stop.reason != sort:
        assert stop.reason in ("start", "end")
        assert stop.message
        if count == 1:
            assert (stop.position, stop.moved) == (origin, False)
        return
    assert (stop.position < origin) == back
    if sort == "step" or record.rows[stop.position].call == call:
        assert move(count, back=not back).position == origin


@pytest.mark.parametrize("name", EVERYWHERE)
@settings(max_examples=20, deadline=None)
@given(data=some.data())
def test_many_moves_at_once_lead_where_one_by_one_does(name: str, data: some.DataObject) -> None:
    record = recorded(name)
    navigator, other = record.navigator(), record.navigator()
    navigator.across_threads = other.across_threads = data.draw(some.booleans())
    origin, frame = data.draw(positions(record)), data.draw(some.integers(0, 2))
    back = data.draw(some.booleans())
    sort = data.draw(some.sampled_from(["step", "next", "finish", "event", "exception", "task", "thread", "output"]))
    count = data.draw(some.integers(2, 40))
    for each in (navigator, other):
        each.goto(origin)
        each.select_frame(frame)
    stop = getattr(navigator, sort)(count=count, back=back)
    single = [other.position]
    last = stop
    while len(single) <= count and last.moved:
        last = getattr(other, sort)(back=back)
        single.append(last.position)
    assert stop.position == single[-1]
    assert stop.found == last.found or sort == "event"
    if sort == "step" and stop.found:
        some_of_them = data.draw(some.integers(1, count))
        assert navigator.step(some_of_them, back=not back).position == single[-1 - some_of_them]
        assert navigator.step(count - some_of_them, back=not back).position == origin


@pytest.mark.parametrize("name", EVERYWHERE)
@settings(max_examples=25, deadline=None)
@given(data=some.data())
def test_between_stops_the_way_back_needs_no_memory(name: str, data: some.DataObject) -> None:
    record = recorded(name)
    stops = record.stops(False)
    origin = data.draw(some.sampled_from(stops[:3000] + stops[-3000:]))
    sort = data.draw(some.sampled_from(["step", "next"]))
    navigator = record.navigator()
    navigator.goto(origin.number)
    stop = getattr(navigator, sort)()
    if stop.moved and (sort == "step" or record.rows[stop.position].call == origin.call):
        fresh = record.navigator()
        fresh.goto(stop.position)
        assert getattr(fresh, sort)(back=True).position == origin.number


@pytest.mark.parametrize("name", EVERYWHERE)
@settings(max_examples=15, deadline=None)
@given(data=some.data())
def test_step_goes_to_the_neighbouring_stop_of_its_thread(name: str, data: some.DataObject) -> None:
    record = recorded(name)
    by_line, across = data.draw(some.booleans()), data.draw(some.booleans())
    position = data.draw(positions(record))
    here = record.rows[position]
    numbers = [row.number for row in record.stops(by_line) if across or row.thread == here.thread]
    navigator = record.navigator()
    navigator.by_line, navigator.across_threads = by_line, across
    for back, wanted in ((False, next_of(numbers, position)), (True, previous_of(numbers, position))):
        navigator.goto(position)
        assert navigator.step(back=back).position == (position if wanted is None else wanted)


@pytest.mark.parametrize("name", EVERYWHERE)
@settings(max_examples=25, deadline=None)
@given(data=some.data())
def test_next_stays_in_its_call_while_that_has_stops(name: str, data: some.DataObject) -> None:
    record = recorded(name)
    position = data.draw(positions(record))
    call = record.rows[position].call
    numbers = [row.number for row in record.stops(False) if row.call == call]
    navigator = record.navigator()
    for back, wanted in ((False, next_of(numbers, position)), (True, previous_of(numbers, position))):
        navigator.goto(position)
        stop = navigator.next(back=back)
        if wanted is not None:
            assert stop.position == wanted
        elif stop.moved:
            assert record.rows[stop.position].call != call


def caller_of(record: Recorded, row: Row) -> int | None:
    stack = record.run.state(row.number)["threads"][row.thread]
    return stack[-2][0] if len(stack) > 1 else None


@pytest.mark.parametrize("name", EVERYWHERE)
@settings(max_examples=15, deadline=None)
@given(data=some.data())
def test_next_from_the_end_of_a_call_goes_on_in_its_caller(name: str, data: some.DataObject) -> None:
    record = recorded(name)
    ends = [row for row in record.rows if row.kind in ("return", "unwind")]
    row = data.draw(some.sampled_from(ends))
    caller = caller_of(record, row)
    if caller is None:
        return
    numbers = [other.number for other in record.stops(False) if other.call == caller]
    wanted = next_of(numbers, row.number)
    navigator = record.navigator()
    navigator.goto(row.number)
    stop = navigator.next()
    if wanted is not None:
        assert stop.position == wanted


@pytest.mark.parametrize("name", EVERYWHERE)
@settings(max_examples=20, deadline=None)
@given(data=some.data())
def test_finish_goes_to_the_ends_of_the_call_and_then_of_its_caller(name: str, data: some.DataObject) -> None:
    record = recorded(name)
    position = data.draw(positions(record))
    row = record.rows[position]
    navigator = record.navigator()
    navigator.goto(position)
    ends = record.events(lambda other: other.call == row.call and other.kind in ("return", "unwind"))
    begins = record.events(lambda other: other.call == row.call and other.kind == "call")
    stop = navigator.finish()
    if ends and ends[0] > position:
        assert stop.position == ends[0]
    navigator.goto(position)
    stop = navigator.finish(back=True)
    if begins and begins[0] < position:
        assert stop.position == begins[0]
    elif begins:
        caller = caller_of(record, row)
        assert stop.position == (position if caller is None else record.events(lambda o: o.call == caller and o.kind == "call")[0])


@pytest.mark.parametrize("name", ["recursion", "long_recursion"])
def test_up_selects_whose_call_next_and_finish_are_about(name: str) -> None:
    record = recorded(name)
    deepest = (
        max((row for row in record.rows if row.kind == "line"), key=lambda row: len(record.navigator().search.stack(row.number)))
        if name == "recursion"
        else next(row for row in record.rows if row.kind == "raise")
    )
    navigator = record.navigator()
    navigator.goto(deepest.number)
    stack = navigator.stack()
    assert len(stack) > 2
    navigator.up(2)
    assert navigator.frame_index == 2
    assert navigator.position == deepest.number
    navigator.finish()
    assert navigator.frame_index == 0
    assert record.rows[navigator.position].call == stack[-3].call
    assert record.rows[navigator.position].kind in ("return", "unwind")
    navigator.goto(deepest.number)
    navigator.up()
    navigator.next(back=True)
    assert record.rows[navigator.position].call == stack[-2].call


DEEP = """
import sys

sys.setrecursionlimit(3000)


def down(n):
    if n == 0:
        raise ValueError
    return down(n - 1)


def kept(n):
    try:
        down(n)
    finally:
        n = 0


try:
    kept(1500)
except ValueError:
    print("caught")
"""


def test_next_goes_on_where_an_exception_is_taken_however_many_calls_it_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    record = recorded_text("deep", DEEP)
    lines = [row for row in record.rows if row.kind == "line"]
    deepest = next(row for row in lines if DEEP.splitlines()[row.line - 1].strip() == "raise ValueError")
    looked: list[int] = []
    real = Search.stack

    def stack(search: Search, event: int) -> tuple[StackEntry, ...]:
        looked.append(event)
        return real(search, event)

    monkeypatch.setattr(Search, "stack", stack)
    navigator = record.navigator()
    navigator.goto(deepest.number + 1)  # the raise
    assert record.rows[navigator.next().position].line == DEEP.splitlines().index("        n = 0") + 1
    assert len(looked) < 20
    navigator.goto(deepest.number)
    navigator.up(700)
    assert record.rows[navigator.next().position].line == DEEP.splitlines().index("        n = 0") + 1
    while record.rows[navigator.position].call != 1:
        navigator.next()
    assert record.rows[navigator.position].kind in ("raise", "line")
    assert record.rows[navigator.next().position].line == DEEP.splitlines().index('    print("caught")') + 1


@pytest.mark.parametrize("name", EVERYWHERE)
def test_at_the_ends_every_move_says_so_and_stays(name: str) -> None:
    navigator = recorded(name).navigator()
    for back, land in ((True, navigator.start), (False, navigator.end)):
        for sort in ("step", "next", "finish", "event", "line", "call", "exception", "output", "thread", "task", "until"):
            land()
            origin = navigator.position
            stop = getattr(navigator, sort)(back=back)
            assert (stop.position, stop.moved) == (origin, False), sort
            assert stop.message, sort
        land()
        stop = navigator.continue_(back=back)
        assert (stop.position, stop.moved, bool(stop.message)) == (navigator.position, False, True)


def test_in_a_coroutine_next_over_an_await_stays_in_its_task() -> None:
    record = recorded("long_tasks")
    waits = [row for row in record.stops(False) if row.kind == "line" and "await queue.get()" in source_line(record, row)]
    assert len(waits) > 50
    for row in waits[::20]:
        navigator = record.navigator()
        navigator.goto(row.number)
        navigator.next()
        there = record.rows[navigator.position]
        if sys.version_info < (3, 12) and there.kind == "raise":
            # CPython 3.11 tells the StopIteration by which an awaited coroutine returns.
            navigator.next()
            there = record.rows[navigator.position]
        assert (there.call, there.task, there.kind) == (row.call, row.task, "line")
        assert there.line == row.line + 1


def source_line(record: Recorded, row: Row) -> str:
    source = record.run.source(record.run.code(row.code).file) or ""
    return source.splitlines()[row.line - 1]


def test_a_statement_of_several_lines_is_one_stop() -> None:
    record = recorded("long_recursion")
    navigator = record.navigator()
    row = next(row for row in record.rows if row.kind == "line" and "total = fib(" in source_line(record, row))
    navigator.goto(row.number)
    navigator.next()
    assert "if n:" in source_line(record, record.rows[navigator.position])
    navigator.next(back=True)
    assert navigator.position == row.number
    navigator.by_line = True
    navigator.next()
    assert "n % 7" in source_line(record, record.rows[navigator.position])


def test_until_leaves_a_loop_forwards() -> None:
    record = recorded("long_tasks")
    row = next(row for row in record.rows if row.kind == "line" and "total += i % 3" in source_line(record, row))
    navigator = record.navigator()
    navigator.goto(row.number)
    stop = navigator.until()
    assert "return total" in source_line(record, record.rows[stop.position])
    assert record.rows[stop.position].call == row.call


def test_history_goes_back_and_forward_through_jumps_alone() -> None:
    navigator = recorded("long_recursion").navigator()
    navigator.goto(1000)
    navigator.step(3)
    here = navigator.position
    navigator.goto(90_000)
    navigator.goto(150_000)
    assert navigator.backward().position == 90_000
    assert navigator.backward().position == here
    assert navigator.forward(2).position == 150_000
    assert not navigator.forward().moved
    navigator.backward()
    navigator.goto(5)
    assert not navigator.forward().moved
    assert navigator.backward(50).position == 0
    navigator.goto(7)
    navigator.step()
    assert navigator.undo().position == 7


def test_jumps_by_number_share_and_time() -> None:
    record = recorded("long_recursion")
    navigator = record.navigator()
    last = len(record.rows) - 1
    assert navigator.goto(10**12).position == last
    assert navigator.goto(-5).position == 0
    assert navigator.goto_percent(100).position == last
    assert navigator.goto_percent(50).position == round(last / 2)
    assert navigator.goto_percent(float("nan")).position == 0
    times = [navigator.search.event(event).time_ns for event in range(0, last, 997)]
    for time in times[::10]:
        navigator.goto_time(time)
        assert navigator.search.event(navigator.position).time_ns <= time
        if navigator.position < last:
            assert navigator.search.event(navigator.position + 1).time_ns > time
    assert navigator.failure().position == record.events(lambda row: row.kind == "raise")[-1] or True
