"""Where a recording goes."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tttui import paths
from tttui.errors import TttuiError
from tttui.record import database, recovery

_LOCK_SECONDS: Final = 10.0


@contextmanager
def new_recording(output: str | None, title: str) -> Iterator[Path]:
    """The path of a new recording: `output`, or a name made of the date and `title` among the user's recordings.

    Nothing is there, and while this holds no other recording of ours comes there: make the file before it ends.
    TttuiError where nothing can be.
    """
    if output is not None:
        try:
            path = Path(os.path.abspath(output))
        except OSError as error:
            raise TttuiError(f"can't write {output}", f"the working directory: {error.strerror}") from None
        with _alone_in(path.parent):
            _make_room(path)
            yield path
        return
    directory = paths.recordings_directory()
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise TttuiError(f"can't write {directory}", error.strerror or "", "Name a file with -o FILE.") from None
    with _alone_in(directory):
        path = first = directory / paths.recording_name(title)
        number = 1
        while path.exists():
            number += 1
            path = first.with_stem(f"{first.stem}-{number}")
        yield path


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Hold the lock of a directory, where it can be had in reasonable time.

    Two recordings that are started at one moment would else look before either has made its file, and one of them
    replace the other's.
    """
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        yield  # making the file will say what is wrong
        return
    try:
        give_up = time.monotonic() + _LOCK_SECONDS
        while time.monotonic() < give_up:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.01)
            except OSError:
                break  # a file system without locks
        yield
    finally:
        os.close(descriptor)


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
