"""Finding events: chunks that can't hold one are passed over by their postings, the others are scanned natively."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import repeat
from typing import Final

from tttui.native import reader
from tttui.navigation.filters import CALL, END_KINDS, EXCEPTION_KINDS, RAISE, UNWIND, EventFilter, StopsBy
from tttui.navigation.position import Event, StackEntry
from tttui.navigation.statements import StopTables, can_suspend
from tttui.store.opening import damaged
from tttui.store.records import Chunk
from tttui.store.run import Run
from tttui.store.stream import object_of

_ALL: Final = 1 << 40
_FIELDS: Final = len(Event._fields)
_ENTRY: Final = tuple.__new__
"""Makes an entry of a stack of a tuple of the same: of 5,000 frames in a tenth of the time."""


class Search:
    """Searches in one run. All of them answer within milliseconds, whatever the length of the run, where the postings
    of the chunks can tell (lines, codes, variables, objects, threads, tasks, exceptions).
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._stop_tables = {"statement": StopTables(run, True), "line": StopTables(run, False)}

    # -- one event

    def event(self, number: int) -> Event:
        """An event by its number; TttuiError where there is none."""
        chunk = self.run.chunk_of(number)
        found = self._in_chunk(EventFilter(), chunk, number, number + 1, 1)
        if not found:
            raise damaged(self.run.path, f"chunk {chunk.id} of the event stream has no event {number}")
        return found[0]

    def stack(self, event: int) -> tuple[StackEntry, ...]:
        """The stack of the event's thread, innermost frame last, without values."""
        stack = self.run.decode(self.run.chunk_of(event), reader.stack, event)
        return tuple(map(_ENTRY, repeat(StackEntry), stack))

    def at_time(self, time_ns: int) -> int:
        """The last event at or before a time since the start of the run; the first where there is none."""
        chunks = self.run.chunks()
        number = bisect_right(chunks, time_ns, key=_start_of) - 1
        if number < 0:
            return 0
        chunk = chunks[number]
        events = range(chunk.first_event, chunk.first_event + chunk.events)
        return max(events.start + bisect_right(events, time_ns, key=self._time_of) - 1, 0)

    def _time_of(self, event: int) -> int:
        return self.event(event).time_ns

    def line_stops(self, places: Iterable[tuple[int, int]], by_line: bool) -> StopsBy:
        """How hits of lines are told from each other: once for each run of a statement where it begins there, else each."""
        tables = self._stop_tables["statement"]
        return "" if by_line or any(tables.is_inside(code, line) for code, line in places) else "statement"

    # -- searching

    def after(self, wanted: EventFilter, position: int, *, stop: int | None = None) -> Event | None:
        """The first match behind a position (-1: of all), before event `stop`."""
        start = max(position + 1, 0)
        end = self.run.events if stop is None else min(stop, self.run.events)
        for chunk in self._chunks_after(wanted, start, end):
            while found := self._in_chunk(wanted, chunk, start, end, 1):
                if not wanted.fresh or self.is_fresh(chunk, found[0]):
                    return found[0]
                start = found[0].number + 1
        return None

    def before(self, wanted: EventFilter, position: int, *, start: int = 0) -> Event | None:
        """The last match before a position, at event `start` at the earliest."""
        end = min(position, self.run.events)
        start = max(start, 0)
        for chunk in self._chunks_before(wanted, start, end):
            while found := self._in_chunk(wanted, chunk, start, end, -1):
                if not wanted.fresh or self.is_fresh(chunk, found[0]):
                    return found[0]
                end = found[0].number
        return None

    def nth(self, wanted: EventFilter, position: int, count: int, *, back: bool = False) -> tuple[int, Event | None]:
        """(how many there are, the last of them) of the first `count` matches behind a position, back: before it."""
        start, end = (0, min(position, self.run.events)) if back else (max(position + 1, 0), self.run.events)
        found = 0
        last = None
        for chunk in self.chunks(wanted, start, end, back=back):
            left = count - found
            rows = self.run.decode(chunk, reader.search, self.conditions(wanted), start, end, -left if back else left, False)
            if rows:
                last = rows[0 if back else -1]
                found += len(rows)
            if found == count:
                break
        return found, None if last is None else Event._make(last)

    def matches(self, wanted: EventFilter, start: int = 0, stop: int | None = None, *, back: bool = False) -> Iterator[Event]:
        """All matches of the events start .. stop - 1, in order (`back`: the last first), as they are found."""
        start, end = max(start, 0), self.run.events if stop is None else min(stop, self.run.events)
        chunks = self._chunks_before(wanted, start, end) if back else self._chunks_after(wanted, start, end)
        for chunk in chunks:
            found = self._in_chunk(wanted, chunk, start, end, _ALL)
            for event in reversed(found) if back else found:
                if not wanted.fresh or self.is_fresh(chunk, event):
                    yield event

    def chunks(self, wanted: EventFilter, start: int = 0, stop: int | None = None, *, back: bool = False) -> Iterator[Chunk]:
        """The chunks that may hold matches among the events start .. stop - 1, in order (`back`: the last first)."""
        end = self.run.events if stop is None else min(stop, self.run.events)
        return self._chunks_before(wanted, max(start, 0), end) if back else self._chunks_after(wanted, max(start, 0), end)

    def conditions(self, wanted: EventFilter) -> "reader.Conditions":
        """A filter as the native reader takes it."""
        return wanted.conditions(self._stop_tables.get(wanted.stops))

    # -- calls

    def birth(self, call: int) -> Event | None:
        """The event with which a call begins; None where it was running before the recording began."""
        chunk = self._chunk_of_call(call)
        found = self._in_chunk(EventFilter(kinds=1 << CALL, call=call), chunk, 0, _ALL, 1) if chunk is not None else None
        return found[0] if found else None

    def end(self, call: int, position: int, code: int = 0) -> Event | None:
        """The event that ends a call that is open at `position`; None where the recording ends before. `code`: its code, where
        that is known already.
        """
        if not code:
            here = self.event(position)
            code = here.code if here.call == call else next((entry.code for entry in self.stack(position) if entry.call == call), 0)
        wanted = EventFilter(kinds=END_KINDS, call=call, codes=frozenset({code}) if code else frozenset())
        if code and not can_suspend(self.run.code(code)):
            chunks, number = self.run.chunks(), self.run.chunk_of(position).id
            ending = self._last_chunk_with(call, number, len(chunks) - 1)
            position = max(position, chunks[ending].first_event)
        return self.after(wanted, position - 1)

    # -- chunks

    def _in_chunk(self, wanted: EventFilter, chunk: Chunk, start: int, stop: int, limit: int) -> list[Event]:
        rows = self.run.decode(chunk, reader.search, self.conditions(wanted), start, stop, limit, False)
        return [Event._make(row) for row in rows]

    def _chunks_after(self, wanted: EventFilter, start: int, stop: int) -> Iterator[Chunk]:
        if start >= stop:
            return
        chunks = self.run.chunks()
        number, last = self.run.chunk_of(start).id, self.run.chunk_of(stop - 1).id
        following = number
        while number <= last:
            if not self._may_hold(chunks[number], wanted):
                number += 1
                continue
            if wanted.call and number > following:
                above = self._above(chunks[number], wanted.call)
                if above is None and self._stays(wanted):
                    return
                # A call stands still as long as one that it made is open: the chunks up to that one's end are passed over.
                if above and (passed := self._last_chunk_with(above, number, last)) > number:
                    number = passed
                    continue
            yield chunks[number]
            number += 1

    def _chunks_before(self, wanted: EventFilter, start: int, stop: int) -> Iterator[Chunk]:
        if start >= stop:
            return
        chunks = self.run.chunks()
        number, first = self.run.chunk_of(stop - 1).id, self.run.chunk_of(start).id
        if wanted.call and (born := self._chunk_of_call(wanted.call)) is not None:
            first = max(first, born.id)
        while number >= first:
            if not self._may_hold(chunks[number], wanted):
                number -= 1
                continue
            yield chunks[number]
            # A call that it made and that is open where this chunk begins: nothing happened in it since that was made.
            above = self._above(chunks[number], wanted.call) if wanted.call and number > first else 0
            made = self._chunk_of_call(above) if above else None
            number = min(made.id, number - 1) if made is not None else number - 1

    def _may_hold(self, chunk: Chunk, wanted: EventFilter) -> bool:
        """Whether a chunk's postings allow it to hold a match."""
        has = self.run.has
        if wanted.variable is not None:
            code, slot = wanted.variable
            return (wanted.call <= chunk.first_call + chunk.calls) and has(chunk, "variable", code, slot)
        if wanted.object:
            return _is_born_in(wanted.object, chunk) or (wanted.object <= chunk.first_object and has(chunk, "object", wanted.object))
        if wanted.call > chunk.first_call + chunk.calls:
            return False
        if not wanted.kinds & ~EXCEPTION_KINDS and not has(chunk, "raise"):
            return False
        if wanted.thread > 0 and not has(chunk, "thread", wanted.thread):
            return False
        if wanted.task is not None and wanted.task > 0 and not has(chunk, "task", wanted.task):
            return False
        if wanted.codes and not any(has(chunk, "code", code) for code in wanted.codes):
            return False
        only_lines = wanted.kinds == 1
        return not (only_lines and wanted.lines and not any(has(chunk, "line", code, line) for code, line in wanted.lines))

    def _chunk_of_call(self, call: int) -> Chunk | None:
        """The chunk in which a call was made."""
        chunks = self.run.chunks()
        number = bisect_left(chunks, call, key=_calls_before) - 1
        return chunks[number] if number >= 0 and call <= chunks[number].first_call + chunks[number].calls else None

    def _above(self, chunk: Chunk, call: int) -> int | None:
        """The call that stands above another where a chunk begins, if it stays there until it ends; else 0.

        None where the other is not on a stack there.
        """
        above = self.run.decode_head(chunk, reader.above, call)
        if above is None:
            return None
        return above[0] if above[0] and not can_suspend(self.run.code(above[1])) else 0

    def _stays(self, wanted: EventFilter) -> bool:
        """Whether calls of the wanted code objects stay on the stack from their beginning to their end."""
        return bool(wanted.codes) and not any(can_suspend(self.run.code(code)) for code in wanted.codes)

    def _last_chunk_with(self, call: int, number: int, last: int) -> int:
        """The last chunk, `last` at the latest, at whose beginning a call is open that is open where chunk `number` begins."""
        chunks: Sequence[Chunk] = self.run.chunks()

        def is_open(at: int) -> bool:
            return self.run.decode_head(chunks[at], reader.above, call) is not None

        step = 1
        while number + step <= last and is_open(number + step):
            number += step
            step *= 2
        low, high = number, min(number + step, last + 1)  # open at low, not at high
        while high - low > 1:
            middle = (low + high) // 2
            if is_open(middle):
                low = middle
            else:
                high = middle
        return low

    # -- raises

    def is_fresh(self, chunk: Chunk, event: Event) -> bool:
        """Whether an exception sets out where it seems so, when the thread's event before it may stand in another chunk."""
        wanted = EventFilter(kinds=1 << RAISE, fresh=True)
        row = self.run.decode(chunk, reader.search, self.conditions(wanted), event.number, event.number + 1, 1, True)[0]
        exception, is_first = row[_FIELDS], row[_FIELDS + 1]
        if not is_first:
            return True
        before = self.before(EventFilter(thread=event.thread), event.number)
        if before is None or before.kind != UNWIND:
            return True
        there = self.run.decode(
            self.run.chunk_of(before.number), reader.search, self.conditions(EventFilter()), before.number, before.number + 1, 1, True
        )
        unwound = object_of(there[0][_FIELDS])
        return bool(unwound) and bool(object_of(exception)) and unwound != object_of(exception)


def in_thread(wanted: EventFilter, thread: int) -> EventFilter:
    """The filter, for one thread alone."""
    return replace(wanted, thread=thread)


def _calls_before(chunk: Chunk) -> int:
    return chunk.first_call


def _start_of(chunk: Chunk) -> int:
    return chunk.start_ns


def _is_born_in(object_: int, chunk: Chunk) -> bool:
    return chunk.first_object < object_ <= chunk.first_object + chunk.objects
