"""What the questions have in common: which value is meant, and how long its text may be in a table."""

from typing import TYPE_CHECKING, Final

from tttui.shell.arguments import UsageError

if TYPE_CHECKING:
    from tttui.store.records import Value

LONGEST: Final = 200
"""Characters of a value in a table."""


def meant(arguments: str) -> str:
    """What a question is about; raises `UsageError` where it is about nothing."""
    text = arguments.strip()
    if not text:
        raise UsageError("of what?", hint="a variable, an attribute or an item: x, account.balance, table['k']")
    return text


def short_text(value: "Value") -> str:
    """A value's text, cut for a table."""
    return value.text if len(value.text) <= LONGEST else value.text[: LONGEST - 1] + "…"
