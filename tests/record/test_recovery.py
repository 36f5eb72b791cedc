"""What a kill of everything left is finished when somebody looks, whoever does, and whatever became of the files meanwhile."""

import errno
import os
import shutil
import signal
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from record.live import FOR_EVER, Live, alive, recovered, wait_for
from record.running import assert_whole, events, facts, rows
from tttui.native.reader import Ring
from tttui.record import rings
from tttui.record.drain import Drain
from tttui.record.recovery import recover, sweep

ANOTHER_FORMAT = 0xFFFF
_FORMAT_AT = 8  # in RingHeader
PARTS = ("", "-wal", "-shm")


@pytest.fixture
def killed(live: Callable[..., Live]) -> Live:
    """A recording of which everything was killed, and of which a part is only in the ring."""
    running = live(FOR_EVER)
    wait_for(lambda: events(running.path) > 1000)
    # The program goes on for a while without anybody who writes.
    os.kill(running.writer(), signal.SIGSTOP)
    published = running.ring.events
    wait_for(lambda: running.ring.events > published + 1000)
    running.kill_everything()
    assert events(running.path) < running.ring.events
    return running


def assert_complete(path: Path, published: int) -> None:
    found = facts(path)
    assert (found["state"], found["ended"], found["ring"]) == ("cut short", "killed", None)
    # The count and the event are published one after the other; the kill may have fallen between.
    assert published - 1 <= events(path) <= published
    assert_whole(path)


def copy(path: Path, to: Path) -> Path:
    for part in PARTS:
        if Path(f"{path}{part}").exists():
            shutil.copyfile(f"{path}{part}", f"{to}{part}")
    return to


def rename(path: Path, to: Path) -> Path:
    for part in PARTS:
        if Path(f"{path}{part}").exists():
            os.rename(f"{path}{part}", f"{to}{part}")
    return to


def test_who_opens_a_recording_that_another_is_finishing_waits_for_all_of_it(killed: Live) -> None:
    """Two that recover it at once: whoever comes second must not read what the first hasn't written yet."""
    lock = rings.lock(killed.ring_path)
    assert lock is not None
    answers: list[bool] = []
    second = threading.Thread(target=lambda: answers.append(recover(killed.path)))
    second.start()
    second.join(0.5)
    assert second.is_alive()
    os.close(lock)
    second.join()
    assert answers == [True]
    assert_complete(killed.path, killed.ring.events)
    assert not killed.ring_path.exists()


