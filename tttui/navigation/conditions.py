"""Conditions on hits: evaluated millions of times a second where they are about plain variables."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from tttui.native import reader
from tttui.navigation.expression_errors import EvaluationError, NeedsCheckpoint, NotRecorded, TooMuch
from tttui.navigation.expressions import compile_expression
from tttui.navigation.filters import EventFilter
from tttui.navigation.finders import FilterFinder, StreamFinder
from tttui.navigation.names import Names
from tttui.navigation.scalar_predicates import SCALARS
from tttui.navigation.search import Search
from tttui.store.contents import Keyed
from tttui.store.records import Chunk
from tttui.store.stream import PART_ATTRIBUTES, SLOT_LOCAL

_UNKNOWN: Final = (NeedsCheckpoint, NotRecorded, TooMuch)
"""Ways in which an evaluation ends that leave open whether the condition holds."""
_MOST_SLOTS: Final = 64
_AT_ONCE: Final = 64
_ALL: Final = 1 << 40
_DEPTH: Final = 1
"""Levels of values that are looked up at first; deeper ones are, where the condition asks for them."""
_NO_SLOT: Final = (-1, -1)
_NOT_SCALAR: Final = ()

_Column = int | tuple[int, int]
"""A variable by its slot, or an attribute of what it holds: (slot, id of the name)."""

_Told = tuple[int, tuple[Any, ...] | None]
"""(hit, None where the condition certainly holds, else the frame to evaluate it in: () where that is to be looked up)"""


class Condition:
    """An expression that must be true at a hit, in the innermost frame."""

    def __init__(self, search: Search, text: str, pinned: Mapping[str, int]) -> None:
        self._run = search.run
        self._expression = compile_expression(text)
        self._pinned = pinned
        self.predicate = self._expression.scalar_predicate()
        self.names = self._expression.names

    def holds(self, event: int, frame: tuple[Any, ...] | None = None) -> bool:
        """Whether it does, or may do; `frame` as `reader.state` gives it, where it is known already."""
        try:
            return self._truth(event, frame)
        except _UNKNOWN:
            return True
        except EvaluationError:
            return False

    def problem(self, event: int) -> str | None:
        """Why it can't be told whether it holds; None where it can."""
        try:
            self._truth(event, None)
        except _UNKNOWN as error:
            return str(error)
        except EvaluationError:
            pass
        return None

    def truth(self, event: int, frame: tuple[Any, ...] | None = None) -> tuple[bool | None, str]:
        """(whether it holds, ""); (None, why) where it has no value, or that can't be told."""
        try:
            return self._truth(event, frame), ""
        except EvaluationError as error:
            return None, str(error)

    def _truth(self, event: int, frame: tuple[Any, ...] | None) -> bool:
        names = Names(self._run, event, pinned=self._pinned, known=frame, depth=_DEPTH)
        return self._expression.evaluate(names.lookup, names.expand).truth()

    def slots(self, code: int) -> tuple[Sequence[_Column], bool]:
        """(what it reads of a code's variables, whether that is all that it reads: then `predicate` takes it)."""
        known = {name: (slot, kind) for slot, (name, kind) in enumerate(self._run.code(code).slots)}
        if self.predicate is not None:
            columns: list[_Column] = []
            for text in self.predicate.names:
                name, _, attribute = text.partition(".")
                slot, kind = known.get(name, _NO_SLOT)
                if kind == SLOT_LOCAL:
                    columns.append((slot, self._run.name_id(attribute)) if attribute else slot)
            if len(columns) == len(self.predicate.names) and all(not isinstance(column, tuple) or column[1] for column in columns):
                return columns, True
        return [known[name][0] for name in self._expression.names if name in known], False


