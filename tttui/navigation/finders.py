"""Things to look for in both directions: each finder knows one sort of hits, the same ones forwards and back."""

import builtins
import re
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any, Final, Protocol

from tttui.errors import TttuiError
from tttui.native import reader
from tttui.navigation.filters import ANY_TASK_BUT_NONE, EXCEPTION_KINDS, RAISE, UNWIND, EventFilter, raises
from tttui.navigation.position import Event
from tttui.navigation.search import Search
from tttui.store.records import Chunk, Output
from tttui.store.stream import V_UNBOUND, object_of

_MOST_IN_FLIGHT: Final = 10_000
"""Exceptions that are followed at the same time."""
_ON_PURPOSE: Final = frozenset({"StopIteration", "StopAsyncIteration", "GeneratorExit"})
"""Exceptions with which generators end: no caller is without a handler of them."""


class Finder(Protocol):
    """One sort of hits, as event numbers."""

    def after(self, position: int, stop: int | None = None, /) -> int | None:
        """The first hit behind a position, before event `stop`."""

    def before(self, position: int, start: int = 0, /) -> int | None:
        """The last hit before a position, at event `start` at the earliest."""


class StreamFinder:
    """Hits that are found one after the other, in either direction."""

    def hits(self, start: int, stop: int, back: bool) -> Iterator[int]:
        """All hits among the events start .. stop - 1, in order (`back`: the last first)."""
        raise NotImplementedError

    def __init__(self, search: Search) -> None:
        self.search = search

    def after(self, position: int, stop: int | None = None, /) -> int | None:
        end = self.search.run.events
        return next(self.hits(position + 1, end if stop is None else min(stop, end), False), None)

    def before(self, position: int, start: int = 0, /) -> int | None:
        return next(self.hits(start, min(position, self.search.run.events), True), None)


class FilterFinder(StreamFinder):
    """Events that match a filter."""

    def __init__(self, search: Search, wanted: EventFilter) -> None:
        super().__init__(search)
        self.wanted = wanted

    def hits(self, start: int, stop: int, back: bool) -> Iterator[int]:
        return (event.number for event in self.search.matches(self.wanted, start, stop, back=back))

    def after(self, position: int, stop: int | None = None, /) -> int | None:
        found = self.search.after(self.wanted, position, stop=stop)
        return None if found is None else found.number

    def before(self, position: int, start: int = 0, /) -> int | None:
        found = self.search.before(self.wanted, position, start=start)
        return None if found is None else found.number


class RaiseFinder(StreamFinder):
    """Where exceptions set out (in one thread, or all: 0), of a type or of all."""

    def __init__(self, search: Search, type_: str = "", thread: int = 0) -> None:
        super().__init__(search)
        self._type = type_
        self._wanted = EventFilter(kinds=raises().kinds, fresh=True, thread=thread)

    def hits(self, start: int, stop: int, back: bool) -> Iterator[int]:
        if not self._type:
            find = self.search.before if back else self.search.after
            position = stop if back else start - 1
            while found := find(self._wanted, position, **({"start": start} if back else {"stop": stop})):
                position = found.number
                yield position
            return
        for chunk in self.search.chunks(self._wanted, start, stop, back=back):
            numbers = self._of_type(chunk, start, stop)
            yield from reversed(numbers) if back else numbers

    def _of_type(self, chunk: Chunk, start: int, stop: int) -> list[int]:
        run, search = self.search.run, self.search
        rows = run.decode(chunk, reader.search, search.conditions(self._wanted), start, stop, 1 << 40, True)
        types = _TypeNames(search, {object_of(row[9]) for row in rows if object_of(row[9])}, chunk.first_event + chunk.events - 1)
        found = [row for row in rows if is_exception(types.of(row[9]), self._type)]
        return [row[0] for row in found if not row[10] or search.is_fresh(chunk, Event._make(row[:9]))]


class _TypeNames:
    """Names of the types of exceptions."""

    def __init__(self, search: Search, ids: set[int], event: int) -> None:
        self._run = search.run
        self._types = {id_: content.type for id_, content in self._run.contents(ids, event).items()}

    def of(self, raw: object) -> str:
        type_ = self._types.get(object_of(raw), 0)
        return self._run.type_name(type_) if type_ else ""


def is_exception(name: str, wanted: str) -> bool:
    """Whether a type is the wanted one, or derived from it as far as that is known: among Python's own exceptions."""
    if name == wanted or name.endswith("." + wanted):
        return True
    ours, theirs = getattr(builtins, name, None), getattr(builtins, wanted, None)
    return isinstance(ours, type) and isinstance(theirs, type) and issubclass(theirs, BaseException) and issubclass(ours, theirs)


