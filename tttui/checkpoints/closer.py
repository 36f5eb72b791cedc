"""Brings the checkpoints closer together once the program has ended: then copies of it cost it nothing any more.

While the program runs, they are as far apart as it takes for them not to be felt. Afterwards, while somebody looks around, copies
run forward and stay where they arrive, so that every moment is near one; within the memory that they may take.
"""

import contextlib
import heapq
import itertools
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tttui.errors import TttuiError
from tttui.record.processes import command_of, own_environment

if TYPE_CHECKING:
    from tttui.checkpoints.client import Checkpoints, Entering
    from tttui.store.run import Run

SECONDS: Final = 0.1
"""What entering a moment should take at most, where that can be had."""
MOST: Final = 96
"""Copies that are made in addition."""
_AT_FIRST: Final = 0.25e-6
"""Seconds of an event, until they are measured."""
_UNLIKE: Final = 8
"""By so much a gap may be wider than its estimate: then it is measured, too."""
_SMALLEST: Final = 10_000
"""Events of a gap."""
_AT_ONCE: Final = 4
"""Copies that run forward at once, at most: one processor is left to whoever looks around."""


class _Gap(NamedTuple):
    """The events between two copies; the widest gap comes first in order."""

    width: float
    """Seconds of processor time from one end to the other, negated."""
    start: int
    end: int
    tried: bool
    """Whether that was measured; else it is taken from the gap before this one."""

    @property
    def middle(self) -> int:
        return (self.start + self.end) // 2

    @property
    def aim(self) -> int:
        """Where a copy is to run: to where it may stay, or, where that may be needless, through all of the gap."""
        return self.middle if self.tried or -self.width >= SECONDS else self.end - 1


@contextlib.contextmanager
def bringing_closer(path: Path) -> Iterator[None]:
    """Meanwhile, for the recording at `path`, in a process of its own: a viewer is forked from this one, and a thread that
    is just importing something or reading the recording would leave its locks behind in the viewer, locked.
    """
    with subprocess.Popen(
        [*command_of("tttui.checkpoints.closer"), str(path.absolute())],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
        env=own_environment(), start_new_session=True,
    ) as process:  # fmt: skip
        try:
            yield
        finally:
            process.kill()  # the copy that it is just moving ends with its connection


def main() -> int:
    """The process: it ends when all is done, or whoever started it is gone."""
    from tttui.store.run import Run

    with contextlib.suppress(TttuiError), Run.open(Path(sys.argv[1])) as run:
        bring_closer(run, lambda: bool(select.select([0], [], [], 0)[0]))
    return 0


def bring_closer(run: "Run", is_over: Callable[[], bool]) -> int:
    """Have copies stay in the middle of the widest gaps between those that there are, until there is none or no room; gives their number.

    How wide a gap is, is the processor time that it takes to run through it.
    """
    from tttui.checkpoints.client import Checkpoints

    at_once = min(max(len(os.sched_getaffinity(0)) - 1, 1), _AT_ONCE)
    running: dict[Entering, _Gap] = {}
    made = 0
    with Checkpoints.of(run) as checkpoints:
        ends = [*(each.event for each in checkpoints.list() if not each.look_only), run.events]
        gaps = [_Gap((start - end) * _AT_FIRST, start, end, tried=False) for start, end in itertools.pairwise(ends)]
        heapq.heapify(gaps)
        try:
            while (gaps or running) and not is_over() and made < MOST:
                if gaps and len(running) < at_once:
                    gap = heapq.heappop(gaps)
                    if -gap.width < (SECONDS if gap.tried else SECONDS / _UNLIKE) or gap.end - gap.start < _SMALLEST:
                        continue
                    if not _has_room(checkpoints, is_over):
                        break
                    with contextlib.suppress(TttuiError):
                        running[checkpoints.begin(run, gap.aim)] = gap
                    continue
                for entering in select.select(list(running), [], [], 0.1)[0]:
                    gap = running.pop(entering)
                    width, stays = _arrive(entering, gap, checkpoints)
                    made += stays
                    for part in _parts(gap, width, stays):
                        heapq.heappush(gaps, part)
        finally:
            for entering in running:
                entering.close()
    return made


def _arrive(entering: "Entering", gap: _Gap, checkpoints: "Checkpoints") -> tuple[float | None, bool]:
    """A copy is where it was to run to: the seconds of processor time that it took from the gap's start, None where that can't be
    entered; and whether it stays, because it was far or is known to be amid much.
    """
    try:
        moment = entering.arrived()
        width = _ran(moment.pid)
        stays = moment.verified and gap.aim == gap.middle and (gap.tried or width >= SECONDS / 2)
        if stays:
            checkpoints.keep(moment)
        else:
            moment.close()
    except (TttuiError, OSError):
        return None, False
    return (width if moment.verified else None), stays


def _parts(gap: _Gap, width: float | None, stays: bool) -> Iterator[_Gap]:
    """What is left to look at of a gap."""
    if width is None:  # it can't be entered; what lies before it may be
        yield _Gap(gap.width / 2, gap.start, gap.middle, tried=False)
    elif stays:
        rest = max(-gap.width - width, SECONDS / _UNLIKE) if gap.tried else width
        yield _Gap(-width, gap.start, gap.middle, tried=True)
        yield _Gap(-rest, gap.middle, gap.end, tried=False)
    elif gap.aim == gap.middle:  # it isn't as wide as it was taken for, in this half
        yield _Gap(-max(2 * width, SECONDS / _UNLIKE), gap.start, gap.end, tried=False)
    else:
        yield _Gap(-width, gap.start, gap.end, tried=True)


def _has_room(checkpoints: "Checkpoints", is_over: Callable[[], bool]) -> bool:
    """Whether there may be more of them; where it seems not, when all of those that there are have been measured."""
    while not (room := checkpoints.room()).enough:
        if room.measured or is_over():
            return False
        time.sleep(0.02)
    return True


def _ran(pid: int) -> float:
    """Seconds of processor time that a process has had."""
    return int(Path(f"/proc/{pid}/schedstat").read_bytes().split()[0]) / 1e9


if __name__ == "__main__":
    sys.exit(main())
