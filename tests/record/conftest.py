"""Fixtures that run real programs as a user would."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from record.live import Live
from record.running import TTTUI, Ran, Runner, run
from tttui.paths import PLACE_VARIABLE


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees the user's recordings and settings."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in list(os.environ):
        if name.startswith(("TTTUI_", "XDG_", "VIRTUAL_ENV", "PYTHON")) and name != PLACE_VARIABLE:
            monkeypatch.delenv(name)
    return home


@pytest.fixture
def record(tmp_path: Path) -> Runner:
    """Run `tttui record -o run.db ARGUMENTS` in the test's directory."""

    def run_recorded(*arguments: str, **options: Any) -> Ran:
        options.setdefault("cwd", tmp_path)
        return run([*TTTUI, "record", "-o", str(tmp_path / "run.db"), *arguments], **options)

    return run_recorded


@pytest.fixture
def plain(tmp_path: Path) -> Runner:
    """Run the same interpreter without tttui."""

    def run_plain(*arguments: str, **options: Any) -> Ran:
        options.setdefault("cwd", tmp_path)
        return run([sys.executable, *arguments], **options)

    return run_plain


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Callable[..., Live]]:
    started: list[Live] = []

    def start(text: str, *arguments: str, ring: int = 0) -> Live:
        (tmp_path / "script.py").write_text(text)
        started.append(Live(tmp_path, "script.py", *arguments, ring=ring))
        return started[-1]

    yield start
    for running in started:
        running.clean_up()
