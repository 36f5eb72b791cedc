"""The writing side of run.db: making one, and putting rows into it.

All SQL that changes a recording is here. `store/schema.sql` says what the tables mean.
"""

import json
import os
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from tttui.errors import TttuiError
from tttui.paths import sqlite_uri
from tttui.record import checksums
from tttui.record.checksums import Part, sum_of
from tttui.record.compression import CODEC, compress, decompress

APPLICATION_ID: Final = 0x74747569  # "ttui"
FORMAT: Final = 1
_PAGE_SIZE: Final = 16384  # measured: the fastest for chunks of this size
_SCHEMA: Final = Path(__file__).parent.parent / "store" / "schema.sql"
_BUSY_SECONDS: Final = 10
_LOG_PAGES: Final = 256
_READERS_SECONDS: Final = 0.5
_TRIES: Final = 10

_DEFINED: Final = (
    ("types", checksums.TYPE), ("files", checksums.FILE), ("files", checksums.SOURCE), ("sources", checksums.SOURCE),
    ("codes", checksums.CODE), ("names", checksums.NAME), ("threads", checksums.THREAD), ("tasks", checksums.TASK),
)  # fmt: skip
"""Rows that a chunk defines: their kind in `reader.scan`, where each has its id first, and what sums them up."""

Fact = str | bytes | int | None
Facts = Mapping[str, Fact]


