"""Small programs with a bug each: the question that a developer would ask is answered from the failure backwards.

Beside each program stands a script: the question, its true answer, and shell commands (``> p x``), each with
what its output must hold, line by line; ``!`` before a text: what it must not hold.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tttui.shell.lines import execute
from tttui.shell.start import start_session
from tttui.store.run import Run

BUGS = Path(__file__).parent / "bugs"
NAMES = sorted(path.stem for path in BUGS.glob("*.py"))


@dataclass(frozen=True)
class Script:
    """What is asked about a program, and the commands that answer it."""

    question: str
    answer: str
    steps: list[tuple[str, list[str]]]
    """(command, what its output must hold)."""


def read(path: Path) -> Script:
    head, _, body = path.read_text().partition("\n\n")
    question, answer = re.fullmatch(r"question: (.+)\nanswer: (.+)", head.strip()).groups()  # type: ignore[union-attr]
    steps: list[tuple[str, list[str]]] = []
    for line in body.splitlines():
        if line.startswith("> "):
            steps.append((line[2:], []))
        elif line.strip():
            steps[-1][1].append(line.strip())
    return Script(question, answer, steps)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bugs")


def record(name: str, directory: Path) -> Path:
    recording = directory / f"{name}.db"
    command = [sys.executable, "-m", "tttui", "record", "-o", str(recording), str(BUGS / f"{name}.py")]
    environment = {**os.environ, "HOME": str(directory)}
    done = subprocess.run(command, capture_output=True, timeout=180, check=False, env=environment)
    assert done.returncode == 1, done.stderr.decode()
    return recording


@pytest.mark.parametrize("name", NAMES)
def test_the_question_is_answered_from_the_failure_backwards(name: str, recordings: Path) -> None:
    script = read(BUGS / f"{name}.txt")
    assert len(script.question) > 20
    assert len(script.answer) > 20
    with Run.open(record(name, recordings)) as run:
        session = start_session(run)
        assert session.navigator.moment().kind == "raise"
        for command, expected in script.steps:
            answer = execute(session, command)
            assert answer is not None
            lines = [text.plain for text in answer.texts] + [row.text.plain for row in answer.rows or ()]
            output = "\n".join(lines) or answer.nothing
            assert "error" not in answer.json, f"> {command}\n{output}"
            for fact in expected:
                if fact.startswith("! "):
                    assert fact[2:] not in output, f"> {command}\n{output}"
                else:
                    assert fact in output, f"> {command}\n{output}\n-- should hold: {fact}"


def test_there_are_programs_enough() -> None:
    assert len(NAMES) >= 25
    assert {path.stem for path in BUGS.glob("*.txt")} == set(NAMES)
