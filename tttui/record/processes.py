"""Processes of our own, and whether another one still lives, without being misled by a process id that is used again."""

import os
import select
import sys
import time

from tttui.record.startup import VARIABLE


def command_of(module: str) -> list[str]:
    """The command line that runs a module's `main` with this interpreter; arguments go behind it.

    -I keeps the program's environment and directory out; where tttui was found is told instead.
    """
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return [sys.executable, "-I", "-c", f"import sys; sys.path.append({root!r}); from {module} import main; sys.exit(main())"]


def own_environment() -> dict[str, str]:
    """The environment for such a process: it is not to be recorded."""
    return {name: value for name, value in os.environ.items() if name != VARIABLE}


class Process:
    """Another process, watched through a pidfd where the kernel has them (Linux 5.3)."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._descriptor = -1
        self._started = started_ticks(pid)
        try:
            self._descriptor = os.pidfd_open(pid)
        except (OSError, AttributeError):
            pass

    def alive(self) -> bool:
        """False as soon as it has ended, even while its parent hasn't waited for it."""
        if self._started is None:
            return False
        if self._descriptor >= 0:
            return not select.select([self._descriptor], [], [], 0)[0]
        return started_ticks(self.pid) == self._started


def _stat_fields(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the state on; None where there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            text = file.read().decode("ascii", "replace")
    except OSError:
        return None
    # The command, in parentheses, may itself hold spaces and parentheses.
    return text.rpartition(")")[2].split()


def started_ticks(pid: int) -> int | None:
    """When a living process started, in clock ticks since the machine did; None if it has ended."""
    fields = _stat_fields(pid)
    if fields is None or fields[0] in "ZX":
        return None
    return int(fields[19])


def stopped(pid: int) -> bool:
    """Whether a process stands still because of a signal."""
    fields = _stat_fields(pid)
    return fields is not None and fields[0] in "Tt"


def is_the_one_that_ran_at(pid: int, clock: int) -> bool:
    """Whether `pid` lives and is the process that already ran at `clock` (CLOCK_MONOTONIC, ns), not a later one."""
    started = started_ticks(pid) if pid > 0 else None
    if started is None:
        return False
    asleep = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    tick = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    return started * tick <= clock + asleep + tick