def create(path: Path, facts: Facts) -> None:
    """Make a recording that holds its schema and the first facts about the run.

    The file must not exist. It can be read and written by its owner only, and so can the files that SQLite
    puts beside it. TttuiError where it can't be made.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    except (OSError, ValueError) as error:
        raise TttuiError(f"can't write {path}", getattr(error, "strerror", None) or str(error)) from None
    try:
        connection = _connect(path)
        try:
            # What is lost if the power fails now is an empty recording.
            for pragma in (f"page_size={_PAGE_SIZE}", "journal_mode=WAL", "synchronous=OFF"):
                with closing(connection.cursor()) as cursor:  # left to itself, it would complain once more where that fails
                    cursor.execute(f"PRAGMA {pragma}")
            connection.executescript(
                f"BEGIN; PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={FORMAT}; {_SCHEMA.read_text()} COMMIT;"
            )
            with connection:
                connection.executemany("INSERT INTO meta VALUES (?, ?)", facts.items())
                _sum_up(connection, checksums.META, checksums.META_ROWS)
        finally:
            connection.close()
    except (sqlite3.Error, OSError) as error:
        remove(path)
        raise TttuiError(f"can't write {path}", str(error)) from None


def storable(text: str) -> str:
    """Text that SQLite takes: a lone surrogate (of a file name that isn't UTF-8, say) becomes its escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def remove(path: Path) -> None:
    """Remove a recording with the files that SQLite may have left beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        try:
            os.unlink(f"{path}{suffix}")
        except OSError:
            pass


def has_log(path: Path) -> bool:
    """Whether the file stands beside a recording that holds what isn't in it yet."""
    try:
        return os.stat(f"{path}-wal").st_size > 0
    except OSError:
        return False


def is_recording(path: Path) -> bool:
    """Whether a file looks like a recording of ours, by its header alone."""
    try:
        with open(path, "rb") as file:
            header = file.read(100)
    except OSError:
        return False
    return header[:16] == b"SQLite format 3\0" and int.from_bytes(header[68:72], "big") == APPLICATION_ID


def read_facts(path: Path) -> dict[str, Any]:
    """The meta table of a recording as it stands; sqlite3.Error where it can't be read."""
    connection = _connect(path)
    try:
        return dict(connection.execute("SELECT key, value FROM meta"))
    finally:
        connection.close()


def _stretches(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of each stretch of numbers that follow each other."""
    first = last = None
    for number in sorted(numbers):
        if first is None or last is None or number != last + 1:
            if first is not None and last is not None:
                yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last


def _sum_up(connection: sqlite3.Connection, id: int, statement: str) -> None:
    """Put the checksum of the rows of a statement into its table."""
    connection.execute("INSERT OR REPLACE INTO checksum VALUES (?, ?)", (id, sum_of(connection.execute(statement))))


def _connect(path: Path) -> sqlite3.Connection:
    # "rw": a recording that someone removed is not made anew.
    return sqlite3.connect(sqlite_uri(path, "mode=rw"), uri=True, timeout=_BUSY_SECONDS, isolation_level=None)


class Stored(NamedTuple):
    """The last chunk of a recording: `data` is its stream so far."""

    number: int
    ring_start: int
    ring_stop: int
    end_ns: int
    data: bytes


class DamagedChunkError(ValueError):
    """The last chunk is not what was written."""


class RecordingFile:
    """A connection that writes a recording. Every method but `transaction` belongs inside one."""

    def __init__(self, path: Path, *, alone: bool = False) -> None:
        """`alone`: sqlite3.OperationalError (SQLITE_BUSY) where anybody else has it open, be it on another machine."""
        self.path = path
        self._changed: dict[Part, set[int]] = {}  # blocks of rows to be summed up
        self._facts_changed = self._totals_changed = self._sealed = False
        self._connection = _connect(path)
        try:
            if alone:
                self._connection.execute(f"PRAGMA busy_timeout={int(_READERS_SECONDS * 1000)}")
                # Before anything is read: then SQLite locks the file itself, and uses no shared memory.
                self._connection.execute("PRAGMA locking_mode=EXCLUSIVE")
                self._connection.execute("SELECT count(*) FROM meta").fetchone()
            self._connection.execute("PRAGMA synchronous=NORMAL")
            # In pages: what is in the log needs its room twice until it is moved, and disks get full.
            self._connection.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")
            (self._summed,) = self._connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'checksum'").fetchone()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        self._connection.close()

    def keep_log_below(self, size: int) -> None:
        """Move what is in the log to its place more often than usual, so that the log doesn't grow larger than about so many bytes."""
        self._connection.execute(f"PRAGMA wal_autocheckpoint={max(8, min(_LOG_PAGES, size // _PAGE_SIZE))}")

    def empty_log(self) -> None:
        """Move what is in the log to its place, as far as readers and the disk let us: then there is room in it again.

        It doesn't get shorter: the disk that it takes would be anybody's.
        """
        try:
            self._connection.execute("PRAGMA wal_checkpoint(RESTART)")
        except sqlite3.Error:
            pass

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; sqlite3.Error where it came to nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            if self._summed:
                self._sum_up()
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _sum_up(self) -> None:
        """Write the checksums of the rows that this transaction has changed."""
        for part, blocks in self._changed.items():
            statement = f"SELECT {part.columns} FROM {part.table} WHERE id BETWEEN ? AND ? ORDER BY id"
            for first, last in _stretches(blocks):
                rows = self._connection.execute(statement, (first * part.rows, (last + 1) * part.rows - 1))
                self._connection.executemany("INSERT OR REPLACE INTO checksum VALUES (?, ?)", part.sums(rows))
        self._changed.clear()
        if self._facts_changed:
            _sum_up(self._connection, checksums.META, checksums.META_ROWS)
        if self._sealed:
            _sum_up(self._connection, checksums.TOTALS, checksums.TOTALS_ROWS)
        elif self._totals_changed:
            self._connection.execute("DELETE FROM checksum WHERE id = ?", (checksums.TOTALS,))
        self._facts_changed = self._totals_changed = self._sealed = False

    def seal(self) -> None:
        """The totals are complete: they get their checksum, too."""
        self._sealed = True

    def _note(self, part: Part, ids: Iterable[int]) -> None:
        self._changed.setdefault(part, set()).update(part.block(id) for id in ids)

    # -- facts

    def fact(self, key: str) -> Any:
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def set_facts(self, facts: Facts) -> None:
        self._connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())
        self._facts_changed = True

    def events(self) -> int:
        row = self._connection.execute("SELECT first_event + events FROM chunk ORDER BY id DESC LIMIT 1").fetchone()
        return 0 if row is None else int(row[0])

    def size(self) -> int:
        """Bytes of the database."""
        (pages,) = self._connection.execute("PRAGMA page_count").fetchone()
        return int(pages) * _PAGE_SIZE

    # -- chunks

    def last_chunk(self) -> Stored | None:
        """DamagedChunkError where it isn't what was written."""
        row = self._connection.execute(
            "SELECT id, ring_start, ring_stop, end_ns, codec, size, checksum, data FROM chunk ORDER BY id DESC LIMIT 1"
        ).fetchone()
        if row is None:
            return None
        try:
            data = decompress(row[4], row[7], row[5])
            if zlib.crc32(data) != row[6]:
                raise ValueError("its checksum differs")
        except (ValueError, TypeError, OverflowError) as error:
            raise DamagedChunkError(f"the last chunk is damaged: {error}") from None
        return Stored(row[0], row[1], row[2], row[3], data)

    def put_chunk(self, number: int, ring_start: int, data: bytes, scan: Mapping[str, Any]) -> None:
        """Write a chunk, or write it again when it has grown."""
        self._connection.execute(
            "INSERT OR REPLACE INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                scan["first_event"],
                scan["events"],
                scan["first_call"],
                scan["calls"],
                scan["first_object"],
                scan["objects"],
                scan["start_ns"],
                scan["end_ns"],
                ring_start,
                ring_start + len(data),
                CODEC,
                len(data),
                zlib.crc32(data),
                zlib.compress(scan["index"], 1),
                compress(data),
            ),
        )
        self._note(checksums.CHUNK, (number,))
        self._connection.execute(
            "INSERT OR REPLACE INTO summary VALUES (?, ?, ?, ?)", (number, *(zlib.compress(part, 1) for part in scan["summary"]))
        )

    def put_definitions(self, scan: Mapping[str, Any], done: Mapping[str, int]) -> None:
        """Add the rows that a chunk's scan found, from the `done`-th of each kind on."""

        def new(kind: str) -> Iterable[Any]:
            found: list[Any] = scan[kind]
            return found[done.get(kind, 0) :]

        many = self._connection.executemany
        for kind, part in _DEFINED:
            self._note(part, (row[0] for row in new(kind)))
        many(
            "INSERT OR REPLACE INTO type VALUES (?, ?, ?, ?)",
            ((id, storable(module), storable(qualname), shape) for id, module, qualname, shape in new("types")),
        )
        many(
            "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)",
            # A file that can be read but is empty has a source, too.
            ((file, storable(path), b"" if origin else None, origin) for file, path, origin in new("files")),
        )
        pieces: dict[int, list[bytes]] = {}
        for file, piece in new("sources"):
            pieces.setdefault(file, []).append(piece)
        many(
            "UPDATE file SET source = CAST(coalesce(source, x'') || ? AS BLOB) WHERE id = ?",
            ((b"".join(found), file) for file, found in pieces.items()),
        )
        many(
            "INSERT OR REPLACE INTO code VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            ((*code[:2], storable(code[2]), storable(code[3]), *code[4:9], json.dumps(code[9]), code[10]) for code in new("codes")),
        )
        many("INSERT OR REPLACE INTO name VALUES (?, ?)", ((id, storable(name)) for id, name in new("names")))
        many("INSERT OR REPLACE INTO thread VALUES (?, ?, ?)", ((id, native, storable(name)) for id, native, name in new("threads")))
        many("INSERT OR REPLACE INTO task VALUES (?, ?)", ((id, storable(name)) for id, name in new("tasks")))
        self._append(checksums.WRITTEN, "event, fd, data", new("outputs"))
        self._append(checksums.GAP, "event, reason, count", new("gaps"))

    def _append(self, part: Part, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add rows to a table that numbers them itself."""
        last = f"SELECT coalesce(max(id), 0) FROM {part.table}"
        (before,) = self._connection.execute(last).fetchone()
        self._connection.executemany(f"INSERT INTO {part.table} ({columns}) VALUES (?, ?, ?)", rows)
        (after,) = self._connection.execute(last).fetchone()
        self._note(part, range(before + 1, after + 1))

    def put_outputs(self, outputs: Iterable[tuple[int, int, bytes]], to: int) -> None:
        """Add what the program wrote, up to a position of the ring's output area."""
        self._append(checksums.WRITTEN, "event, fd, data", outputs)
        self.set_facts({"outputs_to": to})

    def put_inputs(self, count: int, data: bytes) -> int:
        """Add what the program got to know from outside, as `Ring.inputs` gives it; gives the number of its first input."""
        first = 0
        if count:
            (first,) = self._connection.execute("SELECT coalesce(max(first + count), 0) FROM input").fetchone()
            self._connection.execute("INSERT INTO input VALUES (?, ?, ?, ?)", (first, count, len(data), zlib.compress(data, 1)))
        return int(first)

    def put_texts(self, first: int, chunk: int) -> None:
        """Note that long texts from id `first` on are defined in a chunk."""
        self._connection.execute("INSERT OR REPLACE INTO text VALUES (?, ?)", (first, chunk))

    def add_totals(self, scan: Mapping[str, Any]) -> None:
        """Add what a complete chunk contributes to the totals of the run; once for each chunk."""
        self._totals_changed = True
        self._connection.executemany(
            "INSERT INTO line_hits VALUES (?, ?, ?) ON CONFLICT (code, line) DO UPDATE SET hits = hits + excluded.hits",
            scan["hits"],
        )
        self._connection.executemany("UPDATE code SET calls = calls + ? WHERE id = ?", ((count, code) for code, count in scan["entries"]))
        before = json.loads(self.fact("kinds") or "[]") or [0] * len(scan["kinds"])
        self.set_facts({"kinds": json.dumps([a + b for a, b in zip(before, scan["kinds"], strict=True)])})

    # -- the end

    def make_one_file(self) -> None:
        """Move everything into the database file, so that it can be copied alone.

        Where somebody goes on reading it stays as it is; the files beside it then belong to the recording.
        """
        self._connection.execute("PRAGMA busy_timeout=0")
        give_up = time.monotonic() + _READERS_SECONDS
        tries = 0
        # On a busy machine one try may take all the time, and have met somebody who only looked in.
        while (tries := tries + 1) <= _TRIES or time.monotonic() < give_up:
            try:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                if self._connection.execute("PRAGMA journal_mode=DELETE").fetchone() == ("delete",):
                    return
            except sqlite3.OperationalError:
                pass
            time.sleep(0.02)
