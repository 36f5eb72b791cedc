"""Opening what may be a recording: anything else is refused in one line, and nothing of it is run."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from report import building
from support.encoder import Stream

from tttui.errors import TttuiError
from tttui.store import opening
from tttui.store.run import Run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return building.shop(tmp_path / "run.db")


def change(path: Path, *statements: str) -> None:
    """Change a recording as an enemy would: what has no checksums can't have wrong ones."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("DROP TABLE IF EXISTS checksum")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def refusal(path: Path) -> TttuiError:
    with pytest.raises(TttuiError) as raised:
        Run.open(path)
    error = raised.value
    assert error.exit_code == 2
    assert error.title
    assert "\n" not in str(error)
    return error


def test_a_recording_opens_and_can_t_be_written(path: Path) -> None:
    before = path.read_bytes()
    with Run.open(path) as run:
        assert run.events == 22
        for statement in ("DELETE FROM meta", "CREATE TABLE x (y)", "CREATE TEMP TABLE x (y)", "ATTACH ':memory:' AS more"):
            with pytest.raises(sqlite3.Error):
                run._opened.connection.execute(statement)
    assert path.read_bytes() == before
    assert sorted(file.name for file in path.parent.iterdir()) == ["run.db"]


def test_the_path_may_have_any_name(path: Path) -> None:
    for name in ("a b?mode=rw#%41.db", "ümläut.db", "'; drop table meta.db"):
        other = path.with_name(name)
        shutil.copyfile(path, other)
        with Run.open(other) as run:
            assert run.events == 22


def test_what_isn_t_there_or_isn_t_a_file_is_told(tmp_path: Path) -> None:
    assert "there is no" in refusal(tmp_path / "missing.db").title
    assert "can't read" in refusal(tmp_path).title
    os.mkfifo(tmp_path / "pipe")
    assert "can't read" in refusal(tmp_path / "pipe").title
    assert "can't read" in refusal(tmp_path / ("x" * 300)).title
    assert "can't read" in refusal(Path("nul\0byte")).title


@pytest.mark.parametrize("content", [b"", b"x", b"#!/bin/sh\n" * 50, b"SQLite format 3\0", b"SQLite format 3\0" + b"\0" * 5000])
def test_another_file_is_no_recording(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)
    assert "not a tttui recording" in refusal(tmp_path / "other").title


def test_another_database_is_no_recording(tmp_path: Path) -> None:
    change(tmp_path / "other.db", "CREATE TABLE meta (key, value)")
    assert "not a tttui recording" in refusal(tmp_path / "other.db").title


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW spy AS SELECT * FROM meta",
        "CREATE TRIGGER spy AFTER INSERT ON meta BEGIN DELETE FROM meta; END",
        "CREATE TABLE more (x)",
        "CREATE INDEX fast ON code (name)",
        "DROP TABLE gap",
        "ALTER TABLE gap ADD COLUMN more",
        "CREATE VIRTUAL TABLE search USING fts5(x)",
        "ALTER TABLE code RENAME COLUMN name TO named",
    ],
)
def test_a_schema_that_isn_t_ours_is_refused(path: Path, statement: str) -> None:
    try:
        change(path, statement)
    except sqlite3.OperationalError:
        pytest.skip("this SQLite can't do that")
    assert "not a tttui recording" in refusal(path).title


def test_a_view_in_place_of_a_table_is_refused(path: Path) -> None:
    change(path, "DROP TABLE gap", "CREATE VIEW gap AS SELECT 1 AS id, 2 AS event, 3 AS reason, 4 AS count")
    assert "not a tttui recording" in refusal(path).title


def test_a_newer_format_is_told_apart(path: Path) -> None:
    change(path, "PRAGMA user_version=2")
    error = refusal(path)
    assert "newer" in error.title
    assert "upgrade" in error.hint
    change(path, "PRAGMA user_version=0")
    assert "not a tttui recording" in refusal(path).title


def killed(path: Path) -> Path:
    """A recording as a killed writer leaves it: a part of it is in the -wal file."""
    copy = path.with_name("killed.db")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("DROP TABLE checksum")
    connection.execute("INSERT INTO gap VALUES (7, 7, 1, 7)")
    for ending in ("", "-wal", "-shm"):
        shutil.copyfile(f"{path}{ending}", f"{copy}{ending}")
    connection.close()
    return copy


def test_what_is_in_the_wal_is_read(path: Path) -> None:
    with Run.open(killed(path)) as run:
        assert [gap.id for gap in run.gaps()] == [7]


def test_where_nothing_can_be_written_a_private_copy_is_read(path: Path) -> None:
    copy = killed(path)
    os.unlink(f"{copy}-shm")
    opened = opening._open_copy(copy)
    assert opened.connection.execute("SELECT id FROM gap").fetchall() == [(7,)]
    with pytest.raises(sqlite3.OperationalError):
        opened.connection.execute("DELETE FROM gap")
    assert opened._copy is not None
    place = Path(opened._copy.name)
    assert place.stat().st_mode & 0o077 == 0
    opened.close()
    assert not place.exists()
    assert not Path(f"{copy}-shm").exists()


COUNT_GAPS = "import sys; from tttui.store.run import Run; print(len(Run.open(sys.argv[1]).gaps()))"
READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'


