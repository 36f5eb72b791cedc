"""`Navigator`: a place in a recording, and every way to move it. What all views are clients of."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

from tttui.navigation import many, moves
from tttui.navigation.breakpoints import Breakpoints
from tttui.navigation.failure import find_failure
from tttui.navigation.filters import LINE, EventFilter, StopsBy, calls
from tttui.navigation.finders import FilterFinder, OutputFinder, RaiseFinder, StreamFinder, TaskFinder, ThreadFinder
from tttui.navigation.history import History
from tttui.navigation.position import Event, StackEntry
from tttui.navigation.running import pass_hits, run_to_hit
from tttui.navigation.search import Search
from tttui.navigation.sources import Sources
from tttui.navigation.stops import Hit, Reason, Stop
from tttui.navigation.truth import Truth, truth_of
from tttui.navigation.twins import Twins
from tttui.store.records import Frame, Moment
from tttui.store.run import Run

NO_EVENTS: Final = "the recording has no events"
Mover = Callable[[Event, int, bool], Event | None]
"""One move: from an event and a selected frame, forwards or back."""
Counter = Callable[[Event, int, int, bool], tuple[int, Event]]
"""Many of them at once, as in `many`: the third is how many."""


class Navigator:
    """Moves through a run. A position is an event number.

    Every move takes `back=True` for its exact reverse, and a `count` (below 0: the other direction). None raises at the
    ends of the recording: it goes as far as it can, stays there and says so in its `Stop`. What can't be understood (a
    file that the run doesn't have, an expression that is none) is a `TttuiError`.

    Moves stop at lines (statements, unless `by_line`), returns, yields and raises. `step`, `next` and `finish` undo
    each other: taken back at once, a move that ended in the frame where it began ends where it began, whatever event
    that was.
    """

    def __init__(self, run: Run, position: int = 0) -> None:
        self.run = run
        self.search = Search(run)
        self.sources = Sources(run)
        self.breakpoints = Breakpoints(self.search, self.sources)
        self.across_threads = False
        """Whether moves follow time through all threads; else they stay in the thread of the position. Breakpoints are
        hit in any thread, as in every debugger."""
        self.by_line = False
        """Whether each line of a statement counts, not only its beginning."""
        self._position = min(max(position, 0), max(run.events - 1, 0))
        self._here: Event | None = None
        self._stack: tuple[int, tuple[StackEntry, ...]] = (-1, ())
        self._moment: tuple[int, int, Moment] | None = None
        self._frame = 0
        self._twins = Twins()
        self.history = History(self._position)

    # -- where we are

    @property
    def position(self) -> int:
        """The event we are at; 0 in a run without events."""
        return self._position

    @property
    def here(self) -> Event | None:
        """The event there, cheaply; None in a run without events."""
        if (self._here is None or self._here.number != self._position) and self.run.events:
            self._here = self.search.event(self._position)
        return self._here

    def stack(self) -> Sequence[StackEntry]:
        """The stack without values, innermost frame last."""
        if self._stack[0] != self._position and self.run.events:
            self._stack = self._position, self.search.stack(self._position)
        return self._stack[1]

    def moment(self, *, depth: int = 6) -> Moment:
        """Everything at the position; `TttuiError` in a run without events."""
        if self._moment is None or self._moment[:2] != (self._position, depth):
            self._moment = self._position, depth, self.run.moment(self._position, depth=depth)
        return self._moment[2]

    @property
    def frame_index(self) -> int:
        """The selected frame, counted outwards: 0 is the innermost. Any move selects 0 again."""
        return self._frame

    def frame(self, *, depth: int = 6) -> Frame | None:
        """The selected frame with its values."""
        stack = self.moment(depth=depth).stack if self.run.events else ()
        return stack[-1 - self._frame] if self._frame < len(stack) else None

    def up(self, count: int = 1) -> Stop:
        """Select the caller's frame; time stands still."""
        return self.select_frame(self._frame + count)

    def down(self, count: int = 1) -> Stop:
        """Select the frame that the selected one called."""
        return self.select_frame(self._frame - count)

    def select_frame(self, index: int) -> Stop:
        """Select a frame, counted outwards from the innermost; the outermost where there are not that many."""
        last = max(len(self.stack()) - 1, 0)
        chosen = min(max(index, 0), last)
        moved, self._frame = chosen != self._frame, chosen
        if index > last:
            return Stop(self._position, moved, "frame" if moved else "nothing", "this is the outermost frame")
        if index < 0:
            return Stop(self._position, moved, "frame" if moved else "nothing", "this is the innermost frame")
        return Stop(self._position, moved, "frame")

    # -- moving by the program's structure

    def step(self, count: int = 1, *, back: bool = False) -> Stop:
        """To the next stop, into calls."""

        def once(here: Event, frame: int, back: bool) -> Event | None:
            return moves.step(self.search, here, self._stops, across_threads=self.across_threads, back=back)

        def several(here: Event, frame: int, count: int, back: bool) -> tuple[int, Event]:
            return many.steps(self.search, here, self._stops, count, across_threads=self.across_threads, back=back)

        return self._repeat("step", once, count, back, several)

    def next(self, count: int = 1, *, back: bool = False) -> Stop:
        """To the next stop of the selected frame's call, over the calls it makes; when it has ended, of its caller."""

        def once(here: Event, frame: int, back: bool) -> Event | None:
            return (moves.next_back if back else moves.next_)(self.search, here, frame, self._stops)

        def several(here: Event, frame: int, count: int, back: bool) -> tuple[int, Event]:
            return many.nexts(self.search, here, frame, self._stops, count, back=back)

        return self._repeat("next", once, count, back, several)

    def finish(self, count: int = 1, *, back: bool = False) -> Stop:
        """To the end of the selected frame's call: its return, or where an exception leaves it; back: to its beginning.
        From there, of its caller.
        """

        def once(here: Event, frame: int, back: bool) -> Event | None:
            return (moves.finish_back if back else moves.finish)(self.search, here, frame)

        def several(here: Event, frame: int, count: int, back: bool) -> tuple[int, Event]:
            return many.finishes(self.search, here, frame, count, back=back)

        return self._repeat("finish", once, count, back, several)

    def continue_(self, count: int = 1, *, back: bool = False) -> Stop:
        """To the nearest hit of a breakpoint or watchpoint; without one to the end (back: the start)."""
        if not self.run.events:
            return Stop(0, False, "nothing", NO_EVENTS)
        count, back = (-count, not back) if count < 0 else (count, back)
        origin = self._position
        stop = Stop(origin, False, "nothing")
        logs: tuple[tuple[int, Hit], ...] = ()
        passed, position = pass_hits(self.breakpoints, origin, count - 1, back=back)
        for _ in range(count - passed):
            stop = run_to_hit(self.breakpoints, position, back=back)
            logs += stop.logs
            position = stop.position
            if not stop.found:
                break
        self._position = position
        self._arrive(origin, jump=True)
        return Stop(stop.position, stop.position != origin, stop.reason, stop.message, stop.hits, logs)

    def until(self, file: str | None = None, line: int | None = None, *, back: bool = False) -> Stop:
        """To where a line runs, in this call or when the call ends; without a line, to a later line than this one."""
        places = frozenset[tuple[int, int]]() if line is None else self._places(file, line)

        def once(here: Event, frame: int, back: bool) -> Event | None:
            return moves.until(self.search, here, frame, places, back=back)

        return self._repeat("until", once, 1, back)

    # -- moving by what happened

    def event(self, count: int = 1, *, back: bool = False) -> Stop:
        """By single events."""
        here = self.here
        if here is None:
            return Stop(0, False, "nothing", NO_EVENTS)
        if not self.across_threads and len(self.run.threads()) > 1:
            return self._find("event", "event", FilterFinder(self.search, EventFilter(thread=here.thread)), count, back, jump=False)
        wanted = self._position + (-count if back else count)
        landing = min(max(wanted, 0), self.run.events - 1)
        message = "" if landing == wanted else _end_message(back != (count < 0))
        return self._land(landing, "event", message, jump=False)

    def line(self, file: str | None = None, line: int | None = None, count: int = 1, *, back: bool = False) -> Stop:
        """To the next hit of a line (the cursor line); of the line we are at where none is given."""
        here = self.here
        if here is None:
            return Stop(0, False, "nothing", NO_EVENTS)
        if line is None:
            line = self.stack()[-1 - self._frame].line
        places = self._places(file, line)
        if not places:
            return Stop(self._position, False, "nothing", f"line {line} never ran")
        wanted = EventFilter(kinds=1 << LINE, lines=places, thread=self._thread, stops=self.search.line_stops(places, self.by_line))
        return self._find("line", f"hit of line {line}", FilterFinder(self.search, wanted), count, back)

    def call(self, function: str | None = None, count: int = 1, *, back: bool = False) -> Stop:
        """To the next call of a function; of the one we are in where none is given."""
        if self.here is None:
            return Stop(0, False, "nothing", NO_EVENTS)
        if function is None:
            codes = frozenset({self.stack()[-1 - self._frame].code})
            function = self.run.code(next(iter(codes))).qualname
        else:
            codes = self.sources.functions(function)
        wanted = EventFilter(kinds=calls(()).kinds, codes=codes, thread=self._thread)
        return self._find("call", f"call of {function}", FilterFinder(self.search, wanted), count, back)

    def exception(self, type_: str = "", count: int = 1, *, back: bool = False) -> Stop:
        """To the next raise (of a type): where an exception sets out."""
        return self._find("exception", type_ or "exception", RaiseFinder(self.search, type_, self._thread), count, back)

    def output(self, text: str = "", count: int = 1, *, back: bool = False) -> Stop:
        """To the next event after which something was written (that holds a text)."""
        what = f"output of {text!r}" if text else "output"
        return self._find("output", what, OutputFinder(self.search, text, thread=self._thread), count, back)

    def thread(self, count: int = 1, *, back: bool = False) -> Stop:
        """To the next switch to another thread."""
        return self._find("thread", "switch of threads", ThreadFinder(self.search), count, back)

    def task(self, count: int = 1, *, back: bool = False) -> Stop:
        """To the next switch to another task."""
        return self._find("task", "switch of tasks", TaskFinder(self.search), count, back)

    def true(self, expression: str, count: int = 1, *, back: bool = False, every_call: bool = False) -> Stop:
        """To where an expression becomes true the next time, in the selected frame's call or in every call of its function."""
        if not self.run.events:
            return Stop(0, False, "nothing", NO_EVENTS)
        return self._find("true", f"event at which {expression} becomes true", self.truth(expression, every_call=every_call), count, back)

    def truth(self, expression: str, *, every_call: bool = False) -> Truth:
        """When an expression is true: for the first time, for the last time, each change of it. It is about the selected
        frame's call, about its module's where only globals are named, or with `every_call` about all calls of that function.
        """
        return truth_of(
            self.search, expression, self._position, frame=self._frame, pinned=self.breakpoints.pinned, every_call=every_call
        )  # fmt: skip

    # -- jumping

    def goto(self, event: int, *, jump: bool = True) -> Stop:
        """To an event by its number; beyond the ends, to the end. Without `jump` it belongs to the jump before it."""
        if not self.run.events:
            return Stop(0, False, "nothing", NO_EVENTS)
        landing = min(max(event, 0), self.run.events - 1)
        message = "" if landing == event else f"the recording has events 0 to {self.run.events - 1}"
        return self._land(landing, "goto", message, jump=jump)

    def goto_time(self, time_ns: int) -> Stop:
        """To the last event at or before a time since the start of the run."""
        return self.goto(self.search.at_time(time_ns))

    def goto_percent(self, percent: float) -> Stop:
        """To a share of the events: 0 is the first, 100 the last."""
        share = min(max(percent, 0.0), 100.0) / 100 if percent == percent else 0.0
        return self.goto(round(share * max(self.run.events - 1, 0)))

    def start(self) -> Stop:
        """To the first event."""
        return self.goto(0)

    def end(self) -> Stop:
        """To the last event."""
        return self.goto(max(self.run.events - 1, 0))

    def failure(self) -> Stop:
        """To the raise that ended the program or a thread of it; stays where there is none."""
        found = find_failure(self.run) if self.run.events else None
        if found is None:
            return Stop(self._position, False, "nothing", "no exception ended the program or a thread of it")
        return self._land(found.raised, "failure", "")

    # -- history of jumps, as in a browser, and of all moves

    def backward(self, count: int = 1) -> Stop:
        """To where we were before the last jump."""
        return self._travel(self.history.backward, count, "there is nothing further back")

    def forward(self, count: int = 1) -> Stop:
        """To where `backward` came from."""
        return self._travel(self.history.forward, count, "there is nothing further on")

    def undo(self, count: int = 1) -> Stop:
        """To where the last move began, of whatever kind."""
        return self._travel(lambda position: self.history.undo(), count, "there is nothing to undo")

    # -- how

    @property
    def _stops(self) -> StopsBy:
        return "line" if self.by_line else "statement"

    @property
    def _thread(self) -> int:
        """The thread that moves stay in, 0: they don't."""
        here = self.here
        return 0 if self.across_threads or here is None else here.thread

    def _places(self, file: str | None, line: int) -> frozenset[tuple[int, int]]:
        if file is not None or not self.run.events:
            return self.sources.places(file or "", line)
        return self.sources.places_of(self.run.code(self.stack()[-1 - self._frame].code).file, line)

    def _repeat(self, sort: Reason, once: Mover, count: int, back: bool, several: Counter | None = None) -> Stop:
        """Make a move several times; it ends early where the recording does. Of many all but the first are made by `several`."""
        origin = here = self.here
        if here is None or origin is None:
            return Stop(0, False, "nothing", NO_EVENTS)
        count, back = (-count, not back) if count < 0 else (count, back)
        reason: Reason = sort
        message = ""
        frame = self._frame
        left = count
        twins, kept = self._twins, f"{sort} by {self._stops} {self.across_threads}"
        while left > 0:
            undone = twins.taken_back(kept, back, here.number)
            found: Event | None
            made = 0
            if several is not None and undone != 1 and left > 1 and (left < count or undone):
                made, found = several(here, frame, min(left, undone - 1) if undone else left, back)
            if not made:
                made, found = 1, self.search.event(twins.origin()) if undone == 1 else once(here, frame, back)
            if found is None:
                reason, message = ("start" if back else "end"), self._why_not(sort, back)
                break
            if undone > 1:
                twins.shorten(made, found.number)
            elif not undone and (sort == "step" or found.call == here.call):
                twins.made(kept, back, here.number, found.number, made)
            elif not undone:
                twins.forget()
            here, frame, left = found, 0, left - made
        self._position, self._here = here.number, here
        self._arrive(origin.number, jump=False, keep_twins=True)
        return Stop(self._position, self._position != origin.number, reason, message)

    def _why_not(self, sort: str, back: bool) -> str:
        if sort in ("finish", "next") and not back:
            return "the recording ends before this call goes on" if sort == "next" else "the recording ends before this call does"
        if sort == "finish":
            return "this call began before the recording" if self.here and self.search.birth(self.here.call) is None else _end_message(True)
        if len(self.run.threads()) > 1 and not self.across_threads:
            return "this thread did nothing before" if back else "this thread does nothing more"
        return _end_message(back)

    def _find(self, reason: Reason, what: str, finder: StreamFinder, count: int, back: bool, *, jump: bool = True) -> Stop:
        """To the count-th hit; to the last one on the way where there are fewer, and it says so."""
        if not self.run.events:
            return Stop(0, False, "nothing", NO_EVENTS)
        count, back = (-count, not back) if count < 0 else (count, back)
        position = self._position
        left = count
        if count > 1:
            span = (0, position) if back else (position + 1, self.run.events)
            for position in islice(finder.hits(*span, back), count):  # noqa: B007 - the last one counts
                left -= 1
        for _ in range(left):
            found = finder.before(position) if back else finder.after(position)
            if found is None:
                where = " in this thread" if self._thread and len(self.run.threads()) > 1 and reason not in ("thread", "task") else ""
                message = f"no {'earlier' if back else 'later'} {what}{where}"
                stop = self._land(position, reason, message, jump=jump)
                return stop if reason == "event" and stop.moved else Stop(stop.position, stop.moved, "nothing", message)
            position = found
        return self._land(position, reason, "", jump=jump)

    def _land(self, position: int, reason: Reason, message: str, *, jump: bool = True) -> Stop:
        origin, self._position = self._position, position
        self._arrive(origin, jump=jump)
        return Stop(position, position != origin, reason, message)

    def _arrive(self, origin: int, *, jump: bool, keep_twins: bool = False) -> None:
        """Everything that a move does apart from changing the position."""
        self._frame = 0
        if not keep_twins:
            self._twins.forget()
        if self._position != origin:
            self.history.moved(origin, self._position, jump=jump)

    def _travel(self, turn: Callable[[int], int | None], count: int, at_end: str) -> Stop:
        origin = self._position
        message = ""
        for _ in range(count):
            found = turn(self._position)
            if found is None:
                message = at_end
                break
            self._position = min(found, max(self.run.events - 1, 0))
        self._frame = 0
        self._twins.forget()
        moved = self._position != origin
        return Stop(self._position, moved, "nothing" if message and not moved else "history", message)


def _end_message(back: bool) -> str:
    return "the recording begins here" if back else "the recording ends here"
