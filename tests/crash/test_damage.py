"""Recordings that are cut short, have bits flipped or are made by an enemy: what is shown is true, or one line says why nothing is."""

import random
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from report.commands import tttui
from support.programs import RECORD, clean_environment

from tttui.errors import TttuiError
from tttui.navigation.failure import find_failure
from tttui.store.records import Moment
from tttui.store.run import Run

PROGRAM = """class Node:
    def __init__(self, value):
        self.value = value
        self.kids = []


def build(depth):
    node = Node(f"node at depth {depth}")
    for number in range(2):
        if depth:
            node.kids.append(build(depth - 1))
    table[node.value] = depth * 1.5
    return node


table = {}
long = "long text " * 50
for turn in range(60):
    tree = build(4)
    items = list(range(turn))
print("text on the screen")
for name in range(40):
    exec(compile("made = 1", f"<without a source {name}>", "exec"))
try:
    table["missing"]
except KeyError as error:
    caught = error
"""
SAMPLES = 12


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("damage")
    program, recording = directory / "program.py", directory / "run.db"
    program.write_text(PROGRAM)
    done = subprocess.run([*RECORD, "-o", str(recording), str(program)], capture_output=True, env=clean_environment(directory), check=False)
    assert done.returncode == 0, done.stderr
    return recording


