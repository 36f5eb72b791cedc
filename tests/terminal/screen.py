"""The real command on a pseudo-terminal of its own, with an emulator that shows what a person would see."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import pyte
from support.programs import environment_without

SECONDS = 180.0
QUIET = 0.35
"""Seconds without output after which the screen counts as settled."""


class Screen:
    """A command in the foreground of a terminal."""

    def __init__(
        self,
        arguments: list[str],
        directory: Path,
        size: tuple[int, int] = (80, 24),
        environment: Mapping[str, str] | None = None,
        standard_input: Path | None = None,
    ) -> None:
        self.columns, self.rows = size
        self.emulator = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.emulator)
        self.received = b""
        self.status: int | None = None
        kept = environment_without("TTTUI", "SSH", "NO_COLOR", "TERM", "TEXTUAL")
        kept |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "HOME": str(directory), "XDG_STATE_HOME": str(directory / "state")}
        kept |= {"XDG_CONFIG_HOME": str(directory / "config"), **(environment or {})}
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # the child does nothing but run the command
            self.pid, self.master = pty.fork()
        if not self.pid:
            try:
                os.chdir(directory)
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))
                if standard_input is not None:
                    os.dup2(os.open(standard_input, os.O_RDONLY), 0)
                os.execve(sys.executable, [sys.executable, "-P", "-m", "tttui", *arguments], kept)
            finally:
                os._exit(126)
        self.settings = termios.tcgetattr(self.master)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.status is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
        os.close(self.master)

    # -- what it shows

    @property
    def text(self) -> str:
        return "\n".join(self.emulator.display)

    def wait_for(self, what: str | Callable[[str], bool]) -> None:
        """Until the screen shows a text."""
        until = time.monotonic() + SECONDS
        shows = what if callable(what) else lambda text: what in text
        while not shows(self.text):
            assert time.monotonic() < until, f"{what!r} did not appear:\n{self.text}\n{self.received[-300:]!r}"
            self._read(0.1)

    def settle(self, quiet: float = QUIET) -> bytes:
        """Until nothing comes any more; gives what came."""
        before = len(self.received)
        while self._read(quiet):
            pass
        return self.received[before:]

    def press(self, keys: str) -> bytes:
        """Type, and give what the terminal was sent for it."""
        self.settle()
        os.write(self.master, keys.encode())
        return self.settle()

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.emulator.resize(rows, columns)
        self.columns, self.rows = columns, rows

    def end(self) -> int:
        """Wait for its end; gives the exit code, or minus the signal."""
        until = time.monotonic() + SECONDS
        while self.status is None:
            assert time.monotonic() < until, f"it did not end:\n{self.text}"
            self._read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
        self._read(0.1)
        return os.waitstatus_to_exitcode(self.status)

    def viewer(self) -> int:
        """Process id of the viewer, the guard's child."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            if children:
                return int(children[-1])
            time.sleep(0.02)
        raise AssertionError("there is no viewer")

    def _read(self, seconds: float) -> bool:
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:
            return False
        self.received += data
        self._stream.feed(data)
        return bool(data)
