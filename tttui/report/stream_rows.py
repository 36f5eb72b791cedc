"""The tables of a query that are expanded from events: lines, calls, exceptions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from tttui.native import reader
from tttui.report.formats import sql_text
from tttui.report.replay import replay_of
from tttui.store.positions import position_of
from tttui.store.stream import CALLS, EVENTS, OBJECTS, V_OBJECT, Raw, object_of

if TYPE_CHECKING:
    from tttui.store.records import Chunk
    from tttui.store.run import Run

Row = Sequence[Any]
Record = tuple[Any, ...]
"""One record of the native reader's events()."""
Rows = Iterator[tuple[str, Iterable[Row]]]
"""Rows for tables, by name."""

KINDS: Final = {name: number for number, name in enumerate(reader.KINDS)}
CALL, LINE, RETURN, UNWIND = KINDS["call"], KINDS["line"], KINDS["return"], KINDS["unwind"]
RAISE, RERAISE, HANDLED = KINDS["raise"], KINDS["reraise"], KINDS["handled"]
_OF_EXCEPTIONS: Final = frozenset({RAISE, RERAISE, HANDLED, UNWIND})


class Filler(Protocol):
    """Makes the rows of one or several tables from the records of the chunks, in order."""

    what: int
    """Which records it needs: a bit set as for reader.events."""

    def take(self, chunk: "Chunk", records: Sequence[Record]) -> Rows:
        """The rows that a chunk makes."""

    def finish(self) -> Rows:
        """The rows that were waiting for something which the run doesn't hold."""


class Lines:
    """The table of lines."""

    what = EVENTS

    def take(self, chunk: "Chunk", records: Sequence[Record]) -> Rows:
        yield (
            "_lines",
            [
                # By index, not unpacked: this is most of what a query over a long run does.
                (record[1], record[5], record[6], record[7], record[3], record[4] or None, record[9])
                for record in records
                if record[2] == LINE and record[0] == "event"
            ],
        )

    def finish(self) -> Rows:
        return iter(())


@dataclass(slots=True)
class OpenCall:
    """A call that has begun (before the recording did, where it has no first event); with its end it becomes a row."""

    call: int
    code: int
    caller: int | None
    caller_line: int | None
    thread: int
    task: int | None
    first_event: int | None = None
    start_ns: int | None = None

    def row(self, last_event: int | None = None, end_ns: int | None = None, ended: str = "open", exception: int | None = None) -> Row:
        """The row of the table of calls."""
        where = (self.call, self.code, self.caller, self.caller_line, self.thread, self.task)
        return (*where, self.first_event, last_event, self.start_ns, end_ns, ended, exception)


class Calls:
    """The table of calls: a row is written when the call has ended."""

    what = EVENTS | CALLS

    def __init__(self, run: "Run") -> None:
        self._codes = {code.id: code for code in run.codes()}
        self._open: dict[int, OpenCall] = {}
        self._line: dict[int, int] = {}  # call: the line it is on
        self._caller_lines: dict[tuple[int, int], int | None] = {}  # (code, code unit): line of the call
        self._latest: dict[int, int | None] = {}  # thread: identity of the exception that its events were about last

    def take(self, chunk: "Chunk", records: Sequence[Record]) -> Rows:
        rows = []
        opened, lines = self._open, self._line
        for record in records:
            if record[0] == "event":
                _, event, kind, thread, task, call, code, line, _lasti, time, value = record
                if call not in lines and call not in opened:
                    # It began before the recording did, and its thread was not seen since.
                    opened[call] = OpenCall(call, code, None, None, thread, task or None)
                lines[call] = line
                if kind == CALL:
                    opened[call].first_event, opened[call].start_ns = event, time
                elif kind in (RETURN, UNWIND):
                    ending = opened.pop(call, None)
                    lines.pop(call, None)
                    if ending is not None and kind == RETURN:
                        rows.append(ending.row(event, time, "return"))
                    elif ending is not None:
                        rows.append(ending.row(event, time, "exception", identity_of(value) or self._latest.get(thread)))
                elif kind in _OF_EXCEPTIONS:
                    self._latest[thread] = identity_of(value)
            elif record[0] == "call":
                _, _event, call, code, caller, lasti, thread, task, _namespace = record
                caller_line = self._caller_line(caller, lasti) if caller else None
                opened[call] = OpenCall(call, code, caller or None, caller_line, thread, task or None)
        yield "_calls", rows

    def finish(self) -> Rows:
        yield "_calls", [call.row() for call in self._open.values()]

    def _caller_line(self, caller: int, lasti: int) -> int | None:
        """The line on which a caller stands: where its instruction is, else the line that it began last."""
        begun = self._line.get(caller)
        calling = self._open.get(caller)
        if calling is None or lasti < 0:
            return begun
        key = (calling.code, lasti)
        if key not in self._caller_lines:
            code = self._codes.get(calling.code)
            self._caller_lines[key] = position_of(code.linetable, code.first_line, lasti).line if code is not None else None
        return self._caller_lines[key] or begun


