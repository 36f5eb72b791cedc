"""Secrets among a program's inputs: what it read from a file, a pipe, a socket or the terminal is kept in the recording, for its
copies and for running it again, but not where that holds a secret by its shape or its name.

In the recording such an input is marked, and has no data. As long as the program's checkpoints live, its data stands in a file in
shared memory that ends with them: so a copy can be given it.
"""

import os
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from tttui.native import reader

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
_BEHIND: Final = rb"[\"']?\s*[:=]\s*[\"']?"
"""Between a name and its value."""
SHAPES: Final[Mapping[bytes, bytes]] = {
    b"-----begin ": rb"[a-z ]*private key-----",
    **dict.fromkeys((b"akia", b"asia"), rb"[0-9a-z]{16}\b"),
    **dict.fromkeys((b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_", b"glpat-"), rb"[\w-]{16}"),
    **dict.fromkeys((b"sk-", b"sk_live_", b"sk_test_"), rb"[\w-]{20}"),
    b"xox": rb"[a-z]-[\w-]{10}",
    b"eyj": rb"[\w-]{16,}\.[\w-]{16}",
    **dict.fromkeys((b"bearer ", b"basic "), rb"[\w.~+/=-]{16}"),
    b"://": rb"[^\s/:@'\"]+:[^\s/@'\"]+@",
}
"""How a secret may begin, and the pattern of what then stands behind it."""
# The names are those of native/secrets.c, which tells a name in the program's memory; a test compares them.
NAMES_ANYWHERE: Final = ("password", "passwd", "passphrase", "passcode")
"""Names of secrets, which may go on."""
NAMES_AT_END: Final = (
    "secret", "apikey", "api_key", "access_key", "private_key", "secret_key", "signing_key", "encryption_key", "auth_key", "authorization",
    "credential", "credentials",
)  # fmt: skip
"""Names that end so."""
NAMES_OF_TOKENS: Final = ("token", "cookie", "session_id", "sessionid", "bearer")
"""The same, if the value looks like one."""
_VALUE: Final = _BEHIND + rb"[^\s\"',;]"
_MOST_WORDS: Final = 64
"""That are looked for at once."""
_LOOKED_AT: Final = 256
"""Bytes behind its beginning, at most."""
_UNSEEN: Final = struct.pack("=I", MARK | 0x1003)
"""The descriptor of what was read as it was typed unseen."""


class Sieve:
    """Tells which inputs hold a secret; `names` are globs of further names of secrets."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        patterns = dict(SHAPES)
        patterns |= dict.fromkeys(map(str.encode, NAMES_ANYWHERE), rb"[\w-]*" + _VALUE)
        patterns |= dict.fromkeys(_written(NAMES_AT_END), _VALUE)
        patterns |= dict.fromkeys(_written(NAMES_OF_TOKENS), _BEHIND + rb"[\w.~+/=-]{16}")
        for name in names:
            beginning, rest = _beginning(name.lower())
            if beginning not in patterns:
                patterns[beginning] = rest + _VALUE
        words = tuple(patterns)
        self._words = [words[at : at + _MOST_WORDS] for at in range(0, len(words), _MOST_WORDS)]
        self._patterns = {word: re.compile(pattern) for word, pattern in patterns.items()}

    def holds_secret(self, data: bytes) -> bool:
        """Whether a secret seems to stand in it."""
        return any(self._holds(data, words) for words in self._words)

    def _holds(self, data: bytes, words: tuple[bytes, ...]) -> bool:
        at, there = reader.nearest(data, 0, words)
        while there:
            for which, word in enumerate(words):
                start = at + len(word)
                if there >> which & 1 and self._patterns[word].match(data[start : start + _LOOKED_AT].lower()) is not None:
                    return True
            at, there = reader.nearest(data, at + 1, words)
        return False

    def sift(self, count: int, data: bytes) -> tuple[bytes, list[tuple[int, bytes]]]:
        """Inputs as `Ring.inputs` gives them, without what holds a secret; and what was withheld, by its number among them."""
        if len(data) == count * _CLOCK:  # nothing but times, of which there may be very many
            return data, []
        if _UNSEEN not in data and not self.holds_secret(data):
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


def _written(names: Iterable[str]) -> Iterator[bytes]:
    """Names in all ways in which their words may be put together."""
    for name in names:
        for between in ("_", "-", "", " "):
            yield name.replace("_", between).encode()


def _beginning(glob: str) -> tuple[bytes, bytes]:
    """How names that a glob matches begin, behind its leading stars; and the pattern of the rest of them."""
    glob = glob.lstrip("*?")
    plain = re.match(r"[^*?\[\]]*", glob)
    beginning = plain[0] if plain is not None else ""
    rest = "".join({"*": r"[\w-]*", "?": r"[\w-]"}.get(letter, re.escape(letter)) for letter in glob[len(beginning) :])
    return beginning.encode(), rest.encode()


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
