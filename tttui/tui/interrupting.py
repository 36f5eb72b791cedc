"""A key ends a move that takes long: a search that has to evaluate a condition at each of millions of hits.

Moves run where the keys are handled, so nothing else does meanwhile; but keys are read in a thread of their own. It sends
this process a signal, whose handler raises in the middle of the move.
"""

import asyncio
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

from textual.events import Key
from textual.message import Message

from tttui.tui.leaving import TidyDriver

_SIGNAL: Final = signal.SIGUSR2
_AGAIN: Final = 0.1
_ENDING: Final = ("escape", "ctrl+c")
PATIENCE: Final = 0.3
"""Seconds before which a key waits for the move: people type ahead."""


class Interrupted(BaseException):
    """A key was pressed while a move was under way. Whatever is evaluated meanwhile must not take it for a failure of its own."""


class Interruption:
    """What is under way, and whether it is to be ended."""

    def __init__(self) -> None:
        self._since = 0.0
        """0: nothing that could be ended."""
        self._key = ""
        self._ended = 0.0

    def listen(self) -> None:
        """Have the signal handled; in the main thread."""
        signal.signal(_SIGNAL, self._end)

    @contextmanager
    def possible(self, key: str) -> Iterator[None]:
        """What is done in it may be ended by another key than the one that began it; that raises `Interrupted`."""
        self._key = key
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._since = 0.0

    def is_spent(self, key: Key) -> bool:
        """Whether a key has nothing to do any more: it was pressed before the one that ended something, and would only begin
        that again; or it is that one, and is for nothing else.
        """
        return key.time < self._ended or (key.time == self._ended and key.key in _ENDING)

    def pressed(self, key: Key) -> None:
        """A key came; called in any thread. The same key again is one that is held down: it ends nothing."""
        since = self._since
        if since and key.key != self._key and time.monotonic() - since > PATIENCE:
            self._ended = key.time
            threading.Thread(target=self._insist, args=(since,), daemon=True).start()

    def _insist(self, since: float) -> None:
        """More than once: what is raised while an object is destroyed, for one, gets lost."""
        while self._since == since:
            signal.pthread_kill(threading.main_thread().ident or 0, _SIGNAL)
            time.sleep(_AGAIN)

    def _end(self, number: int, frame: Any) -> None:
        if self._since:
            raise Interrupted


class _Interruptible(Protocol):
    interruption: Interruption


class AttentiveDriver(TidyDriver):
    """Tells of keys when they come, whatever is done meanwhile; and of the terminal's size in the order in which it changed."""

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual says nothing of its types
        tell, loop = signal.getsignal(signal.SIGWINCH), asyncio.get_running_loop()

        def later(number: int, frame: Any) -> None:
            """A handler may be interrupted by the next signal: had it read the size before that, it would tell of it afterwards."""
            if callable(tell) and not loop.is_closed():
                loop.call_soon_threadsafe(tell, number, None)

        signal.signal(signal.SIGWINCH, later)

    def process_message(self, message: Message) -> None:
        if isinstance(message, Key):
            app: _Interruptible = self._app  # type: ignore[assignment]
            app.interruption.pressed(message)
        super().process_message(message)
