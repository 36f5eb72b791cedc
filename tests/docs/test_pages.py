"""The pages that are made from the code are what the code says now."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

from tttui.report.query import Workspace
from tttui.shell.table import commands
from tttui.store.run import Run

ROOT: Final = Path(__file__).parents[2]


def make_docs() -> ModuleType:
    """tools/make_docs.py as a module."""
    spec = importlib.util.spec_from_file_location("make_docs", ROOT / "tools" / "make_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["query.md", "cli.md", "shell.md", "keys.md", "architecture.md", "format.md"])
def test_a_page_is_current(name: str) -> None:
    path = ROOT / "docs" / name
    assert path.read_text() == make_docs().pages()[path], "run: python tools/make_docs.py"


@pytest.mark.parametrize("first", ["asking", "entering", "values"])
def test_commands_come_in_the_same_order_whatever_was_loaded_first(first: str) -> None:
    code = f"import tttui.shell.{first}; from tttui.shell.table import commands; print(*(each.name for each in commands()))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    assert found == [each.name for each in commands()]


def test_the_documented_columns_are_those_of_the_database(shop: Path) -> None:
    documented: dict[str, list[str]] = {}
    view = ""
    for line in (ROOT / "docs" / "query.md").read_text().splitlines():
        if heading := re.fullmatch(r"### (\w+)", line):
            view = heading[1]
            documented[view] = []
        elif row := re.match(r"\| `(\w+)` \|", line):
            documented[view].append(row[1])
    with Run.open(shop) as run, Workspace(run) as workspace:
        assert {name: list(columns) for name, columns in workspace.views().items()} == documented
