"""Fixtures of the tests on a terminal."""

from tui.conftest import billing, recorded, recorded_billing

__all__ = ["billing", "recorded", "recorded_billing"]
