"""Reads a recording and says, as JSON, what is in it and how long reading takes.

Runs in the interpreter that is measured, in a process of its own (so that nothing is in memory yet):
`python -m benchmarks.reading RUN SECONDS`.
"""

import json
import random
import sys
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tttui.store.records import Moment
    from tttui.store.run import Run

ROWS = 50
"""Rows of a screen."""


def read(path: Path, seconds: float) -> dict[str, Any]:
    """Events by kind, sizes in bytes, times in milliseconds."""
    from tttui.native import reader
    from tttui.store.run import Run

    began = time.perf_counter()
    run = Run.open(path)
    look_at(run.moment(run.events - 1, depth=1))
    opened = time.perf_counter() - began
    states = _times(run, seconds, depth=1)
    whole = _times(run, seconds / 2, depth=6)

    kinds = dict.fromkeys(reader.KINDS, 0)
    raw = 0
    for chunk in run.chunks():
        raw += chunk.size
        for kind, number in zip(reader.KINDS, reader.scan(run.chunk_bytes(chunk))["kinds"], strict=True):
            kinds[kind] += number
    return {
        "events": run.events,
        "calls": run.calls,
        "kinds": kinds,
        "size": path.stat().st_size,
        "raw": raw,
        "open_ms": opened * 1e3,
        "states": len(states),
        "state_p50_ms": states[len(states) // 2],
        "state_p99_ms": states[int(len(states) * 0.99)],
        "whole_p50_ms": whole[len(whole) // 2],
        "whole_p99_ms": whole[int(len(whole) * 0.99)],
    }


def look_at(moment: "Moment") -> None:
    """Read what a full screen shows of a moment, the variables of the innermost frame unfolded: the rest is made when it is asked for."""
    for frame in moment.stack[-ROWS:]:
        assert frame.function
        assert frame.line >= 0
    for value in moment.stack[-1].locals.values() if moment.stack else ():
        assert value.text
        for item in islice(value.items or (), ROWS):
            assert item.text or item.badge
        for _, item in islice(value.entries or (), ROWS):
            assert item.text or item.badge
        for item in islice((value.attributes or {}).values(), ROWS):
            assert item.text or item.badge


def _times(run: "Run", seconds: float, depth: int) -> list[float]:
    """Milliseconds of CPU that the state at random events took, sorted."""
    chosen = random.Random(depth)
    times: list[float] = []
    until = time.perf_counter() + seconds
    while len(times) < 20 or (len(times) < 500 and time.perf_counter() < until):
        event = chosen.randrange(run.events)
        began = time.process_time()  # whatever else the machine does is not counted
        look_at(run.moment(event, depth=depth))
        times.append((time.process_time() - began) * 1e3)
    return sorted(times)


if __name__ == "__main__":
    print(json.dumps(read(Path(sys.argv[1]), float(sys.argv[2]))))
