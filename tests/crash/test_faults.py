"""Each write to the recording fails once, or from then on: the program runs as it would, and what was recorded is true.

Faults that pass cost nothing at all; others end the recording, and it says why.
"""

import errno
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.programs import RECORD, clean_environment

from crash.counting import last_number, wrong_in_stream
from crash.faults import Faults
from tttui.report.opening import open_run
from tttui.store.run import Run

LIMIT = 30_000
PROGRAM = f"""items = []


def count(number):
    while number < {LIMIT}:
        number += 1
        items.append(number)
        if len(items) > 20:
            items.clear()
    return number


print(count(0))
"""
pytestmark = pytest.mark.timeout(3600)  # with --slow there are some hundred runs in each test
NEVER = 1 << 62
HALF = 0
ERRORS = (errno.EIO, errno.ENOSPC, errno.EINTR, HALF)
SAMPLES = 3
"""Calls that are tried of each kind of fault, where not all are."""


class Recorded:
    """One run of `PROGRAM`, with faults."""

    def __init__(self, directory: Path, faults: Faults) -> None:
        self.path = directory / "run.db"
        self.faults = faults
        (directory / "program.py").write_text(PROGRAM)

    def run(self, first: int, last: int, error: int, within: str | None = None) -> subprocess.CompletedProcess[str]:
        """Record it, while the calls first .. last - 1 fail."""
        for leftover in self.path.parent.glob("run.db*"):
            leftover.unlink()
        self.faults.set(first, last, error, **({} if within is None else {"within": within}))
        command = [*RECORD, "--no-checkpoints", "-o", str(self.path), "program.py"]
        environment = {**clean_environment(self.path.parent), **self.faults.environment()}
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.path.parent, env=environment, timeout=180, check=False)
        assert "Traceback" not in done.stderr
        return done

    def samples(self, slow: bool) -> Iterator[int]:
        """Numbers of calls: all that a run without faults makes, or some of them."""
        self.run(NEVER, NEVER, 0)
        calls = self.faults.calls
        assert calls > 20
        return iter(range(calls + 1) if slow else sorted({calls * index // SAMPLES + 3 * (index == 0) for index in range(SAMPLES)}))


@pytest.fixture
def slow(request: pytest.FixtureRequest) -> bool:
    """Whether each call is to fail in its turn, and not some of them."""
    return bool(request.config.getoption("--slow"))


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    return Recorded(tmp_path, Faults(tmp_path))


def went_well(done: subprocess.CompletedProcess[str]) -> bool:
    """Whether the program did what it does without a recorder."""
    return (done.returncode, done.stdout) == (0, f"{LIMIT}\n")


def missing(path: Path) -> list[str]:
    """What of all that the program did isn't in a recording."""
    with Run.open(path) as run:
        facts = (run.meta["state"], run.meta["lost"], run.meta.get("stopped"), list(run.gaps()))
    wrong = wrong_in_stream(path)
    if facts != ("finished", 0, None, []):
        wrong.append(f"it says of itself {facts}")
    if (last := last_number(path)) != LIMIT:
        wrong.append(f"it ends at {last}")
    return wrong


def missing_unsaid(path: Path, said: str) -> list[str]:
    """The same of one that can be finished now that nothing fails any more: it is all there, or says why not."""
    with open_run(path) as run:
        state, lost, stopped = run.meta["state"], run.meta["lost"], run.meta.get("stopped")
    if state != "finished" or (lost and stopped not in ("disk full", "write error")):
        return [f"it is {state}, {lost} events are lost, and stopped is {stopped}"]
    if stopped:
        told = "recording stopped early" in said or "the recording is not finished" in said
        return [] if told else [f"nobody was told that it stopped: {said}"]
    return missing(path)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: errno.errorcode.get(error, "half a write"))
def test_a_write_that_fails_once_costs_nothing(error: int, recorded: Recorded, slow: bool) -> None:
    failed = 0
    for number in recorded.samples(slow):
        done = recorded.run(number, number + 1, error)
        assert went_well(done), done.stderr
        failed += recorded.faults.failed
        assert (missing_unsaid(recorded.path, done.stderr) if error == errno.ENOSPC else missing(recorded.path)) == [], number
    assert failed


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC], ids=errno.errorcode.get)
def test_writes_that_fail_from_some_time_on_leave_what_was_written_before(error: int, recorded: Recorded, slow: bool) -> None:
    for number in recorded.samples(slow):
        done = recorded.run(number, NEVER, error)
        assert went_well(done), done.stderr
        assert missing_unsaid(recorded.path, done.stderr) == [], number


def test_a_recording_that_can_not_be_made_is_told_before_the_program_runs(recorded: Recorded, slow: bool) -> None:
    """Faults in the launcher, which makes the recording."""
    refused = 0
    for number in range(40 if slow else 5):
        for error in (errno.EIO, errno.ENOSPC):
            done = recorded.run(number, NEVER, error, "--no-checkpoints")
            if done.returncode:
                assert (done.returncode, done.stdout) == (2, "")
                assert "can't write" in done.stderr
                assert not list(recorded.path.parent.glob("run.db*"))
                refused += 1
            else:
                assert went_well(done), done.stderr
    assert refused
