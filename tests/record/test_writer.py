"""Nothing that was recorded is lost, whatever is killed or full."""

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.programs import RECORD

from record.live import FOR_EVER, LOOP, Live, alive, recovered, wait_for
from record.running import SECONDS, Runner, assert_whole, events, facts, rows
from tttui.record.recovery import recover, sweep
from tttui.record.rings import SMALLEST
from tttui.report.info import information
from tttui.store.run import Run


def test_writers_killed_at_random_moments_lose_and_double_nothing(live: Callable[..., Live]) -> None:
    count = 2_000_000
    running = live(LOOP, str(count))
    killed = 0
    while running.process.poll() is None and killed < 4:
        time.sleep(0.05 + 0.03 * killed)
        writer = wait_for(lambda: running.ring.writer_pid if alive(running.ring.writer_pid) else running.process.poll() is not None)
        if writer is True:
            break
        os.kill(writer, signal.SIGKILL)
        killed += 1
    out, err = running.process.communicate(timeout=SECONDS)
    assert running.process.returncode == 0, err
    assert out == f"{sum(range(count))}\n".encode()
    assert killed >= 2
    found = facts(running.path)
    assert (found["state"], found["ended"], found["lost"], found["exit_code"]) == ("finished", "exit", 0, 0)
    assert_whole(running.path)
    (hits,) = rows(running.path, "SELECT max(hits) FROM line_hits")[0]
    assert hits in (count, count + 1)
    assert not running.ring_path.exists()


def test_a_recording_can_be_read_while_it_grows(live: Callable[..., Live]) -> None:
    running = live(FOR_EVER)
    seen: list[int] = []
    for _ in range(4):
        wait_for(lambda: events(running.path) > (seen[-1] if seen else 0))
        seen.append(events(running.path))
    assert seen == sorted(set(seen))
    assert not recover(running.path), "a live recording is left alone"
    running.kill_everything()


def test_what_is_published_is_in_the_file_soon(live: Callable[..., Live]) -> None:
    running = live("import time\nx = 1\nx = 2\nprint('going', flush=True), time.sleep(600)\n")
    assert running.process.stdout is not None
    assert running.process.stdout.readline() == b"going\n"
    # The program sleeps: it does nothing any more that could help.
    published = running.ring.events
    assert published >= 4
    wait_for(lambda: events(running.path) >= published)
    assert running.ring.events == published
    running.kill_everything()


@pytest.mark.parametrize("delay", [0.05, 0.3, 0.8])
def test_a_kill_of_everything_leaves_a_recording_with_every_published_event(delay: float, live: Callable[..., Live]) -> None:
    running = live(FOR_EVER)
    wait_for(lambda: running.ring.events > 1000)
    time.sleep(delay)
    running.kill_everything()
    published = running.ring.events
    found = facts(running.path)
    assert (found["state"], found["ended"]) == ("recording", "recording")
    assert "script.py" in found["command"]
    recovered(running.path)
    found = facts(running.path)
    assert (found["state"], found["ended"], found["exit_code"], found["lost"]) == ("cut short", "killed", None, 0)
    # The count and the event are published one after the other; the kill may have fallen between.
    assert published - 1 <= events(running.path) <= published
    assert_whole(running.path)
    assert not running.ring_path.exists()
    assert not recover(running.path), "once is enough"


def test_without_its_ring_a_recording_keeps_what_it_has(live: Callable[..., Live]) -> None:
    running = live(FOR_EVER)
    wait_for(lambda: events(running.path) > 5000)
    running.kill_everything()
    running.ring_path.unlink()
    stored = events(running.path)
    recovered(running.path)
    assert events(running.path) == stored > 5000
    assert facts(running.path)["state"] == "cut short"
    assert_whole(running.path)


def test_a_killed_launcher_leaves_the_program_and_the_writer_at_work(live: Callable[..., Live]) -> None:
    count = 2_000_000
    running = live(LOOP, str(count))
    program, writer = running.program(), running.writer()
    running.process.kill()
    assert alive(program)
    wait_for(lambda: not alive(program))
    wait_for(lambda: not alive(writer))
    found = facts(running.path)
    assert (found["state"], found["ended"], found["exit_code"]) == ("cut short", "killed", None)
    assert max(rows(running.path, "SELECT max(hits) FROM line_hits")[0]) in (count, count + 1)
    assert_whole(running.path)
    assert not running.ring_path.exists()


