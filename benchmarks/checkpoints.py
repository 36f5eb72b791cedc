"""`python -m benchmarks.checkpoints`: what checkpoints cost the program, and how long entering a moment takes.

A program with a heap of some size works on it and is recorded with checkpoints and without, in turn; then moments are
entered at random events, and an expression is evaluated in each.
"""

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tttui import config
from tttui.checkpoints.client import Checkpoints
from tttui.errors import TttuiError
from tttui.record import launch
from tttui.record.options import parse
from tttui.store.run import Run

PROGRAM = """
import sys

class Node:
    def __init__(self, number):
        self.number = number
        self.next = None

heap = bytearray(int(sys.argv[1]) << 19)
for place in range(0, len(heap), 4096):
    heap[place] = 1
nodes = list(map(Node, range(int(sys.argv[1]) << 13)))

def work(rounds):
    total = 0
    for number in range(rounds):
        node = nodes[number * 7919 % len(nodes)]
        node.number += 1
        total += node.number
    return total

for _ in range(int(sys.argv[2])):
    work(2000)
last = 1
"""


def carry_out(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def duration(recording: Path) -> float:
    with Run.open(recording) as run:
        return float(run.meta["duration_ns"]) / 1e9


def cost(directory: Path, program: Path, heap: int, rounds: int, repeats: int) -> None:
    """How much longer the program runs with checkpoints, the least of some repeats."""
    seconds: dict[str, list[float]] = {"with": [], "without": []}
    made: dict[str, object] = {}
    for _ in range(repeats):
        for which, option in (("without", ["--no-checkpoints"]), ("with", [])):
            recording = directory / "run.db"
            recording.unlink(missing_ok=True)
            command = [sys.executable, "-m", "tttui", "record", *option, "-o", str(recording), str(program), str(heap), str(rounds)]
            carry_out(command)
            seconds[which].append(duration(recording))
            if which == "with":
                with Run.open(recording) as run:
                    made = {key: run.meta[key] for key in ("checkpoints_made", "checkpoint_ns", "checkpoint_memory")}
    least = {which: min(found) for which, found in seconds.items()}
    number = int(str(made["checkpoints_made"]))
    print(
        f"heap {heap:>5} MB: {least['without']:.2f} s without, {least['with']:.2f} s with: x{least['with'] / least['without']:.3f}; "
        f"{number} made, {int(str(made['checkpoint_ns'])) / 1e6 / max(number, 1):.2f} ms each, "
        f"{int(str(made['checkpoint_memory'])) / 1e6:.0f} MB at most"
    )


def entering(directory: Path, program: Path, heap: int, rounds: int, times: int) -> None:
    """How long it takes to enter a moment and to evaluate there."""
    recording = directory / "entered.db"
    invocation = parse(["-o", str(recording), str(program), str(heap), str(rounds)])
    outcome = launch.record(invocation, config.load(invocation.given), keep=True)
    took: list[float] = []
    other: dict[str, int] = {}
    chance = random.Random(1)
    try:
        with Run.open(recording) as run, Checkpoints.of(run) as checkpoints:
            events = run.events
            for _ in range(times):
                began = time.perf_counter()
                try:
                    moment = checkpoints.enter(run, chance.randrange(2, events))
                except TttuiError as error:
                    other[error.title] = other.get(error.title, 0) + 1
                    continue
                moment.evaluate("len(nodes)")
                took.append(1000 * (time.perf_counter() - began))
                if not moment.verified:
                    other["differs"] = other.get("differs", 0) + 1
                moment.close()
            kept = len(checkpoints.list())
    finally:
        if outcome.keeper is not None:
            outcome.keeper.stop()
    took.sort()
    print(
        f"heap {heap:>5} MB, {events:,} events, {kept} checkpoints: enter and evaluate p50 {statistics.median(took):.0f} ms, "
        f"p99 {took[int(len(took) * 0.99)]:.0f} ms, {len(took)} of {times} verified {other or ''}"
    )


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--heaps", type=int, nargs="+", default=[10, 50, 500], help="megabytes")
    arguments.add_argument("--rounds", type=int, default=300)
    arguments.add_argument("--repeats", type=int, default=3)
    arguments.add_argument("--moments", type=int, default=60)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        program = directory / "program.py"
        program.write_text(PROGRAM)
        for heap in given.heaps:
            cost(directory, program, heap, given.rounds, given.repeats)
            entering(directory, program, heap, given.rounds, given.moments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
