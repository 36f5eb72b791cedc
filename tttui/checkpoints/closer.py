"""Brings the checkpoints closer together once the program has ended: then copies of it cost it nothing any more.

While the program runs, they are as far apart as it takes for them not to be felt. Afterwards, while somebody looks around, copies
run forward and stay where they arrive, so that every moment is near one; within the memory that they may take.
"""

import contextlib
import itertools
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tttui.errors import TttuiError
from tttui.record.processes import command_of, own_environment

if TYPE_CHECKING:
    from tttui.checkpoints.client import Checkpoints
    from tttui.store.run import Run

SECONDS: Final = 0.1
"""What entering a moment should take at most, where that can be had."""
MOST: Final = 96
"""Copies that are made in addition."""
_FIRST_STEP: Final = 100_000
_SMALLEST_STEP: Final = 5_000


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
    """Have copies stay between those that there are, from the end of the program to its start; gives their number."""
    from tttui.checkpoints.client import Checkpoints

    made, step = 0, max(_FIRST_STEP, run.events // MOST)
    with Checkpoints.of(run) as checkpoints:
        ends = [run.events, *(each.event for each in reversed(checkpoints.list()) if not each.look_only)]
        for end, start in itertools.pairwise(ends):
            at = start
            while not is_over() and made < MOST and end - at > 3 * step // 2 and checkpoints.have_room():
                at += step
                took = _stay(run, checkpoints, at)
                if took is None:
                    break
                made += 1
                step = max(int(step * min(2.0, max(0.5, SECONDS / took))), run.events // MOST, _SMALLEST_STEP)
    return made


def _stay(run: "Run", checkpoints: "Checkpoints", event: int) -> float | None:
    """Have a copy stay at an event; the seconds that getting there took, None where it can't."""
    began = time.perf_counter()
    try:
        moment = checkpoints.enter(run, event)
        if not moment.verified:
            moment.close()
            return None
        took = time.perf_counter() - began
        checkpoints.keep(moment)
    except TttuiError:
        return None
    return took
