"""Continue: to the nearest match of any breakpoint or watchpoint, in either direction."""

from heapq import merge
from itertools import groupby, islice, repeat
from typing import Final

from tttui.navigation.breakpoints import Breakpoint, Breakpoints, Watchpoint
from tttui.navigation.conditions import Condition
from tttui.navigation.expression_errors import EvaluationError
from tttui.navigation.expressions import compile_expression
from tttui.navigation.finders import StreamFinder
from tttui.navigation.names import Names
from tttui.navigation.stops import Hit, Reason, Stop

_MOST_LOGS: Final = 1_000
"""Values that breakpoints log in one go; then it stops and says so."""


def pass_hits(breakpoints: Breakpoints, position: int, count: int, *, back: bool) -> tuple[int, int]:
    """(how many, where the last is) of the next hits, `count` at most, at which nothing is to be done but counting them; none
    where a breakpoint has more to do than to stop there.
    """
    active = [each for each in breakpoints if each.enabled]
    if count <= 0 or any(each.log or each.ignore or each.temporary for each in active):
        return 0, position
    span = (0, position) if back else (position + 1, breakpoints.search.run.events)
    streams = [zip(breakpoints.finder(each).hits(*span, back), repeat(each)) for each in active]
    passed = 0
    for event, hits in islice(groupby(merge(*streams, key=_event_of, reverse=back), key=_event_of), count):
        for _, breakpoint in hits:
            breakpoint.hits += 1
        passed, position = passed + 1, event
    return passed, position


def _event_of(hit: tuple[int, Breakpoint]) -> int:
    return hit[0]


class _Running:
    """One continue: each breakpoint's next match is kept until the way has come to it."""

    def __init__(self, breakpoints: Breakpoints, position: int, back: bool) -> None:
        self.breakpoints = breakpoints
        self.back = back
        self.position = position
        self.active = {each.number: (each, breakpoints.finder(each)) for each in breakpoints if each.enabled}
        self.matches: dict[int, int | None] = {}

    def nearest(self) -> int | None:
        """The nearest match of all."""
        best: int | None = None
        for number, (_, finder) in self.active.items():
            if number not in self.matches or self._passed(self.matches[number]):
                self.matches[number] = self._find(finder)
            match = self.matches[number]
            if match is not None and (best is None or (match > best if self.back else match < best)):
                best = match
        return best

    def _passed(self, match: int | None) -> bool:
        return match is not None and (match >= self.position if self.back else match <= self.position)

    def _find(self, finder: StreamFinder) -> int | None:
        return finder.before(self.position) if self.back else finder.after(self.position)

    def matching(self, event: int) -> list[Breakpoint]:
        return [self.active[number][0] for number, match in self.matches.items() if match == event]


def run_to_hit(breakpoints: Breakpoints, position: int, *, back: bool) -> Stop:
    """Where a continue from a position stops; without a match at the end of the recording (back: its start)."""
    running = _Running(breakpoints, position, back)
    logs: list[tuple[int, Hit]] = []
    while (event := running.nearest()) is not None:
        running.position = event
        hits: list[Hit] = []
        reason: Reason = "breakpoint"
        for breakpoint in running.matching(event):
            if breakpoint.ignore > 0:
                breakpoint.ignore -= 1
                continue
            if breakpoint.log:
                logs.append((event, _hit(breakpoints, breakpoint, event)))
                continue
            breakpoint.hits += 1
            hits.append(_hit(breakpoints, breakpoint, event))
            if isinstance(breakpoint, Watchpoint):
                reason = "watchpoint"
            if breakpoint.temporary:
                breakpoints.remove(breakpoint.number)
        if hits:
            message = "; ".join(_message(hit) for hit in hits)
            return Stop(event, event != position, reason, message, tuple(hits), tuple(logs))
        if len(logs) >= _MOST_LOGS:
            message = f"stopped after {_MOST_LOGS:,} logged values: continue for more"
            return Stop(event, event != position, "breakpoint", message, logs=tuple(logs))
    events = breakpoints.search.run.events
    landing = 0 if back else events - 1
    message = f"no {'earlier' if back else 'later'} hit: the recording {'begins' if back else 'ends'} here"
    return Stop(landing, landing != position, "start" if back else "end", message, logs=tuple(logs))


def _hit(breakpoints: Breakpoints, breakpoint: Breakpoint, event: int) -> Hit:
    old: str | None = None
    new: str | None = None
    if isinstance(breakpoint, Watchpoint):
        old, new = breakpoints.watcher(breakpoint).texts(event)
    problem = Condition(breakpoints.search, breakpoint.condition, breakpoints.pinned).problem(event) if breakpoint.condition else None
    log = _logged(breakpoints, breakpoint.log, event) if breakpoint.log else None
    return Hit(breakpoint.number, breakpoint.description, old, new, log, problem)


def _logged(breakpoints: Breakpoints, text: str, event: int) -> str:
    names = Names(breakpoints.search.run, event, pinned=breakpoints.pinned)
    try:
        return compile_expression(text).evaluate(names.lookup, names.expand, names.python).text
    except EvaluationError as error:
        return f"<{error}>"


def _message(hit: Hit) -> str:
    change = f": {hit.old} → {hit.new}" if hit.old is not None else ""
    return f"{hit.number}: {hit.description}{change}{f' ({hit.problem})' if hit.problem else ''}"
