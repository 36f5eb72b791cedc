"""-b FILE:LINE: the program waits there, what is recorded so far can be looked at, and then it goes on as if nothing had been."""

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
    script = "eval (number, total)\nresume\n" * 4 + "eval total\nulist\nquit\n"
    done = stopped(tmp_path, script, "--shell", "-b", "program.py:5")
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


def test_it_goes_on_to_so_many_stops(tmp_path: Path) -> None:
    done = stopped(tmp_path, "resume 3\neval number\nulist\nresume nothing\nquit\nquit\n", "--shell", "-b", "program.py:5")
    assert "a number of stops is needed: nothing" in done.stdout
    assert done.stderr.count("the program is paused") == 2
    assert "number = 3" in done.stdout
    assert len([line for line in done.stdout.splitlines() if line.startswith("◆") and "step" in line]) == 4, "a copy at each of them"


def test_quit_lets_it_go_on_to_its_end(tmp_path: Path) -> None:
    done = stopped(tmp_path, "quit\neval total\nulist\nquit\n", "--shell", "-b", "program.py:5")
    assert "total = 12" in done.stdout
    assert len([line for line in done.stdout.splitlines() if line.startswith("◆") and "step" in line]) == 1


def test_a_place_to_which_it_never_came_is_named(tmp_path: Path) -> None:
    places = ("program.py:4, number > 99", "nowhere.py:4", "rogram.py:4", "program.py:99")
    done = stopped(tmp_path, "quit\n", "--shell", "--breakpoint", *(word for place in places for word in ("-b", place)))
    assert done.stderr.rstrip().endswith("; it never came to nowhere.py:4 nor to rogram.py:4 nor to program.py:99")


@pytest.mark.parametrize(
    ("place", "numbers"),
    [
        ("program.py:4, number % 2", [1, 3]),
        ("program.py:4 if number > 2 or total == 0 and len(sys.argv) == 1", [0, 1, 3]),
        ("program.py:4, any(number == each for each in (2, 3))", [2, 3]),
        ("./program.py:9,number==1", [1]),
        ("program.py:4, wrong", [0, 1, 2, 3]),
    ],
)
def test_a_condition_says_where_to_stop(tmp_path: Path, place: str, numbers: list[int]) -> None:
    done = stopped(tmp_path, "ulist\neval number\nresume\n" * 5, "--shell", "-b", place)
    assert done.returncode == 12
    shown = [line for line in done.stdout.splitlines() if line.startswith("number =")]
    assert shown[: len(numbers)] == [f"number = {number}" for number in numbers]
    assert done.stdout.count("the program is paused") == len(numbers)
    assert ("NameError: name 'wrong' is not defined" in done.stdout) == ("wrong" in place)


def test_a_condition_is_not_recorded_and_copies_run_over_it(tmp_path: Path) -> None:
    """Its own code runs in the program, and changes it: a copy that comes by does the same, so what follows is as recorded."""
    program = PROGRAM.replace("total = 0", "asked = []\ntotal = 0")
    place = "program.py:10, asked.append(number) or number == 2"
    done = stopped(tmp_path, "resume\neval asked\ngoto 20\neval asked\ncheckpoint\nquit\n", "--shell", "-b", place, program=program)
    assert "asked = [0, 1, 2, 3]" in done.stdout
    assert "verified to event 20" in done.stdout


def test_a_hundred_stops_are_kept_and_the_oldest_go_first(tmp_path: Path) -> None:
    program = "for number in range(120):\n    square = number * number\n"
    done = stopped(tmp_path, "resume\n" * 120 + "ulist\nquit\n", "--shell", "-b", "program.py:2", program=program)
    with Run.open(tmp_path / "run.db") as run:
        at_line = [run.moment(event).event for event in range(run.events) if run.moment(event, depth=0).stack[-1].line == 2]
        listed = {int(line.split()[2].replace(",", "")) for line in done.stdout.splitlines() if line.startswith("◆")}
        assert len(at_line) == 120
        assert set(at_line[20:]) <= listed
        assert len(listed & set(at_line[:20])) <= 24  # only those that were due anyway


