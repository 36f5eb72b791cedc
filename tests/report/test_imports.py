"""What the reports load: nothing for the terminal where none is asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def loaded_by(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after a statement."""
    code = f"import sys; {statement}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["info", "show", "listing", "query", "expand", "formats", "replay", "views"])
def test_the_reports_know_no_terminal(module: str) -> None:
    assert not loaded_by(f"import tttui.report.{module}") & {"rich", "click", "textual", "sqlite_utils"}


def test_safe_needs_nothing() -> None:
    assert not loaded_by("import tttui.safe") & {"rich", "click", "textual", "sqlite3"}


def test_looking_at_a_recording_does_not_load_what_only_queries_need(shop: Path) -> None:
    show = f"from tttui.cli import main; sys.argv = ['tttui', 'show', {str(shop)!r}, '--json']; main()"
    assert "sqlite_utils" not in loaded_by(f"import io; sys.stdout = io.StringIO(); {show}; sys.stdout = sys.__stdout__")
