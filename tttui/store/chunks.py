"""`Chunks`: the event stream of a recording, a chunk at a time, and what is asked of it natively."""

import sqlite3
import zlib
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from tttui.errors import TttuiError
from tttui.native import reader
from tttui.record import checksums
from tttui.record.compression import decompress, decompress_head
from tttui.store.cache import Cache
from tttui.store.opening import LARGEST_VALUE, damaged
from tttui.store.records import Chunk
from tttui.store.rows import Rows
from tttui.store.stream import Raw

_CHUNK_CACHE: Final = 32 << 20
"""Bytes of decompressed chunks that are kept,"""
_INDEX_CACHE: Final = 16 << 20
"""of postings,"""
_TOUCHED_CACHE: Final = 16 << 20
"""of filters of written keys,"""
_DIRECTORY_CACHE: Final = 24 << 20
"""of directories of objects,"""
_MARKS_CACHE: Final = 4 << 20
"""and of where code ran that isn't recorded."""
_LARGEST_INDEX: Final = 16 << 20
_HEAD: Final = (128 << 10) + 16
"""Bytes of a compressed chunk that are certain to hold the first block (zstd's are of 128 KiB at most)."""

Result = TypeVar("Result")


class Chunks(Rows):
    """The event stream of a recording."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._chunks: list[Chunk] = []
        self._starts: list[int] = []
        self._data: Cache[tuple[int, int], bytes] = Cache(_CHUNK_CACHE)
        self._indexes: Cache[tuple[int, int], bytes] = Cache(_INDEX_CACHE)
        self._touched: Cache[tuple[int, int], bytes] = Cache(_TOUCHED_CACHE)
        self._directories: Cache[tuple[int, int], bytes] = Cache(_DIRECTORY_CACHE)
        self._marks: Cache[tuple[int, int], tuple[memoryview[int], memoryview[int]]] = Cache(_MARKS_CACHE)
        self._loose: dict[tuple[int, int], int] = {}
        self._last_scan: tuple[Chunk, dict[str, Any]] | None = None
        self._summarised: bool | None = None
        """Whether it has summaries, once that is known."""

    @property
    def events(self) -> int:
        """Number of events: valid ones are 0 .. events - 1."""
        return self._chunks[-1].first_event + self._chunks[-1].events if self._chunks else 0

    @property
    def calls(self) -> int:
        return self._chunks[-1].first_call + self._chunks[-1].calls if self._chunks else 0

    def refresh(self) -> bool:
        """See what the writer has added since; whether there was anything."""
        if self._summarised is None:
            self._summarised = self._has_table("summary")
        known = self._chunks[-1:]
        start = known[0].id if known else 0
        columns = "id, first_event, events, first_call, calls, first_object, objects, start_ns, end_ns, codec, size, checksum"
        rows = self._rows(f"SELECT {columns} FROM chunk WHERE id >= ? ORDER BY id", (*[int] * 9, str, int, int), (start,))
        fresh = [Chunk(*row) for row in rows]
        self._facts = None
        self._verifying.forget()
        self._verify(self._verifying.rows, checksums.CHUNK, start)
        if fresh == known:
            return False
        self._chunks[start:] = fresh
        self._starts[start:] = [chunk.first_event for chunk in fresh]
        self._check_chunks(start)
        return True

    def _check_chunks(self, start: int) -> None:
        """That the chunks from number `start` follow each other without gaps."""
        event, call, objects = 0, 0, 0
        if start:
            before = self._chunks[start - 1]
            event, call = before.first_event + before.events, before.first_call + before.calls
            objects = before.first_object + before.objects
        for number, chunk in enumerate(self._chunks[start:], start):
            numbers = (chunk.events, chunk.calls, chunk.objects, chunk.start_ns, chunk.end_ns, chunk.checksum)
            if (
                (chunk.id, chunk.first_event, chunk.first_call, chunk.first_object) != (number, event, call, objects)
                or min(numbers) < 0
                or not 0 < chunk.size <= LARGEST_VALUE
                # Each takes a byte at least: a count that lies would keep whoever goes through them busy for ever.
                or max(chunk.events, chunk.calls) > chunk.size
            ):
                raise damaged(self.path, f"chunk {number} of the event stream is not what follows the one before it")
            event, call, objects = event + chunk.events, call + chunk.calls, objects + chunk.objects

    # -- one chunk

    def chunks(self) -> Sequence[Chunk]:
        """All chunks, in order: chunk number n is at index n."""
        return self._chunks

    def chunk_of(self, event: int) -> Chunk:
        """The chunk that holds an event; TttuiError where there is no such event."""
        if not 0 <= event < self.events:
            last = f"the recording has events 0 to {self.events - 1}" if self.events else "the recording has no events"
            raise TttuiError(f"there is no event {event}", last)
        return self._chunks[bisect_right(self._starts, event) - 1]

    def chunk_bytes(self, chunk: Chunk) -> bytes:
        """The stream of a chunk, decompressed and checked."""
        key = (chunk.id, chunk.events)
        known = self._data.get(key)
        if known is None:
            row = self._row("SELECT codec, size, checksum, data FROM chunk WHERE id = ?", (str, int, int, bytes), chunk.id)
            # The last chunk may have grown since: what is there now begins with what was there.
            codec, size, checksum, data = row or ("", 0, 0, b"")
            if not 0 < size <= LARGEST_VALUE:
                raise damaged(self.path, f"chunk {chunk.id} has an impossible size")
            try:
                known = decompress(codec, data, size)
            except ValueError as error:
                if "zstd" in str(error) and "backports" in str(error):
                    raise TttuiError(f"can't read {self.path}", "it is compressed with zstd", "pip install backports.zstd") from None
                raise damaged(self.path, f"chunk {chunk.id} can't be decompressed: {error}") from None
            if zlib.crc32(known) != checksum:
                raise damaged(self.path, f"chunk {chunk.id} is not what was written: its checksum differs")
            self._data.put(key, known, size)
        return known

    def chunk_position(self, chunk: Chunk) -> int:
        """Where its first byte stood in the stream of the whole run."""
        row = self._row("SELECT ring_start FROM chunk WHERE id = ?", (int,), chunk.id)
        if row is None:
            raise damaged(self.path, f"chunk {chunk.id} is gone")
        return int(row[0])

    def chunk_index(self, chunk: Chunk) -> bytes:
        """Its postings, for `reader.index_lookup`."""
        key = (chunk.id, chunk.events)
        known = self._indexes.get(key)
        if known is None:
            row = self._row("SELECT postings FROM chunk WHERE id = ?", ((bytes, None),), chunk.id)
            known = self._unpacked(chunk, row[0]) if row is not None and row[0] else self.scan(chunk)["index"]
            self._indexes.put(key, known, len(known) + 100)
        return known

    def has(self, chunk: Chunk, what: str, *key: int) -> bool:
        """Whether a chunk's postings hold something (`reader.index_lookup`)."""
        try:
            return reader.index_lookup(self.chunk_index(chunk), what, *key)
        except reader.StreamError as error:
            raise damaged(self.path, f"the index of chunk {chunk.id}: {error}") from None

    def written_in(self, chunk: Chunk, ids: list[int]) -> list[int]:
        """Which of the older objects, given in order, a chunk's postings name."""
        try:
            return reader.index_objects(self.chunk_index(chunk), ids) if ids else []
        except reader.StreamError as error:
            raise damaged(self.path, f"the index of chunk {chunk.id}: {error}") from None

    # -- what the native reader says of it

    def scan(self, chunk: Chunk) -> dict[str, Any]:
        """`reader.scan` of a chunk."""
        return self.decode(chunk, reader.scan)

    def uncounted(self) -> Mapping[str, Any] | None:
        """`reader.scan` of the last chunk, where the totals of the run are without it: it grows, or there was no room for them."""
        if not self._chunks or self.meta.get("counted", 0) != len(self._chunks) - 1:
            return None
        chunk = self._chunks[-1]
        if self._last_scan is None or self._last_scan[0] != chunk:
            try:
                self._last_scan = chunk, self.scan(chunk)
            except TttuiError:
                return None  # told where it is read
        return self._last_scan[1]

    def rows_of(self, chunk: Chunk, what: int, start: int | None = None, stop: int | None = None) -> list[tuple[Any, ...]]:
        """`reader.events` of a chunk: all of it, or the events start .. stop - 1."""
        begin = chunk.first_event if start is None else start
        end = chunk.first_event + chunk.events if stop is None else stop
        return self.decode(chunk, reader.events, begin, end, what)

    def objects_of(self, chunk: Chunk, wanted: Sequence[int] | None) -> list[tuple[Any, ...]]:
        """`reader.objects` of a whole chunk."""
        return self.decode(chunk, reader.objects, wanted, chunk.first_event + chunk.events - 1)

    def contents_of(self, chunk: Chunk, wanted: Sequence[int], event: int) -> dict[int, list[tuple[Any, ...]]]:
        """`reader.contents` of a chunk."""
        if not wanted:
            return {}
        key = (chunk.id, chunk.events)
        directory = self._directories.get(key)
        if directory is None:
            directory = self.decode(chunk, reader.directory)
            self._directories.put(key, directory, len(directory))
        return self.decode(chunk, reader.contents, wanted, event, directory)

    def state(self, event: int) -> dict[str, Any]:
        """`reader.state` at an event."""
        return self.decode(self.chunk_of(event), reader.state, event)

    def decode(self, chunk: Chunk, function: Callable[..., Result], *arguments: Any) -> Result:
        """`function(stream of the chunk, *arguments)`, one of the native reader's."""
        try:
            return function(self.chunk_bytes(chunk), *arguments)
        except reader.StreamError as error:
            raise self._bad(chunk, error) from None

    def decode_head(self, chunk: Chunk, function: Callable[..., Result], *arguments: Any) -> Result:
        """The same for what needs the chunk's first record alone: most of the chunk is then not decompressed."""
        if chunk.size > 2 * _HEAD and self._data.get((chunk.id, chunk.events)) is None:
            try:
                with self._opened.connection.blobopen("chunk", "data", chunk.id, readonly=True) as blob:
                    return function(decompress_head(chunk.codec, blob.read(_HEAD), _HEAD), *arguments)
            except (sqlite3.Error, ValueError):
                pass  # damaged, or a long first record: the whole chunk tells
        return self.decode(chunk, function, *arguments)

    def summary(self, chunk: Chunk, part: int) -> bytes:
        """A part of what `reader.summary` gives: 0 profile, 1 calls, 2 touched; from the recording where it has it."""
        row = None
        # The last chunk may have grown since its row was written, or since we saw it.
        if self._summarised and chunk is not self._chunks[-1]:
            column = ("profile", "calls", "touched")[part]
            row = self._row(f"SELECT {column} FROM summary WHERE chunk = ?", ((bytes, None),), chunk.id)
        return self._unpacked(chunk, row[0]) if row is not None and row[0] else self.decode(chunk, reader.summary)[part]

    def touches(self, chunk: Chunk, object: int, key: tuple[Raw] | None, name: int, index: int) -> int:
        """What a chunk did to a key of an older object (`reader.touches`)."""
        return self._asked(chunk, reader.touches, object, key, name, index)

    def touches_variable(self, chunk: Chunk, call: int, slot: int) -> int:
        """What it did to a variable of an older call (`reader.touches_variable`)."""
        return self._asked(chunk, reader.touches_variable, call, slot)

    def _asked(self, chunk: Chunk, question: Callable[..., int], *arguments: Any) -> int:
        key = (chunk.id, chunk.events)
        touched = self._touched.get(key)
        if touched is None:
            touched = self.summary(chunk, 2)
            self._touched.put(key, touched, len(touched) + 100)
        try:
            return question(touched, *arguments)
        except reader.StreamError as error:
            raise self._bad(chunk, error) from None

    def _unpacked(self, chunk: Chunk, packed: bytes) -> bytes:
        unpack = zlib.decompressobj()
        try:
            data = unpack.decompress(packed, _LARGEST_INDEX)
        except zlib.error as error:
            raise damaged(self.path, f"an index of chunk {chunk.id} can't be decompressed: {error}") from None
        if unpack.unconsumed_tail or not unpack.eof:
            raise damaged(self.path, f"an index of chunk {chunk.id} is too large or cut")
        return data

    def _bad(self, chunk: Chunk, error: Exception) -> TttuiError:
        return damaged(self.path, f"chunk {chunk.id} of the event stream: {error}")

    # -- where code ran that isn't recorded

    def _marked(self, event: int, mark: int) -> int:
        """The last event of its chunk, `event` at the latest, at which a mark stands (0: ST_LOOSE, 1: ST_FOREIGN); -1: none."""
        chunk = self.chunk_of(event)
        key = (chunk.id, chunk.events)
        marks = self._marks.get(key)
        if marks is None:
            loose, foreign = self.decode(chunk, reader.marks)
            marks = memoryview(loose).cast("Q"), memoryview(foreign).cast("Q")
            self._marks.put(key, marks, len(loose) + len(foreign) + 200)
        at = bisect_right(marks[mark], event) - 1
        return marks[mark][at] if at >= 0 else -1

    def _loose_in(self, chunk: Chunk) -> int:
        """The last event of a chunk at which an ST_LOOSE stands, -1 where there is none."""
        key = (chunk.id, chunk.events)
        known = self._loose.get(key)
        if known is None:
            last = chunk.first_event + chunk.events - 1
            known = self._loose[key] = self.state(last)["loose"] if self.has(chunk, "loose") else -1
        return known
