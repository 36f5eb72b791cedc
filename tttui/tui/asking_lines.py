"""Questions about lines: when the cursor line runs, its breakpoints and their hits, why it did not run."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from tttui.errors import TttuiError
from tttui.tui.desk import Watched
from tttui.tui.gathering import Gathering
from tttui.tui.panes.results import Result
from tttui.tui.prompt import Question
from tttui.tui.sources import short

if TYPE_CHECKING:
    from tttui.navigation.breakpoints import Breakpoint


class AskingLines(Gathering):
    """The part of `Debugger` that answers questions about lines."""

    def hit(self, count: int, *, back: bool) -> None:
        """To a run of the cursor line; where results are active, to the next of them; a breakpoint, to its next hit."""
        app = self._app
        if app.active is app.results and app.results.results:
            self._next_result(count, back=back)
            return
        selected = app.stops_pane.selected() if app.active is app.stops_pane else None
        if selected is not None and not isinstance(selected, Watched):
            self.next_hit_of(selected, count, back=back)
            return
        if app.active is not app.source and app.active.sought:
            for _ in range(count):
                app.active.find(app.active.sought, back=back)
            return
        file, line = app.source.file_path, app.source.cursor_line
        app.move(lambda navigator: navigator.line(file, line, count, back=back))

    def _next_result(self, count: int, *, back: bool) -> None:
        app = self._app
        here = app.desk.navigator.position
        events = sorted({result.event for result in app.results.results if result.event is not None})
        wanted = [event for event in reversed(events) if event < here] if back else [event for event in events if event > here]
        if len(wanted) < count:
            app.say("no result before this" if back else "no result after this")
            return
        event = wanted[count - 1]
        app.results.cursor = next(index for index, result in enumerate(app.results.results) if result.event == event)
        app.move(lambda navigator: navigator.goto(event))

    def breakpoint_here(self) -> None:
        """A breakpoint on the cursor line; where there is one, its condition, count and log."""
        app = self._app
        entry: Breakpoint | None = None
        if app.active is app.stops_pane:
            selected = app.stops_pane.selected()
            if isinstance(selected, Watched):
                app.say(app.stops.watch(selected.text) + app.keyed("; {continue} {back_continue} stop there; {remove} removes it"))
                app.paint()
                return
            entry = selected
        elif app.source.file_path:
            entry = app.stops.at(app.source.file_path, app.source.cursor_line)
            if entry is None:
                said = app.stops.set(app.source.file_path, app.source.cursor_line)
                app.say(said + app.keyed("; {breakpoint} again: condition, count, log; {remove} removes it"))
                app.paint()
        if entry is None:
            return
        known = entry

        def configure(text: str) -> None:
            try:
                app.stops.configure(known, text)
            except TttuiError as error:
                app.problem(error)
                return
            app.say(f"breakpoint {known.number} at {app.stops.describe(known)}")
            app.paint()

        sign = "CONDITION every N log EXPRESSION" if app.size.width < 100 else f"{app.stops.place(entry)}: CONDITION every N log EXPRESSION"
        self.open_prompt(Question(sign, configure, initial=app.stops.options(entry), sort="breakpoint"))

    def list_hits(self, entry: "Breakpoint") -> None:
        """All hits of a breakpoint."""
        from copy import copy

        from tttui.navigation.navigator import Navigator
        from tttui.navigation.places import place_of

        wanted = copy(entry)

        def find(run: Any, cancelled: Callable[[], bool]) -> Iterator[Result]:
            finder = Navigator(run, 0).breakpoints.finder(wanted)
            event = finder.after(-1)
            while event is not None and not cancelled():
                place = place_of(run, event)
                yield Result(place.function, event, f"{short(place.file)}:{place.line}")
                event = finder.after(event)

        self.gather(f"hits of {self._app.stops.describe(entry)}", find, "it was never hit")

    def next_hit_of(self, entry: "Breakpoint", count: int, *, back: bool) -> None:
        """To the next hit of one breakpoint, whatever the others are."""
        app = self._app
        finder = app.desk.navigator.breakpoints.finder(entry)
        event = app.desk.navigator.position
        for _ in range(count):
            found = finder.before(event) if back else finder.after(event)
            if found is None:
                app.say(f"{app.stops.describe(entry)} is not hit {'before' if back else 'after'} this")
                return
            event = found
        app.move(lambda navigator: navigator.goto(event))

    def why_not(self) -> None:
        """Why the cursor line did not run before now."""
        from tttui.navigation.whynot import WhyNot, why_not

        app = self._app
        file, line, event = app.source.file_path, app.source.cursor_line, app.desk.navigator.position

        def find(run: Any, cancelled: Callable[[], bool]) -> Iterator[Result]:
            answer: WhyNot | None = why_not(run, event, file, line)
            while answer is not None:
                yield Result(answer.text, answer.event, f"{short(answer.file)}:{answer.line}", wraps=True)
                for name, value in answer.values:
                    yield Result(f"    {name} = {value.text}", answer.event, style="value")
                answer = answer.because

        self.gather(f"why not {short(file)}:{line}", find)
