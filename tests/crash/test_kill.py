"""kill -9 of the program, of its writer and of everything, at random moments: nothing that was published is lost."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.programs import clean_environment

from crash.counting import Counting, check_stream, kill, last_number, lives, start_counting
from tttui.store.run import Run

VICTIMS = ("program", "writer", "both", "all")


def kill_at_random(directory: Path, victim: str, seed: int) -> None:
    # A program whose writer was killed goes on to its end.
    limit = 200_000 if victim == "writer" else 10**9
    with start_counting(directory, limit) as counting:
        hit(counting, victim, random.Random(seed))
        code = counting.finish()
    if victim == "all":
        finish_what_was_left(counting.recording)
    expected = {"program": -9, "writer": 0, "both": -9, "all": -9}[victim]
    assert code == expected, counting.said()
    number = counting.number
    recorded = last_number(counting.recording)
    # The line that counts is recorded before it runs, the variable after; the memory is written between.
    assert number <= recorded <= number + 1, counting.said()
    if victim == "writer":
        assert recorded == limit
    check_stream(counting.recording)
    check_facts(counting.recording, victim)


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


def check_facts(recording: Path, victim: str) -> None:
    with Run.open(recording) as run:
        assert run.facts.values["lost"] == 0
        assert not run.gaps()
        assert run.facts.text("ended") == ("exit" if victim == "writer" else "killed")
        assert run.facts.text("state") in ("finished", "cut short")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("victim", VICTIMS)
def test_nothing_published_is_lost(victim: str, seed: int, tmp_path: Path) -> None:
    kill_at_random(tmp_path, victim, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 200))
@pytest.mark.parametrize("victim", VICTIMS)
def test_nothing_published_is_lost_at_many_moments(victim: str, seed: int, tmp_path: Path) -> None:
    kill_at_random(tmp_path, victim, seed)
