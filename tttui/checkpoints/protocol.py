"""What copies, their keeper and viewers say to each other.

Between a copy and whoever drives it: messages of `native/checkpoint.h`, here as `Message`. Between a viewer and the
keeper: one JSON object each way over a SOCK_SEQPACKET socket, with descriptors where a copy is to get them.
"""

import array
import contextlib
import json
import socket
import struct
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Final, NamedTuple, Self

_FORM: Final = struct.Struct("=IIqQQQQQ")
LARGEST: Final = (128 << 10) + _FORM.size
"""Bytes of the largest message."""
_MOST_DESCRIPTORS: Final = 8


class Kind(IntEnum):
    """Message.kind."""

    HELLO = 1
    ARRIVED = 2
    DIFFERS = 3
    HELD = 4
    RESULT = 5
    MEMORY = 6
    ENDED = 7
    MORE = 8
    RUN = 16
    EVALUATE = 17
    ASK_MEMORY = 18
    UNIVERSE = 19
    FILE = 20


KEEP: Final = 1
"""Flags of EVALUATE: in the copy itself,"""
IN_PROGRAM: Final = 2
"""or in the program while it stops;"""
LET_OUT: Final = 4
"""and of UNIVERSE: what it does is really done."""
UNNOTED: Final = 1
"""Flag of RUN, to a program that is run again: its inputs were not noted."""
AT_RAISE: Final = 1
"""Flags of HELLO: it was made at a raise that nothing seemed to catch,"""
LOOK_ONLY: Final = 2
"""the copy must not run, only be looked at,"""
AT_STOP: Final = 4
"""the program stopped there because it was to,"""
LIVE: Final = 8
"""or it is no copy but the program itself, which stops here."""
ADOPTED: Final = 16
"""Of a copy that the program didn't make: one that ran forward left it on its way, or it is one that ran forward itself for a viewer."""


class Message(NamedTuple):
    """One message; the meaning of the numbers is in checkpoint.h."""

    kind: int
    flags: int = 0
    pid: int = 0
    event: int = 0
    numbers: tuple[int, int, int, int] = (0, 0, 0, 0)
    text: bytes = b""

    def pack(self) -> bytes:
        return _FORM.pack(self.kind, self.flags, self.pid, self.event, *self.numbers) + self.text

    @classmethod
    def unpack(cls, data: bytes) -> Self | None:
        """None where it is none: what a copy says is as trustworthy as the program is."""
        if len(data) < _FORM.size:
            return None
        kind, flags, pid, event, a, b, c, d = _FORM.unpack_from(data)
        return cls(kind, flags, pid, event, (a, b, c, d), data[_FORM.size :])


def send(connection: socket.socket, message: Message, descriptors: Sequence[int] = ()) -> None:
    """OSError where the other end is gone."""
    connection.sendmsg([message.pack()], _with(descriptors))


def receive(connection: socket.socket) -> Message | None:
    """The next message; None where there will be no more. OSError (TimeoutError) where none comes in time."""
    return Message.unpack(connection.recv(LARGEST))


def hang_up(connection: socket.socket) -> None:
    """A copy ends when its connection does, whoever else still has that open."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def send_json(connection: socket.socket, content: Mapping[str, Any], descriptors: Sequence[int] = ()) -> None:
    connection.sendmsg([json.dumps(content).encode()], _with(descriptors))


def receive_json(connection: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """(what was said or None where there will be no more, the descriptors that came with it)."""
    room = socket.CMSG_SPACE(_MOST_DESCRIPTORS * array.array("i").itemsize)
    data, control, _, _ = connection.recvmsg(LARGEST, room, socket.MSG_CMSG_CLOEXEC)
    descriptors = array.array("i")
    for level, kind, content in control:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(content[: len(content) - len(content) % descriptors.itemsize])
    try:
        said = json.loads(data) if data else None
    except ValueError:
        said = None
    return (said if isinstance(said, dict) else None), list(descriptors)


def _with(descriptors: Sequence[int]) -> "list[tuple[int, int, array.array[int]]]":
    return [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
