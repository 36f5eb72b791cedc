"""Recordings that several tests look at, made once."""

import os
from pathlib import Path

import pytest

from report import building
from tttui.paths import PLACE_VARIABLE


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees the user's recordings and settings."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(("TTTUI_", "XDG_")) and name != PLACE_VARIABLE:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return building.shop(tmp_path_factory.mktemp("shop") / "shop.db")


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return building.hostile(tmp_path_factory.mktemp("hostile") / "hostile.db")
