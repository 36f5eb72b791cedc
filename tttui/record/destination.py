"""Where a recording goes."""

import os
import sqlite3
from pathlib import Path

from tttui import paths
from tttui.errors import TttuiError
from tttui.record import database, recovery


def new_recording(output: str | None, title: str) -> Path:
    """The path of a new recording: `output`, or a name made of the date and `title` among the user's recordings.

    Nothing is there when this returns. TttuiError where nothing can be.
    """
    if output is not None:
        try:
            path = Path(os.path.abspath(output))
        except OSError as error:
            raise TttuiError(f"can't write {output}", f"the working directory: {error.strerror}") from None
        _make_room(path)
        return path
    directory = paths.recordings_directory()
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise TttuiError(f"can't write {directory}", error.strerror or "", "Name a file with -o FILE.") from None
    path = first = directory / paths.recording_name(title)
    number = 1
    while path.exists():
        number += 1
        path = first.with_stem(f"{first.stem}-{number}")
    return path


def _make_room(path: Path) -> None:
    """An older recording of the same name is replaced; anything else of that name stays, and is an error."""
    if not os.path.lexists(path):
        return
    if path.is_symlink() or not path.is_file() or not (database.is_recording(path) or not path.stat().st_size):
        raise TttuiError(f"{path} is there already", "and it is not a recording", "Choose another name.")
    try:
        recovery.recover(path)
        live = bool(path.stat().st_size) and database.read_facts(path).get("state") == "recording"
    except (OSError, ValueError, sqlite3.Error):
        live = False
    if live:
        raise TttuiError(f"{path} is being recorded right now", hint="Choose another name.")
    database.remove(path)
