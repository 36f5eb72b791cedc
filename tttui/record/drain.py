"""`Drain`: moves the stream out of the ring into the recording, a transaction at a time.

It can be interrupted anywhere. What counts is what is committed: a later drain of the same ring into the same
recording goes on from there, and nothing is lost or doubled. For that the chunk that is still growing is kept
in the recording as far as it was published, and rewritten as it grows; what it adds to totals is added once,
when it is complete (the fact ``counted`` is the number of chunks whose totals are in).
"""

import contextlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from tttui.native import reader
from tttui.record.database import RecordingFile
from tttui.record.withheld import SUFFIX, Sieve, keep_aside

_PASS_BYTES: Final = 8 << 20
"""At most this much is taken in one transaction, so that the room is soon the recorder's again."""
_OPEN_CHUNK_NS: Final = 30_000_000
"""How often the growing chunk is rewritten: with the pause between two looks this stays below 50 ms."""
_COUNTED: Final = ("types", "files", "sources", "codes", "names", "threads", "tasks", "outputs", "gaps")


class _Growing(NamedTuple):
    """The chunk that comes next, as far as it is in the recording."""

    number: int
    start: int
    data: bytes = b""
    done: Mapping[str, int] = MappingProxyType({})

    @property
    def stop(self) -> int:
        return self.start + len(self.data)


class RingMismatchError(ValueError):
    """A part of the stream is neither in the ring nor in the recording."""


class Drain:
    """Takes up where the recording ends. RingMismatchError where ring and recording don't fit together."""

    def __init__(self, ring: reader.Ring, file: RecordingFile) -> None:
        self._ring = ring
        self._file = file
        self._written_at = 0
        self._outputs_from = int(file.fact("outputs_to") or 0)
        circumstances = json.loads(file.fact("circumstances") or "{}")
        self._sieve = None if circumstances.get("no_redact") else Sieve(circumstances.get("redact", ()))
        copies = file.fact("checkpoints")
        self._aside = Path(copies).with_suffix(SUFFIX) if copies else None
        last = file.last_chunk()
        counted = int(file.fact("counted") or 0)
        if last is None:
            self._growing = _Growing(0, ring.chunk_start(0))
        elif last.number < counted:
            self._growing = _Growing(last.number + 1, last.ring_stop)
        else:
            self._growing = _Growing(last.number, last.ring_start, last.data, _lengths(reader.scan(last.data)))
        if ring.tail > self._growing.stop:
            raise RingMismatchError("a part of the stream is neither in the ring nor in the recording")

    @property
    def reached(self) -> tuple[int, int]:
        """Up to where stream and output are in the recording."""
        return self._growing.stop, self._outputs_from

    @property
    def behind(self) -> int:
        """How many published bytes are not in the recording yet."""
        return self._ring.head - self._growing.stop + self._ring.output_head - self._outputs_from

    def step(self, *, everything: bool = False, at_most: int = _PASS_BYTES) -> bool:
        """Move what is there (`everything`: also what could wait a little for more); whether something was moved.

        `at_most` is in bytes of the stream, and is kept to the next end of a chunk.

        sqlite3.Error where it could not be written, ValueError (StreamError) where it is no stream: then nothing
        has changed.
        """
        ring = self._ring
        # The head first: the starts of all chunks before it are then known.
        head, begun = ring.head, ring.chunks
        now = time.monotonic_ns()
        growing = self._growing
        _, complete = _end_of(ring, growing, head, begun)
        printed = ring.output_head != self._outputs_from
        if not complete and ((growing.stop == head and not printed) or not (everything or now - self._written_at >= _OPEN_CHUNK_NS)):
            return False
        outputs_to, outputs = ring.outputs(self._outputs_from)
        limit = growing.stop + min(at_most, _PASS_BYTES)
        with self._file.transaction():
            while growing.stop < limit:
                stop, complete = _end_of(ring, growing, head, begun)
                if not complete and stop == growing.stop:
                    break
                growing = self._put(growing, stop, complete)
            if printed:
                self._file.put_outputs(outputs, outputs_to)
                self._put_inputs(*ring.inputs(self._outputs_from, outputs_to))
        self._growing = growing
        self._written_at = now
        self._outputs_from = outputs_to
        ring.tail = growing.stop
        ring.output_tail = outputs_to
        return True

    def _put_inputs(self, count: int, data: bytes) -> None:
        kept, withheld = self._sieve.sift(count, data) if self._sieve is not None else (data, [])
        first = self._file.put_inputs(count, kept)
        if withheld and self._aside is not None:
            with contextlib.suppress(OSError):  # then the copies can't be given it
                keep_aside(self._aside, first, withheld)

    def finish(self) -> None:
        """Count the last chunk as complete, in the transaction of the caller."""
        if self._growing.data:
            self._count(self._growing.number, reader.scan(self._growing.data))

    def _put(self, growing: _Growing, stop: int, complete: bool) -> _Growing:
        data = growing.data + self._ring.read(growing.stop, stop)
        scan = reader.scan(data)
        self._file.put_chunk(growing.number, growing.start, data, scan)
        self._file.put_definitions(scan, growing.done)
        if scan["first_text"]:
            self._file.put_texts(scan["first_text"], growing.number)
        if scan["last_raise"] is not None:
            self._file.set_facts({"last_raise": json.dumps(scan["last_raise"])})
        if not complete:
            return _Growing(growing.number, growing.start, data, _lengths(scan))
        self._count(growing.number, scan)
        return _Growing(growing.number + 1, stop)

    def _count(self, number: int, scan: Mapping[str, Any]) -> None:
        self._file.add_totals(scan)
        self._file.set_facts({"counted": number + 1})


def _end_of(ring: reader.Ring, growing: _Growing, head: int, begun: int) -> tuple[int, bool]:
    """Up to where the growing chunk is published, and whether that is its end."""
    if begun > growing.number + 1:
        start_of_next = ring.chunk_start(growing.number + 1)
        if start_of_next < growing.stop:
            raise reader.StreamError("the chunks in the ring are not in order")
        if start_of_next <= head:
            return start_of_next, True
    return head, False


def _lengths(scan: Mapping[str, Any]) -> dict[str, int]:
    return {kind: len(scan[kind]) for kind in _COUNTED}
