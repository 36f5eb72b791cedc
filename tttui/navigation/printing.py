"""Print over all hits: an expression, evaluated each time a line was about to run.

The native reader gives the hits of a chunk with the variables that the expression reads, so that no moment is put
together for a hit. Objects are followed from hit to hit, not looked up anew.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from tttui.errors import TttuiError
from tttui.native import reader
from tttui.navigation.conditions import Condition, ConditionalFinder
from tttui.navigation.expression_errors import EvaluationError
from tttui.navigation.expressions import Expression, compile_expression
from tttui.navigation.filters import lines
from tttui.navigation.finders import FilterFinder
from tttui.navigation.names import Names
from tttui.navigation.scalar_predicates import SCALARS
from tttui.navigation.search import Search
from tttui.navigation.sources import Sources
from tttui.navigation.texts import to_value
from tttui.store.records import Chunk, Value
from tttui.store.stream import SLOT_LOCAL

if TYPE_CHECKING:
    from tttui.store.run import Run

_AT_A_TIME: Final = 4096
"""Events of a chunk that are looked through at a time: so that the first hits come at once."""
_DEPTH: Final = 1
"""Levels of values that are looked up for a name; what an expression asks for below that is looked up then."""


@dataclass(frozen=True, slots=True)
class Printed:
    """One hit."""

    event: int
    time_ns: int
    call: int
    value: Value | None
    """None where it has none there: `error` says why."""
    error: str = ""


def print_all(
    run: "Run",
    file: str,
    line: int,
    expression: str,
    *,
    condition: str | None = None,
    start: int = 0,
    stop: int | None = None,
    backwards: bool = False,
    pinned: "Mapping[str, int] | None" = None,
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[Printed]:
    """The value of an expression at every hit of a line at events start .. stop - 1, as they are asked for.

    Hits where the condition does not hold are left out; where it has no value there, the hit is given with the error.
    `file` as the recording has it, or the end of its path. ExpressionError where a text is no expression.
    """
    shown = compile_expression(expression)
    sources = Sources(run)
    places = sources.places(file, line)
    if not places:
        near = sources.next_line(file, line)
        raise TttuiError(f"line {line} of {file} never ran", f"the next line that did is {near}" if near is not None else "")
    return _Printing(run, sorted(places), shown, condition or "", pinned or {}).hits(
        max(0, start), run.events if stop is None else stop, backwards, cancelled
    )


_Row = tuple[int, int, tuple[Any, ...]]
"""(event, time, frame with the variables that are read)"""


class _Printing:
    def __init__(self, run: "Run", places: list[tuple[int, int]], shown: Expression, condition: str, pinned: Mapping[str, int]) -> None:
        self._run = run
        self._shown = shown
        self._pinned = pinned
        self._scalars = shown.scalar_predicate()
        self._conditions: dict[tuple[int, int], ConditionalFinder] = {}
        names = set(shown.names)
        if condition:
            search = Search(run)
            test = self._condition = Condition(search, condition, pinned)
            names.update(test.names)
            for place in places:
                hits = FilterFinder(search, replace(lines([place]), codes=frozenset({place[0]})))
                self._conditions[place] = ConditionalFinder(search, hits, test, raising=True)
        # Of each place, the slots of the names that are read.
        self._places = {place: tuple(slot for slot, (name, _) in enumerate(run.code(place[0]).slots) if name in names) for place in places}

    def hits(self, start: int, stop: int, backwards: bool, cancelled: Callable[[], bool] | None) -> Iterator[Printed]:
        chunks = self._run.chunks()
        for chunk in reversed(chunks) if backwards else chunks:
            first, last = max(start, chunk.first_event), min(stop, chunk.first_event + chunk.events)
            if first >= last:
                continue
            if cancelled is not None and cancelled():
                return
            places = [place for place in self._places if self._run.has(chunk, "line", *place)]
            if places:
                yield from self._in_chunk(chunk, places, first, last, backwards, cancelled)

    def _in_chunk(
        self, chunk: Chunk, places: list[tuple[int, int]], first: int, last: int, backwards: bool, cancelled: Callable[[], bool] | None
    ) -> Iterator[Printed]:
        rows: list[_Row] = []
        doubtful: set[int] = set()
        for place in places:
            wanted = None
            if self._conditions:
                told = self._conditions[place].candidates_in(chunk, first, last)
                wanted = [event for event, _ in told]
                doubtful.update(event for event, frame in told if frame is not None)
                if not wanted:
                    continue
            rows += self._run.decode(chunk, reader.hits, *place, self._places[place], first, last, wanted)
        if len(places) > 1:
            rows.sort()
        # Objects are followed forwards: backwards a stretch is evaluated in order, then given in reverse.
        pieces = range(0, len(rows), _AT_A_TIME)
        for at in reversed(pieces) if backwards else pieces:
            piece = rows[at : at + _AT_A_TIME]
            if cancelled is not None and cancelled():
                return
            made = (printed for row in piece if (printed := self._printed(row, row[0] in doubtful)) is not None)
            yield from reversed(list(made)) if backwards else made

    def _printed(self, row: _Row, doubtful: bool) -> Printed | None:
        """What is printed of a hit; `doubtful`: whether the condition holds isn't certain."""
        event, time_ns, frame = row
        try:
            if doubtful and not self._condition.evaluated(event, frame):
                return None
            value = self._quickly(frame)
            if value is None:
                names = Names(self._run, event, pinned=self._pinned, known=frame, depth=_DEPTH)
                value = self._shown.evaluate(names.lookup, names.expand, names.python).value
        except EvaluationError as error:
            return Printed(event, time_ns, frame[0], None, error.title)
        return Printed(event, time_ns, frame[0], value)

    def _quickly(self, frame: tuple[Any, ...]) -> Value | None:
        """The value, where it takes nothing but plain variables; None where it takes more."""
        predicate = self._scalars
        if predicate is None:
            return None
        slots = self._run.code(frame[1]).slots
        known = {slots[slot][0]: raw for slot, raw in frame[6] if slots[slot][1] == SLOT_LOCAL}
        try:
            scalars = [known[name] for name in predicate.names]
            return to_value(predicate.value(*scalars)) if all(type(raw) in SCALARS for raw in scalars) else None
        except Exception:  # whatever it is: the evaluator tells it properly
            return None
