"""`Recording`: records a part of the program that it is used in."""

import atexit
import functools
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, ParamSpec, Self, TypeVar

from tttui import config
from tttui.errors import OWN_FAILURE, TttuiError
from tttui.record import database, recovery, rings
from tttui.record.destination import new_recording
from tttui.record.start import first_facts, spawn_writer
from tttui.record.startup import library_prefixes

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")

_FINISH_SECONDS: Final = 600.0
_starting: Final = threading.Lock()
_recorded_process = 0  # the process that makes a recording: one that it forks doesn't


class Recording:
    """A recording of a part of this program; see `tttui.record`.

    One program can make one recording at a time. Each start makes a new file; a child process that the program
    forks isn't recorded.
    """

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self._ring: Path | None = None
        self._pid = 0
        self.path: Path | None = None
        """The file of the last recording that was started."""

    def start(self) -> None:
        """Begin to record. `TttuiError` where that isn't possible: then nothing has changed."""
        global _recorded_process
        with _starting:
            if _recorded_process == os.getpid():
                raise TttuiError("this program is being recorded already")
            settings = config.load(self._given)
            with new_recording(settings.output, os.path.basename(sys.argv[0] if sys.argv else "")) as path:
                ring = _make_files(path, settings)
            try:
                _start_detached_writer(ring, path)
                self._switch_on(ring)
            except BaseException as error:
                rings.remove(ring)
                database.remove(path)
                if isinstance(error, (OSError, RuntimeError, ImportError, ValueError)):
                    raise TttuiError("recording could not be started", str(error), exit_code=OWN_FAILURE) from None
                raise
            self.path, self._ring, self._pid = path, ring, os.getpid()
            _recorded_process = self._pid
        atexit.register(self.stop)

    def _switch_on(self, ring: Path) -> None:
        from tttui.native import recorder

        recorder.start(str(ring), library_prefixes())

    def stop(self) -> None:
        """End the recording and wait until its file is complete. Does nothing where none was started here."""
        global _recorded_process
        ring, self._ring = self._ring, None
        if ring is None or self._pid != os.getpid():
            return
        from tttui.native import recorder

        recorder.stop()
        atexit.unregister(self.stop)
        _recorded_process = 0
        give_up = time.monotonic() + _FINISH_SECONDS
        pause = 0.002
        while time.monotonic() < give_up and _has_a_writer(ring):
            time.sleep(pause)
            pause = min(2 * pause, 0.05)
        if ring.exists():
            _finish(self.path)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.stop()

    def __call__(self, function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
        """Record each call of a function, into a file each (into the same one, if `path` was given)."""

        @functools.wraps(function)
        def recorded(*arguments: _Parameters.args, **keywords: _Parameters.kwargs) -> _Result:
            with Recording(self._given):
                return function(*arguments, **keywords)

        return recorded


def _make_files(path: Path, settings: config.Settings) -> Path:
    try:
        ring = rings.create(path, settings.for_recorder())
    except OSError as error:
        raise TttuiError("there is no room for the ring", error.strerror or str(error)) from None
    try:
        database.create(path, first_facts(sys.orig_argv, sys.executable, settings, ring))
    except BaseException:
        rings.remove(ring)
        raise
    return ring


def _start_detached_writer(ring: Path, path: Path) -> None:
    """Start a writer that is no child of this program.

    A first process starts the writer and ends at once; it is waited for here, so that nothing is left that the
    program could wait for. OSError where the writer doesn't come.
    """
    starter = spawn_writer(ring, path, "--program", str(os.getpid()), "--detach", "1")
    _, status = os.waitpid(starter, 0)
    if status:
        raise OSError(f"the writer could not be started: {rings.last_words(ring)}")


def _has_a_writer(ring: Path) -> bool:
    try:
        lock = rings.lock(ring)
    except OSError:
        return False
    if lock is not None:
        os.close(lock)
    return lock is None


def _finish(path: Path | None) -> None:
    """The writer has died: do its work. What can't be done now is done when the recording is opened."""
    try:
        if path is not None:
            recovery.recover(path)
    except (OSError, ValueError, sqlite3.Error):
        pass
