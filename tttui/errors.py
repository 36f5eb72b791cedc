"""The one exception that reaches a user, and plain messages."""

import sys
from typing import Final

USAGE: Final = 2
"""Exit code: a mistake on the command line, or a file that can't be read."""
OWN_FAILURE: Final = 125
"""Exit code: tttui itself failed."""
CANNOT_EXECUTE: Final = 126
"""Exit code: the interpreter is there but can't be executed."""
NOT_FOUND: Final = 127
"""Exit code: there is no such interpreter."""


class TttuiError(Exception):
    """Something that the user should know, and can do something about.

    `title` says what is wrong in one line, `what` adds detail, `hint` says what to do, and `exit_code`
    is what the command ends with.
    """

    def __init__(self, title: str, what: str = "", hint: str = "", exit_code: int = USAGE) -> None:
        super().__init__(title)
        self.title = title
        self.what = what
        self.hint = hint
        self.exit_code = exit_code

    def __str__(self) -> str:
        text = f"{self.title}: {self.what}" if self.what else self.title
        return f"{text}. {self.hint}" if self.hint else text


def say(message: str) -> None:
    """Print one line of ours on stderr; a stderr that is closed or full is no reason to fail.

    Plain text, and `rich` is not loaded for it: the process that launches a recording stays light.
    """
    from tttui.safe import safe

    if sys.stderr is None:
        return
    try:
        sys.stderr.write(f"tttui: {safe(message)}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass
