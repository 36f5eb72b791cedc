"""Recordings from strangers: nothing in them reaches the terminal as it is, and what is no recording is refused in one line."""

import json
import sqlite3
from pathlib import Path

import pytest

from report import building
from report.building import HOSTILE
from report.commands import tttui, tttui_on_terminal
from tttui.safe import safe

COMMANDS = (
    ("info",),
    ("info", "--json"),
    ("show", "--at", "first"),
    ("show", "--at", "1"),
    ("show", "--at", "2"),
    ("show", "--at", "3"),
    ("show", "--at", "4"),
    ("show", "--at", "exception"),
    ("show", "--at", "last", "--json"),
)
VIEWS = ("runs", "processes", "threads", "tasks", "files", "functions", "calls", "lines", "changes", "exceptions", "output")
FORMS = ("--table", "--json", "--csv")

# What our own colours need: ESC [ numbers ; ... m. Everything else that begins with ESC came out of the recording.
FORBIDDEN = [
    *(bytes([code]) for code in range(0x20) if code not in (0x0A, 0x0D, 0x1B)),
    b"\x7f",
    b"\x1b]",
    b"\x1b[2J",
    b"\x1bP",
    "\x9b".encode(),
    "\u202e".encode(),
    "\u2028".encode(),
]


def assert_clean(written: bytes) -> None:
    """That no byte of HOSTILE's controls is there."""
    for sequence in FORBIDDEN:
        assert sequence not in written, sequence
    text = written.decode("utf-8")
    rest = text.replace("\r\n", "\n")
    assert "\r" not in rest
    while (start := rest.find("\x1b")) >= 0:
        end = rest.index("m", start)
        assert rest[start + 1] == "["
        assert set(rest[start + 2 : end]) <= set("0123456789;")
        rest = rest[end + 1 :]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_nothing_hostile_reaches_a_terminal(hostile: Path, command: tuple[str, ...]) -> None:
    exit_code, written = tttui_on_terminal(command[0], hostile, *command[1:], columns=400)
    assert exit_code == 0
    assert_clean(written)
    if "--json" not in command:
        assert safe("\x1b]52;c;aGk=\x07\x1b[2J\x9b31m\x7f\u202e[red]bold[/red]").encode() in written


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_hostile_leaves_a_query(hostile: Path, view: str) -> None:
    for form in FORMS:
        ended = tttui("query", hostile, f"select * from {view}", form)
        assert ended.exit_code == 0
        assert_clean(ended.stdout.encode())


def test_a_query_on_a_terminal_is_a_clean_table(hostile: Path) -> None:
    exit_code, written = tttui_on_terminal("query", hostile, "select new from changes", columns=400)
    assert exit_code == 0
    assert_clean(written)
    assert "␛]52".encode() in written


def test_json_keeps_the_exact_text(hostile: Path) -> None:
    (row,) = json.loads(tttui("query", hostile, "select text from output", "--json").stdout)
    assert row["text"] == HOSTILE.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def test_the_list_is_clean(hostile: Path, own_home: Path) -> None:
    directory = own_home / ".local/state/tttui/recordings"
    directory.mkdir(parents=True)
    building.hostile(directory / "\x1b[2J\u202e.db")
    for arguments in (("list",), ("list", "--json")):
        exit_code, written = tttui_on_terminal(*arguments, columns=400)
        assert exit_code == 0
        assert_clean(written)


def test_an_output_encoding_that_lacks_characters_is_no_error(hostile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    exit_code, written = tttui_on_terminal("info", hostile)
    assert exit_code == 0
    assert written.isascii()


# -- what is no recording


def refused(path: Path | str) -> str:
    """What every command says about a path that it can't read: one line and a hint, nothing on stdout."""
    said = set()
    for command in (("info",), ("show",), ("query", "select 1")):
        ended = tttui(command[0], path, *command[1:])
        assert ended.exit_code == 2, ended
        assert ended.stdout == ""
        assert len(ended.stderr.splitlines()) <= 2
        said.add(ended.stderr)
    (one,) = said
    return one


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    assert "there is no" in refused(tmp_path / "nothing.db")


def test_a_directory(tmp_path: Path) -> None:
    assert "it is not a file" in refused(tmp_path)


def test_a_file_that_is_something_else(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("hello")
    assert "not a tttui recording" in refused(text)
    empty = tmp_path / "empty.db"
    empty.write_bytes(b"")
    assert "not a tttui recording" in refused(empty)
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("create table t (x)")
    connection.close()
    assert "not a tttui recording" in refused(other)


def test_a_newer_format(tmp_path: Path) -> None:
    path = building.shop(tmp_path / "run.db")
    connection = sqlite3.connect(path)
    connection.execute("pragma user_version = 99")
    connection.close()
    assert "newer" in refused(path)


def test_a_view_in_place_of_a_table(tmp_path: Path) -> None:
    path = building.shop(tmp_path / "run.db")
    connection = sqlite3.connect(path)
    connection.executescript("alter table meta rename to old; create view meta as select * from old;")
    connection.close()
    assert "recording" in refused(path)


def test_a_damaged_chunk(tmp_path: Path) -> None:
    path = building.shop(tmp_path / "run.db")
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("update chunk set checksum = checksum + 1")
    connection.close()
    for command in (("show",), ("query", "select * from lines")):
        ended = tttui(command[0], path, *command[1:])
        assert (ended.exit_code, ended.stdout) == (2, "")
        assert "damaged" in ended.stderr
    assert tttui("info", path).exit_code == 0


@pytest.mark.parametrize("size", [50, 4096, 20_000, 100_000])
def test_a_truncated_file(tmp_path: Path, size: int) -> None:
    path = building.shop(tmp_path / "run.db")
    path.write_bytes(path.read_bytes()[:size])
    for command in (("info",), ("show",), ("query", "select * from lines")):
        ended = tttui(command[0], path, *command[1:])
        assert ended.exit_code in (0, 2), ended
        assert "Traceback" not in ended.stderr