class ConditionalFinder(StreamFinder):
    """Those hits of another finder at which a condition holds."""

    def __init__(self, search: Search, inner: StreamFinder, condition: Condition) -> None:
        super().__init__(search)
        self._inner = inner
        self._condition = condition
        self._wanted = inner.wanted if isinstance(inner, FilterFinder) else None
        self._slots = {code: condition.slots(code) for code in self._wanted.codes} if self._wanted is not None else {}

    def hits(self, start: int, stop: int, back: bool) -> Iterator[int]:
        if self._wanted is None or not self._slots:
            yield from filter(self._condition.holds, self._inner.hits(start, stop, back))
            return
        for chunk in self.search.chunks(self._wanted, start, stop, back=back):
            told = self._told(self._wanted, chunk, start, stop)
            # Objects are followed forwards: backwards a stretch is evaluated in order, then given in reverse.
            for at in range((len(told) - 1) // _AT_ONCE * _AT_ONCE, -1, -_AT_ONCE) if back else range(0, len(told), _AT_ONCE):
                stretch = told[at : at + _AT_ONCE]
                if back:
                    yield from reversed([event for event, frame in stretch if frame is None or self._condition.holds(event, frame or None)])
                else:
                    yield from (event for event, frame in stretch if frame is None or self._condition.holds(event, frame or None))

    def candidates(self, start: int, stop: int) -> Iterator[_Told]:
        """The hits among the events start .. stop - 1 at which the condition holds or may hold, in order; for finders of
        events of certain code objects.
        """
        assert self._wanted is not None
        for chunk in self.search.chunks(self._wanted, start, stop):
            yield from self._told(self._wanted, chunk, start, stop)

    def _told(self, wanted: EventFilter, chunk: Chunk, start: int, stop: int) -> list[_Told]:
        told: list[_Told] = []
        for code, (slots, only) in self._slots.items():
            told += self._in_chunk(chunk, _of_code(wanted, code), start, stop, slots, only)
        told.sort(key=_event_of)
        return told

    def _in_chunk(self, chunk: Chunk, wanted: EventFilter, start: int, stop: int, slots: Sequence[_Column], only: bool) -> list[_Told]:
        """Hits, those left out at which the condition certainly doesn't hold."""
        conditions = self.search.conditions(wanted)
        decode = self.search.run.decode
        if len(slots) > _MOST_SLOTS:
            return [(row[0], ()) for row in decode(chunk, reader.search, conditions, start, stop, _ALL, False)]
        predicate = self._condition.predicate
        if predicate is None or not only:
            return decode(chunk, reader.columns, conditions, start, stop, slots, False)[2]  # type: ignore[return-value]
        events, rows, others, partial = decode(chunk, reader.columns, conditions, start, stop, slots, True)
        if partial:
            known = self._at_beginning(chunk, {value for _, _, row in partial for value in row if type(value) is tuple})
            for event, frame, row in partial:
                whole = [known.get(value, _NOT_SCALAR) if type(value) is tuple else value for value in row]
                if _NOT_SCALAR in whole:
                    others.append((event, frame))
                else:
                    events.append(event)
                    rows.append(tuple(whole))
        try:
            told: list[_Told] = [(events[index], None) for index in predicate.select(rows)]
        except Exception:  # one of the rows made it fail: the evaluator tells it properly
            told = list(decode(chunk, reader.columns, conditions, start, stop, slots, False)[2])
            others = []
        return [*told, *others]

    def _at_beginning(self, chunk: Chunk, wanted: Collection[tuple[int, int]]) -> dict[tuple[int, int], Any]:
        """The scalars among attributes at a chunk's beginning, by (object, id of the name)."""
        run = self.search.run
        contents = run.contents({object_ for object_, _ in wanted}, chunk.first_event)
        found: dict[tuple[int, int], Any] = {}
        for object_, name in wanted:
            content = contents.get(object_)
            part = content.parts.get(PART_ATTRIBUTES) if content is not None else None
            pair = part.get(run.name(name)) if isinstance(part, Keyed) else None
            if pair is not None and type(pair[1]) in SCALARS:
                found[object_, name] = pair[1]
        return found


class EveryFinder(StreamFinder):
    """Each n-th hit of another finder, counted from the first of the run."""

    def __init__(self, search: Search, inner: StreamFinder, every: int) -> None:
        super().__init__(search)
        self._inner = inner
        self._every = every
        self._counts: dict[tuple[int, int], int] = {}
        """Hits in each chunk, by its number and size."""

    def hits(self, start: int, stop: int, back: bool) -> Iterator[int]:
        if start >= stop:
            return
        number = self._before(stop if back else start)
        for event in self._inner.hits(start, stop, back):
            if not back:
                number += 1
            if number % self._every == 0:
                yield event
            if back:
                number -= 1

    def _before(self, event: int) -> int:
        """How many hits there are before an event."""
        total = 0
        for chunk in self.search.run.chunks():
            if chunk.first_event >= event:
                break
            last = chunk.first_event + chunk.events
            if last > event:
                return total + sum(1 for _ in self._inner.hits(chunk.first_event, event, False))
            key = (chunk.id, chunk.events)
            if key not in self._counts:
                self._counts[key] = sum(1 for _ in self._inner.hits(chunk.first_event, last, False))
            total += self._counts[key]
        return total


def _event_of(told: _Told) -> int:
    return told[0]


def _of_code(wanted: EventFilter, code: int) -> EventFilter:
    return replace(wanted, codes=frozenset({code}), lines=frozenset(place for place in wanted.lines if place[0] == code))
