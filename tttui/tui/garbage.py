"""The garbage collector, kept away from the keys: looking through everything takes 50 ms, whenever it happens to."""

import gc
from typing import Final

_RARELY: Final = 10_000
"""Young collections, of a fraction of a millisecond each, until there is a longer one by itself: hours of holding a key."""
_OLD_EVERY: Final = 50
"""Pauses, of which one looks through all that is old."""


class Garbage:
    """Collects what is old between the keys, once there is a pause."""

    def __init__(self) -> None:
        self._seen = 0
        self._collected = 0
        self._pauses = 0

    def begin(self) -> None:
        """What there is by now stays, and is not looked through again; what is old is left to `pause`."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(gc.get_threshold()[0], _RARELY, _RARELY)

    def pause(self, paints: int) -> None:
        """Called now and then with how often something was painted so far: collects where that is a while ago."""
        if paints != self._seen:
            self._seen = paints
        elif paints != self._collected:
            self._collected = paints
            self._pauses += 1
            gc.collect(2 if self._pauses % _OLD_EVERY == 0 else 1)
