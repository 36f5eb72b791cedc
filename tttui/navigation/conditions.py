"""Conditions on hits: evaluated millions of times a second where they are about plain variables."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial as partial_of
from typing import Any, Final

from tttui.native import reader
from tttui.navigation.beginnings import DICTS, FIRST_ITEM, LENGTH, LISTS, SIZED, Beginnings, Values, Wanted, types_called
from tttui.navigation.expression_errors import EvaluationError, NeedsCheckpoint, NotRecorded, TooMuch
from tttui.navigation.expressions import compile_expression
from tttui.navigation.filters import EventFilter
from tttui.navigation.finders import FilterFinder, StreamFinder
from tttui.navigation.names import Names
from tttui.navigation.scalar_predicates import MISSING, Item, MissingItemError, Read, ScalarPredicate
from tttui.navigation.search import Search
from tttui.store.records import Chunk, Code
from tttui.store.stream import SLOT_LOCAL

_UNKNOWN: Final = (NeedsCheckpoint, NotRecorded, TooMuch)
"""Ways in which an evaluation ends that leave open whether the condition holds."""
_MOST_SLOTS: Final = 64
_AT_ONCE: Final = 64
_MOST_PARTIAL: Final = 100
"""Hits that are completed one by one where a chunk doesn't tell all; of more, the chunk is read again with what is known by then."""
_MOST_ROUNDS: Final = 10
"""Times that a chunk is read again at most: each knows one step more of what is only on the way to a column."""
_ALL: Final = 1 << 40
_DEPTH: Final = 1
"""Levels of values that are looked up at first; deeper ones are, where the condition asks for them."""
_NO_SLOT: Final = (-1, -1)

_OWN_LEN: Final = re.compile(
    r"\blen\s*=[^=]|\bdef\s+len\b|\bclass\s+len\b|\bimport\b[^\n]*(\blen\b|\*)|\bas\s+len\b|\bfor\b[^\n]*\blen\b[^\n(]*\bin\b|\blen\s*,|\blen\s*:"
)
"""What may give a file a ``len`` of its own."""

_Column = int | tuple[int, tuple[int, ...], bool]
"""A variable by its slot, or what is reached from there: (slot, names, whether it may be anything), as `reader.columns` takes them."""
_Row = tuple[int, tuple[Any, ...], tuple[Any, ...]]
"""(event, frame, what its columns hold)"""

Told = tuple[int, tuple[Any, ...] | None]
"""(hit, None where the condition certainly holds, else the frame to evaluate it in: () where that is to be looked up)"""