def identity_of(exception: Raw) -> int | None:
    """What tells an exception from others: the object's id, or minus its type's where no identity is known."""
    if isinstance(exception, tuple) and len(exception) > 1 and isinstance(exception[1], int):
        return exception[1] if exception[0] == V_OBJECT else -exception[1]
    return None


@dataclass(slots=True)
class Flight:
    """An exception on its way from where it was raised."""

    event: int
    call: int
    code: int
    line: int
    thread: int
    task: int | None
    time_ns: int
    identity: int
    type: str
    message: str
    handled_event: int | None = None
    handled_call: int | None = None
    handled_code: int | None = None
    unwound: int = 0

    def row(self) -> Row:
        """The row of the table of exceptions."""
        where = (self.event, self.call, self.code, self.line, self.thread, self.task, self.time_ns)
        what = (self.identity if self.identity > 0 else None, self.type, self.message)
        return (*where, *what, self.handled_event, self.handled_call, self.handled_code, self.unwound)


class Exceptions:
    """The tables of exceptions: each flight of one from its raise to its handler, and what each was."""

    what = EVENTS | OBJECTS

    def __init__(self, run: "Run", tables: set[str]) -> None:
        self._run = run
        self._tables = tables
        self._replay = replay_of(run)
        self._flying: dict[int, Flight] = {}  # by identity
        self._latest: dict[int, int] = {}  # thread: identity of the exception that its events were about last

    def take(self, chunk: "Chunk", records: Sequence[Record]) -> Rows:
        landed: list[Flight] = []
        told: dict[int, str] = {}
        for record in records:
            if record[0] == "object":
                self._replay.apply(record[1:])
            elif record[0] == "event" and record[2] in _OF_EXCEPTIONS:
                begun = self._follow(record, landed)
                if begun is not None:
                    told[begun.identity] = f"{begun.type}: {begun.message}" if begun.message else begun.type
        # What was handled long ago will hardly be raised again: memory is for what is in flight.
        old = [flight for flight in self._flying.values() if flight.handled_event is not None and flight.handled_event < chunk.first_event]
        for flight in old:
            del self._flying[flight.identity]
        if "_exceptions" in self._tables:
            yield "_exceptions", [flight.row() for flight in (*landed, *old)]
        if "_raised" in self._tables:
            yield "_raised", told.items()

    def finish(self) -> Rows:
        if "_exceptions" in self._tables:
            yield "_exceptions", [flight.row() for flight in self._flying.values()]

    def _follow(self, record: Record, landed: list[Flight]) -> Flight | None:
        """Take in one event; gives the flight that it begins."""
        _, event, kind, thread, task, call, code, line, _lasti, time, value = record
        identity = identity_of(value) or self._latest.get(thread)
        if identity is None:
            return None
        self._latest[thread] = identity
        flight = self._flying.get(identity)
        if kind == RAISE and (flight is None or flight.handled_event is not None):
            if flight is not None and flight.handled_call != call:
                landed.append(flight)
                flight = None
            if flight is None:
                type_, message = self._told(value, event)
                flight = self._flying[identity] = Flight(event, call, code, line, thread, task or None, time, identity, type_, message)
                return flight
        if flight is None:
            return None
        if kind == HANDLED:
            flight.handled_event, flight.handled_call, flight.handled_code = event, call, code
        elif kind == UNWIND:
            flight.unwound += 1
            if flight.handled_call == call:  # a `finally` or an `except` that didn't fit: it flies on
                flight.handled_event = flight.handled_call = flight.handled_code = None
        else:  # raised again by the handler that had it: still the same flight
            flight.handled_event = flight.handled_call = flight.handled_code = None
        return None

    def _told(self, value: Raw, event: int) -> tuple[str, str]:
        """Type and message of an exception."""
        object_ = object_of(value)
        if object_ and self._replay.objects.get(object_) is None:
            # It was made in a chunk that holds no raise.
            for chunk in self._run.chunks():
                if chunk.first_object < object_ <= chunk.first_object + chunk.objects:
                    for made in self._run.objects_of(chunk, [object_]):
                        self._replay.apply(made)
        return self._replay.type_of(value), str(sql_text(self._replay.message(value)))
