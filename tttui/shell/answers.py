"""What a command answers with: for a person, for a program, and as an exit code."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from tttui.safe import safe

if TYPE_CHECKING:
    from tttui.errors import TttuiError

FOUND: Final = 0
NOTHING: Final = 1
"""Exit code where the last command found nothing, or could not move."""
FAILED: Final = 2
"""Exit code of a mistake: an unknown command, an expression that is none."""


@dataclass(frozen=True, slots=True)
class Row:
    """One of the answers that come as they are found."""

    text: Text
    json: Any


@dataclass(slots=True)
class Answer:
    """One command's answer.

    `json` is the object that ``--json`` prints, `texts` what a person sees. `rows` come after both, and as they are
    found; in JSON they are an array called `rows_name`, and without any the command has found nothing.
    """

    json: dict[str, Any] = field(default_factory=dict)
    texts: Iterable[Text] = ()
    rows: Iterator[Row] | None = None
    rows_name: str = "rows"
    nothing: str = ""
    """What a person is told where there are no rows."""
    status: int = FOUND
    quit: bool = False


def said(text: str, *, found: bool = True, style: str = "", **json: Any) -> Answer:
    """An answer of one line; `json` are more fields of the object."""
    return Answer({"message": text, **json}, [Text(safe(text), style)], status=FOUND if found else NOTHING)


def nothing(text: str, **json: Any) -> Answer:
    """The answer of a command that found nothing."""
    return said(text, found=False, **json)


def error_json(error: "TttuiError") -> dict[str, Any]:
    """An error in the form of the JSON contract."""
    found = {"error": error.title}
    if error.what:
        found["detail"] = error.what
    if error.hint:
        found["hint"] = error.hint
    return found
