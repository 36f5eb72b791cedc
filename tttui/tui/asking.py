"""What is typed: the prompts of all questions, and the command line."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from tttui.tui import moments
from tttui.tui.asking_lines import AskingLines
from tttui.tui.asking_values import AskingValues
from tttui.tui.finding import Finding
from tttui.tui.panes.results import MOST, Result
from tttui.tui.prompt import Question
from tttui.tui.remembering import Remembering

_BARE_TRACEBACK: Final = 3
"""Lines of a traceback that leads nowhere but to what was typed."""


class Asking(AskingValues, AskingLines, Remembering, Finding):
    """The part of `Debugger` that answers questions."""

    # -- prompts

    def ask(self, sort: str) -> None:
        """Open the prompt for a sort of question."""
        app = self._app
        if sort == "print_all" and not app.source.file_path:
            app.say("there is no line here that could have run")
            return
        selected = self.selected_expression()

        def of_expression(sign: str, answer: Callable[[str], None]) -> Question:
            return Question(
                sign, answer, initial=selected, replaced=True, sort="expression", completes=lambda text: self._ends(f"p {text}")
            )

        questions: dict[str, Callable[[], Question]] = {
            "command": lambda: Question(":", self.command, sort="command", completes=self._ends),
            "search": self._search_question,
            "print": lambda: of_expression("print", self.print_here),
            "print_all": lambda: of_expression(f"print at every run of line {app.source.cursor_line}", self.print_all),
            "watch": lambda: of_expression("watch", self.add_watch),
            "diff": lambda: Question(
                "diff with mark, event or place", self.diff, initial=next(iter(app.desk.notebook.marks), ""), replaced=True, sort="diff"
            ),
            "first_true": lambda: of_expression("first true", self.go_to_first_true),
            "turns": lambda: of_expression("when true", self.turns_of),
            "palette": self._palette_question,
        }
        self.open_prompt(questions[sort]())

    def _ends(self, text: str) -> Sequence[str]:
        """What the last word of a command could become."""
        from tttui.shell.completion import complete

        return complete(self._app.desk.session, text)

    # -- commands

    def command(self, text: str) -> None:
        """A line as `tttui shell` takes it; a place alone goes there."""
        app = self._app
        text = text.strip()
        if not text:
            return
        if text in ("q", "quit", "exit"):
            app.quit()
            return
        word, _, rest = text.partition(" ")
        if word == "theme" and rest:
            app.try_theme(rest.strip())
            return
        if _is_place(text):
            self._go_to_place(text)
            return
        from tttui.shell.whatif import lets_out

        if lets_out(text):
            self.open_prompt(
                Question(
                    "files, network and terminal will really be used: yes to go on",
                    lambda said: self._carry_out(text, aside=True) if said.strip().lower() in ("y", "yes") else app.say("nothing was done"),
                    sort="yes",
                )
            )
            return
        self._carry_out(text)

    def _carry_out(self, text: str, *, aside: bool = False) -> None:
        """A command of the shell; `aside`: the terminal is the program's meanwhile."""
        app = self._app
        from tttui.shell.lines import execute

        before = app.desk.navigator.position
        if aside:
            with app.suspend():
                answer = execute(app.desk.session, text)
                sys.stdout.write("\ntttui: the program has ended there; Enter goes back ")
                sys.stdout.flush()
                sys.stdin.readline()
            app.redraw()
        else:
            answer = app.interruptible(lambda: execute(app.desk.session, text))
        if answer is None:
            return
        if answer.quit:
            app.quit()
            return
        stop = answer.json.get("stop")
        if "traceback" in answer.json:
            self._tell_what_was_raised(text, str(answer.json["error"]), [part.plain for part in answer.texts])
        elif "error" in answer.json:
            app.status.say("; ".join(part.plain.strip() for part in answer.texts), problem=True)
        elif isinstance(stop, dict):
            app.say(str(stop.get("message", "")))
        else:
            rows = [Result(part.plain, wraps=True) for part in answer.texts]
            for row in islice(answer.rows or (), MOST):
                event = row.json.get("event") if isinstance(row.json, dict) else None
                rows.append(Result(row.text.plain, event if isinstance(event, int) else None))
            is_universe = "recording" in answer.json
            if is_universe:
                rows += self._of_another_universe(answer.json)
            self.answer(f":{text}", rows or [Result(answer.nothing or "done")])
            if is_universe:
                app.say(f"another universe: {answer.json['ended']} · {app.key_for('universes')} lists it")
        if app.desk.navigator.position == before:
            app.stops.changed()
        app.look_again()

    def _tell_what_was_raised(self, text: str, error: str, lines: Sequence[str]) -> None:
        """The exception in one line; and in rows where it came from and what was printed, where that tells more."""
        if len(lines) > _BARE_TRACEBACK:
            self.show_results(f":{text}", [Result(line, wraps=True) for line in lines])
        self._app.status.say(error, problem=True)

    def _of_another_universe(self, json: Mapping[str, Any]) -> Iterator[Result]:
        """The row that opens another universe that was just recorded; it is among the others from now on."""
        app = self._app
        path = str(json["recording"])
        app.desk.notebook.universes.append(path)
        app.desk.notebook.save()
        moments.look(app)
        event = min(app.desk.navigator.position, max(int(json["events"]) - 1, 0))
        yield Result(app.keyed("{enter} opens it here"), action=lambda: app.go_on_with(Path(path), event), style="muted")

    def _go_to_place(self, text: str) -> None:
        app = self._app
        if ":" in text:
            file, _, line = text.rpartition(":")
            app.move(lambda navigator: navigator.line(file, int(line)))
            return
        from tttui.shell.jumping import event_of

        event = event_of(app.desk.session, text)
        app.move(lambda navigator: navigator.goto(event))

    # -- the editor

    def edit(self) -> None:
        """Open the cursor line in the user's editor, the viewer stepping aside."""
        app = self._app
        path, line = app.source.file_path, app.source.cursor_line
        if not os.path.isfile(path):
            app.say("the file is not here any more: the recorded source is all there is")
            return
        editor = (os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi").split()
        try:
            with app.suspend():
                subprocess.run([*editor, f"+{line}", path], check=False)
        except OSError as error:
            app.status.say(f"{editor[0]} can't be started: {error.strerror}", problem=True)
        app.redraw()


def _is_place(text: str) -> bool:
    """``12345``, ``50%``, ``-100``, ``+100``, ``file.py:88``: a place, not a command."""
    digits = text.lstrip("+-").rstrip("%").replace(",", "").replace(".", "", 1)
    if digits.isascii() and digits.isdigit():
        return True
    file, colon, line = text.rpartition(":")
    return bool(colon and file and line.isdigit() and " " not in text)
