"""Opening a recording that came from anywhere: read only, nothing of its own is run, and it is what it says.

SQLite itself is careful with damaged files; what it must be told is not to trust the schema (a view or a
trigger is code), not to write, and not to hold values of any size.
"""

import os
import re
import shutil
import sqlite3
import stat
import tempfile
from pathlib import Path
from typing import Final

from tttui.errors import TttuiError
from tttui.paths import sqlite_uri

APPLICATION_ID: Final = 0x74747569
FORMAT: Final = 1
"""The newest format that is understood."""
LARGEST_VALUE: Final = 64 << 20
"""Bytes of the largest value that is read from a row, and of the largest chunk when decompressed."""
_SCHEMA: Final = Path(__file__).with_name("schema.sql")
_BUSY_SECONDS: Final = 10
_OPTIONAL: Final = frozenset({"summary", "checksum"})
"""Tables that a recording can do without."""


def not_a_recording(path: Path, why: str) -> TttuiError:
    return TttuiError(f"{path} is not a tttui recording", why, "give the path of a run.db that tttui recorded")


def damaged(path: Path, why: str) -> TttuiError:
    # What SQLite says may quote the damaged bytes: one short line of them is enough.
    return TttuiError(f"{path} is damaged", " ".join(why.split())[:200], "")


class Opened:
    """A connection, and what must be put away with it."""

    def __init__(self, connection: sqlite3.Connection, copy: tempfile.TemporaryDirectory[str] | None) -> None:
        self.connection = connection
        self._copy = copy

    def close(self) -> None:
        self.connection.close()
        if self._copy is not None:
            self._copy.cleanup()


def open_recording(path: Path) -> Opened:
    """A connection to the recording at `path`; TttuiError where it isn't one."""
    _look_at_header(path)
    try:
        opened = Opened(_connect(path), None)
    except sqlite3.Error as error:
        # SQLite locks and maps files beside an unfinished recording, and makes them where they are missing. Where
        # nothing can be written, it reads a copy; or the file as it is, where there is nothing beside it.
        opened = _open_copy(path) if _has_leftovers(path) else _open_unlocked(path, error)
    try:
        _check(opened.connection, path)
    except sqlite3.Error as error:
        opened.close()
        raise damaged(path, str(error)) from None
    except BaseException:
        opened.close()
        raise
    return opened


def _look_at_header(path: Path) -> None:
    """What can be said before SQLite sees the file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise TttuiError(f"there is no {path}", "", "tttui list shows the recordings that there are") from None
    except (OSError, ValueError) as error:
        raise TttuiError(f"can't read {path}", getattr(error, "strerror", None) or str(error)) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise TttuiError(f"can't read {path}", "it is not a file")
    with open(descriptor, "rb") as file:
        try:
            header = file.read(100)
        except OSError as error:
            raise TttuiError(f"can't read {path}", error.strerror or str(error)) from None
    if not header and _has_leftovers(path):
        return
    if len(header) < 100 or header[:16] != b"SQLite format 3\0":
        raise not_a_recording(path, "it is not an SQLite database")
    application = int.from_bytes(header[68:72], "big")
    # A recording that was killed at once, or copied without its -wal, has no identity in its first page yet.
    if application != APPLICATION_ID and not _has_leftovers(path):
        if application == 0 and header[18] == 2:
            raise TttuiError(
                f"{path} is empty",
                "it was being recorded when it was copied, and its content is in the file ending in -wal beside the original",
                "copy both files, or let the recording end first",
            )
        raise not_a_recording(path, "it is an SQLite database of something else")


def _leftovers(path: Path) -> list[str]:
    """Endings of the files beside a recording that hold a part of it."""
    found = []
    for ending in ("-wal", "-journal"):
        try:
            if os.stat(f"{path}{ending}").st_size > 0:
                found.append(ending)
        except OSError:
            pass
    return found


def _has_leftovers(path: Path) -> bool:
    return bool(_leftovers(path))


def _connect(path: Path, mode: str = "mode=ro") -> sqlite3.Connection:
    """A connection that only reads; sqlite3.Error where there can't be one."""
    connection = sqlite3.connect(sqlite_uri(path, mode), uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_VALUE + 4096)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "query_only=ON", "temp_store=MEMORY", "mmap_size=0"):
            connection.execute(f"PRAGMA {pragma}")
        # The first statement that reads: only now does SQLite open the file.
        connection.execute("PRAGMA schema_version").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _open_copy(path: Path) -> Opened:
    """A copy of a recording that can't be opened where it is: in a directory where nothing can be written."""
    try:
        directory = tempfile.TemporaryDirectory(prefix="tttui-")
    except OSError as error:
        raise TttuiError(f"can't read {path}", f"it needs a private copy, and there is no place for one: {error.strerror}") from None
    copy = Path(directory.name, "run.db")
    try:
        for ending in ("", *_leftovers(path)):
            shutil.copyfile(f"{path}{ending}", f"{copy}{ending}")
        # It is ours: SQLite may put together in it what is in several files.
        return Opened(_connect(copy, "mode=rw"), directory)
    except OSError as error:
        directory.cleanup()
        raise TttuiError(f"can't read {path}", f"it needs a private copy: {error.strerror or error}") from None
    except sqlite3.Error as error:
        directory.cleanup()
        raise damaged(path, str(error)) from None


