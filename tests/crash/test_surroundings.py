"""Where a recording is made: clocks that are set, shared memory that is small."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from support.programs import RECORD, clean_environment

from crash.faults import built
from tttui.paths import PLACE_VARIABLE
from tttui.store.run import Run

PROGRAM = """import time

items = []
walls = []
for number in range(20_000):
    items.append(number)
    if number % 1000 == 0:
        walls.append(time.time())
        items.clear()
        time.sleep(0.01)
print(number, any(a > b for a, b in zip(walls, walls[1:])))
"""


def info(recording: Path, environment: dict[str, str]) -> dict[str, object]:
    command = [sys.executable, "-P", "-m", "tttui", "info", "--json", str(recording)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=180, check=True)
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("checkpoints", [True, False])
@pytest.mark.parametrize("step", [86_400, -3_000_000])
def test_a_wall_clock_that_is_set_changes_no_order_and_no_duration(step: int, checkpoints: bool, tmp_path: Path) -> None:
    program, recording = tmp_path / "program.py", tmp_path / "run.db"
    program.write_text(PROGRAM)
    environment = {**clean_environment(tmp_path), "LD_PRELOAD": str(built("clock", tmp_path)), "CLOCK_STEP": str(step)}
    options = [] if checkpoints else ["--no-checkpoints"]
    command = [*RECORD, *options, "-o", str(recording), str(program)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=180, check=False)
    assert (done.returncode, done.stdout) == (0, "19999 True\n"), done.stderr
    with Run.open(recording) as run:
        times = [run.moment(event, depth=0).time_ns for event in range(0, run.events, 97)]
        assert all(earlier <= later for earlier, later in pairwise(times))
        assert times[0] >= 0
        # The program sleeps for 0.2 s; a busy machine takes longer, but no day.
        assert 200_000_000 < times[-1] <= run.meta["duration_ns"] < 170 * 10**9
        assert (run.meta["state"], run.meta["lost"]) == ("finished", 0)
        assert [chunk.start_ns <= chunk.end_ns for chunk in run.chunks()] == [True] * len(run.chunks())
    duration = info(recording, environment)["duration_s"]
    assert isinstance(duration, float)
    assert 0.2 < duration < 170


def with_shared_memory(size: str, command: list[str], home: Path) -> subprocess.CompletedProcess[str]:
    """Run a command where /dev/shm is a file system of its own, of some size."""
    unshare = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs -o "size=$0" tmpfs /dev/shm && exec "$@"', size]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a file system")
    environment = {name: value for name, value in clean_environment(home).items() if name != PLACE_VARIABLE}
    return subprocess.run([*unshare, *command], capture_output=True, text=True, env=environment, timeout=180, check=False)


@pytest.mark.parametrize("size", ["100k", "8m", "40m"])
def test_shared_memory_that_is_small_is_enough_or_done_without(size: str, tmp_path: Path) -> None:
    """Containers have 64 MB of it, or less."""
    program, recording = tmp_path / "program.py", tmp_path / "run.db"
    program.write_text(PROGRAM)
    done = with_shared_memory(size, [*RECORD, "-o", str(recording), str(program)], tmp_path)
    assert (done.returncode, done.stdout) == (0, "19999 False\n"), done.stderr
    with Run.open(recording) as run:
        assert (run.meta["state"], run.meta["lost"]) == ("finished", 0)
        assert run.moment(run.events - 1).stack[0].locals["number"].text == "19999"
    assert sorted(file.name for file in tmp_path.iterdir() if "run.db" in file.name) == ["run.db"]


def test_shared_memory_that_others_fill_meanwhile_is_no_harm(tmp_path: Path) -> None:
    """Pages of the ring that were not allocated from the start would end the program by SIGBUS."""
    program, recording = tmp_path / "program.py", tmp_path / "run.db"
    program.write_text(
        "import os\n"
        "descriptor = os.open('/dev/shm/filler', os.O_WRONLY | os.O_CREAT)\n"
        "try:\n"
        "    while os.write(descriptor, bytes(4096)):\n"
        "        pass\n"
        "except OSError as error:\n"
        "    print(error.strerror)\n"
        "long = []\n"
        "for number in range(20_000):\n"
        "    long.append(str(number) * 200)\n"
    )
    done = with_shared_memory("20m", [*RECORD, "-o", str(recording), str(program)], tmp_path)
    assert (done.returncode, done.stdout) == (0, "No space left on device\n"), done.stderr
    with Run.open(recording) as run:
        assert (run.meta["state"], run.meta["lost"]) == ("finished", 0)
        assert run.moment(run.events - 1).stack[0].locals["number"].text == "19999"