class Condition:
    """An expression that must be true at a hit, in the innermost frame."""

    def __init__(self, search: Search, text: str, pinned: Mapping[str, int]) -> None:
        self._run = search.run
        self._expression = compile_expression(text)
        self._pinned = pinned
        self.predicate = self._expression.scalar_predicate()
        self.names = self._expression.names
        reads = self.predicate.reads if self.predicate is not None else ()
        keys = dict.fromkeys(step.key for read in reads for step in read.steps if isinstance(step, Item))
        self.keys = {key: FIRST_ITEM + index for index, key in enumerate(keys)}
        """What stands for the items that it reads, by their keys."""

    def holds(self, event: int, frame: tuple[Any, ...] | None = None) -> bool:
        """Whether it does, or may do; `frame` as `reader.state` gives it, where it is known already."""
        try:
            return self.evaluated(event, frame)
        except _UNKNOWN:
            return True
        except EvaluationError:
            return False

    def problem(self, event: int) -> str | None:
        """Why it can't be told whether it holds; None where it can."""
        try:
            self.evaluated(event, None)
        except _UNKNOWN as error:
            return str(error)
        except EvaluationError:
            pass
        return None

    def truth(self, event: int, frame: tuple[Any, ...] | None = None) -> tuple[bool | None, str]:
        """(whether it holds, ""); (None, why) where it has no value, or that can't be told."""
        try:
            return self.evaluated(event, frame), ""
        except EvaluationError as error:
            return None, str(error)

    def evaluated(self, event: int, frame: tuple[Any, ...] | None) -> bool:
        """Whether it holds; raises `EvaluationError` where it has no value, or that can't be told."""
        names = Names(self._run, event, pinned=self._pinned, known=frame, depth=_DEPTH)
        return self._expression.evaluate(names.lookup, names.expand, names.python).truth()

    def slots(self, code: int) -> tuple[Sequence[_Column], bool]:
        """(what it reads of a code's variables, whether that is all that it reads: then `predicate` takes it)."""
        facts = self._run.code(code)
        known = {name: (slot, kind) for slot, (name, kind) in enumerate(facts.slots)}
        if self.predicate is not None:
            columns = [self._column(read, *known.get(read.name, _NO_SLOT)) for read in self.predicate.reads]
            if None not in columns and not (any(read.length for read in self.predicate.reads) and self._has_own_len(facts)):
                return [column for column in columns if column is not None], True
        return [known[name][0] for name in self._expression.names if name in known], False

    def _column(self, read: Read, slot: int, kind: int) -> _Column | None:
        if kind != SLOT_LOCAL:
            return None
        steps = [self.keys[step.key] if isinstance(step, Item) else self._run.name_id(step.name) or 0 for step in read.steps]
        if 0 in steps:
            return None
        if read.length:
            steps.append(LENGTH)
        return (slot, tuple(steps), read.may_be_any) if steps or read.may_be_any else slot

    def _has_own_len(self, code: Code) -> bool:
        """Whether ``len`` may be something of the program's own in a code's file."""
        source = self._run.source(code.file)
        return source is None or bool(_OWN_LEN.search(source))