def test_several_places_and_breakpoint_calls(tmp_path: Path) -> None:
    program = PROGRAM.replace("total = 0", "breakpoint()\ntotal = 0") + "breakpoint()\n"
    done = stopped(tmp_path, "ulist\nresume\n" * 8, "--shell", "-b", "program.py:5", "--breakpoint", "-b", "program.py:12", program=program)
    assert done.returncode == 12
    paused = [line for line in done.stdout.splitlines() if "is paused" in line]
    assert len(paused) == 6
    assert "breakpoint()" in paused[0]
    assert not any("breakpoint()" in line for line in paused[1:])


@pytest.mark.parametrize("value", ["0", "os.getcwd"])
def test_breakpoint_is_the_programs_own_unless_it_was_asked_for(tmp_path: Path, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the option as in plain Python; with it PYTHONBREAKPOINT=0 still turns it off."""
    program = "import os, sys\nfound = breakpoint()\nprint(found == os.getcwd(), sys.breakpointhook is sys.__breakpointhook__)\nend = 1\n"
    monkeypatch.setenv("PYTHONBREAKPOINT", value)
    plain = stopped(tmp_path, "quit\n", "--shell", program=program)
    assert f"{value != '0'} True" in plain.stdout
    asked = stopped(tmp_path, "quit\nquit\n", "--shell", "--breakpoint", program=program)
    assert ("is paused" in asked.stderr) == (value != "0")
    assert "False False" in asked.stdout


def test_breakpoint_without_the_option_is_pdb(tmp_path: Path) -> None:
    done = stopped(tmp_path, "p 6 * 7\nc\nquit\n", "--shell", program="x = 1\nbreakpoint()\ny = 2\nprint('end')\n")
    assert "(Pdb) 42" in done.stdout
    assert "end" in done.stdout


def test_one_can_travel_back_while_it_waits(tmp_path: Path) -> None:
    done = stopped(tmp_path, "goto start\neval 'total' in globals()\ngoto end\neval doubled\nquit\n", "--shell", "--break", "program.py:5")
    assert "'total' in globals() = False" in done.stdout
    assert "doubled = 0" in done.stdout
    assert done.returncode == 12  # quit has let it go on to its end


def test_what_was_recorded_is_as_without_stopping(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "stopping").mkdir()
    stopped(tmp_path / "plain", "")
    stopped(tmp_path / "stopping", "eval total\nresume\n" * 5, "--shell", "-bprogram.py:9")
    with Run.open(tmp_path / "plain" / "run.db") as plain, Run.open(tmp_path / "stopping" / "run.db") as other:
        assert plain.events == other.events
        assert [found.data for found in plain.outputs()] == [found.data for found in other.outputs()]
        for event in range(plain.events):
            assert plain.moment(event).stack[-1].line == other.moment(event).stack[-1].line


@pytest.mark.parametrize("place", ["program.py", "program.py:x", ":5", "program.py:0", "program.py:5, 1 +"])
def test_what_is_no_place_is_refused(place: str, tmp_path: Path) -> None:
    done = stopped(tmp_path, "", "--shell", "--break", place)
    assert done.returncode == 2
    assert "FILE:LINE" in done.stderr or "condition" in done.stderr


def test_without_anybody_to_look_it_is_refused(tmp_path: Path) -> None:
    done = stopped(tmp_path, "", "-b", "program.py:5")
    assert done.returncode == 2
    assert not (tmp_path / "run.db").exists()


def test_a_program_whose_launcher_is_killed_goes_on(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM.replace("sys.exit", "open('ended', 'w').write('yes'); sys.exit"))
    command = [sys.executable, "-m", "tttui", "record", "--shell", "-b", "program.py:9", "-o", "run.db", "program.py"]
    launcher = subprocess.Popen(
        command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert launcher.stderr is not None
    assert b"paused" in launcher.stderr.readline()
    launcher.kill()
    launcher.communicate(timeout=30)
    import time

    give_up = time.monotonic() + 30
    while not (tmp_path / "ended").exists() and time.monotonic() < give_up:
        time.sleep(0.05)
    assert (tmp_path / "ended").read_text() == "yes"
