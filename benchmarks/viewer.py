"""`python -m benchmarks.viewer`: what a person at a terminal waits for, over a recording of ten million events.

The real command on a pseudo-terminal: first paint, key to paint, bytes, memory, beside the budgets. Times are of a
machine that does other things, too; bytes are exact.
"""

import argparse
import fcntl
import os
import pty
import random
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from benchmarks.budgets import Budget

PROGRAM: Final = Path(__file__).parent / "programs" / "richards.py"
ROUNDS: Final = 43
"""About ten million events."""
SIZES: Final = ((80, 24), (200, 50))
STEP_BYTES: Final = {(80, 24): 1_600, (200, 50): 2_000}
OPEN_BYTES: Final = {(80, 24): 22_000, (200, 50): 65_000}
STEPS: Final = "nNsSnnNNsssSSS"
KEYS: Final = (*"nNsSfFwWeE.,}{udcC><+-0jk", "\x7f")
"""What is pressed at each place."""
LINE_RATE: Final = 20_000
"""Bytes per second of a slow line."""
PRESSES: Final = 30
_QUIET: Final = 0.12
"""Seconds without output after which a paint is complete."""
_QUESTION: Final = b"\x1b[c"
_ANSWER: Final = b"\x1b]11;rgb:1414/1818/1d1d\x1b\\\x1b[?62;22c"
"""What every terminal is asked, and answers at once."""
_FIRST: Final = re.compile(rb"\? (\x1b\[[0-9;]*m)*help|\?(\x1b\[[0-9;]*m)* help")


