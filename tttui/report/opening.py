"""Opening the recording that a command is about: found, and finished first where a kill left it unfinished."""

import sqlite3
from pathlib import Path

from tttui.errors import say
from tttui.record import recovery
from tttui.report.listing import find
from tttui.store.run import Run


def unfinished(path: Path) -> tuple[bool, Path | None]:
    """(whether a recording is not finished, the ring that it names). TttuiError where it can't be read."""
    with Run.open(path) as opened:
        return opened.meta.get("state") == "recording", recovery.ring_of(opened.meta)


def open_run(run: str | Path | None) -> Run:
    """The recording that RUN names (None: the newest). TttuiError where it can't be read.

    One that nobody writes any more is finished: what its ring still holds is added, and its index rebuilt.
    Where it can't be written (another owner's, a read-only disk), what is in the file is read as it is.
    """
    path = find(run)
    opened = Run.open(path)  # first of all this looks at what the file is: a stranger's database is not written to
    if opened.meta.get("state") != "recording":
        return opened
    opened.close()
    try:
        recovery.recover(path)
    except (OSError, ValueError, sqlite3.Error) as error:
        say(f"{path} can't be finished now, so its last events may be missing: {error}")
    return Run.open(path)
