"""Moments to come back to: marks, the jumps that were made, and what is different from a moment."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tttui.errors import TttuiError
from tttui.tui.gathering import Gathering
from tttui.tui.notebook import Mark
from tttui.tui.panes.results import Result
from tttui.tui.prompt import Question
from tttui.tui.sources import short


class Remembering(Gathering):
    """The part of `Debugger` that knows other moments."""

    def mark(self, letter: str) -> None:
        app = self._app
        event = app.desk.navigator.position

        def note(text: str) -> None:
            app.desk.notebook.marks[letter] = Mark(event, text.strip())
            app.desk.notebook.save()
            app.say(app.desk.notebook.problem or f"mark {letter} at {event:,}")
            app.look_again()

        known = app.desk.notebook.marks.get(letter)
        self.open_prompt(Question(f"note for mark {letter}", note, initial=known.note if known is not None else "", sort="note"))

    def to_mark(self, letter: str) -> None:
        app = self._app
        mark = app.desk.notebook.marks.get(letter)
        if mark is None:
            app.say(f"there is no mark {letter}; m{letter} sets it")
            return
        app.move(lambda navigator: navigator.goto(mark.event))
        if mark.note:
            app.say(mark.note)

    def list_marks(self) -> None:
        app = self._app
        marks = sorted(app.desk.notebook.marks.items(), key=lambda item: item[1].event)
        if not marks:
            app.say(app.keyed("no marks yet: {mark} and a letter sets one"))
            return
        rows = [
            Result(mark.note, mark.event, f"{name}  {self._place_text(mark.event)}", remove=partial(self._forget_mark, name))
            for name, mark in marks
        ]
        self.show_results(app.keyed("Notebook: {enter} goes there, {remove} forgets it"), rows)

    def _forget_mark(self, letter: str) -> None:
        app = self._app
        app.desk.notebook.marks.pop(letter, None)
        app.desk.notebook.save()
        if app.desk.notebook.marks:
            cursor = app.results.cursor
            self.list_marks()
            app.results.cursor = cursor
        else:
            app.close_pane()
        app.say(f"mark {letter} is forgotten")
        app.look_again()

    def list_history(self) -> None:
        history = self._app.desk.navigator.history
        self.show_results("History of jumps", [Result(self._place_text(event), event) for event in history.jumps])

    def _place_text(self, event: int) -> str:
        try:
            place = self._app.desk.place(event)
        except TttuiError:
            return ""
        return f"{short(place.file)}:{place.line} {place.function}"

    def diff(self, text: str) -> None:
        """What is different from a mark, or another event."""
        from tttui.navigation.diff import diff_frames

        app = self._app
        text = text.strip()
        if not text:
            return
        mark = app.desk.notebook.marks.get(text)
        if mark is not None:
            old = mark.event
        else:
            from tttui.shell.jumping import event_of

            old = event_of(app.desk.session, text)
        new = app.desk.navigator.position

        def find(run: Any, cancelled: Callable[[], bool]) -> Iterator[Result]:
            for frame in diff_frames(run, old, new):
                state = "" if frame.old_line and frame.new_line else "  (gone)" if frame.old_line else "  (new)"
                if frame.variables or state:
                    yield Result(f"{frame.function}{state}", style="name")
                for entry in frame.variables:
                    before = entry.old.text if entry.old is not None else "(nothing)"
                    after = entry.new.text if entry.new is not None else "(gone)"
                    yield Result(f"  {entry.path}: {before} → {after}" + ("  (another object)" if entry.identity else ""))

        self.gather(f"{old:,} and {new:,}", find, "nothing is different")
