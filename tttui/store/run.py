"""`Run`: a recording, opened for reading. The only module that holds a connection to one.

A recording is data from elsewhere: it may be cut short, damaged or hostile. So the connection is read-only
and trusts nothing of the file's schema, every row is checked for its types, no blob is decompressed beyond
its announced and bounded size, and every failure is a `TttuiError` that says so in one line.
"""

import json
import re
import sqlite3
import sys
import zlib
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar, cast

from tttui.errors import TttuiError
from tttui.native import reader
from tttui.record import checksums
from tttui.record.compression import decompress, decompress_head
from tttui.store.contents import Content
from tttui.store.inputs import LiveChange, live_changes_in
from tttui.store.later import ByIndex, Named
from tttui.store.objects import Objects
from tttui.store.opening import LARGEST_VALUE, damaged, open_recording
from tttui.store.positions import NOWHERE, Position, position_of
from tttui.store.records import Chunk, Code, Facts, Frame, Gap, Kind, Moment, Output, SourceFile, Task, Thread, Value
from tttui.store.stream import SHAPE_OPAQUE, SLOT_CELL, SLOT_FREE, V_OBJECT, V_UNBOUND, Raw
from tttui.store.values import Values
from tttui.store.verifying import DifferenceError, Verifying

_CHUNK_CACHE: Final = 32 << 20
"""Bytes of decompressed chunks that are kept,"""
_INDEX_CACHE: Final = 16 << 20
"""of postings,"""
_TOUCHED_CACHE: Final = 16 << 20
"""of filters of written keys,"""
_DIRECTORY_CACHE: Final = 24 << 20
"""of directories of objects,"""
_MARKS_CACHE: Final = 4 << 20
"""of where code ran that isn't recorded,"""
_TEXT_CACHE: Final = 8 << 20
"""and of long texts."""
_LARGEST_INDEX: Final = 16 << 20
_LARGEST_SLOTS: Final = 1 << 16
_OUTPUTS_AT_ONCE: Final = 256
_FRAMES_AT_ONCE: Final = 64
"""Frames of a stack that are decoded for a moment, before others are asked for."""
_HEAD: Final = (128 << 10) + 16
"""Bytes of a compressed chunk that are certain to hold the first block (zstd's are of 128 KiB at most)."""

Key = TypeVar("Key")
Kept = TypeVar("Kept")
Result = TypeVar("Result")

_RETURNING: Final = ("return", "yield")
_RAISING: Final = ("throw", "raise", "reraise", "handled", "unwind")

# Names that a module or a class body has without its code having set them.
_GIVEN_NAMES: Final = frozenset(
    {
        "__name__", "__doc__", "__package__", "__loader__", "__spec__", "__annotations__", "__builtins__", "__file__", "__cached__",
        "__path__", "__module__", "__qualname__", "__firstlineno__", "__static_attributes__", "__annotate__", "__annotate_func__",
        "__classdict__", "__conditional_annotations__", "__warningregistry__",
    }
)  # fmt: skip


