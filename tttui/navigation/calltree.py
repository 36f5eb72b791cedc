"""The calls of a run as a tree: pages of it, however large it is.

Nothing of the tree is held. A call's number tells the chunk in which it begins; the rows of a chunk's calls are made
natively in a few milliseconds; what became of calls that outlive their chunk stands in the chunks' summaries.
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from tttui.errors import TttuiError
from tttui.native import reader
from tttui.navigation.frames import chunk_of_call
from tttui.store.records import Chunk, Value
from tttui.store.stream import SLOT_CELL, SLOT_FREE

if TYPE_CHECKING:
    from tttui.store.run import Run

Outcome = Literal["returned", "raised", "running", "suspended"]
"""How a call ended; running, suspended: it hadn't when the recording ended."""

_OUTCOMES: Final[tuple[Outcome, ...]] = ("running", "returned", "raised", "suspended")
_WIDTH: Final = 12
"""Numbers in a row of `reader.calls`."""
_CHUNKS_KEPT: Final = 8
_SUMMARIES_KEPT: Final = 4096
_SUMMARY_NUMBERS_KEPT: Final = 2_000_000
_LOOKED_INTO: Final = 64
"""So many chunks are passed over, or two of them looked into, before it is asked whether to go on."""
_HEAD: Final = 2
"""Numbers before the rows of a summary."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call."""

    call: int
    parent: int
    """Call number of its caller, 0 where that is not recorded."""
    code: int
    function: str
    """Qualified name."""
    file: str
    line: int
    """First line of the function."""
    thread: int
    start: int
    """Its first event."""
    end: int | None
    """Its last event: the return, or the unwind."""
    outcome: Outcome
    start_ns: int
    end_ns: int | None
    calls: int
    """How many calls were made while it was on the stack, itself not counted."""

    @property
    def duration_ns(self) -> int | None:
        """Time between its first and last event, what it waited for included; None where it didn't end."""
        return None if self.end_ns is None else self.end_ns - self.start_ns


@dataclass(frozen=True, slots=True)
class CallDetails:
    """What went into a call and what came out."""

    arguments: Mapping[str, Value]
    result: Value | None
    exception: Value | None


class _Row(NamedTuple):
    """A row of `reader.calls`."""

    call: int
    parent: int
    code: int
    started: int
    ended: int
    outcome: int
    inside: int
    children: int
    thread: int
    start_ns: int
    end_ns: int
    caller: int


class _Calls(NamedTuple):
    """All calls of one chunk."""

    older: memoryview
    begun: memoryview


