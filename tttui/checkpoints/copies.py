"""The paused copies as their keeper knows them, and which of them is missed least."""

import socket
from collections.abc import Sequence
from typing import Any, Final

from tttui.checkpoints import protocol

_SECONDS_OF_EVENT: Final = 0.5e-6
"""What running through one takes, where nothing is known of it."""
_LEAST_MEMORY: Final = 1 << 20
"""What a copy takes at least, whatever of it is shared."""


class Copy:
    """A paused copy, at an event of the program."""  # not a dataclass: the launcher knows of it, and those take long to load

    def __init__(
        self, pid: int, event: int, position: int, inputs: int, fork_ns: int, flags: int, remarks: tuple[str, ...],
        connection: socket.socket,
    ) -> None:  # fmt: skip
        self.pid = pid
        self.event = event
        self.position = position
        self.inputs = inputs
        self.fork_ns = fork_ns
        self.flags = flags
        self.remarks = remarks
        self.connection = connection
        self.memory = 0
        """Its proportional set size in bytes, when last measured."""
        self.own = 0
        """What of it nobody shares."""
        self.estimate = 0
        """What its memory is taken for until it is measured; 0 where nothing is known."""
        self.width: float | None = None
        """Seconds of processor time from the copy before this one to it, where they were measured."""
        self.asked = False
        """Whether it was asked for its memory, and has not said yet."""

    def to_json(self) -> dict[str, Any]:
        return {
            "event": self.event,
            "pid": self.pid,
            "position": self.position,
            "inputs": self.inputs,
            "fork_ns": self.fork_ns,
            "memory": self.memory,
            "own": self.own,
            "at_raise": bool(self.flags & protocol.AT_RAISE),
            "look_only": bool(self.flags & protocol.LOOK_ONLY),
            "remarks": list(self.remarks),
        }


def least_missed(copies: Sequence[Copy], *, evenly: bool, for_memory: bool) -> Copy:
    """The one of which others are near, as seen from now, or, evenly and once the program has ended, from everywhere; or, for
    memory's sake, that takes much of it. The first and the last stay longest.
    """
    if len(copies) <= 2:
        return copies[-1]
    between = range(1, len(copies) - 1)
    if any(copy.width is not None for copy in copies):

        def missed(at: int) -> float:
            seconds = width_before(copies, at) + width_before(copies, at + 1)
            return seconds / (max(copies[at].own or copies[at].estimate, _LEAST_MEMORY) if for_memory else 1)

    else:
        newest = copies[-1].event + 1

        def missed(at: int) -> float:
            distance = copies[at + 1].event - copies[at - 1].event
            return distance / (1 if evenly else newest - copies[at].event)

    return copies[min(between, key=missed)]


def width_before(copies: Sequence[Copy], at: int) -> float:
    """Seconds of processor time from the copy before one to that."""
    known = copies[at].width
    return (copies[at].event - copies[at - 1].event if at else 0) * _SECONDS_OF_EVENT if known is None else known