class Run:
    """One recording. Close it, or use it in a `with` block. Not for several threads at the same time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._opened = open_recording(path)
        self._verifying = Verifying(self._opened.connection)
        self._chunks: list[Chunk] = []
        self._starts: list[int] = []
        self._facts: Facts | None = None
        self._data: _Cache[tuple[int, int], bytes] = _Cache(_CHUNK_CACHE)
        self._indexes: _Cache[tuple[int, int], bytes] = _Cache(_INDEX_CACHE)
        self._touched: _Cache[tuple[int, int], bytes] = _Cache(_TOUCHED_CACHE)
        self._directories: _Cache[tuple[int, int], bytes] = _Cache(_DIRECTORY_CACHE)
        self._marks: _Cache[tuple[int, int], tuple[memoryview[int], memoryview[int]]] = _Cache(_MARKS_CACHE)
        self._texts: _Cache[int, str | bytes] = _Cache(_TEXT_CACHE)
        self._codes: dict[int, Code] = {}
        self._types: dict[int, tuple[str, int]] = {}
        self._names: dict[int, str] = {}
        self._files: dict[int, str] = {}
        self._threads: dict[int, Thread] = {}
        self._last_scan: tuple[Chunk, dict[str, Any]] | None = None
        self._positions: dict[tuple[int, int], Position] = {}
        self._loose: dict[tuple[int, int], int] = {}
        self._live_changes: tuple[int, Sequence[LiveChange]] | None = None
        self._objects = Objects(self, self)
        try:
            self._summarised = self._row("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'summary'", (int,)) is not None
            self.refresh()
        except BaseException:
            self.close()
            raise

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a recording; TttuiError where it isn't one, is newer than this tttui, or is damaged."""
        return cls(Path(path))

    def close(self) -> None:
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    # -- the run as a whole

    @property
    def facts(self) -> Facts:
        """The meta table, as it was at the last `refresh`; what is JSON is already read."""
        if self._facts is None:
            self._verify(self._verifying.facts)
            values = {}
            for key, value in self._rows("SELECT key, value FROM meta", (str, (str, int, float, None))):
                values[key] = _fact(key, value)
            self._facts = Facts(values)
        return self._facts

    @property
    def meta(self) -> Mapping[str, Any]:
        """`facts.values`."""
        return self.facts.values

    @property
    def events(self) -> int:
        """Number of events: valid ones are 0 .. events - 1."""
        return self._chunks[-1].first_event + self._chunks[-1].events if self._chunks else 0

    @property
    def calls(self) -> int:
        return self._chunks[-1].first_call + self._chunks[-1].calls if self._chunks else 0

    def refresh(self) -> bool:
        """See what the writer has added since; whether there was anything."""
        known = self._chunks[-1:]
        start = known[0].id if known else 0
        columns = "id, first_event, events, first_call, calls, first_object, objects, start_ns, end_ns, codec, size, checksum"
        rows = self._rows(f"SELECT {columns} FROM chunk WHERE id >= ? ORDER BY id", (*[int] * 9, str, int, int), (start,))  # noqa: S608
        fresh = [Chunk(*row) for row in rows]
        self._facts = None
        self._threads.clear()
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

    # -- rows

    def _rows(self, statement: str, types: Sequence[Any], parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Rows whose values have the types asked for (None in a tuple of types: NULL)."""
        try:
            for row in self._opened.connection.execute(statement, parameters):
                for value, wanted in zip(row, types, strict=True):
                    allowed = wanted if isinstance(wanted, tuple) else (wanted,)
                    if type(value) not in allowed and not (value is None and None in allowed):
                        raise damaged(self.path, f"a row has {type(value).__name__} where it can't be ({statement.split(' FROM ')[-1]})")
                yield row
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
            raise damaged(self.path, str(error)) from None

    def _row(self, statement: str, types: Sequence[Any], *parameters: Any) -> tuple[Any, ...] | None:
        return next(self._rows(statement, types, parameters), None)

    def _verify(self, what: Callable[..., None], *arguments: Any) -> None:
        """One of the questions of `Verifying`; TttuiError where something isn't what was written."""
        try:
            what(*arguments)
        except (DifferenceError, sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
            raise damaged(self.path, str(error)) from None

    def code(self, id: int) -> Code:
        """A code object; TttuiError where the recording has none of that id."""
        known = self._codes.get(id)
        if known is None:
            self._verify(self._verifying.row, checksums.CODE, id)
            row = self._row(f"SELECT {_CODE_COLUMNS} FROM code WHERE id = ?", _CODE_TYPES, id)  # noqa: S608
            if row is None:
                raise damaged(self.path, f"there is no code object {id}")
            known = self._codes[id] = self._code(row)
        return known

    def _code(self, row: tuple[Any, ...]) -> Code:
        try:
            slots = json.loads(row[9])
            if not isinstance(slots, list) or len(slots) > _LARGEST_SLOTS:
                raise ValueError
            named = tuple((name, kind) for name, kind in slots if isinstance(name, str) and isinstance(kind, int))
            if len(named) != len(slots):
                raise ValueError
        except (ValueError, TypeError, RecursionError):
            raise damaged(self.path, f"the variables of code object {row[0]} can't be read") from None
        id_, file, name, qualname, first_line, flags, argcount, posonly, kwonly = row[:9]
        return Code(id_, file, name, qualname, first_line, flags, argcount, posonly, kwonly, named, row[10] or b"", row[11] or 0)

    def codes(self) -> Sequence[Code]:
        """All code objects, with how often they were called so far."""
        self._verify(self._verifying.rows, checksums.CODE)
        self._verify(self._verifying.totals)
        found = [self._code(row) for row in self._rows(f"SELECT {_CODE_COLUMNS} FROM code ORDER BY id", _CODE_TYPES)]  # noqa: S608
        if last := self.uncounted():
            more = dict(last["entries"])
            found = [replace(code, calls=code.calls + more[code.id]) if code.id in more else code for code in found]
        return found

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

    def file(self, id: int) -> SourceFile:
        """A source file; TttuiError where the recording has none of that id."""
        self._verify(self._verifying.row, checksums.SOURCE, id)
        self._verify(self._verifying.row, checksums.FILE, id)
        row = self._row("SELECT id, path, source, origin FROM file WHERE id = ?", (int, str, (bytes, None), (int, None)), id)
        if row is None:
            raise damaged(self.path, f"there is no file {id}")
        return SourceFile(row[0], row[1], row[2], row[3] or 0)

    def file_path(self, id: int) -> str:
        """Path of a source file, as co_filename has it."""
        known = self._files.get(id)
        if known is None:
            self._verify(self._verifying.row, checksums.FILE, id)
            row = self._row("SELECT path FROM file WHERE id = ?", (str,), id)
            if row is None:
                raise damaged(self.path, f"there is no file {id}")
            known = self._files[id] = row[0]
        return known

    def files(self) -> Sequence[SourceFile]:
        """All source files; their sources are read by `file` and `source`, and None here."""
        self._verify(self._verifying.rows, checksums.FILE)
        rows = self._rows("SELECT id, path, origin FROM file ORDER BY id", (int, str, (int, None)))
        return [SourceFile(id_, path, None, origin or 0) for id_, path, origin in rows]

    def source(self, file: int) -> str | None:
        """Text of a source file, decoded as Python would, line ends as "\\n"; None where it isn't known."""
        data = self.file(file).source
        return None if data is None else decode_source(data)

    def thread(self, id: int) -> Thread:
        known = self._threads.get(id)
        if known is None:
            self._threads = {thread.id: thread for thread in self.threads()}
            known = self._threads.get(id) or Thread(id, 0, "")
        return known

    def threads(self) -> Sequence[Thread]:
        self._verify(self._verifying.rows, checksums.THREAD)
        rows = self._rows("SELECT id, native, name FROM thread ORDER BY id", (int, (int, None), (str, None)))
        return [Thread(id_, native or 0, name or "") for id_, native, name in rows]

    def task(self, id: int) -> Task | None:
        """The task of an id, None for 0."""
        if not id:
            return None
        self._verify(self._verifying.row, checksums.TASK, id)
        row = self._row("SELECT id, name FROM task WHERE id = ?", (int, (str, None)), id)
        return Task(id, (row[1] or "") if row else "")

    def tasks(self) -> Sequence[Task]:
        self._verify(self._verifying.rows, checksums.TASK)
        return [Task(id_, name or "") for id_, name in self._rows("SELECT id, name FROM task ORDER BY id", (int, (str, None)))]

    def inputs(self, first: int) -> Iterator[bytes]:
        """What the program got to know from outside, from input number `first` on, as `input.data` of the schema has it."""
        if self._row("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'input'", (int,)) is None:
            return
        statement = "SELECT first, size, data FROM input WHERE first + count > ? ORDER BY first"
        for number, size, packed in self._rows(statement, (int, int, bytes), (first,)):
            unpack = zlib.decompressobj()
            try:
                data = unpack.decompress(packed, max(min(size, LARGEST_VALUE), 1))
            except zlib.error as error:
                raise damaged(self.path, f"the inputs from number {number} on can't be decompressed: {error}") from None
            at = 0
            for _ in range(first - number):
                at += 16 + (int.from_bytes(data[at + 12 : at + 16], sys.byteorder) + 7) // 8 * 8
            yield data[at:]

    def live_changes(self) -> Sequence[LiveChange]:
        """What was carried out in the program itself while it stopped, by event: that is where what it changed is visible first."""
        if not self.meta.get("stops"):
            return ()
        if self._live_changes is None or self._live_changes[0] != self.events:
            self._live_changes = self.events, tuple(found for data in self.inputs(0) for found in live_changes_in(data))
        return self._live_changes[1]

    def outputs(self, first: int = 0, last: int | None = None) -> Iterator[Output]:
        """What the program wrote after the events first .. last (-1: before its first event)."""
        statement = "SELECT id, event, fd, data FROM written WHERE event >= ? AND event <= ? ORDER BY id"
        first = -1 if first <= 0 else first
        for row in self._rows(statement, (int, int, int, bytes), (first, self.events if last is None else last)):
            self._verify(self._verifying.row, checksums.WRITTEN, row[0])
            yield Output(*row)

    def outputs_before(self, event: int) -> int:
        """How many pieces of output were written before an event."""
        row = self._row("SELECT max(id) FROM written", ((int, None),))
        low, high = 0, (row[0] or 0) if row else 0
        # They are numbered from 1 on, in the order of their events; there is no index by event.
        while low < high:
            middle = (low + high) // 2 + 1
            found = self._row("SELECT event FROM written WHERE id <= ? ORDER BY id DESC LIMIT 1", (int,), middle)
            if found is None or found[0] < event:
                low = middle
            else:
                high = middle - 1
        return low

    def outputs_between(self, start: int, stop: int, *, back: bool = False) -> Iterator[Output]:
        """What was written after the events start .. stop - 1, in order (`back`: the last first), read as it is asked for."""
        low, high = self.outputs_before(start) + 1, self.outputs_before(stop)
        statement = "SELECT id, event, fd, data FROM written WHERE id BETWEEN ? AND ? ORDER BY id"
        while low <= high:
            bounds = (max(low, high - _OUTPUTS_AT_ONCE + 1), high) if back else (low, min(high, low + _OUTPUTS_AT_ONCE - 1))
            for row in list(self._rows(statement + " DESC" * back, (int, int, int, bytes), bounds)):
                self._verify(self._verifying.row, checksums.WRITTEN, row[0])
                yield Output(*row)
            low, high = (low, bounds[0] - 1) if back else (bounds[1] + 1, high)

    def gaps(self) -> Sequence[Gap]:
        self._verify(self._verifying.rows, checksums.GAP)
        return [Gap(*row) for row in self._rows("SELECT id, event, reason, count FROM gap ORDER BY id", (int, int, int, int))]

    def line_hits(self) -> Iterator[tuple[int, int, int]]:
        """(code, line, hits) of every line that ran."""
        self._verify(self._verifying.totals)
        last = self.uncounted()
        more = {(code, line): count for code, line, count in last["hits"]} if last else {}
        for code, line, hits in self._rows("SELECT code, line, hits FROM line_hits", (int, int, int)):
            yield code, line, hits + more.pop((code, line), 0)
        for (code, line), hits in more.items():
            yield code, line, hits

    # -- what ids stand for

    def types_by_id(self) -> Mapping[int, tuple[str, int]]:
        """(name as a traceback shows it, SHAPE_*) of every type."""
        self._verify(self._verifying.rows, checksums.TYPE)
        rows = self._rows("SELECT id, module, qualname, shape FROM type", (int, (str, None), str, int))
        return {id_: (_type_name(module, qualname), shape) for id_, module, qualname, shape in rows}

    def names_by_id(self) -> Mapping[int, str]:
        """Every attribute name."""
        self._verify(self._verifying.rows, checksums.NAME)
        return dict(cast(Iterator[tuple[int, str]], self._rows("SELECT id, text FROM name", (int, str))))

    def _type(self, id: int) -> tuple[str, int]:
        known = self._types.get(id)
        if known is None:
            self._verify(self._verifying.row, checksums.TYPE, _key(id))
            row = self._row("SELECT module, qualname, shape FROM type WHERE id = ?", ((str, None), str, int), _key(id))
            known = self._types[id] = (_type_name(row[0], row[1]), row[2]) if row else ("object", SHAPE_OPAQUE)
        return known

    def type_name(self, type_: int) -> str:
        """Name of a type as a traceback shows it."""
        return self._type(type_)[0]

    def shape(self, type_: int) -> int:
        """SHAPE_* of a type."""
        return self._type(type_)[1]

    def name(self, id: int) -> str:
        """Text of an attribute name."""
        known = self._names.get(id)
        if known is None:
            self._verify(self._verifying.row, checksums.NAME, _key(id))
            row = self._row("SELECT text FROM name WHERE id = ?", (str,), _key(id))
            known = self._names[id] = row[0] if row else f"name {id}"
        return known

    def name_id(self, text: str) -> int:
        """Id of an attribute name, 0 where no attribute has it."""
        self._verify(self._verifying.rows, checksums.NAME)
        row = self._row("SELECT id FROM name WHERE text = ?", (int,), text)
        return row[0] if row else 0

    def text(self, id: int) -> str | bytes:
        """A long str or bytes, as much of it as was kept."""
        known = self._texts.get(id)
        if known is None:
            row = self._row("SELECT chunk FROM text WHERE first <= ? ORDER BY first DESC LIMIT 1", (int,), _key(id))
            if row is None or not 0 <= row[0] < len(self._chunks):
                raise damaged(self.path, f"there is no text {id}")
            found = self.decode(self._chunks[row[0]], reader.text, id)
            if found is None:
                raise damaged(self.path, f"there is no text {id} in chunk {row[0]}")
            kind, data = found
            try:
                known = data if kind else data.decode("utf-8", "surrogatepass")
            except UnicodeDecodeError:
                raise damaged(self.path, f"text {id} is not UTF-8") from None
            self._texts.put(id, known, len(data))
        return known

    # -- chunks

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

    def scan(self, chunk: Chunk) -> dict[str, Any]:
        """`reader.scan` of a chunk."""
        return self.decode(chunk, reader.scan)

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
            row = self._row(f"SELECT {column} FROM summary WHERE chunk = ?", ((bytes, None),), chunk.id)  # noqa: S608
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

    # -- moments

    def contents(self, wanted: Iterable[int], event: int) -> Mapping[int, Content]:
        """The contents of objects at an event, those that nothing is known of left out. Good until the next call."""
        return self._objects.at(wanted, event)

    def moment(self, event: int, *, depth: int = 6) -> Moment:
        """Everything at one event; objects are expanded `depth` levels deep."""
        state = self.decode(self.chunk_of(event), reader.state, event, _FRAMES_AT_ONCE)
        values = self._values(event, state["loose"])
        stack = ByIndex(state["depth"], self._frames(state, event, values, depth))
        if state["depth"]:
            len(stack[-1].locals)  # what a view shows first is made here: what can't be read is told here
        kind = cast(Kind, reader.KINDS[state["kind"]])
        carried = values.value(state["value"], depth) if kind in _RETURNING or kind in _RAISING else None
        return Moment(
            event=event,
            events=self.events,
            kind=kind,
            time_ns=state["time_ns"],
            thread=self.thread(state["thread"]),
            task=self.task(state["task"]),
            stack=stack,
            returned=carried if kind in _RETURNING else None,
            exception=carried if kind in _RAISING else None,
        )

    def _frames(self, state: Mapping[str, Any], event: int, values: Values, depth: int) -> Callable[[int], Frame]:
        """Makes frames of the stack of a state's thread, which has the innermost ones, by their index in the whole of it."""
        count = state["depth"]
        frames = state["threads"].get(state["thread"], [])

        def make(index: int) -> Frame:
            nonlocal frames
            outwards = count - 1 - index
            if outwards >= len(frames):
                frames = self.state(event)["threads"][state["thread"]]
            return self._frame(frames[-1 - outwards], frames[-outwards][3] if outwards else frames[-1][5], values, depth)

        return make

    def stacks(self, event: int, *, depth: int = 0) -> Mapping[int, tuple[Frame, ...]]:
        """The stack of every thread at an event, innermost frame last."""
        state = self.state(event)
        values = self._values(event, state["loose"])
        stacks = state["threads"]
        return {
            thread: tuple(
                self._frame(frame, stack[index + 1][3] if index + 1 < len(stack) else frame[5], values, depth)
                for index, frame in enumerate(stack)
            )
            for thread, stack in stacks.items()
        }

    def value(self, raw: Raw, event: int, *, depth: int = 6) -> Value | None:
        """A RAW value of the native reader as it was at an event; None for V_UNBOUND."""
        values = self._values(event)
        return values.value(raw, depth)

    def object_at(self, id: int, event: int, *, depth: int = 6) -> Value:
        """An object's content at an event."""
        value = self.value((V_OBJECT, id), event, depth=depth)
        assert value is not None
        return value

    def _values(self, event: int, loose: int | None = None) -> Values:
        """Makes values of an event; `loose`: what `reader.state` says of it, where that is known."""
        latest, number = loose, self.chunk_of(event).id

        def loose_since(written: int) -> bool:
            nonlocal latest, number
            if latest is None:
                latest = self._marked(event, 0)
            while latest < 0 and number > 0 and self._chunks[number].first_event > written:
                number -= 1
                latest = self._loose_in(self._chunks[number])
            return latest > written

        here = self.chunk_of(event)
        foreign: int | None = None

        def foreign_since(written: int) -> bool:
            # Hardly a chunk is without code that isn't recorded: earlier ones needn't be asked.
            nonlocal foreign
            if foreign is None:
                foreign = self._marked(event, 1)
            return written < here.first_event or foreign > written

        return Values(self, lambda ids: self._objects.at(ids, event), loose_since, foreign_since)

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

    def _frame(self, frame: tuple[Any, ...], lasti: int, values: Values, depth: int) -> Frame:
        call, code_id, line, _, namespace, _, slots = frame
        code = self.code(code_id)
        position = self._position(code, lasti)
        file = self.file_path(code.file)
        raws = dict(slots)
        if raws and max(raws) >= len(code.slots):
            raise damaged(self.path, f"code object {code.id} has no variable {max(raws)}")

        def held(slot: int) -> Raw:
            """What a variable is bound to."""
            raw = raws.get(slot, (V_UNBOUND,))
            return values.cell_content(raw)[1] if code.slots[slot][1] in (SLOT_CELL, SLOT_FREE) else raw

        def variables() -> dict[str, Value]:
            values.prepare([*raws.values(), (V_OBJECT, namespace)])
            bound = [(code.slots[slot][0], held(slot)) for slot in raws]
            known = {name for name, raw in bound if raw != (V_UNBOUND,)} | _GIVEN_NAMES
            bound += [(key, raw) for key, raw in values.pairs(namespace) if isinstance(key, str) and key not in known]
            values.prepare(raw for _, raw in bound)
            made = ((name, values.value(raw, depth)) for name, raw in bound)
            return {name: value for name, value in made if value is not None}

        arguments = tuple(code.slots[slot][0] for slot in range(min(code.argument_count(), len(code.slots))) if held(slot) != (V_UNBOUND,))
        if position.line is not None:
            line = position.line
        column, end_line, end_column = position.column, position.end_line, position.end_column
        return Frame(call, code, code.qualname, file, line, column, end_line, end_column, Named(variables), arguments)

    def _position(self, code: Code, lasti: int) -> Position:
        if lasti < 0:
            return NOWHERE
        known = self._positions.get((code.id, lasti))
        if known is None:
            known = self._positions[code.id, lasti] = position_of(code.linetable, code.first_line, lasti)
        return known


_CODE_COLUMNS: Final = "id, file, name, qualname, first_line, flags, argcount, posonly, kwonly, slots, linetable, calls"
_CODE_TYPES: Final = (int, int, str, str, int, int, int, int, int, str, (bytes, None), (int, None))


class _Cache(Generic[Key, Kept]):
    """Keeps what was used last, up to a number of bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[Key, tuple[Kept, int]] = OrderedDict()

    def get(self, key: Key) -> Kept | None:
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Key, kept: Kept, size: int) -> None:
        self._kept[key] = kept, size
        self._size += size
        # What was put last stays even where it is too large alone: it is about to be used.
        while self._size > self._most and len(self._kept) > 1:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._size -= dropped


def _key(id_: int) -> int:
    """An id as SQLite can compare it: it knows no numbers beyond 63 bits."""
    return min(id_, (1 << 63) - 1)


def _type_name(module: str | None, qualname: str) -> str:
    return qualname if module in (None, "", "builtins", "__main__") else f"{module}.{qualname}"


_JSON_FACTS: Final = frozenset({"checkpoints_not", "circumstances", "command", "scope", "limits", "exception", "cut"})


def _fact(key: str, value: Any) -> Any:
    """A value of the meta table; JSON is read where the key has it."""
    if key in _JSON_FACTS and isinstance(value, str):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def decode_source(data: bytes) -> str:
    """Text of a Python source, decoded as Python would (PEP 263), with line ends as "\\n"; what can't be is replaced."""
    encoding = "utf-8"
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    else:
        for line in data.split(b"\n", 2)[:2]:
            if match := re.match(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", line):
                encoding = match[1].decode("ascii", "replace")
                break
            if not re.match(rb"^[ \t\f]*(?:[#\r\n]|$)", line):
                break
    try:
        # Codecs that aren't text encodings ("hex", "zlib") are not for sources: str() refuses them.
        text = str(data, encoding, "replace")
    except (LookupError, ValueError):
        text = data.decode("utf-8", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")
