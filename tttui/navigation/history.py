"""Where we have been: jumps as in a browser, and single moves to undo."""

from collections import deque
from typing import Final

_MOST: Final = 1_000


class History:
    """Positions. A *jump* is a move to somewhere else altogether; small moves belong to the place they set out from."""

    def __init__(self, position: int) -> None:
        self._jumps = [position]
        self._at = 0
        self._moves: deque[int] = deque(maxlen=_MOST)

    @property
    def jumps(self) -> tuple[int, ...]:
        """The positions between which one jumped, the earliest first."""
        return tuple(self._jumps)

    @property
    def at(self) -> int:
        """Which of `jumps` we are at, or went on from."""
        return self._at

    def moved(self, origin: int, position: int, *, jump: bool) -> None:
        """Keep a move from `origin`."""
        self._moves.append(origin)
        if not jump:
            return
        self._jumps[self._at] = origin
        del self._jumps[self._at + 1 :]
        self._jumps.append(position)
        if len(self._jumps) > _MOST:
            del self._jumps[0]
        self._at = len(self._jumps) - 1

    def backward(self, position: int) -> int | None:
        """The place before the last jump; `position` is where we are now. None: there was no jump."""
        return self._turn(position, -1)

    def forward(self, position: int) -> int | None:
        """The place that `backward` came from; None: it has nothing to go forward to."""
        return self._turn(position, 1)

    def _turn(self, position: int, direction: int) -> int | None:
        if not 0 <= self._at + direction < len(self._jumps):
            return None
        self._jumps[self._at] = position
        self._at += direction
        self._moves.append(position)
        return self._jumps[self._at]

    def undo(self) -> int | None:
        """Where the last move began, of whatever kind; None: there was none."""
        return self._moves.pop() if self._moves else None
