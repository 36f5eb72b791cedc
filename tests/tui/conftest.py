"""Recordings that the tests of the viewer share."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "billing.py"

Record = Callable[[str], Path]


def record(script: Path, recording: Path, *flags: str) -> Path:
    command = [sys.executable, "-m", "tttui", "record", "-o", str(recording), *flags, str(script)]
    subprocess.run(command, capture_output=True, check=False, timeout=180)
    assert recording.exists()
    return recording


@pytest.fixture(scope="session")
def recorded_billing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled example: it ends in an exception."""
    directory = tmp_path_factory.mktemp("billing")
    script = Path(shutil.copy(EXAMPLE, directory))
    return record(script, directory / "billing.db")


@pytest.fixture
def billing(recorded_billing: Path, tmp_path: Path) -> Path:
    """A copy of its recording, for notes of its own."""
    return Path(shutil.copy(recorded_billing, tmp_path / "billing.db"))


@pytest.fixture
def recorded(tmp_path: Path) -> Record:
    """Records the text of a program."""

    def make(text: str) -> Path:
        script = tmp_path / "program.py"
        script.write_text(text, "utf-8")
        return record(script, tmp_path / "program.db")

    return make
