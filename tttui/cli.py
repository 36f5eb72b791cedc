"""The `tttui` command: thin, and quick to start. A recording begins at once; for all other commands click is loaded."""

import os
import sys
from typing import Final

from tttui.errors import OWN_FAILURE, TttuiError, say

VIEWS: Final = {
    "info": "What a recording holds, and how the program ended.",
    "list": "The recordings there are, newest first.",
    "open": "Look at a recording in the terminal.",
    "query": "Read-only SQL over a recording.",
    "replay": "Run a recorded program again, to have its checkpoints.",
    "shell": "Look around in a recording by typing commands.",
    "show": "The stack and the variables at one moment.",
    "themes": "The themes of the viewer.",
}
"""The commands beside `record`, each with the line of help that stands in the list, so that --help loads none of them."""
_RECORD: Final = "record"
_ASKING: Final = {"--help", "-h", "--version"}


def _to_record(arguments: list[str]) -> tuple[list[str], bool] | None:
    """What is to be recorded, and whether it is to be looked at then: what is no command is a program. None where it is a command."""
    if not arguments or arguments[0] in _ASKING or arguments[0] in VIEWS:
        return None
    if arguments[0] != _RECORD:
        return arguments, True
    return None if arguments[1:2] and arguments[1] in _ASKING - {"--version"} else (arguments[1:], False)


def _run() -> int:
    program = _to_record(sys.argv[1:])
    if program is None:
        from tttui import cli_group

        return cli_group.run()
    from tttui import cli_record
    from tttui.record.options import parse

    arguments, look = program
    return cli_record.record(parse(arguments), look=look)


def _show_error(error: TttuiError) -> None:
    from tttui.console import report

    report(error)


def main() -> int:
    """The `tttui` command: an exit code; no traceback reaches a user."""
    try:
        return _run()
    except TttuiError as error:
        _show_error(error)
        return error.exit_code
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing more must be written to it, not even at exit.
        sys.stdout = None
        return 141
    except Exception as error:
        _show_error(TttuiError("tttui failed", f"{type(error).__name__}: {error}", "Set TTTUI_TRACEBACK=1 to see where.", OWN_FAILURE))
        return _own_failure()


def _own_failure() -> int:
    import traceback

    if os.environ.get("TTTUI_TRACEBACK"):
        traceback.print_exc()
    return OWN_FAILURE
