"""`Room`: disk that a recording holds for its own end, so that it can be finished when the disk is full.

It is held behind the end of SQLite's log (fallocate with FALLOC_FL_KEEP_SIZE), through which all changes go: nobody else
can take it, SQLite finds it when the log grows, and the log doesn't look longer than it is.
"""

import errno
import os
from pathlib import Path
from typing import Final

from tttui.native import reader

_MOST: Final = 4 << 20
_LEAST: Final = 128 << 10
_HEADER: Final = 32
_FRAME: Final = 24
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def free_in(directory: Path) -> int | None:
    """Bytes that are free on a disk; None where that can't be told."""
    try:
        found = os.statvfs(directory)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize


class Room:
    """Room for the end of one recording, which has a log."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = f"{path}-wal"
        free = free_in(path.parent)
        self._size = _MOST if free is None else min(_MOST, free // 8)
        self._until = 0

    def keep(self, size: int = 0, coming: int = 0) -> bool:
        """Have room behind what is in the log by now; False where the disk is too full for that.

        `size`: bytes of the recording with what is in the log, for which there must be room outside of it, too; and there
        must be room in both for so many bytes of the stream that are coming.
        """
        try:
            used = os.stat(self._log).st_size
            pending = max(0, size - os.stat(self._path).st_size)
            # Rows, and the pages of which they fill a part.
            rows = coming and 2 * coming + _LEAST
            # Once what is in the log has been moved, the log begins anew.
            needed = self._size + pending + rows + (rows if pending else max(0, rows - used))
            if used + needed <= self._until:
                return True
            # The log has no locks that closing a descriptor could let go of.
            descriptor = os.open(self._log, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                reader.keep_room(descriptor, used, needed)
            finally:
                os.close(descriptor)
        except OSError as error:
            # Some kinds of file systems can't keep any.
            return error.errno not in _FULL
        self._until = used + needed
        return True

    def give_some(self) -> None:
        """Let go of all but what the facts about the end take in the log, for the recording to grow by what is in it."""
        self._size = min(self._size, _LEAST)
        self._cut(-1)
        self.keep()

    def give_back(self) -> None:
        """Let go of all of it, and of what was in the log before: the end is in it, and needs room in the recording now."""
        self._cut(_frames_end(self._log))

    def _cut(self, size: int) -> None:
        """Make the log no longer than this (below 0: than it is), and give back all that is allocated behind."""
        self._until = 0
        try:
            there = os.stat(self._log).st_size
            os.truncate(self._log, there if size < 0 else min(there, size))
        except OSError:
            pass


def _frames_end(log: str) -> int:
    """Where the frames of a log end that are of its present round (https://sqlite.org/walformat.html); -1 where that can't be told.

    Behind them stand those of earlier rounds, which nobody reads.
    """
    try:
        with open(log, "rb") as file:
            header = file.read(_HEADER)
            page = int.from_bytes(header[8:12], "big")
            end = _HEADER
            while len(frame := file.read(_FRAME)) == _FRAME and frame[8:16] == header[16:24]:
                end = file.seek(page, os.SEEK_CUR)
    except OSError:
        return -1
    return end if page else -1