def test_nobody_waits_for_ever_for_one_who_makes_no_headway(killed: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tttui.record.recovery._PATIENCE_SECONDS", 0.2)
    lock = rings.lock(killed.ring_path)
    assert lock is not None
    assert not recover(killed.path)
    os.close(lock)
    assert facts(killed.path)["state"] == "recording"
    recovered(killed.path)
    assert_complete(killed.path, killed.ring.events)


def test_a_copy_takes_nothing_from_the_ring_that_the_original_needs(killed: Live, tmp_path: Path) -> None:
    copied = copy(killed.path, tmp_path / "copy.db")
    stored = events(copied)
    assert recover(copied)
    assert facts(copied)["state"] == "cut short"
    assert events(copied) == stored
    assert_whole(copied)
    assert killed.ring_path.exists()
    recovered(killed.path)
    assert_complete(killed.path, killed.ring.events)


def test_a_copy_of_a_living_recording_leaves_it_alone(live: Callable[..., Live], tmp_path: Path) -> None:
    running = live(FOR_EVER)
    wait_for(lambda: events(running.path) > 1000)
    os.kill(running.writer(), signal.SIGSTOP)
    copied = copy(running.path, tmp_path / "copy.db")
    os.kill(running.writer(), signal.SIGCONT)
    assert recover(copied)
    assert_whole(copied)
    stored = events(running.path)
    wait_for(lambda: events(running.path) > stored)
    running.kill_everything()
    recovered(running.path)
    assert_complete(running.path, running.ring.events)


def test_an_older_copy_in_the_place_of_a_recording_stands_as_it_is(killed: Live, tmp_path: Path) -> None:
    older = copy(killed.path, tmp_path / "older.db")
    stored = events(older)
    killed.ring.tail = killed.ring.head  # as if more had been committed since
    recovered(killed.path)
    assert events(killed.path) == stored
    assert facts(killed.path)["state"] == "cut short"
    assert_whole(killed.path)
    assert not killed.ring_path.exists()


def test_a_recording_that_got_another_name_is_finished_there(killed: Live, tmp_path: Path) -> None:
    renamed = rename(killed.path, tmp_path / "renamed.db")
    sweep()
    assert killed.ring_path.exists(), "what can't be found now may be found later"
    recovered(renamed)
    assert_complete(renamed, killed.ring.events)
    assert not killed.ring_path.exists()


def test_a_new_recording_in_the_old_place_takes_nothing_from_the_one_that_was_renamed(
    killed: Live, tmp_path: Path, record: Callable[..., Any]
) -> None:
    renamed = rename(killed.path, tmp_path / "renamed.db")
    (tmp_path / "other.py").write_text("x = 1\n")
    assert record("other.py").code == 0
    assert facts(killed.path)["state"] == "finished"
    recovered(renamed)
    assert_complete(renamed, killed.ring.events)


def test_the_ring_of_another_version_of_tttui_is_left_to_that_version(killed: Live) -> None:
    with killed.ring_path.open("r+b") as file:
        file.seek(_FORMAT_AT)
        ours = file.read(4)
        file.seek(_FORMAT_AT)
        file.write(ANOTHER_FORMAT.to_bytes(4, "little"))
        file.flush()
        sweep()
        with pytest.raises(ValueError, match="version"):
            recover(killed.path)
        assert facts(killed.path)["state"] == "recording"
        file.seek(_FORMAT_AT)
        file.write(ours)
    recovered(killed.path)
    assert_complete(killed.path, killed.ring.events)


def test_what_is_no_ring_is_done_without(killed: Live) -> None:
    stored = events(killed.path)
    killed.ring_path.write_bytes(bytes(100))
    recovered(killed.path)
    assert events(killed.path) == stored
    assert facts(killed.path)["state"] == "cut short"
    assert_whole(killed.path)


def test_what_can_not_be_opened_now_is_finished_later(killed: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(path: str) -> Ring:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM), path)

    with monkeypatch.context() as patch:
        patch.setattr("tttui.record.writer.reader.Ring", no_memory)
        with pytest.raises(OSError, match="memory"):
            recover(killed.path)
        sweep()
    assert facts(killed.path)["state"] == "recording"
    recovered(killed.path)
    assert_complete(killed.path, killed.ring.events)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY])
def test_a_disk_that_is_full_while_it_is_finished_costs_nothing_but_time(code: int, killed: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(self: Drain, *, everything: bool = False, at_most: int = 0) -> bool:
        error = sqlite3.OperationalError("no room")
        error.sqlite_errorcode = code
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(Drain, "step", no_room)
        with pytest.raises(sqlite3.OperationalError, match="no room"):
            recover(killed.path)
        sweep()
    assert killed.ring_path.exists()
    recovered(killed.path)
    assert_complete(killed.path, killed.ring.events)
    assert facts(killed.path)["stopped"] is None


def test_a_writer_whose_ring_can_not_be_seen_from_here_is_left_alone(live: Callable[..., Live], tmp_path: Path) -> None:
    """It may be in a container, or its ring was removed when the user logged out (RemoveIPC)."""
    running = live(
        "import os, time\nt = 0\nfor i in range(200_000):\n    t += i\n"
        "    if i == 100_000:\n        while not os.path.exists('go'):\n            time.sleep(0.01)\n"
    )
    wait_for(lambda: events(running.path) > 1000)
    writer = running.writer()
    running.ring_path.unlink()
    assert not recover(running.path)
    assert facts(running.path)["state"] == "recording"
    (tmp_path / "go").touch()
    running.process.communicate()
    assert running.process.returncode == 0
    wait_for(lambda: not alive(writer))
    found = facts(running.path)
    assert (found["state"], found["ended"], found["lost"]) == ("finished", "exit", 0)
    (hits,) = rows(running.path, "SELECT max(hits) FROM line_hits")[0]
    assert hits == 200_001
    assert_whole(running.path)


def test_rings_that_nobody_needs_go(killed: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    for part in PARTS:
        Path(f"{killed.path}{part}").unlink(missing_ok=True)
    sweep()
    assert killed.ring_path.exists()
    monkeypatch.setattr("tttui.record.recovery._ORPHAN_SECONDS", 0.0)
    sweep()
    assert not killed.ring_path.exists()
