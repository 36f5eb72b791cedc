"""--stop FILE:LINE: the program waits there, what is recorded so far can be looked at, and then it goes on as if nothing had been."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tttui.store.run import Run

PROGRAM = """\
import sys

def step(number):
    doubled = number * 2
    return doubled

total = 0
for number in range(4):
    total += step(number)
    print("now", total, flush=True)
sys.exit(total)
"""


def stopped(directory: Path, commands: str, *options: str, program: str = PROGRAM) -> subprocess.CompletedProcess[str]:
    (directory / "program.py").write_text(program)
    command = [sys.executable, "-m", "tttui", "record", *options, "-o", "run.db", "program.py"]
    return subprocess.run(
        command, input=commands, capture_output=True, text=True, timeout=60, check=False, cwd=directory,
        env={**os.environ, "HOME": str(directory), "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip


def test_the_program_waits_and_goes_on(tmp_path: Path) -> None:
    script = "eval (number, total)\nquit\n" * 4 + "eval total\nulist\nquit\n"
    done = stopped(tmp_path, script, "--shell", "--stop", "program.py:5")
    assert done.returncode == 12
    shown = [line for line in done.stdout.splitlines() if line.startswith(("now", "(number, total) ="))]
    assert shown == [
        "(number, total) = (0, 0)",
        "now 0",
        "(number, total) = (1, 0)",
        "now 2",
        "(number, total) = (2, 2)",
        "now 6",
        "(number, total) = (3, 6)",
        "now 12",
    ]
    assert "total = 12" in done.stdout
    with Run.open(tmp_path / "run.db") as run:
        waited = [line for line in done.stdout.splitlines() if line.startswith("◆") and "step" in line]
        assert len(waited) == 4
        assert (run.meta["ended"], run.meta["exit_code"], run.meta["lost"]) == ("exit", 12, 0)


def test_one_can_travel_back_while_it_waits(tmp_path: Path) -> None:
    done = stopped(tmp_path, "goto start\neval 'total' in globals()\ngoto end\neval doubled\nquit\n", "--shell", "--stop", "program.py:5")
    assert "'total' in globals() = False" in done.stdout
    assert "doubled = 0" in done.stdout
    assert done.returncode == 12  # its other stops found nobody at the keyboard: end of input goes on


def test_what_was_recorded_is_as_without_stopping(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "stopping").mkdir()
    stopped(tmp_path / "plain", "")
    stopped(tmp_path / "stopping", "eval total\nquit\n" * 5, "--shell", "--stop", "program.py:9")
    with Run.open(tmp_path / "plain" / "run.db") as plain, Run.open(tmp_path / "stopping" / "run.db") as other:
        assert plain.events == other.events
        assert [found.data for found in plain.outputs()] == [found.data for found in other.outputs()]
        for event in range(plain.events):
            assert plain.moment(event).stack[-1].line == other.moment(event).stack[-1].line


@pytest.mark.parametrize("place", ["program.py", "program.py:x", ":5", "program.py:0"])
def test_what_is_no_place_is_refused(place: str, tmp_path: Path) -> None:
    done = stopped(tmp_path, "", "--shell", "--stop", place)
    assert done.returncode == 2
    assert "FILE:LINE" in done.stderr


def test_without_anybody_to_look_it_is_refused(tmp_path: Path) -> None:
    done = stopped(tmp_path, "", "--stop", "program.py:5")
    assert done.returncode == 2
    assert not (tmp_path / "run.db").exists()


def test_a_program_whose_launcher_is_killed_goes_on(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM.replace("sys.exit", "open('ended', 'w').write('yes'); sys.exit"))
    command = [sys.executable, "-m", "tttui", "record", "--shell", "--stop", "program.py:9", "-o", "run.db", "program.py"]
    launcher = subprocess.Popen(
        command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert launcher.stderr is not None
    assert b"waits" in launcher.stderr.readline()
    launcher.kill()
    launcher.communicate(timeout=30)
    import time

    give_up = time.monotonic() + 30
    while not (tmp_path / "ended").exists() and time.monotonic() < give_up:
        time.sleep(0.05)
    assert (tmp_path / "ended").read_text() == "yes"
