"""Tests of what is the same on every Python (views, moving, texts), shared among the interpreters that are tested together.

TTTUI_TESTS_SHARE=2/3 in the environment has the second of three run its share of them; without it all are run. What depends on
the interpreter (recording, checkpoints, programs of the oracle) is tested on each.
"""

import os
import zlib
from pathlib import Path
from typing import Final

import pytest

VARIABLE: Final = "TTTUI_TESTS_SHARE"
ANYWHERE: Final = frozenset({"docs", "expressions", "navigation", "report", "shell", "terminal", "tui", "unit"})
"""Directories of tests that need not be run on each."""
_TESTS: Final = Path(__file__).parent


def leave_out_what_others_run(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the others' shares."""
    given = os.environ.get(VARIABLE)
    if not given:
        return
    number, _, count = given.partition("/")
    chosen: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        (chosen if _is_in_share(item, int(number), int(count)) else left_out).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = chosen


def _is_in_share(item: pytest.Item, number: int, count: int) -> bool:
    directory = item.path.relative_to(_TESTS).parts[0]
    return directory not in ANYWHERE or zlib.crc32(item.nodeid.encode()) % count == number - 1
