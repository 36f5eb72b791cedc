"""Running real programs, plain and recorded, and looking at what a recording holds."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TTTUI = [sys.executable, "-m", "tttui"]
SECONDS = 180
"""How long anything may take, on a busy machine; so long only where something hangs."""


@dataclass(frozen=True)
class Ran:
    """What a finished process left."""

    code: int
    out: bytes
    err: bytes

    @property
    def own_err(self) -> bytes:
        """Stderr without the lines that are tttui's."""
        return b"".join(line for line in self.err.splitlines(keepends=True) if not line.startswith(b"tttui: "))

    @property
    def said(self) -> str:
        """The lines that are tttui's."""
        return b"".join(line for line in self.err.splitlines(keepends=True) if line.startswith(b"tttui: ")).decode()


Runner = Callable[..., Ran]


def run(command: list[str], **options: Any) -> Ran:
    options.setdefault("stdin", subprocess.DEVNULL if "input" not in options else None)
    if "input" in options:
        del options["stdin"]
    done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False, **options)
    return Ran(done.returncode, done.stdout, done.stderr)


def facts(path: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT key, value FROM meta"))


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def events(path: Path) -> int:
    found = rows(path, "SELECT sum(events) FROM chunk")[0][0]
    return int(found or 0)


def assert_whole(path: Path) -> None:
    """The chunks follow each other without a gap, each decodes to what its row says, and the file is one plain file."""
    import zlib

    from tttui.native import reader
    from tttui.record.compression import decompress

    expected_event = expected_position = 0
    lines = calls = 0
    found = rows(path, "SELECT id, first_event, events, ring_start, ring_stop, codec, size, checksum, data FROM chunk ORDER BY id")
    for number, (id, first, count, start, stop, codec, size, checksum, data) in enumerate(found):
        stream = decompress(codec, data, size)
        scan = reader.scan(stream)
        assert (id, first, start) == (number, expected_event, expected_position)
        assert zlib.crc32(stream) == checksum
        assert (scan["first_event"], scan["events"]) == (first, count)
        assert stop - start == size
        expected_event, expected_position = first + count, stop
        lines += sum(hits for _, _, hits in scan["hits"])
        calls += sum(count for _, count in scan["entries"])
    assert rows(path, "SELECT coalesce(sum(hits), 0) FROM line_hits") == [(lines,)]
    assert rows(path, "SELECT coalesce(sum(calls), 0) FROM code") == [(calls,)]
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert rows(path, "PRAGMA journal_mode") == [("delete",)]
    assert rows(path, "PRAGMA application_id") == [(0x74747569,)]
    assert rows(path, "PRAGMA user_version") == [(1,)]
    assert [file.name for file in path.parent.glob(f"{path.name}-*")] == []