def test_a_killed_program_ends_the_recording(live: Callable[..., Live]) -> None:
    running = live(FOR_EVER)
    wait_for(lambda: running.ring.events > 1000)
    os.kill(running.program(), signal.SIGKILL)
    _, err = running.process.communicate(timeout=SECONDS)
    assert running.process.returncode == -signal.SIGKILL
    found = facts(running.path)
    assert (found["state"], found["ended"], found["signal"], found["lost"]) == ("finished", "killed", 9, 0)
    assert b"recorded" in err
    assert_whole(running.path)


def test_a_stopped_writer_makes_the_program_wait_and_loses_nothing(live: Callable[..., Live]) -> None:
    count = 400_000
    running = live(LOOP, str(count), ring=SMALLEST)
    writer = running.writer()
    os.kill(writer, signal.SIGSTOP)
    wait_for(lambda: running.ring.waits)
    published = running.ring.events
    time.sleep(0.5)
    assert (running.ring.events, running.ring.waits) == (published, 1)
    os.kill(writer, signal.SIGCONT)
    out, _ = running.process.communicate(timeout=SECONDS)
    assert out == f"{sum(range(count))}\n".encode()
    assert facts(running.path)["lost"] == 0
    assert_whole(running.path)


_RING_DATA = 16384 + (1 << 20)  # RING_HEADER_SIZE of native/ring.h


def test_a_ring_that_is_scribbled_over_ends_the_recording_and_not_the_program(live: Callable[..., Live]) -> None:
    """As a wild pointer of the program would do it."""
    count = 1_000_000
    running = live(LOOP, str(count))
    wait_for(lambda: events(running.path) > 1000)
    writer = running.writer()
    os.kill(writer, signal.SIGSTOP)
    seen = running.ring.head  # and no byte behind it has been read
    wait_for(lambda: running.ring.head > seen + 20_000)
    with running.ring_path.open("r+b") as file:
        os.pwrite(file.fileno(), b"\x7f" * 10_000, _RING_DATA + (seen + 1000) % running.ring.capacity)
    os.kill(writer, signal.SIGCONT)
    out, err = running.process.communicate(timeout=SECONDS)
    assert (running.process.returncode, out) == (0, f"{sum(range(count))}\n".encode()), err
    assert b"recording stopped early: damaged stream" in err
    found = facts(running.path)
    assert (found["state"], found["stopped"]) == ("finished", "damaged stream")
    assert found["lost"] > 0
    assert_whole(running.path)


def test_rings_of_dead_recordings_are_swept_and_the_recordings_finished(live: Callable[..., Live]) -> None:
    running = live(FOR_EVER)
    wait_for(lambda: events(running.path) > 100)
    running.kill_everything()
    assert running.ring_path.exists()
    sweep()
    wait_for(lambda: not running.ring_path.exists())
    assert facts(running.path)["state"] == "cut short"
    assert_whole(running.path)


def test_a_writer_that_cannot_run_leaves_the_program_alone(tmp_path: Path, record: Runner) -> None:
    """The directory of the recording is removed while the program runs: no writer can write any more."""
    place = tmp_path / "place"
    place.mkdir()
    (tmp_path / "script.py").write_text(
        f"import glob, os, shutil, signal, time\nshutil.rmtree({str(place)!r})\nt = 0\nfor i in range(20000):\n    t += i\nprint(t)\n"
    )
    got = record("-o", str(place / "run.db"), "script.py")
    assert (got.code, got.out) == (0, b"199990000\n")


def disk_usage_limited(bytes: int) -> Callable[[], None]:
    def limit() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes, bytes))

    return limit


# Some 10 MB that can't be compressed further: each file name is part of the recording.
NOISE = """
import random
random.seed(1)
for i in range(25_000):
    exec(compile("x = 1", f"<{random.randbytes(300).hex()}>", "exec"))
print("done")
"""


def test_a_limit_on_file_sizes_ends_the_recording_and_not_the_program(tmp_path: Path, record: Runner) -> None:
    """6 MB: enough for the smallest ring, not for what there is to write."""
    (tmp_path / "script.py").write_text(NOISE)
    got = record("script.py", preexec_fn=disk_usage_limited(6 << 20))
    assert (got.code, got.out) == (0, b"done\n")
    found = facts(tmp_path / "run.db")
    assert found["stopped"] in ("disk full", "write error")
    assert found["stopped"] in got.said
    assert events(tmp_path / "run.db") > 10_000
    assert rows(tmp_path / "run.db", "PRAGMA integrity_check") == [("ok",)]


