"""Fixtures of the tests on a terminal."""

from tui.conftest import billing, recorded, recordings

__all__ = ["billing", "recorded", "recordings"]
