"""A recording of a real program, and shells over it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tttui.shell.answers import Answer
from tttui.shell.lines import execute
from tttui.shell.session import Session
from tttui.shell.start import start_session
from tttui.store.run import Run

PROGRAM = Path(__file__).with_name("shopping.py")


@pytest.fixture(scope="session")
def shopping(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of shopping.py, which ends in an AssertionError."""
    directory = tmp_path_factory.mktemp("shopping")
    recording = directory / "run.db"
    command = [sys.executable, "-m", "tttui", "record", "-o", str(recording), str(PROGRAM)]
    done = subprocess.run(command, capture_output=True, timeout=180, check=False, env={**os.environ, "HOME": str(directory)})
    assert done.returncode == 1, done.stderr.decode()
    return recording


@pytest.fixture
def session(shopping: Path) -> Iterator[Session]:
    with Run.open(shopping) as run:
        yield start_session(run)


class Shown:
    """An answer with all that it shows."""

    def __init__(self, answer: Answer) -> None:
        self.json = answer.json
        self.status = answer.status
        self.quit = answer.quit
        rows = list(answer.rows or ())
        self.rows = [row.json for row in rows]
        self.lines = [text.plain for text in answer.texts] + [row.text.plain for row in rows]
        self.text = "\n".join(self.lines)
        if answer.rows is not None and not rows:
            self.status, self.text = 1, answer.nothing


Do = Callable[[str], Shown]


@pytest.fixture
def do(session: Session) -> Do:
    """Carries out a command."""

    def run(line: str) -> Shown:
        answer = execute(session, line)
        assert answer is not None
        return Shown(answer)

    return run
