"""`Run`: a recording, opened for reading.

A recording is data from elsewhere: it may be cut short, damaged or hostile. So the connection is read-only
and trusts nothing of the file's schema, every row is checked for its types, no blob is decompressed beyond
its announced and bounded size, and every failure is a `TttuiError` that says so in one line.

Each layer is in a file of its own: rows, chunks of the event stream, what ids stand for, what went in and out, moments.
"""

from pathlib import Path
from typing import Self

from tttui.store.moments import Moments


class Run(Moments):
    """One recording. Close it, or use it in a `with` block. Not for several threads at the same time."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        try:
            self.refresh()
        except BaseException:
            self.close()
            raise

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a recording; TttuiError where it isn't one, is newer than this tttui, or is damaged."""
        return cls(Path(path))