def samples(run: Run) -> list[int]:
    return sorted({run.events * index // SAMPLES for index in range(SAMPLES)} | {run.events - 1})


@pytest.fixture(scope="module")
def truth(original: Path) -> Iterator[dict[int, Moment]]:
    """What the undamaged recording says; it stays open, since moments are read as they are asked for."""
    with Run.open(original) as run:
        yield {event: run.moment(event) for event in samples(run)}


@dataclass
class Looked:
    """What came of reading all that there is."""

    right: int = 0
    """Moments that are as they were."""
    wrong: list[str] = field(default_factory=list)
    errors: list[TttuiError] = field(default_factory=list)

    @property
    def is_honest(self) -> bool:
        """Whether all that was shown is true, and all that wasn't is refused in one line."""
        return not self.wrong and all(map(is_one_line, self.errors)) and (self.right > 0 or bool(self.errors))


def look(path: Path, truth: dict[int, Moment]) -> Looked:
    looked = Looked()
    try:
        with Run.open(path) as run:
            total = run.events
            _ = (run.facts, run.codes(), run.files(), run.threads(), run.tasks(), run.gaps(), list(run.line_hits()), find_failure(run))
            for event, moment in truth.items():
                if event >= run.events:
                    continue
                try:
                    found = run.moment(event)
                except TttuiError as error:
                    looked.errors.append(error)
                    continue
                # The number of events may have become smaller with the file.
                if shown(found) == shown(moment):
                    looked.right += 1
                else:
                    looked.wrong.append(f"event {event} of {total} is shown otherwise than it was recorded: {shown(found)}")
    except TttuiError as error:
        looked.errors.append(error)
    return looked


def shown(moment: Moment) -> tuple[Any, ...]:
    return moment.kind, moment.time_ns, moment.thread, moment.stack, moment.returned, moment.exception


def is_one_line(error: TttuiError) -> bool:
    return error.exit_code == 2 and bool(error.title) and "\n" not in str(error)


def damaged_copies(original: Path, directory: Path, damage: Callable[[bytearray, random.Random], None], seeds: range) -> Iterator[Path]:
    data = original.read_bytes()
    copy = directory / "copy.db"
    for seed in seeds:
        for leftover in directory.glob("copy.db*"):
            leftover.unlink()
        damaged = bytearray(data)
        damage(damaged, random.Random(seed))
        copy.write_bytes(damaged)
        yield copy


def cut_short(data: bytearray, random_: random.Random) -> None:
    del data[random_.randrange(len(data)) :]


def flip_a_bit(data: bytearray, random_: random.Random) -> None:
    position = random_.randrange(len(data))
    data[position] ^= 1 << random_.randrange(8)


def flip_many_bits(data: bytearray, random_: random.Random) -> None:
    for _ in range(200):
        flip_a_bit(data, random_)


def wipe_a_page(data: bytearray, random_: random.Random) -> None:
    start = random_.randrange(0, len(data), 4096)
    data[start : start + 4096] = bytes(len(data[start : start + 4096]))


def swap_pages(data: bytearray, random_: random.Random) -> None:
    first, second = (random_.randrange(0, len(data) - 4096, 4096) for _ in range(2))
    data[first : first + 4096], data[second : second + 4096] = data[second : second + 4096], data[first : first + 4096]


DAMAGES = (cut_short, flip_a_bit, flip_many_bits, wipe_a_page, swap_pages)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_what_is_shown_of_a_damaged_file_is_true(
    damage: Callable[[bytearray, random.Random], None], original: Path, truth: dict[int, Moment], tmp_path: Path
) -> None:
    looks = [look(path, truth) for path in damaged_copies(original, tmp_path, damage, range(24))]
    assert [looked for looked in looks if not looked.is_honest] == []
    assert len(looks) == 24


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_what_is_shown_of_many_damaged_files_is_true(
    damage: Callable[[bytearray, random.Random], None], original: Path, truth: dict[int, Moment], tmp_path: Path
) -> None:
    for path in damaged_copies(original, tmp_path, damage, range(1000, 2000)):
        looked = look(path, truth)
        assert looked.is_honest, looked


def test_flipped_bits_are_mostly_harmless(original: Path, truth: dict[int, Moment], tmp_path: Path) -> None:
    """One bad bit doesn't make the whole recording unreadable."""
    looks = [look(path, truth) for path in damaged_copies(original, tmp_path, flip_a_bit, range(500, 540))]
    assert sum(looked.right for looked in looks) > len(looks) * SAMPLES / 2


def everything(path: Path, events: list[int]) -> list[Any]:
    """All that stands outside of the event stream; and moments, which take names from there."""
    with Run.open(path) as run:
        hits, outputs = sorted(run.line_hits()), [(output.event, output.data) for output in run.outputs()]
        sources = [(file.path, run.source(file.id)) for file in run.files()]
        # As texts: all of it is read here, as long as the recording is open.
        moments = [repr((list(run.moment(event).stack), run.moment(event).thread)) for event in events]
        return [run.meta, hits, outputs, sources, moments, run.threads(), run.codes(), run.types_by_id(), run.names_by_id()]


@pytest.mark.parametrize(
    "word", ["build", "kids", "Node", "program.py", "MainThread", "text on the screen", "node.kids.append", "KeyError"]
)
def test_a_flipped_bit_in_a_row_is_told(word: str, original: Path, truth: dict[int, Moment], tmp_path: Path) -> None:
    """Of names, paths, sources and output: what stands in rows of its own, and not in a chunk with its checksum."""
    data, events = original.read_bytes(), list(truth)
    expected = everything(original, events)
    assert expected == everything(original, events)
    assert any("'kids'" in moment and "node at depth" in moment for moment in expected[4])
    copy, at = tmp_path / "copy.db", -1
    told: list[TttuiError] = []
    while (at := data.find(word.encode(), at + 1)) >= 0:
        copy.write_bytes(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
        try:
            assert everything(copy, events) == expected
        except TttuiError as error:
            told.append(error)
    assert told
    assert all(map(is_one_line, told))


# -- files that are not recordings, and recordings made by an enemy


def statements(*texts: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("DROP TABLE IF EXISTS checksum")  # an enemy would rather have none than wrong ones
            for text in texts:
                connection.execute(text)

    return change


def rewrite_schema(old: str, new: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute("UPDATE sqlite_master SET sql = replace(sql, ?, ?)", (old, new))

    return change


def another_database(path: Path) -> None:
    path.unlink()
    statements("CREATE TABLE meta (key, value)")(path)


def a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


HOSTILE: dict[str, Callable[[Path], Any]] = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("not a recording\n"),
    "picture": lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(5000)),
    "other database": another_database,
    "directory": a_directory,
    "view instead of a table": statements("ALTER TABLE code RENAME TO real", "CREATE VIEW code AS SELECT * FROM real"),
    "trigger": statements("CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM chunk; END"),
    "generated column": rewrite_schema("value", "value, extra AS (zeroblob(1000000000))"),
    "more columns": statements("ALTER TABLE chunk ADD COLUMN more"),
    "newer format": statements("UPDATE meta SET value = 99 WHERE key = 'format'", "PRAGMA user_version = 99"),
    "endless numbers": statements("UPDATE chunk SET first_event = 9223372036854775807, events = 9223372036854775807"),
    "negative numbers": statements("UPDATE chunk SET events = -5, size = -1"),
    "huge size": statements("UPDATE chunk SET size = 1000000000000"),
    "other codec": statements("UPDATE chunk SET codec = 'pickle'"),
    "wrong types": statements("UPDATE chunk SET data = 'text', first_event = 'x', size = 1.5"),
    "nothing there": statements("UPDATE chunk SET data = NULL"),
    "wrong checksum": statements("UPDATE chunk SET checksum = checksum + 1"),
    "no chunks": statements("DELETE FROM chunk"),
    "no facts": statements("DELETE FROM meta"),
    "no codes": statements("DELETE FROM code"),
    "cyclic ids": statements("UPDATE code SET file = id + 1000000"),
    "slots that aren't": statements("UPDATE code SET slots = '{\"a\": [[[[[['"),
    "deep slots": statements("UPDATE code SET slots = printf('%.*c', 200000, '[')"),
    "bad positions": statements("UPDATE code SET linetable = zeroblob(100000)"),
    "noise as positions": statements("UPDATE code SET linetable = randomblob(1000)"),
    "text that isn't text": statements("UPDATE code SET name = CAST(x'ff00fe' AS TEXT), qualname = x'ff'"),
    "ten megabyte name": statements("UPDATE code SET qualname = printf('%.*c', 10000000, 'n')"),
    "noise as data": statements("UPDATE chunk SET data = randomblob(length(data))"),
    "noise as index": statements("UPDATE chunk SET postings = randomblob(1000)"),
    "bomb": statements("UPDATE chunk SET codec = 'zlib', size = 1000000, data = zeroblob(100000)"),
    "ring of another": statements(
        "UPDATE meta SET value = '/etc/passwd' WHERE key = 'ring'", "UPDATE meta SET value = 'recording' WHERE key = 'state'"
    ),
    "escapes": statements(
        "UPDATE file SET path = char(27) || ']0;title' || char(7) || '[bold]'",
        "UPDATE meta SET value = char(27) || '[2J' WHERE key = 'command'",
    ),
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_file_is_shown_or_refused_in_one_line(hostile: str, original: Path, tmp_path: Path) -> None:
    path = tmp_path / "hostile.db"
    shutil.copy(original, path)
    HOSTILE[hostile](path)
    errors, shown = [], 0
    try:
        with Run.open(path) as run:
            for event in samples(run) if run.events > 0 else []:
                try:
                    run.moment(event)
                    shown += 1
                except TttuiError as error:
                    errors.append(error)
            nothing_to_show = run.events == 0
    except TttuiError as error:
        errors.append(error)
        nothing_to_show = False
    assert all(map(is_one_line, errors))
    assert errors or shown or nothing_to_show


COMMANDS = (
    ["info"],
    ["info", "--json"],
    ["show", "--at", "last"],
    ["show", "--at", "exception", "--json"],
    ["query", "select count(*) from calls"],
)


@pytest.mark.parametrize(
    "hostile",
    ["text", "huge size", "wrong checksum", "noise as data", "deep slots", "ten megabyte name", "escapes", "view instead of a table"],
)
def test_commands_end_with_one_line(hostile: str, original: Path, tmp_path: Path) -> None:
    path = tmp_path / "hostile.db"
    shutil.copy(original, path)
    HOSTILE[hostile](path)
    for name, *rest in COMMANDS:
        ended = tttui(name, path, *rest)
        assert ended.exit_code in (0, 2), (name, ended.stderr)
        assert "Traceback" not in ended.stderr
        assert "\x1b" not in ended.stdout + ended.stderr
        if ended.exit_code == 2:
            assert ended.stderr.startswith("tttui: ")
            assert len(ended.stderr.splitlines()) <= 3
