"""A signal that ends this process (a connection that drops, a `kill`) has it first see to what it made, as at any other end."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_DEADLY: Final = (signal.SIGHUP, signal.SIGTERM)
_PATIENCE: Final = 2.0
"""Seconds behind which another one raises again: the first was lost then, as in a destructor."""


class _Ended(BaseException):
    """Such a signal has come."""


class _State:
    """What is under way in this process."""

    undisturbed = False
    came = 0
    """The signal by which this process is to end; 0: none."""


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Meanwhile it raises, so that what is under way is left, and then ends this process. One that is ignored or handled stays so."""
    taken = [number for number in _DEADLY if signal.getsignal(number) == signal.SIG_DFL]
    maker, since = os.getpid(), 0.0

    def end(number: int, frame: object) -> None:
        nonlocal since
        if os.getpid() != maker:  # a child, which has made nothing
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        _State.came = number
        if not _State.undisturbed and (not since or time.monotonic() - since > _PATIENCE):
            since = time.monotonic()
            raise _Ended

    for number in taken:
        signal.signal(number, end)
    try:
        yield
    except _Ended:
        pass
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)
        if _State.came:
            os.kill(os.getpid(), _State.came)


@contextmanager
def undisturbed() -> Iterator[None]:
    """What is seen to in it comes to its end: a signal raises behind it."""
    came = _State.came
    before, _State.undisturbed = _State.undisturbed, True
    try:
        yield
    finally:
        _State.undisturbed = before
    if not before and _State.came != came:
        raise _Ended
