"""What a program got to know from outside, as far as a reader of the recording is told of it."""

import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_RECORD: Final = struct.Struct("=QII")
"""RingOutput of native/ring.h: event, descriptor, length."""
_HEAD: Final = struct.Struct("=qq")
"""InputHead of native/inputs.c: result, which."""
_LIVE: Final = 0x1000 + 15
"""INPUT_MARK + INPUT_LIVE."""


@dataclass(frozen=True, slots=True)
class LiveChange:
    """Something that the user had carried out in the program while it stopped."""

    event: int
    """The line's event that was noted once more behind it."""
    frame: int
    """Counted from the innermost one."""
    text: str


def live_changes_in(data: bytes) -> Iterator[LiveChange]:
    """Those among inputs, which are as `Run.inputs` gives them."""
    if _LIVE.to_bytes(4, sys.byteorder) not in data:
        return
    at = 0
    while at + _RECORD.size <= len(data):
        event, descriptor, length = _RECORD.unpack_from(data, at)
        at += _RECORD.size
        if descriptor == _LIVE and _HEAD.size <= length <= len(data) - at:
            frame, source = _HEAD.unpack_from(data, at)
            request = data[at + _HEAD.size + max(source, 0) : at + length]
            yield LiveChange(event, frame, request.split(b"\n", 2)[-1].decode("utf-8", "replace"))
        at += (length + 7) // 8 * 8
