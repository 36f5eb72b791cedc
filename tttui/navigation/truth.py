"""When an expression is true: the events from which on it is, and those from which on it is no longer.

In one call every write that it depends on counts, wherever it is made. Over all calls of a function, and where
only plain variables are read, it is told at the events of the function itself, millions of them a second.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tttui.errors import TttuiError
from tttui.navigation.conditions import Condition, ConditionalFinder
from tttui.navigation.filters import CALL, END_KINDS, EventFilter
from tttui.navigation.finders import FilterFinder, StreamFinder
from tttui.navigation.names import hides
from tttui.navigation.position import Event
from tttui.navigation.search import Search
from tttui.navigation.watching import WatchFinder, home_of

_PIECE: Final = 1_024
"""Events that are evaluated at a time where that takes an evaluation each: so that the first answers come at once."""


@dataclass(frozen=True, slots=True)
class Turn:
    """An event from which on an expression is true, or isn't."""

    event: int
    call: int
    """The call in which it was evaluated."""
    holds: bool | None
    """None: it has no value there, or the recording can't tell."""
    problem: str = ""
    """Why, then."""


class Truth(StreamFinder):
    """When an expression is true in one call, or in any call of a function: its hits are where it becomes true.

    What is true from the first event of a call on becomes true there; what is false there has not turned.
    """

    def __init__(self, search: Search, expression: str, code: int, call: int, pinned: Mapping[str, int]) -> None:
        """`call` 0: in all calls of `code`."""
        super().__init__(search)
        self.call = call
        self.code = code
        self._condition = Condition(search, expression, pinned)
        self._at_once = self._condition.slots(code)[1]
        self._wanted = EventFilter(codes=frozenset({code}), call=call)
        self._true = ConditionalFinder(search, FilterFinder(search, self._wanted), self._condition)
        plain = self._at_once and all(hides(search.run, search.run.code(code), name) for name in self._condition.names)
        attributes = self._condition.predicate is not None and any("." in name for name in self._condition.predicate.names)
        watched = call and not (plain and not attributes)
        self._watch = WatchFinder(search, expression, call, pinned, truth=True) if watched else None

    def hits(self, start: int, stop: int, back: bool) -> Iterator[int]:
        return (turn.event for turn in self.turns(start, stop, back=back) if turn.holds)

    def first(self) -> int | None:
        """The event at which it became true for the first time; None: it never was."""
        return self.after(-1)

    def last(self) -> int | None:
        """The event at which it became true for the last time; None: it never was."""
        return self.before(self.search.run.events)

    def turns(self, start: int = 0, stop: int | None = None, *, back: bool = False) -> Iterator[Turn]:
        """Every change of its truth at events start .. stop - 1, in order (`back`: the last first), as they are found."""
        stop = self.search.run.events if stop is None else min(stop, self.search.run.events)
        if self._watch is not None:
            return self._watched(self._watch, start, stop, back)
        return self._told(start, stop, back)

    # -- in one call, by what it depends on

    def _watched(self, watch: WatchFinder, start: int, stop: int, back: bool) -> Iterator[Turn]:
        born = self.search.birth(self.call)
        # The recording may begin in the middle of a call.
        first = born.number if born is not None else 0
        beginning = self._turn_of(watch, first) if start <= first < stop and watch.at(first) is not None else None
        turned = beginning is not None and beginning.holds is not False
        if beginning is not None and turned and not back:
            yield beginning
        yield from (self._turn_of(watch, event) for event in watch.hits(start, stop, back))
        if beginning is not None and turned and back:
            yield beginning

    def _turn_of(self, watch: WatchFinder, event: int) -> Turn:
        watched = watch.at(event)
        known = watched is not None and type(watched.signature) is bool
        return Turn(event, self.call, watched.signature if watched and known else None, watched.text if watched and not known else "")

    # -- at the events of the function

    def _told(self, start: int, stop: int, back: bool) -> Iterator[Turn]:
        open_: dict[int, bool | None] = {}
        """What it was when each call was last seen; forwards they are kept from piece to piece."""
        for chunk in self.search.chunks(self._wanted, start, stop, back=back):
            first, last = max(start, chunk.first_event), min(stop, chunk.first_event + chunk.events)
            size = last - first if self._at_once else _PIECE
            pieces = range(first, last, size)
            for at in reversed(pieces) if back else pieces:
                found = self._piece(at, min(at + size, last), {} if back else open_)
                yield from reversed(list(found)) if back else found

    def _piece(self, start: int, stop: int, open_: dict[int, bool | None]) -> Iterator[Turn]:
        true = dict(self._true.candidates(start, stop))
        for event in self.search.matches(self._wanted, start, stop):
            holds: bool | None = False
            problem = ""
            if event.number in true:
                frame = true[event.number]
                holds, problem = (True, "") if frame is None else self._condition.truth(event.number, frame or None)
            before = open_[event.call] if event.call in open_ else self._before(event)
            open_[event.call] = holds
            if 1 << event.kind & END_KINDS:
                del open_[event.call]
            if holds is not before:
                yield Turn(event.number, event.call, holds, problem)

    def _before(self, event: Event) -> bool | None:
        """What it was at the event before in the same call; false where the call begins."""
        if event.kind == CALL:
            return False
        before = self.search.before(EventFilter(call=event.call, codes=self._wanted.codes), event.number)
        return False if before is None else self._condition.truth(before.number)[0]


def truth_of(
    search: Search, expression: str, position: int, *, frame: int = 0, pinned: Mapping[str, int] | None = None, every_call: bool = False
) -> Truth:
    """When an expression is true, as it is meant at a position in a frame counted outwards from the innermost.

    It is about the call of that frame, of its module where only globals are named; with `every_call` about all calls of
    that function. `ExpressionError` where it is no expression.
    """
    stack = search.stack(position) if search.run.events else ()
    if not stack:
        raise TttuiError("there is no frame here")
    home = home_of(search, expression, position, frame)
    code = next(entry.code for entry in stack if entry.call == home)
    return Truth(search, expression, code, 0 if every_call else home, pinned or {})
