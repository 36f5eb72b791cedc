"""What is said while something takes long: it runs where keys are handled, so nothing else is drawn meanwhile."""

import contextvars
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_EVERY: Final = 1.0
"""Seconds until it is said first, and from then on."""


@contextmanager
def told(tell: Callable[[int], None]) -> Iterator[None]:
    """Meanwhile `tell` is called, in a thread of its own, with the seconds that have gone by."""
    over = threading.Event()

    def count() -> None:
        seconds = 0
        while not over.wait(_EVERY):
            seconds += 1
            tell(seconds)

    thread = threading.Thread(target=contextvars.copy_context().run, args=(count,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
