"""Runs one process tree to its end and says what it cost, program and helpers apart."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LATE: Final = 2.0
"""Seconds that a helper may go on after the process that was started has ended."""


@dataclass(frozen=True)
class Start:
    """A command line, with what is added to the environment."""

    arguments: Sequence[str]
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Cost:
    """What a run cost. CPU is user + system time in seconds, sizes are in KiB."""

    cpu: float
    """Of the process that ran the program."""
    helpers_cpu: float
    """Of all other processes that were started (the writer; what launched the program)."""
    wall: float
    peak: int
    """Largest resident size of the program's process, shared memory included (VmHWM)."""
    shared: int
    """Of that, writable shared mappings at the end: a recorder's ring, once for each time it is mapped."""
    ring: int
    """Size of the largest such mapping."""
    exit_code: int | None
    """As `os.waitstatus_to_exitcode`; None: stopped at the time limit."""
    output: bytes
    errors: bytes


class Processes:
    """Starts processes with the meter in them (meter/meter.c)."""

    def __init__(self, meter: Path) -> None:
        self._meter = meter

    def run(self, start: Start, program: Path, *, limit: float) -> Cost:
        """Run to the end, or for at most `limit` seconds; `program` is the script by which its process is known."""
        with tempfile.TemporaryDirectory(prefix="tttui-benchmark-") as scratch:
            reports = Path(scratch, "reports")
            reports.mkdir()
            environment = {
                **{name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TTTUI_"))},
                # one hash seed, so that all contenders see the same order of sets and the same collisions
                "PYTHONHASHSEED": "0",
                "LD_PRELOAD": str(self._meter),
                "BENCHMARK_METER": str(reports),
                **start.environment,
            }
            with open(Path(scratch, "out"), "w+b") as out, open(Path(scratch, "err"), "w+b") as err:
                began = time.perf_counter()
                process = subprocess.Popen(
                    start.arguments,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    env=environment,
                    start_new_session=True,
                )
                status, total = _wait(process.pid, began + limit)
                process.returncode = 0 if status is None else status  # reaped here, not by Popen
                wall = time.perf_counter() - began
                out.seek(0)
                err.seek(0)
                output, errors = out.read(), err.read()
            found = _reports(reports)
        own = _of_program(found, program, process.pid)
        exit_code = None if status is None else os.waitstatus_to_exitcode(status)
        if own is None:
            return Cost(total, 0.0, wall, 0, 0, 0, exit_code, output, errors)
        cpu = _cpu(own)
        # a helper that nobody waited for is in its own report only, one that was killed only in the total
        helpers = max(total - cpu, sum(map(_cpu, found)) - cpu, 0.0)
        return Cost(cpu, helpers, wall, int(own["peak"]), int(own["shared"]), int(own["largest_shared"]), exit_code, output, errors)


def _wait(pid: int, until: float) -> tuple[int | None, float]:
    """Wait for a child; its status (None: it had to be killed) and the CPU of it and all that it waited for."""
    while True:
        found, status, used = os.wait4(pid, os.WNOHANG)
        if found:
            return status, used.ru_utime + used.ru_stime
        if time.perf_counter() > until:
            os.killpg(pid, signal.SIGKILL)
            _, _, used = os.wait4(pid, 0)
            return None, used.ru_utime + used.ru_stime
        time.sleep(0.005)


def _reports(directory: Path) -> list[dict[str, str]]:
    """What the processes reported, once all have ended."""
    until = time.perf_counter() + _LATE
    while any(_runs(path) for path in directory.iterdir()) and time.perf_counter() < until:
        time.sleep(0.01)
    return [
        dict(line.split(" ", 1) for line in path.read_text(errors="replace").splitlines() if " " in line)
        for path in directory.iterdir()
        if path.stat().st_size
    ]


def _runs(report: Path) -> bool:
    return report.stat().st_size == 0 and Path("/proc", report.name, "exe").exists()


def _of_program(reports: Sequence[dict[str, str]], program: Path, started: int) -> dict[str, str] | None:
    """The report of the process that ran the program: not of its launcher, where there is one."""
    found = [report for report in reports if str(program) in report.get("command", "")]
    found.sort(key=lambda report: (int(report["pid"]) != started, _cpu(report)))
    return found[-1] if found else None


def _cpu(report: Mapping[str, str]) -> float:
    return (int(report["user"]) + int(report["system"])) / 1e6
