"""Brings the checkpoints closer together once the program has ended: then copies of it cost it nothing any more.

While the program runs, they are as far apart as it takes for them not to be felt. Afterwards, while somebody looks around, copies
run through the gaps and leave others on their way, so that every moment is near one; within the memory that they may take.
"""

import contextlib
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

SECONDS: Final = 0.05
"""Processor time that is to lie between two copies, where that can be had."""
_LEAST_SECONDS_OF_EVENT: Final = 0.25e-6
"""That it takes at least to run through it."""
_LARGEST: Final = 8_000_000
"""Events that a copy runs through in one go: what it is compared with is in memory meanwhile."""
_SMALLEST: Final = 10_000
"""Events of a gap,"""
_NARROWEST: Final = SECONDS / 4
"""and seconds of it, by that measure, where it is left alone."""
_AT_ONCE: Final = 4
"""Copies that run forward at once, at most: one processor is left to whoever looks around."""


class _Gap(NamedTuple):
    """The events between two copies, through which one is to run."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start

    @property
    def aim(self) -> int:
        return min(self.end - 1, self.start + _LARGEST)


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
    """Have a copy run through each gap between those that there are and leave others on its way, so close together that from one to
    the next it takes `SECONDS` of processor time, or as there is room; gives by how many more there are.

    The gap that is looked at comes first, then the last one, as whoever looks around begins at the end of it; then the widest.
    """
    from tttui.checkpoints.client import Checkpoints, Leaving
    from tttui.checkpoints.keeper import MOST_ADOPTED

    at_once = min(max(len(os.sched_getaffinity(0)) - 1, 1), _AT_ONCE)
    running: dict[Entering, _Gap] = {}
    with Checkpoints.of(run) as checkpoints:
        before = checkpoints.list()
        ends = [*(each.event for each in before if not each.look_only), run.events]
        gaps = [gap for gap in itertools.starmap(_Gap, itertools.pairwise(ends)) if _is_wide(gap)]
        gaps.sort(key=lambda gap: (gap.end == run.events, gap.length))
        seconds = max(SECONDS, sum(gap.length for gap in gaps) * _LEAST_SECONDS_OF_EVENT / MOST_ADOPTED)
        try:
            while (gaps or running) and not is_over():
                if gaps and len(running) < at_once:
                    if not (room := _room(checkpoints, is_over)):
                        break
                    gap = _pop(gaps, checkpoints.looked_at())
                    share = gap.length / (gap.length + sum(each.length for each in itertools.chain(gaps, running.values())))
                    with contextlib.suppress(TttuiError):
                        running[checkpoints.begin(run, gap.aim, Leaving(seconds, int(room * share)))] = gap
                    continue
                for entering in select.select(list(running), [], [], 0.1)[0]:
                    gap = running.pop(entering)
                    rest = _Gap(gap.aim, gap.end)
                    if _arrives(entering, checkpoints if _is_wide(rest) else None):
                        gaps.append(rest)
        finally:
            for entering in running:
                entering.close()
        return len(checkpoints.list()) - len(before)


def _pop(gaps: list[_Gap], event: int | None) -> _Gap:
    """Take the gap that the event is in, or else the last one."""
    return gaps.pop(next((at for at, gap in enumerate(gaps) if event is not None and gap.start <= event < gap.end), -1))


def _is_wide(gap: _Gap) -> bool:
    return gap.length >= max(_SMALLEST, _NARROWEST / _LEAST_SECONDS_OF_EVENT)


def _arrives(entering: "Entering", checkpoints: "Checkpoints | None") -> bool:
    """A copy is where it was to run to, or can't come there; whether it stays there, to go on from."""
    try:
        moment = entering.arrived()
        if checkpoints is None or not moment.verified:
            moment.close()
            return False
        checkpoints.keep(moment)
    except TttuiError:
        return False
    return True


def _room(checkpoints: "Checkpoints", is_over: Callable[[], bool]) -> int:
    """Bytes of memory that more of them may take; where there seem to be none, when all of those that there are have been measured."""
    while not (room := checkpoints.room()).bytes and not room.measured and not is_over():
        time.sleep(0.02)
    return room.bytes


if __name__ == "__main__":
    sys.exit(main())