@pytest.mark.parametrize("leftover", [True, False])
def test_a_recording_in_a_read_only_directory_opens(path: Path, leftover: bool) -> None:
    copy = killed(path)
    os.unlink(f"{copy}-shm")
    if not leftover:
        os.unlink(f"{copy}-wal")
    command = [sys.executable, "-c", COUNT_GAPS, str(copy)]
    if os.geteuid() == 0:  # who may write into every directory, but not on a read-only medium
        command = ["unshare", "-m", "sh", "-c", READ_ONLY, str(path.parent), *command]
        if subprocess.run([*command[:6], "true"], capture_output=True, check=False).returncode:
            pytest.skip("needs the right to mount a file system")
    path.parent.chmod(0o500)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    finally:
        path.parent.chmod(0o700)
    assert (done.returncode, done.stdout) == (0, f"{int(leftover)}\n"), done.stderr
    assert not Path(f"{copy}-shm").exists()


def test_a_file_copied_without_its_wal_says_so(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "run.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA application_id={opening.APPLICATION_ID}")
    shutil.copyfile(tmp_path / "run.db", tmp_path / "copy.db")
    connection.close()
    assert "-wal" in refusal(tmp_path / "copy.db").what


def use_everything(path: Path) -> None:
    """Everything that reads a recording."""
    with Run.open(path) as run:
        run.meta, run.codes(), run.threads(), run.tasks(), run.gaps(), list(run.outputs()), list(run.line_hits())
        for file in run.files():
            run.source(file.id)
        for event in range(run.events):
            run.moment(event, depth=2)


def damaged(changed: Callable[[bytearray, random.Random], None], path: Path, seed: int) -> str:
    """What came of using a recording that was damaged: the refusal in words, or nothing."""
    data, chance = bytearray(path.read_bytes()), random.Random(seed)
    changed(data, chance)
    path.write_bytes(data)
    try:
        use_everything(path)
    except TttuiError as error:
        return str(error)
    return ""


def flip(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice([1, 1, 8, 200])):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def overwrite(data: bytearray, chance: random.Random) -> None:
    place = chance.randrange(len(data))
    data[place : place + 4096] = chance.randbytes(4096)


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("changed", [flip, cut, overwrite])
def test_a_damaged_file_is_read_or_refused(path: Path, changed: Callable[[bytearray, random.Random], None], seed: int) -> None:
    said = damaged(changed, path, seed)
    assert not said or str(path) in said or path.name in said, said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("statement", "part"),
    [
        ("UPDATE chunk SET data = zeroblob(20)", "chunk 0"),
        ("UPDATE chunk SET data = NULL", "chunk"),
        ("UPDATE chunk SET codec = 'magic'", "chunk 0"),
        ("UPDATE chunk SET checksum = checksum + 1", "checksum"),
        ("UPDATE chunk SET size = size - 1", "chunk 0"),
        ("UPDATE chunk SET size = 1 << 40", "chunk 0"),
        ("UPDATE chunk SET size = -1", "chunk 0"),
        ("UPDATE chunk SET events = 1 << 62", "chunk"),
        ("UPDATE chunk SET events = size + 1", "chunk 0"),
        ("UPDATE chunk SET calls = 1 << 40", "chunk 0"),
        ("UPDATE chunk SET events = 'many'", "row"),
        ("UPDATE chunk SET first_event = 5", "chunk 0"),
        ("UPDATE chunk SET id = 3", "chunk 0"),
        ("DELETE FROM code", "code object"),
        ("DELETE FROM file", "file"),
        ("UPDATE code SET slots = '[['", "variables"),
        ("UPDATE code SET slots = '[[1, 2, 3]]'", "variables"),
        ("UPDATE code SET slots = '[]'", "variable"),
        ("UPDATE code SET name = x'ff'", "row"),
        ("UPDATE code SET qualname = CAST(x'ff' AS TEXT)", ""),
        ("UPDATE type SET shape = 'x'", "row"),
        ("UPDATE name SET text = x'ff'", "row"),
        ("UPDATE file SET path = NULL", "row"),
        ("UPDATE written SET data = 7", "row"),
    ],
)
def test_a_row_that_can_t_be_is_told(path: Path, statement: str, part: str) -> None:
    change(path, statement)
    with pytest.raises(TttuiError) as raised:
        use_everything(path)
    assert "damaged" in raised.value.title
    assert part in raised.value.what


def test_no_blob_is_decompressed_beyond_its_size(path: Path) -> None:
    import zlib

    bomb = zlib.compress(b"\0" * (200 << 20), 9)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("DROP TABLE checksum")
        connection.execute("UPDATE chunk SET codec = 'zlib', data = ?, size = 1000, postings = ?", (bomb, bomb))
    connection.close()
    with Run.open(path) as run:
        for read in (run.chunk_bytes, run.chunk_index):
            with pytest.raises(TttuiError, match="damaged"):
                read(run.chunks()[0])


def test_facts_that_are_no_json_are_texts(path: Path) -> None:
    change(path, "UPDATE meta SET value = '[[[' WHERE key = 'command'")
    with Run.open(path) as run:
        assert run.meta["command"] == "[[["


def test_a_recording_without_events_has_none(tmp_path: Path) -> None:
    path = building.record(tmp_path / "empty.db", [])
    with Run.open(path) as run:
        assert (run.events, run.calls, list(run.chunks())) == (0, 0, [])
        with pytest.raises(TttuiError, match="there is no event 0"):
            run.moment(0)
    path = building.record(tmp_path / "nothing.db", [Stream().whole()])
    with Run.open(path) as run, pytest.raises(TttuiError, match="there is no event 0"):
        run.moment(0)
