"""The plain mode: the same application and the same keys, but what happens is said in lines of text. For screen readers."""

import os
from typing import Any, Final

from tttui.safe import safe
from tttui.tui.app import Debugger
from tttui.tui.interrupting import AttentiveDriver
from tttui.tui.spare import FIRST

_SIZE: Final = (240, 60)
"""Of the screen that nobody sees: its rows are read out, so they had better not be cut."""
_LONGEST: Final = 400


class _Silent(AttentiveDriver):
    """Reads keys, and sends nothing."""

    def write(self, data: str) -> None:
        pass


class Spoken(Debugger):
    """A viewer that says what its panes would show."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        # As large as that whatever the terminal is: Textual and Rich both ask the environment first.
        os.environ["COLUMNS"], os.environ["LINES"] = map(str, _SIZE)
        super().__init__(*arguments, **options)
        self.driver_class = _Silent
        self._said: dict[str, str] = {}
        self._waiting = False
        self._typed = ""
        self._prompting = False
        self.prompt.echo = self._echo
        self.results.wraps = False

    # -- what there is to say

    def on_mount(self) -> None:
        # Textual calls that of the base class, too.
        self._write(f"tttui {self.desk.run.path.name}, {self.desk.run.events:,} events, {self.state_of_recording()}. ? is help, q quits.")

    def paint(self, budget: float = FIRST) -> None:
        super().paint(budget)
        self._soon()

    def say(self, text: str) -> None:
        super().say(text)
        self._said.pop("status", None)  # said again, it is a new answer
        self._soon()

    def tell_of_waiting(self, seconds: int) -> None:
        if seconds == 1:
            self._write("this takes long: any other key ends it")

    def perform(self, name: str) -> None:
        super().perform(name)
        self._soon()

    def _soon(self) -> None:
        if not self._waiting and self.is_running:
            self._waiting = True
            self.call_later(self._describe)

    def _describe(self) -> None:
        """Say what is other than when something was said last."""
        self._waiting = False
        for sort, text in (("place", self._place()), ("status", self.status.text), ("pane", self._title()), ("row", self._row())):
            if sort == "row" and self.is_behind:
                break  # it may become another one: it is said once
            if text and self._said.get(sort) != text:
                self._write(text)
            self._said[sort] = text

    def _title(self) -> str:
        return self.results.heading if self.active is self.results else self.active.TITLE

    def _place(self) -> str:
        view = self.desk.view
        frame = view.frame
        if frame is None:
            return "no event"
        source = self.desk.sources.file(frame.code.file).line(frame.line).strip()
        changed = [
            f"{name} {'was ' + was.value.text + ', ' if was.value is not None else ''}is {frame.locals[name].text}"
            if name in frame.locals
            else f"{name} is {'not set yet' if view.backwards else 'gone'}"
            for name, was in view.changed.items()
        ]
        kind = view.moment.kind if view.moment is not None and view.moment.kind != "line" else ""
        return "; ".join(part for part in (f"step {view.position:,}", view.place, kind, source, *changed) if part)

    def _row(self) -> str:
        """The selected row of the active pane, once it was gone to."""
        pane = self.active
        if pane is self.source or pane is self.timeline or not pane.count():
            return f"line {self.source.cursor_line}: {self.source.cursor_text}" if pane is self.source and self._off_the_line() else ""
        row = pane.row(min(pane.cursor, pane.count() - 1), _SIZE[0]).strip(_SIZE[0], self.desk.theme["text"]).text
        return " ".join(row.split())

    def _off_the_line(self) -> bool:
        frame = self.desk.view.frame
        return frame is not None and bool(self.source.file_path) and self.source.cursor_line != frame.line

    # -- the prompt

    def open_prompt(self, question: Any) -> None:
        super().open_prompt(question)
        self._typed = self.prompt.value
        self._prompting = True
        os.write(1, safe(f"{question.sign.rstrip(':')}: {self._typed}").encode())

    def _echo(self, text: str) -> None:
        """What is typed is shown, as a terminal would."""
        if self.prompt.question is None:
            return
        before, self._typed = self._typed, text
        if self._typed.startswith(before):
            os.write(1, safe(self._typed[len(before) :]).encode())
        elif before.startswith(self._typed):
            os.write(1, b"\b \b" * (len(before) - len(self._typed)))
        else:
            os.write(1, b"\n" + safe(self._typed).encode())

    def on_prompt_closed(self, event: Any) -> None:
        event.prevent_default()
        self._end_prompt()
        super().on_prompt_closed(event)

    def _end_prompt(self) -> None:
        if self._prompting:
            self._prompting = False
            os.write(1, b"\n")

    def _write(self, text: str) -> None:
        self._end_prompt()
        os.write(1, f"{safe(text)[:_LONGEST]}\n".encode("utf-8", "replace"))
