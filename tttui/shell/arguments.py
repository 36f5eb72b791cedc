"""Takes apart what is typed behind a command."""

import re
from dataclasses import dataclass
from typing import Final

from tttui.errors import TttuiError
from tttui.navigation.expressions import ExpressionError, compile_expression

_COUNT: Final = re.compile(r"\d[\d,_]*")
_PLACE: Final = re.compile(r"(?:(?P<file>.+?):)?(?P<line>\d+)")
_TIME: Final = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>ns|us|µs|ms|s|m)")
_NANOSECONDS: Final = {"ns": 1, "us": 1_000, "µs": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000}
LARGEST_COUNT: Final = 10**15


class UsageError(TttuiError):
    """A command was given what it doesn't take."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, or a function. `file` None: the current one."""

    file: str | None = None
    line: int | None = None
    function: str | None = None


def number(text: str, what: str = "a number") -> int:
    """A whole number, thousands separated or not; raises `UsageError`."""
    found = text.strip()
    if not _COUNT.fullmatch(found):
        raise UsageError(f"{what} is needed", text or "nothing was given")
    return min(int(found.replace(",", "").replace("_", "")), LARGEST_COUNT)


def count(text: str, repeat: int | None) -> int:
    """A repeat count: the one before the command, else the one behind it, else 1."""
    if not text.strip():
        return 1 if repeat is None else repeat
    if repeat is not None:
        raise UsageError("one count is enough", f"{repeat} and {text.strip()}")
    return number(text, "a repeat count")


def place(text: str) -> Place:
    """``LINE``, ``FILE:LINE`` or ``FUNCTION``."""
    found = text.strip()
    if not found:
        raise UsageError("a place is needed", hint="LINE, FILE:LINE or FUNCTION")
    if match := _PLACE.fullmatch(found):
        return Place(match["file"], int(match["line"][:18]))
    return Place(function=found.removesuffix("()"))


def split_word(text: str) -> tuple[str, str]:
    """(the first word, the rest)."""
    word, _, rest = text.strip().partition(" ")
    return word, rest.strip()


def split_clause(text: str, word: str) -> tuple[str, str]:
    """``LOCATION if CONDITION``: (location, condition); the word stands alone, outside of quotes."""
    for match in re.finditer(rf"(?:^|\s){word}\s", text):
        before = text[: match.start()]
        if before.count('"') % 2 == 0 and before.count("'") % 2 == 0:
            return before.strip(), text[match.end() :].strip()
    return text.strip(), ""


def split_condition(text: str) -> tuple[str, str]:
    """``EXPRESSION if CONDITION``: (expression, condition). An expression may have an ``if`` of its own: the last one at which
    there is an expression on either side of it counts.
    """
    for match in reversed(list(re.finditer(r"\sif\s", text))):
        expression, condition = text[: match.start()].strip(), text[match.end() :].strip()
        if is_expression(expression) and is_expression(condition):
            return expression, condition
    return text.strip(), ""


def is_expression(text: str) -> bool:
    """Whether a text is an expression that can be evaluated."""
    try:
        compile_expression(text)
    except ExpressionError:
        return False
    return True


def clauses(text: str, *, of_expression: bool = False) -> tuple[str, str, str]:
    """``LOCATION [if CONDITION] [log EXPRESSION]``: the three of them, empty where they aren't given; with `of_expression` an
    expression stands in the location's place.
    """
    rest, log = split_clause(text, "log")
    rest, condition = split_condition(rest) if of_expression else split_clause(rest, "if")
    return rest, condition, log


def nanoseconds(text: str) -> int | None:
    """``1.5s``, ``20ms``: nanoseconds; None where the text isn't a time."""
    match = _TIME.fullmatch(text.strip())
    return None if match is None else int(float(match["number"]) * _NANOSECONDS[match["unit"]])


@dataclass(frozen=True, slots=True)
class Options:
    """Single-letter options before the rest of a command's arguments."""

    letters: frozenset[str]
    rest: str


def options(text: str, allowed: str) -> Options:
    """``-r -i TEXT`` or ``-ri TEXT``; ``--`` ends them. Raises `UsageError` for others."""
    letters: set[str] = set()
    rest = text.strip()
    while rest.startswith("-"):
        word, behind = split_word(rest)
        if word == "--":
            rest = behind
            break
        if not word[1:] or not set(word[1:]) <= set(allowed):
            raise UsageError(f"there is no option {word}", hint=f"there are: {' '.join('-' + letter for letter in allowed)}")
        letters |= set(word[1:])
        rest = behind
    return Options(frozenset(letters), rest)