class CallTree:
    """Asks for calls. TttuiError where there is no such call."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._rows: OrderedDict[tuple[int, int], _Calls] = OrderedDict()
        self._summaries: OrderedDict[tuple[int, int], memoryview] = OrderedDict()
        self._numbers_kept = 0

    def call(self, call: int) -> Call:
        """A call by its number, from 1 on."""
        chunk, row = self._beginning(call)
        return self._whole(chunk, row)

    def at(self, event: int) -> Call:
        """The call that an event belongs to."""
        state = self._run.state(event)
        return self.call(state["threads"][state["thread"]][-1][0])

    def callers(self, call: int) -> tuple[Call, ...]:
        """Its callers, the nearest first."""
        found: list[Call] = []
        _, row = self._beginning(call)
        while row.parent:
            chunk, row = self._beginning(row.parent)
            found.append(self._whole(chunk, row))
        return tuple(found)

    def children(
        self, call: int, *, after: int = 0, backwards: bool = False, cancelled: Callable[[], bool] | None = None
    ) -> Iterator[Call]:
        """The calls that a call made itself (0: those without a recorded caller), in order, as they are asked for.

        `after`: those behind this call number (`backwards`: before it; 0: from the end). `cancelled` is asked now and then,
        but some of the way is always gone: so asking for more comes to an end.
        """
        first, last = 0, len(self._run.chunks()) - 1
        if call:
            chunk, row = self._beginning(call)
            first = chunk.id
            if row.ended:
                last = chunk.id
        looked = 0
        for chunk in self._chunks_from(first, last, after, backwards):
            if cancelled is not None and looked >= _LOOKED_INTO and cancelled():
                return
            looked += 1
            older = call and call <= chunk.first_call
            if older or not call:
                made, ended = self._made_in(chunk, call)
                if made:
                    looked += _LOOKED_INTO // 2
                    yield from self._children_in(chunk, call, after, backwards)
                if ended and not backwards:
                    return
            else:
                yield from self._children_in(chunk, call, after, backwards)

    def has_children(self, call: int) -> bool:
        """Whether a call made any call itself."""
        return next(self.children(call), None) is not None

    def calls_of(self, code: int, *, after: int = 0, backwards: bool = False) -> Iterator[Call]:
        """All calls of a code object."""
        for chunk in self._chunks_from(0, len(self._run.chunks()) - 1, after, backwards):
            if not self._run.has(chunk, "code", code):
                continue
            for row in self._begun_in(chunk, after, backwards):
                if row.code == code:
                    yield self._whole(chunk, row)

    def details(self, call: int, *, depth: int = 1) -> CallDetails:
        """Arguments, result and exception of a call."""
        found = self.call(call)
        run = self._run
        code = run.code(found.code)
        state = run.state(found.start)
        slots: dict[int, object] = {}
        for stack in state["threads"].values():
            for frame in stack:
                if frame[0] == call:
                    slots = dict(frame[6])
        arguments: dict[str, Value] = {}
        for slot, (name, kind) in enumerate(code.slots[: code.argument_count()]):
            if slot not in slots:
                continue
            value = run.value(slots[slot], found.start, depth=depth + (kind in (SLOT_CELL, SLOT_FREE)))
            if value is not None and kind in (SLOT_CELL, SLOT_FREE) and value.type == "cell":
                value = (value.attributes or {}).get("cell_contents")
            if value is not None:
                arguments[name] = value
        result = exception = None
        if found.end is not None:
            carried = run.value(run.state(found.end)["value"], found.end, depth=depth)
            result, exception = (carried, None) if found.outcome == "returned" else (None, carried)
        return CallDetails(arguments, result, exception)

    # -- rows

    def _beginning(self, call: int) -> tuple[Chunk, _Row]:
        """The chunk in which a call begins, and its row there."""
        chunk = chunk_of_call(self._run, call)
        if chunk is not None:
            row = _row_of(self._calls(chunk).begun, call)
            if row is not None:
                return chunk, row
        # A call that ran already when recording began has no beginning.
        for each in self._run.chunks():
            row = _row_of(self._calls(each).older, call)
            if row is not None:
                return each, row._replace(started=each.first_event + 1, start_ns=each.start_ns)
            if each.first_call >= call:
                break
        raise TttuiError(f"there is no call {call}", f"the recording has calls 1 to {self._run.calls}" if self._run.calls else "")

    def _whole(self, chunk: Chunk, row: _Row) -> Call:
        """A call from its row in the chunk of its beginning, and what later chunks say of it."""
        ended, outcome, end_ns, inside = row.ended, row.outcome, row.end_ns, row.inside
        if not ended:
            for later in self._run.chunks()[chunk.id + 1 :]:
                found = _row_of(self._summary(later)[_HEAD:], row.call)
                if found is None:
                    continue
                inside += found.inside
                outcome = found.outcome
                if found.ended:
                    ended, end_ns = found.ended, found.end_ns
                    break
        code = self._run.code(row.code)
        return Call(
            row.call,
            row.parent,
            row.code,
            code.qualname,
            self._run.file_path(code.file),
            code.first_line,
            row.thread,
            row.started - 1,
            ended - 1 if ended else None,
            _OUTCOMES[outcome],
            row.start_ns,
            end_ns if ended else None,
            inside,
        )

    def _chunks_from(self, first: int, last: int, after: int, backwards: bool) -> Iterator[Chunk]:
        """Chunks in the order asked for, without those on the wrong side of a call number."""
        chunks = self._run.chunks()
        for number in range(last, first - 1, -1) if backwards else range(first, last + 1):
            chunk = chunks[number]
            if after and (chunk.first_call >= after - 1 if backwards else chunk.first_call + chunk.calls <= after):
                continue
            yield chunk

    def _begun_in(self, chunk: Chunk, after: int, backwards: bool) -> Iterator[_Row]:
        begun = self._calls(chunk).begun
        wanted = _behind(begun, after, backwards)
        for index in reversed(wanted) if backwards else wanted:
            yield _row_at(begun, index)

    def _children_in(self, chunk: Chunk, call: int, after: int, backwards: bool) -> Iterator[Call]:
        begun = self._calls(chunk).begun
        parents = begun[1::_WIDTH].tolist()
        if call not in parents:
            return
        # By their numbers: to make a row of every call of the chunk takes far longer than to pass over it.
        wanted = [index for index in _behind(begun, after, backwards) if parents[index] == call]
        for index in reversed(wanted) if backwards else wanted:
            yield self._whole(chunk, _row_at(begun, index))

    def _made_in(self, chunk: Chunk, call: int) -> tuple[int, bool]:
        """(how many calls an older call made itself in a chunk, whether it ended there); of 0 those without a caller."""
        summary = self._summary(chunk)
        if not call:
            return summary[1], False
        row = _row_of(summary[_HEAD:], call)
        return (row.children, bool(row.ended)) if row is not None else (0, False)

    def _calls(self, chunk: Chunk) -> _Calls:
        key = (chunk.id, chunk.events)
        known = self._rows.get(key)
        if known is None:
            older, begun = self._run.decode(chunk, reader.calls)
            known = self._rows[key] = _Calls(memoryview(older).cast("Q"), memoryview(begun).cast("Q"))
            if len(self._rows) > _CHUNKS_KEPT:
                self._rows.popitem(last=False)
        else:
            self._rows.move_to_end(key)
        return known

    def _summary(self, chunk: Chunk) -> memoryview:
        key = (chunk.id, chunk.events)
        known = self._summaries.get(key)
        if known is None:
            data = self._run.summary(chunk, 1)
            known = self._summaries[key] = memoryview(data[: len(data) // 8 * 8]).cast("Q")
            if len(known) < _HEAD or (len(known) - _HEAD) % _WIDTH or known[0] != 1:
                raise TttuiError("the recording is damaged", f"the summary of chunk {chunk.id} is none")
            self._numbers_kept += len(known)
            while self._numbers_kept > _SUMMARY_NUMBERS_KEPT or len(self._summaries) > _SUMMARIES_KEPT:
                _, dropped = self._summaries.popitem(last=False)
                self._numbers_kept -= len(dropped)
        return known


def _row_at(rows: memoryview, index: int) -> _Row:
    return _Row(*rows[index * _WIDTH : (index + 1) * _WIDTH])


def _place_of(rows: memoryview, call: int) -> int:
    return bisect_left(range(len(rows) // _WIDTH), call, key=lambda index: rows[index * _WIDTH])


def _behind(rows: memoryview, after: int, backwards: bool) -> range:
    """The places of the rows behind a call (`backwards`: before it), in their order; 0: of all."""
    count = len(rows) // _WIDTH
    if not after:
        return range(count)
    place = _place_of(rows, after)
    return range(place) if backwards else range(place + (place < count and rows[place * _WIDTH] == after), count)


def _row_of(rows: memoryview, call: int) -> _Row | None:
    place = _place_of(rows, call)
    return _row_at(rows, place) if place * _WIDTH < len(rows) and rows[place * _WIDTH] == call else None
