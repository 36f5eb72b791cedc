"""kill -9 of the program, of its writer and of everything, at random moments: nothing that was published is lost."""

import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.programs import clean_environment

from crash.counting import Counting, kill, last_number, lives, start_counting, wrong_in_stream
from tttui.store.run import Run

VICTIMS = ("program", "writer", "both", "all")
LIMIT = 200_000


@dataclass(frozen=True)
class Left:
    """What is left of a program that was killed, or whose writer was."""

    code: int
    said: str
    number: int
    """How far it counted."""
    recorded: int
    wrong: list[str]
    facts: tuple[Any, ...]
    """How it ended, the state of the recording, how many events were lost, and gaps."""


def kill_at_random(directory: Path, victim: str, seed: int) -> Left:
    # A program whose writer was killed goes on to its end.
    with start_counting(directory, LIMIT if victim == "writer" else 10**9) as counting:
        hit(counting, victim, random.Random(seed))
        code = counting.finish()
    if victim == "all":
        finish_what_was_left(counting.recording)
    recording = counting.recording
    with Run.open(recording) as run:
        facts = run.facts.text("ended"), run.facts.text("state"), run.facts.values["lost"], list(run.gaps())
    return Left(code, counting.said(), counting.number, last_number(recording), wrong_in_stream(recording), facts)


def hit(counting: Counting, victim: str, random_: random.Random) -> None:
    program = counting.program()
    time.sleep(random_.uniform(0, 0.3))
    if victim == "program":
        kill(program)
        return
    if victim == "writer":
        for _ in range(random_.randint(1, 3)):
            writer = counting.writer()
            if writer > 0:
                kill(writer)
            time.sleep(random_.uniform(0, 0.05))
        return
    processes = [program, counting.writer()]
    random_.shuffle(processes)
    if victim == "all":
        counting.launcher.kill()
    for process in processes:
        kill(process)
        time.sleep(random_.choice([0, 0, random_.uniform(0, 0.05)]))
    # On a busy machine it takes a while until a killed process is gone; until then it counts as running.
    counting.wait_for(lambda: not any(map(lives, processes)), "the killed processes to go")


def finish_what_was_left(recording: Path) -> None:
    """Nobody is left who would finish the recording: the next command that opens it does."""
    command = [sys.executable, "-P", "-m", "tttui", "info", "--json", str(recording)]
    done = subprocess.run(command, capture_output=True, text=True, env=clean_environment(recording.parent), timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("victim", VICTIMS)
def test_nothing_published_is_lost(victim: str, seed: int, tmp_path: Path) -> None:
    left = kill_at_random(tmp_path, victim, seed)
    assert left.code == (0 if victim == "writer" else -signal.SIGKILL), left.said
    # The line that counts is recorded before it runs, the variable after; the memory is written between.
    assert left.recorded in (left.number, left.number + 1), left.said
    assert left.recorded == LIMIT or victim != "writer"
    assert left.wrong == []
    assert left.facts in (("exit" if victim == "writer" else "killed", state, 0, []) for state in ("finished", "cut short"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 200))
@pytest.mark.parametrize("victim", VICTIMS)
def test_nothing_published_is_lost_at_many_moments(victim: str, seed: int, tmp_path: Path) -> None:
    left = kill_at_random(tmp_path, victim, seed)
    assert left.recorded in (left.number, left.number + 1), left.said
    assert (left.wrong, left.facts[2:]) == ([], (0, []))
