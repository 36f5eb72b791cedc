"""A program that counts, and says in shared memory how far it is; so what a recording must hold is known after any kill."""

import mmap
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from support.programs import RECORD, clean_environment

from tttui.record.processes import started_ticks
from tttui.store.run import Run

PROGRAM = """import mmap
import os
import sys

memory = mmap.mmap(os.open(sys.argv[1], os.O_RDWR), 16)
memory[8:16] = os.getpid().to_bytes(8, "little")
limit = int(sys.argv[2])
items = []


def count(number):
    while number < limit:
        number += 1
        memory[0:8] = number.to_bytes(8, "little")
        items.append(number)
        if len(items) > 20:
            items.clear()
    return number


count(0)
"""
SECONDS = 180


@dataclass
class Counting:
    """A running recording of `PROGRAM`."""

    launcher: subprocess.Popen[bytes]
    memory: mmap.mmap
    recording: Path

    @property
    def number(self) -> int:
        """How far the program has counted."""
        return int.from_bytes(self.memory[0:8], "little")

    def program(self) -> int:
        """The program's process id, once it runs."""
        return self.wait_for(lambda: int.from_bytes(self.memory[8:16], "little"), "the program to start")

    def writer(self) -> int:
        """The process id of the writer that there is now; -1 where all is over already."""
        return self.wait_for(lambda: find_writer(self.recording) or (-1 if self.launcher.poll() is not None else None), "a writer")

    def wait_for(self, question: Callable[[], int | None], what: str) -> int:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            answer = question()
            if answer:
                return int(answer)
            time.sleep(0.002)
        raise AssertionError(f"waited for {what} in vain: {self.said()}")

    def __enter__(self) -> "Counting":
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing running, whatever went wrong."""
        program = int.from_bytes(self.memory[8:16], "little")
        if self.launcher.poll() is None and program:
            kill(program)
        self.launcher.kill()
        self.launcher.wait()

    def finish(self) -> int:
        """Wait until all is over; the launcher's exit code."""
        return self.launcher.wait(SECONDS)

    def said(self) -> str:
        return self.recording.with_suffix(".err").read_text(errors="replace")


def start_counting(directory: Path, limit: int = 10**9) -> Counting:
    path = directory / "memory"
    path.write_bytes(bytes(16))
    program = directory / "counting.py"
    program.write_text(PROGRAM)
    recording = directory / "run.db"
    with path.open("r+b") as file, recording.with_suffix(".err").open("wb") as errors:
        memory = mmap.mmap(file.fileno(), 16)
        launcher = subprocess.Popen(
            [*RECORD, "-o", str(recording), str(program), str(path), str(limit)],
            stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, env=clean_environment(directory), cwd=directory,
        )  # fmt: skip
    return Counting(launcher, memory, recording)


def find_writer(recording: Path) -> int | None:
    """The writer of a recording: the process whose arguments are the ring's path and then the recording's."""
    wanted = os.fsencode(recording)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                arguments = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if wanted in arguments and any(argument.endswith(b".ring") for argument in arguments):
                return int(entry.name)
    return None


def lives(process: int) -> bool:
    return process > 0 and started_ticks(process) is not None


def kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass


def last_number(recording: Path) -> int:
    """How far the recording says that the program has counted: the variable at its last events."""
    with Run.open(recording) as run:
        for event in range(run.events - 1, max(0, run.events - 5), -1):
            for frame in reversed(run.moment(event).stack):
                if "number" in frame.locals:
                    return int(frame.locals["number"].text)
    raise AssertionError(f"no count in the last of {run.events} events")


def wrong_in_stream(recording: Path) -> list[str]:
    """What can't be: the numbers that a recording shows go up by one, wherever one looks; and items holds the last of them."""
    wrong, looked_at = [], 0
    with Run.open(recording) as run:
        for event in range(20, run.events - 1, max(1, run.events // 50)):
            moment = run.moment(event)
            frame = moment.stack[-1]
            if frame.function != "count" or "number" not in frame.locals:
                continue
            looked_at += 1
            number = int(frame.locals["number"].text)
            items = next(iter(moment.stack)).locals["items"].items
            shown = [int(item.text) for item in items or ()]
            if items is None or shown != sorted(shown) or (shown and not number - 1 <= shown[-1] <= number):
                wrong.append(f"at event {event} number is {number}, and items {shown}")
        if run.events > 100 and not looked_at:
            wrong.append("number is nowhere")
    return wrong