class UncaughtFinder(StreamFinder):
    """Where the exceptions set out that no recorded code caught: they left the outermost recorded frame."""

    def __init__(self, search: Search, type_: str = "") -> None:
        super().__init__(search)
        self._type = type_
        self._known: list[int] | None = None
        self._events = 0

    def hits(self, start: int, stop: int, back: bool) -> Iterator[int]:
        if self._known is None or self._events != self.search.run.events:
            self._events = self.search.run.events
            self._known = sorted(set(self._all()))
        found = [event for event in self._known if start <= event < stop]
        yield from reversed(found) if back else found

    def _all(self) -> Iterator[int]:
        """Follows all exceptions through the run; only chunks in which one was raised are read."""
        origins: dict[object, int] = {}
        passing: set[object] = set()
        latest: dict[int, object] = {}
        for chunk, rows in self._rows():
            for row in rows:
                event, kind, thread, depth, exception = row[0], row[1], row[2], row[7], row[9]
                if exception == (V_UNBOUND,):
                    exception = latest.get(thread)
                latest[thread] = exception
                if exception not in origins or (kind == RAISE and exception not in passing):
                    if len(origins) >= _MOST_IN_FLIGHT:
                        passing.discard(oldest := next(iter(origins)))
                        del origins[oldest]
                    origins[exception] = event
                if kind != UNWIND:
                    passing.discard(exception)
                    continue
                passing.add(exception)
                if depth == 1 and self._counts(chunk, exception):
                    yield origins[exception]

    def _rows(self) -> Iterator[tuple[Chunk, list[tuple[Any, ...]]]]:
        wanted = EventFilter(kinds=EXCEPTION_KINDS)
        for chunk in self.search.chunks(wanted):
            yield chunk, self.search.run.decode(chunk, reader.search, self.search.conditions(wanted), 0, 1 << 62, 1 << 40, True)

    def _counts(self, chunk: Chunk, exception: object) -> bool:
        ids = {object_of(exception)} - {0}
        name = _TypeNames(self.search, ids, chunk.first_event + chunk.events - 1).of(exception)
        return is_exception(name, self._type) if self._type else name not in _ON_PURPOSE


class OutputFinder(StreamFinder):
    """Events after which something was written that holds a text (or a match of a regular expression)."""

    def __init__(self, search: Search, text: str = "", *, regex: bool = False, fd: int = 0, thread: int = 0) -> None:
        super().__init__(search)
        self._fd = fd
        self._thread = thread if len(search.run.threads()) > 1 else 0
        self._matches: Callable[[str], object]
        try:
            self._matches = re.compile(text).search if regex else lambda written: text in written
        except re.error as error:
            raise TttuiError(f"{text!r} is no regular expression", str(error)) from None

    def hits(self, start: int, stop: int, back: bool) -> Iterator[int]:
        for event, group in groupby(self.search.run.outputs_between(max(start, 0), stop, back=back), key=_event_of):
            pieces = list(group)
            if back:
                pieces.reverse()
            if self._holds(pieces) and (not self._thread or self.search.event(event).thread == self._thread):
                yield event

    def _holds(self, pieces: list[Output]) -> bool:
        for fd in (1, 2) if not self._fd else (self._fd,):
            data = b"".join(piece.data for piece in pieces if piece.fd == fd)
            if data and self._matches(data.decode("utf-8", "replace")):
                return True
        return False


def _event_of(output: Output) -> int:
    return output.event


class ThreadFinder(StreamFinder):
    """The first event of a thread after another one's."""

    def hits(self, start: int, stop: int, back: bool) -> Iterator[int]:
        search = self.search
        if back:
            while stop > start:
                before = search.before(EventFilter(thread=-search.event(stop - 1).thread), stop - 1)
                if before is None or before.number + 1 < start:
                    return
                stop = before.number + 1
                yield stop
            return
        position = max(start - 1, 0)
        while found := search.after(EventFilter(thread=-search.event(position).thread), position, stop=stop):
            position = found.number
            yield position


class TaskFinder(StreamFinder):
    """The first event of a task after another one's; what ran in no task between them doesn't count."""

    def hits(self, start: int, stop: int, back: bool) -> Iterator[int]:
        search = self.search
        in_a_task = EventFilter(task=ANY_TASK_BUT_NONE)
        if not search.run.tasks():
            return
        if back:
            last = search.before(in_a_task, stop)
            while last is not None:
                other = search.before(EventFilter(task=-last.task), last.number)
                first = search.after(EventFilter(task=last.task), other.number if other is not None else -1)
                if first is None or first.number < start:
                    return
                yield first.number
                last = other
            return
        before = search.before(in_a_task, start)
        wanted = in_a_task if before is None else EventFilter(task=-before.task)
        position = start - 1
        while found := search.after(wanted, position, stop=stop):
            position = found.number
            wanted = EventFilter(task=-found.task)
            yield position
