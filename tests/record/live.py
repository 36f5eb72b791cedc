"""A recording in progress, whose processes a test may kill and stop."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from record.running import SECONDS, TTTUI, facts, rows
from tttui.native.reader import Ring
from tttui.record.processes import started_ticks
from tttui.record.recovery import recover

LOOP = """
import sys, time
t = 0
for i in range(int(sys.argv[1])):
    t += i
    if not i % 1000:
        time.sleep(0.001)
print(t)
"""
FOR_EVER = """
i = 0
while True:
    i += 1
"""

_WITH_RING = "import sys; from tttui.record import rings; rings.LARGEST = {}; from tttui.cli import main; sys.exit(main())"

T = TypeVar("T")


def wait_for(what: Callable[[], T]) -> T:
    give_up = time.monotonic() + SECONDS
    while not (found := what()):
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.005)
    return found


class Live:
    """A recording in progress."""

    def __init__(self, directory: Path, *arguments: str, ring: int = 0) -> None:
        """`ring`: bytes of its ring, if not as many as usual."""
        self.path = directory / "run.db"
        command = TTTUI if not ring else [sys.executable, "-c", _WITH_RING.format(ring)]
        self.process = subprocess.Popen(
            [*command, "record", "-o", str(self.path), *arguments],
            cwd=directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        wait_for(
            lambda: self.path.exists() and self.path.stat().st_size and rows(self.path, "SELECT 1 FROM sqlite_schema WHERE name = 'gap'")
        )
        wait_for(lambda: facts(self.path).get("ring"))
        self.ring_path = Path(facts(self.path)["ring"])
        self.ring = Ring(str(self.ring_path))

    def writer(self) -> int:
        """The living writer's process id."""
        return wait_for(lambda: self.ring.writer_pid if alive(self.ring.writer_pid) else 0)

    def program(self) -> int:
        return wait_for(lambda: self.ring.program_pid)

    def clean_up(self) -> None:
        """Leave no process and no file open."""
        for pid in (self.process.pid, self.ring.writer_pid, self.ring.program_pid):
            if pid and alive(pid):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        self.ring.close()

    def kill_everything(self) -> None:
        killed = (self.process.pid, self.writer(), self.program())
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        self.process.communicate()
        wait_for(lambda: not any(alive(pid) for pid in killed))


def alive(pid: int) -> bool:
    return started_ticks(pid) is not None


def recovered(path: Path) -> None:
    """Recover a recording, unless somebody on this machine who starts a recording just now has swept it up already."""
    wait_for(lambda: recover(path) or facts(path)["state"] != "recording")
    wait_for(lambda: rows(path, "PRAGMA journal_mode") == [("delete",)])
