"""Moving the position: by a navigator's move, by scrubbing; and what there is to say about where it ended."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from tttui.errors import TttuiError
from tttui.navigation.expression_errors import EvaluationError
from tttui.navigation.names import Names
from tttui.navigation.navigator import Navigator
from tttui.navigation.stops import Stop
from tttui.store.records import Frame
from tttui.tui import moments
from tttui.tui.interrupting import Interrupted
from tttui.tui.part import Part
from tttui.tui.waiting import told

_T = TypeVar("_T")


class Moving(Part):
    """The part of `Debugger` that moves."""

    _scrubbed_to: int = -1
    """Where the last scrubbing ended."""
    _waited: bool = False
    """Whether it was told on the screen that something takes long."""

    def move(self, how: Callable[[Navigator], Stop]) -> None:
        """Move, and say what there is to say about where it ended."""
        app = self._app
        if not app.desk.run.events:
            app.say("the recording has no events")
            return
        try:
            stop = self.interruptible(lambda: how(app.desk.navigator))
        except TttuiError as error:
            app.problem(error)
            return
        if stop is not None:
            self.arrived(stop)

    def interruptible(self, work: Callable[[], _T]) -> _T | None:
        """Something that may take long, until another key is pressed; None where one was. We are then where we were."""
        app = self._app
        navigator = app.desk.navigator
        position, frame = navigator.position, navigator.frame_index
        try:
            with told(app.tell_of_waiting), app.interruption.possible(app._key):
                return work()
        except Interrupted:
            navigator.goto(position, jump=False)
            navigator.select_frame(frame)
            app.say(f"stopped: {app.desk.session.interrupted() or 'there is no answer yet'}")
            app.look_again()
            return None
        finally:
            if self._waited:
                self._waited = False
                app.status.repaint()

    def tell_of_waiting(self, seconds: int) -> None:
        """That it takes long; in another thread."""
        self._waited = True
        self._app.status.draw_at_once(f"at it for {seconds} s: any other key ends it")

    def arrived(self, stop: Stop) -> None:
        """Show where a move ended."""
        app = self._app
        app.status.say(self._words(stop))
        app.look_again()

    def _words(self, stop: Stop) -> str:
        app = self._app
        words = []
        for hit in stop.hits:
            change = f": {hit.old if hit.old is not None else '(nothing)'} → {hit.new if hit.new is not None else '(gone)'}"
            words.append(f"{app.stops.name(hit)}{change if hit.old is not None or hit.new is not None else ''}")
            if hit.problem:
                words.append(hit.problem)
        if stop.logs:
            event, hit = stop.logs[-1]
            words.append(f"logged {len(stop.logs):,}, last at {event:,}: {hit.log}")
        if stop.message and not stop.hits:
            words.append(stop.message)
        words += app.desk.session.changed_live(app.desk.navigator.position)
        if app.live and app.desk.navigator.position == app.desk.run.events - 1:
            words.append(moments.paused_here(app))
        return "; ".join(words)

    def scrub(self, event: int) -> None:
        """To an event. One that follows another is no jump of its own in the history."""
        app = self._app
        events = app.desk.run.events
        if events:
            wanted = min(max(event, 0), events - 1)
            first = app.desk.navigator.position != self._scrubbed_to
            self.move(lambda navigator: navigator.goto(wanted, jump=first))
            self._scrubbed_to = app.desk.navigator.position

    def step(self, count: int) -> None:
        """Into calls; where a line's calls lead to code that isn't recorded, that is said."""
        app = self._app
        view, position = app.desk.view, app.desk.navigator.position
        frame = view.frame if view.position == position and not view.frame_index else None
        self.move(lambda navigator: navigator.step(count))
        if count == 1 and frame is not None and not app.status.text:
            stack = app.desk.navigator.stack()
            passed = self._not_recorded(frame, position) if stack and stack[-1].call == frame.call else ()
            if passed:
                app.say(f"over {', '.join(passed)}: not in the scope of what was recorded")

    def _not_recorded(self, frame: Frame, position: int) -> Sequence[str]:
        """What the line of a frame calls of other modules, of which nothing was recorded."""
        desk = self._app.desk
        found = []
        names = Names(desk.run, position)
        for text in desk.sources.file(frame.code.file).calls(frame.line):
            root, _, rest = text.partition(".")
            try:
                kind = names.lookup(root).type
            except EvaluationError:
                continue
            if kind == ("module" if rest else "function") and not desk.sources.ran(text.rpartition(".")[2]):
                found.append(text)
        return found

    def continue_(self, count: int, *, back: bool) -> None:
        """To a hit; where nothing can be hit, that is said."""
        app = self._app
        self.move(lambda navigator: navigator.continue_(count, back=back))
        if not any(entry.enabled for entry in app.stops.all()) and not app.status.is_problem:
            app.say(f"{app.status.text}; no breakpoint is on: {app.key_for('breakpoint')} sets one")

    def until(self, *, back: bool) -> None:
        """To where the cursor line runs; on the present line, to a later one of this call."""
        app = self._app
        file, line = app.source.file_path, app.source.cursor_line
        frame = app.desk.view.frame
        if frame is None:
            return
        if frame.line == line and frame.file == file:
            self.move(lambda navigator: navigator.until(back=back))
        else:
            self.move(lambda navigator: navigator.until(file, line, back=back))
