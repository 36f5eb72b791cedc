"""Secrets among a program's inputs: what it read from a file, a pipe, a socket or the terminal is kept in the recording, for its
copies and for running it again, but not where that holds a secret by its shape or its name.

In the recording such an input is marked, and has no data. As long as the program's checkpoints live, its data stands in a file in
shared memory that ends with them: so a copy can be given it.
"""

import fnmatch
import os
import re
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

MARK: Final = 1 << 31
"""Bit of `RingOutput.descriptor` (ring.h): INPUT_WITHHELD. Set by the program where it knows by itself, with the data still there."""
SUFFIX: Final = ".withheld"
"""Of the file, beside the sockets of the checkpoints."""
_RECORD: Final = struct.Struct("=QII")
_HEAD: Final = 16
"""Bytes of InputHead, which every input but a clock's begins with."""
_CLOCK: Final = _RECORD.size + 8
_OF_CLOCK: Final = 0x1001
"""INPUT_MARK + INPUT_CLOCK."""
_ENTRY: Final = struct.Struct("=QI")
_SHAPES: Final = (
    rb"-----begin [a-z ]*private key-----|\b(?:akia|asia)[0-9a-z]{16}\b|\bgh[pousr]_[0-9a-z]{16}|\bgithub_pat_[0-9a-z]{16}|\bglpat-[\w-]{16}"
    rb"|\bsk-[\w-]{21}|\bsk_(?:live|test)_\w{15}|\bxox[a-z]-[\w-]{10}|\beyj[\w-]{16,}\.[\w-]{16}|\b(?:bearer|basic) [\w.~+/=-]{16}"
    rb"|[a-z][a-z0-9+.-]*://[^\s/:@'\"]+:[^\s/@'\"]+@"
)
_NAMES: Final = (
    rb"[\w-]*(?:password|passwd|passphrase|passcode)[\w-]*|[\w-]*(?:secret|api[_-]?key|access[_-]key|private[_-]key|signing[_-]key"
    rb"|encryption[_-]key|auth[_-]key|authorization|credentials?)"
)
_TOKENS: Final = rb"[\w-]*(?:token|cookie|session_?id)"
_HINTS: Final = (
    b"pass", b"secret", b"key", b"authorization", b"credential", b"token", b"cookie", b"session", b"bearer ", b"basic ", b"akia", b"asia",
    b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_", b"glpat-", b"sk-", b"sk_", b"xox", b"eyj", b"://",
)  # fmt: skip
"""One of them stands in whatever the patterns match."""


class Sieve:
    """Tells which inputs hold a secret; `names` are globs of further names of secrets."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        own = [fnmatch.translate(name.lower()).encode() for name in names]
        # fnmatch.translate ends its pattern where the text ends: here something follows.
        named = b"|".join([_NAMES, *(pattern.removesuffix(rb"\Z").removesuffix(rb"\z").replace(b".*", rb"[\w-]*") for pattern in own)])
        behind = rb"[\"']?\s*[:=]\s*[\"']?"
        self._pattern = re.compile(
            rb"%s|(?<![\w-])(?:%s)%s[^\s\"',;]|(?<![\w-])(?:%s)%s[\w.~+/=-]{16}" % (_SHAPES, named, behind, _TOKENS, behind)
        )
        self._hints = None if own else _HINTS

    def holds_secret(self, data: bytes) -> bool:
        """Whether a secret seems to stand in it."""
        lower = data.lower()
        if self._hints is not None and not any(hint in lower for hint in self._hints):
            return False
        return self._pattern.search(lower) is not None

    def sift(self, count: int, data: bytes) -> tuple[bytes, list[tuple[int, bytes]]]:
        """Inputs as `Ring.inputs` gives them, without what holds a secret; and what was withheld, by its number among them."""
        if len(data) == count * _CLOCK:  # nothing but times, of which there may be very many
            return data, []
        marked = any(_marked(descriptor) for _, descriptor, _, _ in _records(data))
        if not marked and not self.holds_secret(data):
            return data, []
        kept, withheld = bytearray(), []
        for number, (event, descriptor, start, stop) in enumerate(_records(data)):
            size = stop - start
            if size > _HEAD and descriptor & 0xFFFF != _OF_CLOCK and (descriptor & MARK or self.holds_secret(data[start + _HEAD : stop])):
                withheld.append((number, data[start + _HEAD : stop]))
                kept += _RECORD.pack(event, descriptor | MARK, _HEAD) + data[start : start + _HEAD]
            else:
                kept += _RECORD.pack(event, descriptor, size) + data[start:stop] + bytes(-size % 8)
        return bytes(kept), withheld


def _marked(descriptor: int) -> bool:
    return bool(descriptor & MARK) and descriptor & 0xFFFF != _OF_CLOCK  # whose upper half is a number of its own


def _records(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """(event, descriptor, where its data begins and ends), one after the other."""
    at = 0
    while at + _RECORD.size <= len(data):
        event, descriptor, length = _RECORD.unpack_from(data, at)
        at += _RECORD.size
        yield event, descriptor, at, min(at + length, len(data))
        at += length + -length % 8


def keep_aside(file: Path, first: int, withheld: Iterable[tuple[int, bytes]]) -> None:
    """Add what was withheld to the file in shared memory; `first` is the number of the first input that was sifted."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        os.write(descriptor, b"".join(_ENTRY.pack(first + number, len(data)) + data for number, data in withheld))
    finally:
        os.close(descriptor)


def kept_aside(file: Path) -> dict[int, bytes]:
    """What was withheld, by the inputs' numbers; nothing where the checkpoints are gone."""
    try:
        data = file.read_bytes()
    except OSError:
        return {}
    found: dict[int, bytes] = {}
    at = 0
    while at + _ENTRY.size <= len(data):
        number, length = _ENTRY.unpack_from(data, at)
        at += _ENTRY.size
        found[number] = data[at : at + length]
        at += length
    return found


def with_secrets(first: int, data: bytes, aside: dict[int, bytes]) -> bytes:
    """Inputs from number `first` on, with what was withheld of them in its place again."""
    if not aside:
        return data
    whole = bytearray()
    for number, (event, descriptor, start, stop) in enumerate(_records(data), first):
        content = data[start:stop]
        if _marked(descriptor) and number in aside:
            descriptor &= ~MARK
            content += aside[number]
        whole += _RECORD.pack(event, descriptor, len(content))
        whole += content + bytes(-len(content) % 8)
    return bytes(whole)
