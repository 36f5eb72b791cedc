"""A recording to compare the documentation with."""

from pathlib import Path

import pytest
from report import building


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return building.shop(tmp_path / "shop.db")
