"""Time for what can wait: a paint takes so much of it, and what is left over comes with the next one, between the keys."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

FIRST: Final = 0.008
"""Seconds in the paint that a key waits for,"""
LATER: Final = 0.03
"""and in those after it. Something is always done, so that it comes to an end."""


class SpareTime:
    """Asked before each look-up that a paint can do without."""

    def __init__(self) -> None:
        self._budget = FIRST
        self._spent = 0.0
        self.is_behind = False
        """Whether something was left over."""

    def begin(self, budget: float = FIRST) -> None:
        """Another paint begins."""
        self._budget = budget
        self._spent = 0.0
        self.is_behind = False

    def allows(self) -> bool:
        """Whether there is time left; if not, there will be another paint."""
        if self._spent > self._budget:
            self.is_behind = True
            return False
        return True

    @contextmanager
    def spend(self) -> Iterator[None]:
        """Takes the time of what is done in it."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._spent += time.perf_counter() - began
