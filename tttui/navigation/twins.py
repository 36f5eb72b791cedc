"""The exact way back: a move that is taken back at once ends where it began, whatever event that was.

Between stops the moves' functions find the way back themselves. From an event that is no stop (one that was
jumped to), or from the middle of a call to its end, they can't: several ways lead there. So the way is kept.
"""

from collections import deque
from typing import Final

_LONGEST: Final = 10_000
"""Moves that can be taken back this way."""


class Twins:
    """The moves of one sort that were just made, forwards or back."""

    def __init__(self) -> None:
        self._sort = ""
        self._made: deque[tuple[bool, int, int]] = deque(maxlen=_LONGEST)
        """(back, where it began, where it ended)"""

    def origin(self, sort: str, back: bool, position: int) -> int | None:
        """Where the move began that a move of a sort from a position takes back; None where it is another one's end."""
        if sort != self._sort:
            self.forget()
            return None
        if not self._made or self._made[-1][0] == back or self._made[-1][2] != position:
            return None
        return self._made.pop()[1]

    def made(self, sort: str, back: bool, origin: int, end: int) -> None:
        if sort != self._sort:
            self.forget()
            self._sort = sort
        self._made.append((back, origin, end))

    def forget(self) -> None:
        self._made.clear()
        self._sort = ""
