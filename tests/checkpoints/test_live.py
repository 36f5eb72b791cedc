"""The program itself, while it stops: what is carried out in it stays, is said to be the debugger's doing, and is repeated by copies."""

import json
from pathlib import Path
from typing import Any

from record.running import assert_whole

from checkpoints.test_stops import stopped
from tttui.store.run import Run

PROGRAM = """\
import sys

class Account:
    def __init__(self):
        self.balance = 10

def pay(account, amount):
    doubled = amount * 2
    account.balance += doubled
    return doubled

account = Account()
limit = 100
for amount in range(4):
    pay(account, amount)
if account.balance > limit:
    print("much", account.balance)
    sys.exit(3)
print("little", account.balance)
"""


def session(directory: Path, commands: str, *options: str, program: str = PROGRAM) -> tuple[str, int]:
    done = stopped(directory, commands, "--shell", *options, program=program)
    return done.stdout, done.returncode


def moments(directory: Path) -> dict[str, Any]:
    with Run.open(directory / "run.db") as run:
        return {"changes": run.live_changes(), "events": run.events, "meta": dict(run.meta)}


def test_what_is_changed_in_the_program_stays(tmp_path: Path) -> None:
    script = "exec -l doubled = 1000; account.balance = -1\np doubled\nup\nexec -l global limit; limit = 5\nquit\neval limit\nquit\n"
    output, code = session(tmp_path, script, "-b", "program.py:9, amount == 2")
    assert code == 3
    assert "much 1005" in output
    assert "doubled = 1000" in output
    assert "limit = 5" in output
    assert_whole(tmp_path / "run.db")


def test_the_recording_says_whose_doing_it_was(tmp_path: Path) -> None:
    session(tmp_path, "exec --live doubled = 1000\neval -l account.balance\nquit\n", "-b", "program.py:9, amount == 2")
    found = moments(tmp_path)
    assert [(change.frame, change.text) for change in found["changes"]] == [(0, "doubled = 1000"), (0, "account.balance")]
    with Run.open(tmp_path / "run.db") as run:
        event = found["changes"][0].event
        before, after = run.moment(event - 1), run.moment(event)
        assert (before.kind, before.stack[-1].line, before.stack[-1].locals["doubled"].text) == ("line", 9, "4")
        assert (after.kind, after.stack[-1].line, after.stack[-1].locals["doubled"].text) == ("line", 9, "1000")
    assert json.loads(found["meta"]["stops"]) == ["program.py:9, amount == 2"]


def test_copies_made_before_repeat_it_and_are_verified(tmp_path: Path) -> None:
    """Time and random numbers that it asked for are the same ones again."""
    script = (
        "exec -l import time, os; account.stamp = (time.time(), os.urandom(4))\nexec -l doubled += 5\nresume\n"
        "goto end\neval account.stamp\ngoto 0\ncheckpoint\ngoto 35\ncheckpoint\neval account.stamp\nquit\n"
    )
    # Nothing but the copies at the start and at the stop: everything behind is reached by running over it.
    output, _ = session(tmp_path, script, "--checkpoint-interval", "100000", "-b", "program.py:9, amount == 2")
    stamps = {line for line in output.splitlines() if line.startswith("account.stamp = ")}
    assert len(stamps) == 1
    assert "verified to event 35" in output


def test_what_its_code_calls_is_not_recorded_but_its_effects_are_done(tmp_path: Path) -> None:
    script = "exec -l pay(account, 500); open('done.txt', 'w').write('yes')\nquit\nquit\n"
    output, code = session(tmp_path, script, "-b", "program.py:13")
    assert code == 3
    assert "much 1022" in output
    assert (tmp_path / "done.txt").read_text() == "yes"
    with Run.open(tmp_path / "run.db") as run:
        assert sum(found.calls for found in run.codes() if found.qualname == "pay") == 4


def test_only_where_the_program_is_paused(tmp_path: Path) -> None:
    output, code = session(tmp_path, "goto 0\nexec -l limit = 5\n", "-b", "program.py:13")
    assert code == 0
    assert "this moment is past" in output
    output, _ = session(tmp_path, "exec -l limit = 5\n")
    assert "isn't paused" in output


def test_a_mistake_changes_nothing_and_is_told(tmp_path: Path) -> None:
    output, code = session(tmp_path, "eval -l 1 / 0\nexec -l sys.exit(9)\neval -l [amount for _ in range(2)]\nquit\n", "-b", "program.py:9")
    assert "ZeroDivisionError" in output
    assert "SystemExit: 9" in output
    assert "[amount for _ in range(2)] = [0, 0]" in output
    assert code == 0


def test_other_threads_go_on_and_are_recorded_meanwhile(tmp_path: Path) -> None:
    program = """\
import threading, time

seen = []
go = threading.Event()

def work():
    go.wait()
    for number in range(50):
        seen.append(number)

thread = threading.Thread(target=work)
thread.start()
here = 1
thread.join()
print(len(seen), here)
"""
    output, _ = session(
        tmp_path,
        "eval len(seen)\nexec -l go.set(); time.sleep(0.3); here = len(seen)\nquit\neval 1\nquit\n",
        "-b",
        "program.py:13",
        program=program,
    )
    assert "50 1" in output
    assert "len(seen) = 0" in output  # in a copy, to be looked at alone
    with Run.open(tmp_path / "run.db") as run:
        lines = sum(1 for event in range(run.events) if run.moment(event, depth=0).stack[-1].line == 9)
        assert lines == 50
    assert_whole(tmp_path / "run.db")
