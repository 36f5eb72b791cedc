"""While a recording that was cut short is finished: one line with a bar, where that takes longer than a moment."""

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, TextIO

from tttui.errors import TttuiError
from tttui.safe import safe

_MOMENT: Final = 0.4
"""Seconds in which nobody wonders."""
_EVERY: Final = 0.1
_BAR: Final = 24


def finish(recording: str | Path | None) -> None:
    """Have a recording finished, if it is not. What is wrong with it is left to whoever opens it next.

    Ctrl-C leaves it as it is: what was not added yet is added the next time.
    """
    from tttui.report.listing import find
    from tttui.report.opening import open_run

    try:
        path = find(recording)
    except TttuiError:
        return
    share = _share_of(path)
    if share is None:
        return

    def work() -> None:
        try:
            open_run(path).close()
        except Exception:
            pass

    wait(work, share, f"finishing {path.name}, which was cut short", sys.stderr)


def wait(work: Callable[[], None], share: Callable[[], float], words: str, stream: TextIO) -> None:
    """Do some work, with a bar if it takes long; `share` says how much of it is done, from 0 to 1."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(_MOMENT)
    shown = False
    while thread.is_alive() and stream.isatty():
        done = min(max(share(), 0.0), 1.0)
        filled = round(done * _BAR)
        stream.write(f"\rtttui: {safe(words)} [{'#' * filled}{'.' * (_BAR - filled)}] {done:4.0%}  Ctrl-C leaves")
        stream.flush()
        shown = True
        thread.join(_EVERY)
    thread.join()
    if shown:
        stream.write("\r" + " " * (len(words) + _BAR + 32) + "\r")
        stream.flush()


def _share_of(path: Path) -> Callable[[], float] | None:
    """How much of the ring of a recording has been added to it; None: there is nothing to finish."""
    from tttui.native import reader
    from tttui.report.opening import unfinished

    try:
        is_unfinished, named = unfinished(path)
        if not is_unfinished:
            return None
        # A recording from elsewhere may name any file: only what can be a ring of this user's is looked at.
        if named is None or not named.is_absolute() or named.suffix != ".ring" or os.lstat(named).st_uid != os.getuid():
            return lambda: 0.0
        ring = reader.Ring(str(named))
    except TttuiError:
        return None
    except (OSError, ValueError):
        return lambda: 0.0
    start, stop = ring.tail, max(ring.head, ring.tail + 1)
    return lambda: (ring.tail - start) / (stop - start)
