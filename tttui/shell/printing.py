"""Writes answers: lines for a person, or one JSON object each."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from tttui.errors import TttuiError
from tttui.report.formats import json_text
from tttui.report.render import console
from tttui.safe import safe
from tttui.shell.answers import FAILED, NOTHING, Answer, Row, error_json

if TYPE_CHECKING:
    from rich.console import Console

    from tttui.shell.session import Session


class Printer:
    """Where answers go: standard output."""

    def __init__(self, *, json: bool) -> None:
        self._json = json
        self._console: Console = console()
        # Nothing has a style where nobody looks: a million rows are written in a tenth of the time then.
        self._plain = not self._console.is_terminal and self._console.color_system is None
        reconfigure = getattr(sys.stdout, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")

    def show(self, answer: Answer) -> int:
        """Write an answer, its rows as they are found; gives the exit code that it stands for."""
        try:
            status = self._write_json(answer) if self._json else self._write_texts(answer)
        finally:
            sys.stdout.flush()
        return status

    def show_start(self, session: "Session") -> None:
        """Say where we are before the first command; for a program there is nothing to say."""
        if not self._json:
            for text in session.here_texts():
                self._line(text)
            self._line(Text("help lists the commands", "dim"))

    def _write_texts(self, answer: Answer) -> int:
        rows = 0
        try:
            for text in answer.texts:
                self._line(text)
            for row in answer.rows or ():
                self._line(row.text)
                rows += 1
        except TttuiError as error:
            self._line(Text(safe(str(error)), "bold red"))
            return FAILED
        except KeyboardInterrupt:
            self._line(Text(f"stopped after {rows:,}", "yellow"))
            return answer.status
        if answer.rows is None:
            return answer.status
        if not rows and answer.nothing:
            self._line(Text(safe(answer.nothing), "yellow"))
        return answer.status if rows else NOTHING

    def _line(self, text: Text) -> None:
        if self._plain:
            sys.stdout.write(f"{text.plain}\n")
        else:
            # The terminal wraps by itself: nothing is cut, and nothing needs a cursor that moves.
            self._console.print(text, soft_wrap=True)

    def _write_json(self, answer: Answer) -> int:
        if not answer.json and answer.rows is None:
            return answer.status
        head = json_text(answer.json)
        if answer.rows is None:
            sys.stdout.write(head + "\n")
            return answer.status
        sys.stdout.write(f"{head[:-1]}{', ' if answer.json else ''}{json_text(answer.rows_name)}: [")
        rows, ending = 0, ""
        status = answer.status
        try:
            for piece in _pieces(answer.rows):
                sys.stdout.write(piece)
                rows += 1
        except TttuiError as error:
            ending, status = f", {json_text(error_json(error))[1:-1]}", FAILED
        except KeyboardInterrupt:
            ending = ', "interrupted": true'
        sys.stdout.write(f"]{ending}}}\n")
        return status if rows or status == FAILED else NOTHING


def _pieces(rows: Iterator[Row]) -> Iterator[str]:
    separator = ""
    for row in rows:
        yield separator + json_text(row.json)
        separator = ", "
