"""Programs that were recorded and whose checkpoints are still there."""

import fcntl
import itertools
import os
import signal
import socket
import subprocess
import sys
import termios
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tttui.checkpoints.client import Checkpoints, Entered
from tttui.native import reader
from tttui.store.run import Run

HOLDER = Path(__file__).with_name("holder.py")
SECONDS = 60

BOX = """
class Box:
    def __init__(self, number):
        self.number = number

    def __repr__(self):
        return f"<box {self.number}>"
"""
"""A class whose real repr only its own code knows."""
WORK = """
def work(rounds=4000):
    total = 0
    for number in range(rounds):
        total += number % 7
    return total
"""
"""Long enough for copies to be made."""


@dataclass
class Kept:
    """A recording, and the process that holds its checkpoints."""

    run: Run
    checkpoints: Checkpoints
    holder: subprocess.Popen[bytes]
    hold: socket.socket
    out: bytes = b""
    err: bytes = b""

    def enter(self, event: int) -> Entered:
        return self.checkpoints.enter(self.run, event)

    def event_at(self, text: str, *, last: bool = False) -> int:
        """The line event before a line of the program that contains a text: its first or last one."""
        for path in (file for file in self.run.files() if self.run.source(file.id)):
            lines = (self.run.source(path.id) or "").splitlines()
            numbers = {number for number, line in enumerate(lines, 1) if text in line}
            found = [
                row[1]
                for chunk in self.run.chunks()
                for row in self.run.rows_of(chunk, 1)
                if reader.KINDS[row[2]] == "line" and row[7] in numbers and self.run.code(row[6]).file == path.id
            ]
            if found:
                return int(found[-1 if last else 0])
        raise LookupError(text)

    def copies(self) -> list[int]:
        """Process ids of the copies that there are."""
        return [each.pid for each in self.checkpoints.list()]

    def gaps(self) -> list[int]:
        """The events from each copy to the next, or to the end."""
        events = [*(each.event for each in self.checkpoints.list()), self.run.events]
        return [second - first for first, second in itertools.pairwise(events)]

    def let_go(self) -> int:
        """What the viewer's end does; gives the exit code."""
        self.hold.close()
        self.out, self.err = self.holder.communicate(timeout=SECONDS)
        return self.holder.returncode


def _take_terminal() -> None:
    """In a process to be: standard input becomes its terminal."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@contextmanager
def kept(
    directory: Path, program: str, *options: str, arguments: Sequence[str] = (), input: bytes = b"", terminal: int | None = None
) -> Iterator[Kept]:
    """Record a program's text and keep its checkpoints meanwhile; at a terminal, or with standard input from a file."""
    script, recording = directory / "program.py", directory / "run.db"
    script.write_text(program)
    ours, theirs = socket.socketpair()
    given = directory / "input"
    given.write_bytes(input)
    with theirs, given.open("rb") as standard_input:
        os.set_inheritable(theirs.fileno(), True)
        command = [sys.executable, str(HOLDER), str(theirs.fileno()), "-o", str(recording), *options, str(script), *arguments]
        holder = subprocess.Popen(
            command,
            stdin=standard_input if terminal is None else terminal,
            stdout=subprocess.PIPE if terminal is None else terminal,
            stderr=subprocess.PIPE if terminal is None else terminal,
            preexec_fn=None if terminal is None else _take_terminal,
            pass_fds=(theirs.fileno(),),
            cwd=directory,
            env={**os.environ, "HOME": str(directory), "PYTHONPATH": str(Path(__file__).parents[2])},
        )
    ours.settimeout(SECONDS)
    try:
        assert ours.recv(9) == b"recorded\n", holder.communicate(timeout=SECONDS)
        with Run.open(recording) as run, Checkpoints.of(run) as checkpoints:
            yield Kept(run, checkpoints, holder, ours)
    finally:
        ours.close()
        try:
            holder.communicate(timeout=SECONDS)
        except (subprocess.TimeoutExpired, ValueError):
            holder.send_signal(signal.SIGKILL)
            holder.wait()
            raise


def living(pids: Sequence[int]) -> list[int]:
    """Those that are still there, be it as zombies."""
    return [pid for pid in pids if os.path.exists(f"/proc/{pid}")]
