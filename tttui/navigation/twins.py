"""The exact way back: a move that is taken back at once ends where it began, whatever event that was.

Between stops the moves' functions find the way back themselves. From an event that is no stop (one that was
jumped to), or from the middle of a call to its end, they can't: several ways lead there. So the way is kept: of
several moves in a row where the first began, and how many they are.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

_MOST: Final = 10_000
"""Rows of moves that can be taken back this way."""


@dataclass(slots=True)
class _Row:
    """Moves one after the other; between them are stops."""

    back: bool
    origin: int
    end: int
    count: int


class Twins:
    """The moves of one sort that were just made, forwards or back."""

    def __init__(self) -> None:
        self._sort = ""
        self._made: deque[_Row] = deque(maxlen=_MOST)

    def taken_back(self, sort: str, back: bool, position: int) -> int:
        """How many of the moves that were just made would be taken back by moves of a sort from a position, one after the other."""
        if sort != self._sort:
            self.forget()
            return 0
        row = self._made[-1] if self._made else None
        return 0 if row is None or row.back == back or row.end != position else row.count

    def origin(self) -> int:
        """Where the first of a row of moves began, of which all others were taken back; that is taken back now, too."""
        return self._made.pop().origin

    def shorten(self, count: int, end: int) -> None:
        """So many of a row were taken back, but not the first."""
        self._made[-1].count -= count
        self._made[-1].end = end

    def made(self, sort: str, back: bool, origin: int, end: int, count: int = 1) -> None:
        """Moves in a row were made."""
        if sort != self._sort:
            self.forget()
            self._sort = sort
        row = self._made[-1] if self._made else None
        if row is not None and row.back == back and row.end == origin:
            row.end = end
            row.count += count
        else:
            self._made.append(_Row(back, origin, end, count))

    def forget(self) -> None:
        self._made.clear()
        self._sort = ""