class Terminal:
    """`tttui` on a pseudo-terminal."""

    def __init__(self, arguments: Sequence[str], size: tuple[int, int], directory: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TTTUI", "SSH", "NO_COLOR", "TERM", "TEXTUAL"))}
        kept |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "XDG_STATE_HOME": str(directory), "XDG_CONFIG_HOME": str(directory)}
        self.received = 0
        self.ran = 0.0
        """Seconds of processor time that the last paint took which a key waited for."""
        self._viewer = ""
        self.began = time.perf_counter()
        self.pid, self.master = pty.fork()
        if not self.pid:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
                os.execve(sys.executable, [sys.executable, "-P", "-m", "tttui", *arguments], kept)
            finally:
                os._exit(126)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            os.kill(self.pid, signal.SIGTERM)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(self.master)

    def read(self, seconds: float) -> bytes:
        """What comes within some time."""
        if not select.select([self.master], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:
            return b""
        self.received += len(data)
        if _QUESTION in data:
            os.write(self.master, _ANSWER)
        return data

    def first_paint(self) -> float:
        """Seconds until the last row of the screen is there."""
        text = b""
        while time.perf_counter() < self.began + 60:
            text += self.read(0.05)
            if _FIRST.search(text):
                return time.perf_counter() - self.began
        raise RuntimeError(f"nothing was painted: {text[-200:]!r}")

    def press(self, keys: str, quiet: float = _QUIET) -> tuple[float, int]:
        """(seconds to the paint that a key waits for, bytes of that and of what is filled in behind it)."""
        ran = self._ran()
        began = first = time.perf_counter()
        os.write(self.master, keys.encode())
        count = 0
        wait = 0.6  # a key that changes nothing sends nothing
        while data := self.read(wait):
            if not count:  # a paint is written at once
                first = time.perf_counter()
                self.ran = self._ran() - ran
            count, wait = count + len(data), quiet
        return (first - began, count) if count else (0.0, 0)

    def _ran(self) -> float:
        """Seconds of processor time that the viewer has had, exactly."""
        if not self._viewer:
            children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            self._viewer = children[0] if children else str(self.pid)
        return int(Path(f"/proc/{self._viewer}/schedstat").read_text().split()[0]) / 1e9

    def on_a_slow_line(self, keys: str, rate: int) -> float:
        """Seconds until the screen is as it should be, where the line takes no more than `rate` bytes a second."""
        began = last = time.perf_counter()
        os.write(self.master, keys.encode())
        wait = 3.0
        while data := self._at_most(wait, rate // 50):
            wait = 0.5
            last = time.perf_counter()
            time.sleep(len(data) / rate)
        return last - began

    def _at_most(self, seconds: float, most: int) -> bytes:
        return os.read(self.master, most) if select.select([self.master], [], [], seconds)[0] else b""

    @property
    def processor_time(self) -> float:
        """Seconds that it has run so far, whatever else the machine does."""
        ticks = 0
        for process in (str(self.pid), *Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()):
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> float:
        """The most that the viewer has held, in MiB."""
        found = 0
        for child in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split():
            match = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{child}/status").read_text())
            found = max(found, int(match.group(1)) if match else 0)
        return found / 1024


@dataclass
class Measured:
    """What was found at one size."""

    size: tuple[int, int]
    first_paint: float = 0.0
    first_paint_ran: float = 0.0
    opened: int = 0
    steps: list[tuple[float, int]] = field(default_factory=list)
    keys: list[tuple[float, str]] = field(default_factory=list)
    ran: list[tuple[float, str]] = field(default_factory=list)
    """The processor time of those."""
    jumps: list[tuple[float, int]] = field(default_factory=list)
    idle: int = 0
    slow: float = 0.0
    memory: float = 0.0


def measure(recording: Path, size: tuple[int, int], places: int, directory: Path) -> Measured:
    """Use the viewer for a while."""
    found = Measured(size)
    chosen = random.Random(7)
    with Terminal(["open", str(recording), "--at", "50%"], size, directory) as terminal:
        found.first_paint = terminal.first_paint()
        found.first_paint_ran = terminal.processor_time
        terminal.press("", 1.0)
        found.opened = terminal.received
        for key in STEPS:
            found.steps.append(terminal.press(key))
        for _ in range(places):
            terminal.press(f":{chosen.uniform(0, 100):.4f}%")
            found.jumps.append(terminal.press("\r"))
            for key in KEYS:
                found.keys.append((terminal.press(key)[0], key))
                found.ran.append((terminal.ran, key))
        terminal.press(":50%\r", 0.5)
        found.idle = len(terminal.read(3.0))
        found.slow = terminal.on_a_slow_line("n" * PRESSES, LINE_RATE)
        terminal.press("", 0.5)
        found.memory = terminal.memory
    return found


def budgets(found: Measured) -> list[Budget]:
    """What was measured, beside what it may be."""
    width, height = found.size
    at = f"{width}×{height}"
    seconds = sorted(second for second, key in found.keys if second)
    slowest, key = max(found.keys)
    ran = sorted(second for second, _ in found.ran)
    p50, p99 = (ran[int(len(ran) * share)] * 1e3 for share in (0.5, 0.99))
    worst = f"slowest: {key} {slowest * 1e3:.0f} ms; of processor time p50 {p50:.0f}, p99 {p99:.0f} ms"
    return [
        Budget(f"{at}: first paint", 1000.0, found.first_paint * 1e3, "ms", f"of processor time {found.first_paint_ran * 1e3:.0f} ms"),
        Budget(f"{at}: key to paint, p50", 50.0, seconds[len(seconds) // 2] * 1e3, "ms"),
        Budget(f"{at}: key to paint, p99", 50.0, seconds[int(len(seconds) * 0.99)] * 1e3, "ms", worst),
        Budget(f"{at}: a step sends", STEP_BYTES[found.size], max(count for _, count in found.steps), "B"),
        Budget(f"{at}: opening sends", OPEN_BYTES[found.size], found.opened, "B"),
        Budget(f"{at}: idle for 3 s sends", 0, found.idle, "B"),
        Budget(f"{at}: {PRESSES} keys over {LINE_RATE // 1000} kB/s", 1000.0, found.slow * 1e3, "ms"),
        Budget(f"{at}: memory of the viewer", 200.0, found.memory, "MiB"),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.viewer", description=__doc__)
    parser.add_argument("recording", nargs="?", type=Path, help="a recording to look at, instead of making one")
    parser.add_argument("--places", type=int, default=12, metavar="N", help="how many moments are jumped to (default: 12)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tttui-benchmarks-") as scratch:
        recording = given.recording
        if recording is None:
            recording = Path(scratch, "run.db")
            command = [sys.executable, "-P", "-m", "tttui", "record", "-o", str(recording), str(PROGRAM), str(ROUNDS)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for size in SIZES:
            found = measure(recording.absolute(), size, given.places, Path(scratch))
            for budget in budgets(found):
                sign = "kept" if budget.kept else "MISSED"
                print(f"{budget.what:<40} {budget.measured:>10,.1f} {budget.unit:<4} of {budget.limit:>9,.0f}  {sign}  {budget.worst}")
            slow = sorted(((seconds, key) for seconds, key in found.keys if seconds > 0.05), reverse=True)[:12]
            if slow:
                print("  over 50 ms:", ", ".join(f"{key!r} {seconds * 1e3:.0f}" for seconds, key in slow))
            jumps = sorted(seconds for seconds, _ in found.jumps)
            print(f"  jumps anywhere: p50 {jumps[len(jumps) // 2] * 1e3:.0f} ms, most {jumps[-1] * 1e3:.0f} ms", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
