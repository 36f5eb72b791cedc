"""`Definitions`: what ids stand for: code, files and their sources, threads, tasks, types, names and long texts."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

from tttui.native import reader
from tttui.record import checksums
from tttui.store.cache import Cache
from tttui.store.chunks import Chunks
from tttui.store.opening import damaged
from tttui.store.records import Code, SourceFile, Task, Thread
from tttui.store.stream import SHAPE_OPAQUE

_TEXT_CACHE: Final = 8 << 20
"""Bytes of long texts that are kept."""
_LARGEST_SLOTS: Final = 1 << 16
_CODE_COLUMNS: Final = "id, file, name, qualname, first_line, flags, argcount, posonly, kwonly, slots, linetable, calls"
_CODE_TYPES: Final = (int, int, str, str, int, int, int, int, int, str, (bytes, None), (int, None))


class Definitions(Chunks):
    """What is told once in a recording, and named by its id everywhere else."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._codes: dict[int, Code] = {}
        self._files: dict[int, str] = {}
        self._threads: dict[int, Thread] = {}
        self._types: dict[int, tuple[str, int]] = {}
        self._names: dict[int, str] = {}
        self._texts: Cache[int, str | bytes] = Cache(_TEXT_CACHE)

    def refresh(self) -> bool:
        """See what the writer has added since; whether there was anything."""
        self._threads.clear()
        return super().refresh()

    # -- code

    def code(self, id: int) -> Code:
        """A code object; TttuiError where the recording has none of that id."""
        known = self._codes.get(id)
        if known is None:
            self._verify(self._verifying.row, checksums.CODE, id)
            row = self._row(f"SELECT {_CODE_COLUMNS} FROM code WHERE id = ?", _CODE_TYPES, id)
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
        found = [self._code(row) for row in self._rows(f"SELECT {_CODE_COLUMNS} FROM code ORDER BY id", _CODE_TYPES)]
        if last := self.uncounted():
            more = dict(last["entries"])
            found = [replace(code, calls=code.calls + more[code.id]) if code.id in more else code for code in found]
        return found

    def line_hits(self) -> Iterator[tuple[int, int, int]]:
        """(code, line, hits) of every line that ran."""
        self._verify(self._verifying.totals)
        last = self.uncounted()
        more = {(code, line): count for code, line, count in last["hits"]} if last else {}
        for code, line, hits in self._rows("SELECT code, line, hits FROM line_hits", (int, int, int)):
            yield code, line, hits + more.pop((code, line), 0)
        for (code, line), hits in more.items():
            yield code, line, hits

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

    # -- threads and tasks

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

    # -- what values are made of

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


def _key(id_: int) -> int:
    """An id as SQLite can compare it: it knows no numbers beyond 63 bits."""
    return min(id_, (1 << 63) - 1)


def _type_name(module: str | None, qualname: str) -> str:
    return qualname if module in (None, "", "builtins", "__main__") else f"{module}.{qualname}"


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
