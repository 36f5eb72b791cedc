"""Reads commands, from options, a script or a person, and carries them out."""

import sys
from collections.abc import Iterable, Sequence

from tttui.errors import TttuiError
from tttui.shell.answers import FAILED, FOUND
from tttui.shell.completion import Readline
from tttui.shell.lines import execute, failure, parse
from tttui.shell.printing import Printer
from tttui.shell.session import Session


def run_commands(session: Session, lines: Iterable[str], printer: Printer) -> tuple[int, bool]:
    """Carry out lines without anybody at the keyboard; the first mistake ends it.

    Gives the exit code, and whether it was told to quit.
    """
    status = FOUND
    for line in lines:
        answer = execute(session, line)
        if answer is None:
            continue
        status = printer.show(answer)
        if answer.quit:
            return status, True
        if status == FAILED:
            break
    return status, False


def converse(session: Session, printer: Printer) -> int:
    """Carry out what a person types; a mistake is told, and the next command asked for."""
    readline = Readline(session)
    again = ""
    try:
        while True:
            session.say_where()
            try:
                line = input(f"({session.navigator.position:,}) ")
            except EOFError:
                sys.stdout.write("\n")
                return FOUND
            except KeyboardInterrupt:
                sys.stdout.write("\n")
                continue
            line = line if line.strip() else again
            again = line if _repeats(line) else ""
            try:
                if session.run.meta.get("state") == "recording":
                    session.run.refresh()  # the program goes on while we look
                answer = execute(session, line)
                if answer is None:
                    continue
                printer.show(answer)
            except KeyboardInterrupt:
                more = session.interrupted()
                sys.stdout.write(f"interrupted{more and f': {more}'}\n")
                continue
            except TttuiError as error:
                printer.show(failure(line, error))
                continue
            if answer.quit:
                return FOUND
    finally:
        readline.save()


def _repeats(line: str) -> bool:
    try:
        parsed = parse(line)
    except TttuiError:
        return False
    return parsed is not None and parsed[0].repeats


def run_shell(session: Session, commands: Sequence[str], *, json: bool, interactive: bool) -> int:
    """The shell: `commands` first, then, without any or where wanted, standard input. Gives the exit code."""
    printer = Printer(json=json)
    session.wants_json = json
    try:
        status, finished = run_commands(session, commands, printer)
        if finished or (commands and not interactive):
            return status
        if sys.stdin.isatty():
            printer.show_start(session)
            return converse(session, printer)
        return run_commands(session, sys.stdin, printer)[0]
    finally:
        session.close()