class ConditionalFinder(StreamFinder):
    """Those hits of another finder at which a condition holds; of its `candidates`, with `raising`, also those at which it raises."""

    def __init__(self, search: Search, inner: StreamFinder, condition: Condition, *, raising: bool = False) -> None:
        super().__init__(search)
        self._raising = raising
        self._inner = inner
        self._condition = condition
        self._wanted = inner.wanted if isinstance(inner, FilterFinder) else None
        self._slots = {code: condition.slots(code) for code in self._wanted.codes} if self._wanted is not None else {}
        self._types: tuple[int, tuple[tuple[int, ...], ...]] = (-1, ())
        self._beginnings: dict[int, Beginnings] = {}
        """By the code whose columns they have."""

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

    def candidates(self, start: int, stop: int) -> Iterator[Told]:
        """The hits among the events start .. stop - 1 at which the condition holds or may hold, in order; for finders of
        events of certain code objects.
        """
        assert self._wanted is not None
        for chunk in self.search.chunks(self._wanted, start, stop):
            yield from self.candidates_in(chunk, start, stop)

    def candidates_in(self, chunk: Chunk, start: int, stop: int) -> list[Told]:
        """Those of one chunk."""
        assert self._wanted is not None
        return self._told(self._wanted, chunk, start, stop)

    def _told(self, wanted: EventFilter, chunk: Chunk, start: int, stop: int) -> list[Told]:
        told: list[Told] = []
        for code, (slots, only) in self._slots.items():
            told += self._in_chunk(chunk, _of_code(wanted, code), start, stop, slots, only)
        told.sort(key=_event_of)
        return told

    def _in_chunk(self, chunk: Chunk, wanted: EventFilter, start: int, stop: int, slots: Sequence[_Column], only: bool) -> list[Told]:
        """Hits, those left out at which the condition certainly doesn't hold."""
        conditions = self.search.conditions(wanted)
        decode = self.search.run.decode
        if len(slots) > _MOST_SLOTS:
            return [(row[0], ()) for row in decode(chunk, reader.search, conditions, start, stop, _ALL, False)]
        predicate = self._condition.predicate
        if predicate is None or not only:
            containers = self._containers({})
            return list(decode(chunk, reader.columns, conditions, start, stop, slots, False, containers, None, False)[2])
        beginnings = self._beginnings_of(next(iter(wanted.codes)), slots)
        containers = self._containers(beginnings.at(chunk, ()))
        for _ in range(_MOST_ROUNDS):
            events, rows, others, partial, ends = decode(
                chunk, reader.columns, conditions, start, stop, slots, True, containers, predicate.native, self._raising
            )
            if stop >= chunk.first_event + chunk.events:
                beginnings.ended(chunk, ends)
            known = beginnings.at(chunk, {value[:2] for _, _, row in partial for value in row if type(value) is tuple})
            # What is only on the way to a column is known now: the chunk tells what comes behind it.
            deep = any(type(value) is tuple and len(value) > 2 for _, _, row in partial for value in row)
            if not (deep or len(partial) > _MOST_PARTIAL):
                break
        _complete(predicate, partial, known, events, rows, others)
        try:
            told: list[Told] = [(events[index], None) for index in predicate.select(rows)]
        except Exception:  # at least one of the rows makes it fail
            told = list(_one_by_one(predicate, events, rows, self._raising))
        return [*told, *others]

    def _beginnings_of(self, code: int, slots: Sequence[_Column]) -> Beginnings:
        if code not in self._beginnings:
            ways = {name for slot in slots if isinstance(slot, tuple) for name in slot[1][:-1]}
            self._beginnings[code] = Beginnings(self.search.run, self._condition.keys, ways, partial_of(self._run_through, slots))
        return self._beginnings[code]

    def _containers(self, known: dict[Wanted, Any]) -> tuple[Any, ...]:
        """Those types, and what is asked and known of them, as `reader.columns` takes it."""
        run = self.search.run
        if self._types[0] != run.events:
            self._types = run.events, tuple(types_called(run, names) for names in (SIZED, DICTS, LISTS))
        return *self._types[1], self._condition.keys, MISSING, known

    def _run_through(self, slots: Sequence[_Column], chunk: Chunk) -> dict[Wanted, Any]:
        """What the columns are at the end of a chunk."""
        nothing = self.search.conditions(EventFilter(kinds=0))
        return self.search.run.decode(chunk, reader.columns, nothing, 0, _ALL, slots, True, self._containers({}), None, False)[4]


def _complete(
    predicate: ScalarPredicate,
    partial: list[_Row],
    known: Values,
    events: list[int],
    rows: list[tuple[Any, ...]],
    others: list[tuple[int, tuple[Any, ...]]],
) -> None:
    """Completes partial rows from what was known at the chunk's beginning: they join the rows, else the others."""
    any_ = [read.may_be_any for read in predicate.reads]
    for event, frame, row in partial:
        # A way that isn't known by now never will be; and of an object that is one it only counts that it is no scalar.
        whole = tuple(known.get(value, NotImplemented) if type(value) is tuple else value for value in row)
        whole = tuple(... if type(value) is tuple else value for value in whole)
        if NotImplemented in whole or any(value is ... and not may for value, may in zip(whole, any_, strict=True)):
            others.append((event, frame))
        else:
            events.append(event)
            rows.append(whole)


def _one_by_one(predicate: ScalarPredicate, events: list[int], rows: list[tuple[Any, ...]], raising: bool) -> Iterator[Told]:
    """The hits at which a condition holds; where it fails the evaluator tells it properly."""
    for event, row in zip(events, rows, strict=True):
        try:
            if predicate.test(*row):
                yield event, None
        except MissingItemError:
            if raising:
                yield event, ()
        except Exception:
            yield event, ()


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


def _event_of(told: Told) -> int:
    return told[0]


def _of_code(wanted: EventFilter, code: int) -> EventFilter:
    return replace(wanted, codes=frozenset({code}), lines=frozenset(place for place in wanted.lines if place[0] == code))