def _open_unlocked(path: Path, error: sqlite3.Error) -> Opened:
    """The file as it is. `error`: why it can't be opened otherwise."""
    try:
        return Opened(_connect(path, "mode=ro&immutable=1"), None)
    except sqlite3.Error:
        raise damaged(path, str(error)) from None


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """That the database is a recording, of a format that we know, and holds our tables and nothing else."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise not_a_recording(path, "it is an SQLite database of something else")
    if version > FORMAT:
        raise TttuiError(
            f"{path} is from a newer tttui", f"it has format {version}, this tttui reads up to {FORMAT}", "upgrade: pip install -U tttui"
        )
    if version != FORMAT:
        raise not_a_recording(path, f"there is no format {version}")
    try:
        found = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema LIMIT 100").fetchall()
    except UnicodeDecodeError:  # the library raises it from C, where no text_factory is asked
        raise not_a_recording(path, "its schema is not text") from None
    objects = {(kind, name): statement for kind, name, _, statement in found if statement is not None}
    automatic = [name for kind, name, _, statement in found if statement is None]
    if not all(isinstance(name, str) and name.startswith("sqlite_autoindex_") for name in automatic):
        raise not_a_recording(path, "its schema is not that of a recording")
    expected = {("table", name): statement for name, statement in expected_tables().items()}
    for name in _OPTIONAL:
        if ("table", name) not in objects:
            del expected["table", name]
    if objects.keys() != expected.keys():
        strange = sorted(str(name) for _, name in objects.keys() ^ expected.keys())
        raise not_a_recording(path, f"its schema differs: {', '.join(strange)[:200]}")
    for key, statement in expected.items():
        if not isinstance(objects[key], str) or _words(objects[key]) != _words(statement):
            raise not_a_recording(path, f"its table {key[1]} is another one")


_tables: dict[str, str] = {}


def expected_tables() -> dict[str, str]:
    """The CREATE statements of schema.sql by table."""
    if not _tables:
        for statement in re.split(r";\s*\n", re.sub(r"--[^\n]*", "", _SCHEMA.read_text(encoding="utf-8"))):
            if match := re.match(r"\s*CREATE TABLE (\w+)", statement):
                _tables[match[1]] = statement
    return _tables


def _words(statement: str) -> list[str]:
    """A statement without comments, to compare."""
    return re.findall(r"\w+|[^\w\s]", re.sub(r"--[^\n]*", "", statement))
