"""Questions about values: what they are, who set them, why, and when something became true."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from tttui.errors import TttuiError
from tttui.tui.desk import Watched
from tttui.tui.gathering import Gathering
from tttui.tui.panes.results import MOST, Result
from tttui.tui.sources import short

if TYPE_CHECKING:
    from tttui.navigation.writes import Write

_HOPS: Final = 200
_SELVES: Final = ("self", "cls")
_NONE_SELECTED: Final = "select a variable first: in Locals"


class AskingValues(Gathering):
    """The part of `Debugger` that answers questions about values."""

    _found_write: tuple[int, int, str, int] = (-1, 0, "", 0)
    """(position of the line that wrote, call of the frame, what it wrote, the event at which that shows) of the last `w` or `W`."""

    def selected_expression(self, *, unset: bool = False) -> str:
        """What W, y, p and x are about: the selected variable; from the source, the first that its line binds, else reads.

        `unset`: be it one that the line is only about to bind.
        """
        app = self._app
        if app.active is app.locals:
            return app.locals.selected()
        frame = app.desk.view.frame
        if frame is None:
            return ""
        if app.active is app.source:
            file, line = app.desk.sources.file(frame.code.file), app.source.cursor_line
            about_to = self._unset(file.stores(line)) if unset and line == frame.line and not app.desk.view.frame_index else ()
            for name in (*file.stores(line), *file.reads(line)):
                if (name in frame.locals or name in about_to) and name not in _SELVES:
                    return name
        changed = next((name for name in app.desk.view.changed if name in frame.locals), "")
        return changed or app.locals.selected() or next(iter(frame.locals), "")

    def _unset(self, names: Sequence[str]) -> Sequence[str]:
        """Those that are variables of the frame: a comprehension on its line may bind others."""
        found = []
        for name in names:
            with suppress(TttuiError):
                self._app.desk.target(name)
                found.append(name)
        return found

    def print_here(self, text: str) -> None:
        app = self._app
        if text.strip():
            try:
                self.answer(f"print {text.strip()}", [Result(f"{text.strip()} = {app.desk.evaluate(text).text}", wraps=True)])
            except TttuiError as error:
                app.problem(error)

    def add_watch(self, text: str) -> None:
        app = self._app
        if text.strip():
            try:
                app.desk.watch(text.strip())
            except TttuiError as error:
                app.problem(error)
                return
            app.say(f"watching {text.strip()}; {app.key_for('breakpoints')} shows the watches")
            app.look_again()

    def write(self, count: int, *, back: bool) -> None:
        self._write_of(self.selected_expression(unset=True), count, back=back)

    def last_write_of(self, text: str) -> None:
        self._write_of(text, 1, back=True)

    def _write_of(self, text: str, count: int, *, back: bool) -> None:
        """Go to the line that wrote a value, and say what it wrote."""
        from tttui.navigation.writes import writes

        app = self._app
        if not text:
            app.say(_NONE_SELECTED)
            return
        target = app.desk.target(text)
        position, frame = app.desk.navigator.position, app.desk.view.frame
        found = writes(app.desk.run, target, 0, position + 1, backwards=True) if back else writes(app.desk.run, target, position + 1)
        # A write is visible behind the line that did it: standing on that line, that very write is still to come.
        passed = (write for write in found if (write.by if write.by is not None else write.event) != position)
        looked = app.interruptible(lambda: [next(islice(passed, count - 1, None), None)])
        if looked is None:
            return
        [write] = looked
        if write is None:
            app.say(f"{text} is not written {'before' if back else 'after'} this")
            return
        event = write.by if write.by is not None else write.event
        app.move(lambda navigator: navigator.goto(event))
        self._found_write = event, frame.call if frame is not None else 0, text, write.event
        app.say(f"{text} {_what_was_done(write)}{'' if write.by is not None else '  (by code that was not recorded)'}")
        app.locals.select(text)

    def first_true(self) -> None:
        """To where the selected watch became true for the first time; elsewhere it is asked what."""
        app = self._app
        selected = app.stops_pane.selected() if app.active is app.stops_pane else None
        if isinstance(selected, Watched):
            self.go_to_first_true(selected.text)
        else:
            app.ask("first_true")

    def go_to_first_true(self, text: str) -> None:
        app = self._app
        text = text.strip()
        if not text:
            return
        try:
            looked = app.interruptible(lambda: [app.desk.navigator.truth(text).first()])
        except TttuiError as error:
            app.problem(error)
            return
        if looked is None:
            return
        [event] = looked
        if event is None:
            app.say(f"{text} is never true in this call")
            return
        app.move(lambda navigator: navigator.goto(event))
        app.say(f"{text} is true here for the first time")

    def turns_of(self, text: str) -> None:
        """Every time at which an expression became true in this call, or was no longer."""
        from tttui.navigation.search import Search
        from tttui.navigation.truth import truth_of

        app = self._app
        text = text.strip()
        if not text:
            return
        position, frame = app.desk.navigator.position, app.desk.navigator.frame_index

        def find(run: Any, cancelled: Callable[[], bool]) -> Iterator[Result]:
            for turn in truth_of(Search(run), text, position, frame=frame).turns():
                if cancelled():
                    return
                words = "true" if turn.holds else "not true" if turn.holds is False else turn.problem
                yield Result(words, turn.event, style="value" if turn.holds else "muted")

        self.gather(f"when {text}", find, f"{text} is never true in this call")

    def pin(self) -> None:
        app = self._app
        text = self.selected_expression()
        pin = app.desk.session.pins.pin(app.desk.navigator.position, text, frame=app.desk.stack_index)
        app.say(f"{pin.name} is {text}: at any time, p {pin.name}, :w {pin.name}")

    def print_all(self, text: str) -> None:
        """An expression at every run of the cursor line; of too many of them, those around now."""
        app = self._app
        text = text.strip()
        if not text:
            return
        from tttui.navigation.expressions import compile_expression
        from tttui.navigation.printing import print_all

        compile_expression(text)
        file, line, here = app.source.file_path, app.source.cursor_line, app.desk.navigator.position

        def find(run: Any, cancelled: Callable[[], bool]) -> Iterator[Result]:
            start = _first_of_those_around(run, file, line, here)
            for printed in print_all(run, file, line, text, start=start, cancelled=cancelled):
                shown = printed.value.text if printed.value is not None else printed.error
                yield Result(shown, printed.event, style="value" if printed.value is not None else "muted")

        self.gather(f"{text} at {short(file)}:{line}", find, f"{short(file)}:{line} never ran")

    def why(self) -> None:
        """Where the selected value came from. On the line that is about to write it: the one that it writes."""
        from tttui.navigation.navigator import Navigator
        from tttui.navigation.origin import origin

        app = self._app
        text = self.selected_expression(unset=True)
        if not text:
            app.say(_NONE_SELECTED)
            return
        event, frame, selected = app.desk.navigator.position, app.desk.stack_index, app.desk.view.frame
        call = selected.call if selected is not None else 0
        shows = self._shown_behind(text)

        def find(run: Any, cancelled: Callable[[], bool]) -> Iterator[Result]:
            at, index = event, frame
            if shows is not None:
                stack = Navigator(run, shows).stack()
                for place, entry in enumerate(stack):
                    if entry.call == call:
                        at, index = shows, place - len(stack)
            for hop in islice(origin(run, at, text, frame=index), _HOPS):
                yield Result(hop.text, hop.event, f"{short(hop.file)}:{hop.line}", wraps=True)

        self.gather(f"why {text} = …", find)

    def _shown_behind(self, text: str) -> int | None:
        """The event at which a write shows that the line we are on is about to make: of what was just looked for, or isn't set yet."""
        from tttui.navigation.writes import writes

        app = self._app
        frame, position = app.desk.view.frame, app.desk.navigator.position
        if frame is None:
            return None
        if self._found_write[:3] == (position, frame.call, text):
            return self._found_write[3]
        if not text.isidentifier() or text in frame.locals or app.desk.view.frame_index:
            return None
        following = next(writes(app.desk.run, app.desk.target(text), position + 1), None)
        return following.event if following is not None and following.by == position else None


def _first_of_those_around(run: Any, file: str, line: int, here: int) -> int:
    """The event of the first run of a line that is shown, where it ran more often than there are rows."""
    from tttui.navigation.filters import lines
    from tttui.navigation.search import Search
    from tttui.navigation.sources import Sources

    places = Sources(run).places(file, line)
    if not places:
        return 0
    search, wanted = Search(run), lines(places)
    behind = sum(1 for _ in islice(search.matches(wanted, here), MOST // 2))
    before = next(islice(search.matches(wanted, 0, here, back=True), MOST - behind - 1, None), None)
    return before.number if before is not None else 0


def _what_was_done(write: "Write") -> str:
    """What a write did, said of what it wrote."""
    if write.new is None:
        return f"was deleted here: it was {write.old.text if write.old is not None else 'not known'}"
    if write.old is None:
        return f"{'was created' if write.kind == 'created' else 'was set'} here: {write.new.text}"
    return f"changed here: {write.old.text} → {write.new.text}"