@pytest.fixture
def small_disk(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A file system of 3 MB (or what the test says), where this process may make one."""
    place = tmp_path / "small"
    place.mkdir()
    size = getattr(request, "param", "3m")
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(place)], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("needs the right to mount a file system; the test with a limit on file sizes covers the same path")
    return place


@pytest.fixture(autouse=True)
def unmount(tmp_path: Path) -> object:
    yield
    if (tmp_path / "small").is_mount():
        subprocess.run(["umount", "-l", str(tmp_path / "small")], check=True)


def assert_finished_on_a_full_disk(path: Path, said: str) -> None:
    found = facts(path)
    assert (found["stopped"], found["state"], found["ended"]) == ("disk full", "finished", "exit"), said
    assert "recording stopped early: disk full" in said
    assert found["lost"] == 0 or f"{found['lost']:,} events were lost" in said
    assert not list(path.parent.glob("*.ring"))


@pytest.mark.parametrize("small_disk", ["3m", "5m", "9m"], indirect=True)
def test_a_full_disk_ends_the_recording_and_not_the_program(small_disk: Path, tmp_path: Path, record: Runner) -> None:
    (tmp_path / "script.py").write_text(NOISE)
    path = small_disk / "run.db"
    got = record("-o", str(path), "script.py")
    assert (got.code, got.out) == (0, b"done\n")
    assert_finished_on_a_full_disk(path, got.said)
    assert events(path) > 0
    assert_whole(path)


# A program that fills the disk itself, and keeps it full: what is freed anywhere is its own at once.
HOG = """
import os, sys, time
while not os.path.exists(sys.argv[2]) or not os.path.getsize(sys.argv[2]):
    time.sleep(0.01)  # the writer is not at work yet
descriptor = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)

def fill():
    for size in (1 << 20, 1 << 14, 512):
        try:
            while os.write(descriptor, bytes(size)) == size:
                pass
        except OSError:
            pass

for i in range(25_000):
    exec(compile("x = 1", f"<{os.urandom(300).hex()}>", "exec"))
    if not i % 50:
        fill()
print("done")
"""


@pytest.mark.parametrize("small_disk", ["3m", "20m"], indirect=True)
def test_a_disk_that_the_program_keeps_full_has_room_for_the_end_of_the_recording(small_disk: Path, tmp_path: Path, record: Runner) -> None:
    (tmp_path / "script.py").write_text(HOG)
    path = small_disk / "run.db"
    got = record("-o", str(path), "script.py", str(small_disk / "filler"), f"{path}-wal")
    assert (got.code, got.out) == (0, b"done\n")
    assert_finished_on_a_full_disk(path, got.said)
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


def test_the_totals_of_a_chunk_for_which_there_was_no_room_are_counted_by_whoever_reads(tmp_path: Path, record: Runner) -> None:
    (tmp_path / "script.py").write_text("def double(n):\n    return 2 * n\n\n\nfor i in range(100):\n    double(i)\n")
    assert record("script.py").code == 0
    path = tmp_path / "run.db"

    def totals() -> tuple[Any, ...]:
        with Run.open(path) as run:
            return information(run).kinds, information(run).hottest, sorted(run.line_hits()), [code.calls for code in run.codes()]

    counted = totals()
    assert sum(counted[3]) == 101
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(
            "DROP TABLE checksum; DELETE FROM line_hits; UPDATE code SET calls = 0; DELETE FROM meta WHERE key IN ('counted', 'kinds')"
        )
    assert totals() == counted


def test_a_disk_without_room_for_anything_is_an_error_before_the_program_starts(small_disk: Path, tmp_path: Path, record: Runner) -> None:
    (tmp_path / "script.py").write_text("print('ran')\n")
    try:
        (small_disk / "filler").write_bytes(b"x" * (4 << 20))
    except OSError:
        pass
    got = record("-o", str(small_disk / "run.db"), "script.py")
    assert (got.code, got.out) == (2, b"")
    assert "can't write" in got.said
    assert [file.name for file in small_disk.iterdir()] == ["filler"]


def test_without_shared_memory_the_ring_stands_beside_the_recording(tmp_path: Path, record: Runner) -> None:
    (tmp_path / "script.py").write_text("import os\nprint([name for name in os.listdir('.') if name.endswith('.ring')])\n")
    done = subprocess.run(
        [*RECORD, "-o", "run.db", "script.py"],
        cwd=tmp_path,
        env={**os.environ, "TTTUI_SHARED_MEMORY": "/nonexistent"},
        capture_output=True,
        timeout=SECONDS,
        check=True,
    )
    assert b".run.db-" in done.stdout
    assert events(tmp_path / "run.db") > 0
    assert not [path for path in tmp_path.iterdir() if ".ring" in path.name or path.suffix in (".log", ".run")]
