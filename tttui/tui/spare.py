"""Time for what can wait: a paint takes so much of it, and what is left over comes with the next one, between the keys."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

FIRST: Final = 0.006
"""Seconds in the paint that a key waits for,"""
LATER: Final = 0.015
"""and in those after it. Something is always done, so that it comes to an end."""


class SpareTime:
    """Asked before each look-up that a paint can do without."""

    def __init__(self) -> None:
        self.told: Callable[[], None] | None = None
        """Called when something is left over: it has to come at some time."""
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
            self.fall_behind()
            return False
        return True

    def fall_behind(self) -> None:
        """Something is left over."""
        self.is_behind = True
        if self.told is not None:
            self.told()

    def ends(self, least: float) -> Callable[[], bool]:
        """A clock that says when what is left has passed, but not before so many seconds."""
        end = time.perf_counter() + max(self._budget - self._spent, least)
        return lambda: time.perf_counter() >= end

    @contextmanager
    def spend(self) -> Iterator[None]:
        """Takes the time of what is done in it."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._spent += time.perf_counter() - began
