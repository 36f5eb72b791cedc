"""Where a recording goes when several are started at one moment, and when its path is long or can't be written."""

import os
import subprocess
from pathlib import Path

import pytest

from record.running import SECONDS, TTTUI, Runner, assert_whole, events, facts, rows
from tttui.errors import TttuiError
from tttui.paths import shared_ring_directory
from tttui.record import database
from tttui.record.destination import new_recording

AT_ONCE = 5
SCRIPT = "import sys\nme = sys.argv[1]\nfor i in range(2000):\n    j = i\nprint(me)\n"


def start(directory: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [*TTTUI, "record", *arguments], cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def end(process: "subprocess.Popen[bytes]") -> tuple[int, bytes, bytes]:
    out, err = process.communicate(timeout=SECONDS)
    return process.returncode, out, err


def test_of_recordings_started_at_once_to_one_path_each_is_whole_or_refused(tmp_path: Path) -> None:
    """Those that came too late say so before their program starts; the others' programs all run."""
    (tmp_path / "script.py").write_text(SCRIPT)
    for _ in range(3):
        running = [start(tmp_path, "-o", "run.db", "script.py", str(number)) for number in range(AT_ONCE)]
        ended = [end(process) for process in running]
        assert {code for code, _, _ in ended} <= {0, 2}
        for number, (code, out, err) in enumerate(ended):
            assert out == (b"" if code else f"{number}\n".encode())
            if code:
                assert b"is being recorded right now" in err
            else:
                # Another one may have taken the place of a finished recording before its end was told.
                assert b"recorded " in err or b"the recording was removed" in err
        assert facts(tmp_path / "run.db")["state"] == "finished"
        assert_whole(tmp_path / "run.db")
        assert max(rows(tmp_path / "run.db", "SELECT max(hits) FROM line_hits")[0]) == 2001


def test_recordings_started_at_once_without_a_name_have_one_each(tmp_path: Path, own_home: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    running = [start(tmp_path, "script.py", str(number)) for number in range(AT_ONCE)]
    for process in running:
        code, _, err = end(process)
        assert code == 0, err
    made = list((own_home / ".local/state/tttui/recordings").iterdir())
    assert len(made) == AT_ONCE
    for path in made:
        assert facts(path)["state"] == "finished"
        assert_whole(path)


def test_one_that_came_too_late_removes_nothing_of_the_other(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("import sys\nprint('ready', flush=True)\nsys.stdin.readline()\n")
    first = subprocess.Popen(
        [*TTTUI, "record", "-o", "run.db", "script.py"],
        cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert first.stdout is not None
    assert first.stdout.readline() == b"ready\n"
    code, out, err = end(start(tmp_path, "-o", "run.db", "script.py"))
    assert (code, out) == (2, b"")
    assert b"is being recorded right now" in err
    first.communicate(b"on\n", timeout=SECONDS)
    assert first.returncode == 0
    assert_whole(tmp_path / "run.db")
    assert events(tmp_path / "run.db") > 0


def test_a_path_is_taken_by_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tttui.record.destination._LOCK_SECONDS", 0.0)
    with new_recording(str(tmp_path / "run.db"), "") as first:
        database.create(first, {"format": database.FORMAT, "state": "recording"})
        # Nobody is kept out for ever; then it is the file itself that says so.
        with new_recording(str(tmp_path / "other.db"), "") as other:
            assert other.name == "other.db"
    with pytest.raises(TttuiError, match="can't write"):
        database.create(first, {})
    assert first.exists()


# -- long paths


def deep(directory: Path, length: int) -> Path:
    """A directory whose path, with "/run.db" behind it, is that long."""
    room = length - len(str(directory)) - len("/run.db")
    while room > 0:
        step = min(room - 1, 200)
        if room - 1 - step == 1:
            step -= 1
        directory /= "d" * step
        room -= step + 1
    directory.mkdir(parents=True)
    return directory


def test_a_path_of_255_characters(tmp_path: Path, record: Runner) -> None:
    path = deep(tmp_path, 255) / "run.db"
    assert len(str(path)) == 255
    (tmp_path / "script.py").write_text("x = 1\n")
    got = record("-o", str(path), "script.py")
    assert got.code == 0, got.err
    assert_whole(path)
    assert events(path) > 0


@pytest.mark.parametrize("length", [240, 250, 251, 255, 256])
def test_a_name_as_long_as_a_file_system_takes_or_longer(length: int, tmp_path: Path, record: Runner) -> None:
    """SQLite needs room for an ending: either it is recorded, or one line says why not before the program starts."""
    path = tmp_path / ("n" * (length - 3) + ".db")
    (tmp_path / "script.py").write_text("print('ran')\n")
    got = record("-o", str(path), "script.py")
    if got.code == 0:
        assert got.out == b"ran\n"
        assert_whole(path)
        assert events(path) > 0
    else:
        assert (got.code, got.out) == (2, b"")
        assert got.said.startswith("tttui: can't write ")
        assert got.own_err == b""
        assert [name for name in os.listdir(tmp_path) if name != "script.py"] == []


@pytest.mark.parametrize("length", [505, 512, 600, 1200])
def test_a_path_longer_than_sqlite_takes(length: int, tmp_path: Path, record: Runner) -> None:
    path = deep(tmp_path, length) / "run.db"
    (tmp_path / "script.py").write_text("print('ran')\n")
    got = record("-o", str(path), "script.py")
    if got.code == 0:
        assert_whole(path)
    else:
        assert (got.code, got.out, got.own_err) == (2, b"", b"")
        assert got.said.startswith("tttui: can't write ")
        assert list(path.parent.iterdir()) == []


# -- a directory that goes, or that can't be written


def test_a_directory_removed_while_it_is_recorded_into_costs_only_the_recording(tmp_path: Path, record: Runner) -> None:
    place = tmp_path / "place"
    place.mkdir()
    (tmp_path / "script.py").write_text(
        f"import shutil\nshutil.rmtree({str(place)!r})\nt = 0\nfor i in range(200_000):\n    t += i\nprint(t)\n"
    )
    got = record("-o", str(place / "run.db"), "script.py")
    assert (got.code, got.out, got.own_err) == (0, b"19999900000\n", b"")
    assert got.said == "tttui: the recording was removed while it was being made\n"
    assert not place.exists()
    assert str(place) not in map(os.path.dirname, ring_links()), "no ring is left"


def ring_links() -> list[str]:
    """What the rings in shared memory are for."""
    found = []
    directory = shared_ring_directory()
    assert directory is not None
    for link in directory.glob("*.run"):
        try:
            found.append(os.readlink(link))
        except OSError:
            pass
    return found


@pytest.mark.parametrize("place", ["/proc/run.db", "/sys/run.db", "/dev/null/run.db", "/nonexistent/run.db"])
def test_where_nothing_can_be_written_the_program_is_not_started(place: str, tmp_path: Path, record: Runner) -> None:
    """Not even the superuser can make a file there."""
    (tmp_path / "script.py").write_text("print('ran')\n")
    got = record("-o", place, "script.py")
    assert (got.code, got.out, got.own_err) == (2, b"", b"")
    assert got.said.startswith(f"tttui: can't write {place}")
    assert got.said.count("\n") == 1
