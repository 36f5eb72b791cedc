"""Fixtures of the tests on a terminal."""

from tui.conftest import billing, recorded

__all__ = ["billing", "recorded"]
