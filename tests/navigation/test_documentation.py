"""The example in docs/navigation.md does what it says."""

import os
import re
from pathlib import Path

import pytest

from navigation.recordings import recorded_text

SHOP = """\
def total(prices):
    found = 0
    for price in prices:
        found += price
    return found / len([])

total([5, 200, 7])
"""


def test_the_example_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    record = recorded_text("shop", SHOP)
    monkeypatch.chdir(os.path.dirname(record.path))
    page = (Path(__file__).parents[2] / "docs" / "navigation.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(compile(example, "navigation.md", "exec"), {})
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("total {'prices': '[5, 200, 7]'")
    assert re.fullmatch(r"breakpoint \d+ 1: shop.py:4", second)
