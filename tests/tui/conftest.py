"""Recordings that the tests of the viewer share."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "billing.py"
RECORDED_EXAMPLE = Path(__file__).parents[2] / "screenshots" / "billing.db"

Record = Callable[[str], Path]


def record(script: Path, recording: Path, *flags: str) -> Path:
    command = [sys.executable, "-m", "tttui", "record", "-o", str(recording), *flags, str(script)]
    subprocess.run(command, capture_output=True, check=False, timeout=180)
    assert recording.exists()
    return recording


@pytest.fixture
def billing(tmp_path: Path) -> Path:
    """A recording of the bundled example, the same for every interpreter; a copy, for notes of its own."""
    return Path(shutil.copy(RECORDED_EXAMPLE, tmp_path / "billing.db"))


@pytest.fixture(scope="session")
def recordings() -> dict[str, Path]:
    """Recordings of programs, by their texts: each is made once."""
    return {}


@pytest.fixture
def recorded(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, recordings: dict[str, Path]) -> Record:
    """Records the text of a program; a copy, for notes of its own."""

    def make(text: str) -> Path:
        if text not in recordings:
            directory = tmp_path_factory.mktemp("recorded")
            script = directory / "program.py"
            script.write_text(text, "utf-8")
            recordings[text] = record(script, directory / "program.db")
        return Path(shutil.copy(recordings[text], tmp_path / "program.db"))

    return make
