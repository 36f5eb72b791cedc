"""Checksums of the rows that stand outside of chunks, so that a bit flipped in a name or a path is told from what was written.

Rows are summed up in blocks of a few, so that writing one row or reading one costs little.
"""

import json
import zlib
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import Any, Final, NamedTuple


class Part(NamedTuple):
    """What is summed up together: rows of a table, `rows` of them in a block, by their number."""

    number: int
    table: str
    columns: str
    rows: int

    @property
    def first_id(self) -> int:
        """`checksum.id` of its block 0; those of the others follow."""
        return self.number << _BITS

    def block(self, id: int) -> int:
        """The block that a row is in."""
        return id // self.rows

    def sums(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, int]]:
        """(`checksum.id`, sum) of each block of rows, which are in the order of their ids."""
        for block, found in groupby(rows, lambda row: self.block(row[0])):
            yield self.first_id + block, sum_of(found)


_BITS: Final = 48
# Without what a chunk's own checksum tells.
_CHUNK: Final = "id, first_event, events, first_call, calls, first_object, objects, start_ns, end_ns, ring_start, ring_stop"
_CODE: Final = "id, file, name, qualname, first_line, flags, argcount, posonly, kwonly, slots, linetable"
CHUNK: Final = Part(1, "chunk", _CHUNK, 16)
FILE: Final = Part(2, "file", "id, path, origin", 128)
SOURCE: Final = Part(3, "file", "id, source", 16)
CODE: Final = Part(4, "code", _CODE, 32)
TYPE: Final = Part(5, "type", "id, module, qualname, shape", 128)
NAME: Final = Part(6, "name", "id, text", 128)
THREAD: Final = Part(7, "thread", "id, native, name", 64)
TASK: Final = Part(8, "task", "id, name", 64)
WRITTEN: Final = Part(9, "written", "id, event, fd, data", 64)
GAP: Final = Part(10, "gap", "id, event, reason, count", 64)
META: Final = 11 << _BITS
"""`checksum.id` of all rows of `meta`, by key;"""
TOTALS: Final = 12 << _BITS
"""and of line_hits, and code.calls, once they are complete."""
META_ROWS: Final = "SELECT key, value FROM meta ORDER BY key"
TOTALS_ROWS: Final = "SELECT code, line, hits FROM line_hits UNION ALL SELECT id, -1, calls FROM code ORDER BY 1, 2"


_BATCH: Final = 16
_encode: Final = json.JSONEncoder(default=zlib.crc32).encode


def sum_of(rows: Iterable[tuple[Any, ...]]) -> int:
    """The checksum of some rows: the CRC-32 of their JSON, where bytes are told by theirs."""
    total, rest = 0, iter(rows)
    # Several at a time, which is quicker; not all, who knows how large they are.
    while batch := list(islice(rest, _BATCH)):
        total = zlib.crc32(_encode(batch)[1:-1].encode() + b",", total)
    return total
