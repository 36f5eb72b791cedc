"""One line of input: a count, a command, its arguments. And carrying it out."""

import re
from typing import TYPE_CHECKING, Final

from rich.text import Text

from tttui.errors import TttuiError
from tttui.safe import safe
from tttui.shell.answers import FAILED, Answer, error_json
from tttui.shell.arguments import LARGEST_COUNT, UsageError
from tttui.shell.table import Command, Request, find

if TYPE_CHECKING:
    from tttui.shell.session import Session

# Letters and hyphens make a command; what follows it may stand right behind ("p[0]" is no command, "p x" is).
_LINE: Final = re.compile(r"(?:(?P<count>\d[\d,]*)\s+)?(?P<command>[A-Za-z?][A-Za-z-]*)(?:\s+(?P<arguments>.*))?", re.DOTALL)
_PINNED: Final = re.compile(r"\$\w")


def parse(line: str) -> tuple[Command, Request] | None:
    """The command of a line, and what it is asked; None for an empty line or a comment. Raises `UsageError`."""
    text = line.strip()
    if not text or text.startswith("#"):
        return None
    if _PINNED.match(text):
        return find("print"), Request(text)
    match = _LINE.fullmatch(text)
    if match is None:
        raise UsageError("this is no command", text, "help lists the commands; p EXPRESSION prints a value")
    count = match["count"]
    repeat = None if count is None else min(int(count.replace(",", "")[:18]), LARGEST_COUNT)
    entry = find(match["command"])
    if repeat is not None and not entry.repeats and entry.name != "ignore":
        raise UsageError(f"{entry.name} takes no count", text)
    return entry, Request(match["arguments"] or "", repeat)


def execute(session: "Session", line: str) -> Answer | None:
    """Carry out a line; None where there is nothing to do. A mistake, and what can't be answered, is an answer too."""
    try:
        parsed = parse(line)
        if parsed is None:
            return None
        entry, request = parsed
        answer = entry.run(session, request)
        answer.json = {"command": line.strip(), **answer.json}
        return answer
    except TttuiError as error:
        return failure(line, error)


def failure(line: str, error: TttuiError) -> Answer:
    """The answer where a command failed."""
    return Answer({"command": line.strip(), **error_json(error)}, _error_texts(error), status=FAILED)


def _error_texts(error: TttuiError) -> list[Text]:
    text = Text(safe(error.title), "bold red")
    if error.what:
        text.append(f": {safe(error.what)}", "not bold")
    return [text, Text(f"  {safe(error.hint)}", "dim")] if error.hint else [text]
