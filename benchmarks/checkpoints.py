"""`python -m benchmarks.checkpoints`: what checkpoints cost the program, and how long entering a moment takes.

A program with a heap of some size works on it and is recorded with checkpoints and without, in turn; then moments are
entered at random events, and an expression is evaluated in each.
"""

import argparse
import contextlib
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tttui import config
from tttui.checkpoints.client import Checkpoints
from tttui.checkpoints.closer import bring_closer
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

# About 170 bytes each, and every eighth of them is one that the program changes: they lie all over the heap.
heap = [[number, str(number)] if number % 8 else Node(number) for number in range(int(sys.argv[1]) * 6000)]
nodes = heap[::8]

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
"""A heap of so many megabytes of Python's objects, and work on it."""


@contextlib.contextmanager
def noting_ended() -> Iterator[dict[int, float]]:
    """Seconds of processor time that each child took which ends meanwhile, by its process id."""
    seconds: dict[int, float] = {}
    waitpid = os.waitpid

    def wait(pid: int, options: int) -> tuple[int, int]:
        found, status, usage = os.wait4(pid, options)
        seconds[found] = usage.ru_utime + usage.ru_stime
        return found, status

    os.waitpid = wait
    try:
        yield seconds
    finally:
        os.waitpid = waitpid


def cost(directory: Path, program: Path, heap: int, rounds: int, repeats: int) -> None:
    """How much longer the program runs with checkpoints, the least of some repeats; to its very end, when it gives its heap back."""
    seconds: dict[str, list[float]] = {"with": [], "without": []}
    processor: dict[str, list[float]] = {"with": [], "without": []}
    made: dict[str, object] = {}
    for _ in range(repeats):
        for which, option in (("without", ["--no-checkpoints"]), ("with", [])):
            recording = directory / "run.db"
            recording.unlink(missing_ok=True)
            invocation = parse([*option, "-o", str(recording), str(program), str(heap), str(rounds)])
            with noting_ended() as ended:
                launch.record(invocation, config.load(invocation.given))
            with Run.open(recording) as run:
                processor[which].append(ended[int(str(run.meta["pid"]))])
                seconds[which].append(int(str(run.meta["duration_ns"])) / 1e9)
                if which == "with":
                    made = {key: run.meta[key] for key in ("checkpoints_made", "checkpoint_ns", "checkpoint_memory")}
    least = {which: min(found) for which, found in seconds.items()}
    spent = {which: min(found) for which, found in processor.items()}
    number = int(str(made["checkpoints_made"]))
    print(
        f"heap {heap:>5} MB: {least['without']:.2f} s without, {least['with']:.2f} s with: x{least['with'] / least['without']:.3f}, "
        f"x{spent['with'] / spent['without']:.3f} of its processor time; "
        f"{number} made, {int(str(made['checkpoint_ns'])) / 1e6 / max(number, 1):.2f} ms each, "
        f"{int(str(made['checkpoint_memory'])) / 1e6:.0f} MB at most",
        flush=True,
    )


def entering(directory: Path, program: Path, heap: int, rounds: int, times: int) -> None:
    """How long it takes to enter a moment and to evaluate there: at once, and when the checkpoints were brought closer together."""
    recording = directory / "entered.db"
    recording.unlink(missing_ok=True)
    invocation = parse(["-o", str(recording), str(program), str(heap), str(rounds)])
    outcome = launch.record(invocation, config.load(invocation.given), keep=True)
    try:
        with Run.open(recording) as run, Checkpoints.of(run) as checkpoints:
            enter_at_random(f"heap {heap:>5} MB, {run.events:,} events", run, checkpoints, times)
            growth = {0: 0}

            def note_growth() -> bool:
                copies = checkpoints.list()
                if all(each.memory for each in copies):
                    growth[len(copies)] = sum(each.memory for each in copies) // 1_000_000
                return False

            began, before = time.perf_counter(), len(checkpoints.list())
            note_growth()
            made = bring_closer(run, note_growth)
            took = time.perf_counter() - began
            time.sleep(1.5)  # they are measured once a second
            note_growth()
            print(f"    {made} more than {before} checkpoints in {took:.1f} s; proportional set size of all of them:", end=" ")
            some = sorted(growth)[1 :: max(len(growth) // 6, 1)]
            print(", ".join(f"{number} copies {growth[number]:,} MB" for number in sorted({*some, max(growth)})))
            enter_at_random("    then", run, checkpoints, times)
    finally:
        if outcome.keeper is not None:
            outcome.keeper.stop()


def enter_at_random(title: str, run: Run, checkpoints: Checkpoints, times: int) -> None:
    took: list[float] = []
    processor: list[float] = []
    other: dict[str, int] = {}
    chance = random.Random(1)
    for _ in range(times):
        began, used = time.perf_counter(), time.process_time()
        try:
            moment = checkpoints.enter(run, chance.randrange(2, run.events))
        except TttuiError as error:
            other[error.title] = other.get(error.title, 0) + 1
            continue
        moment.evaluate("len(nodes)")
        took.append(1000 * (time.perf_counter() - began))
        processor.append(1000 * (time.process_time() - used) + on_processor(moment.pid))
        if not moment.verified:
            other["differs"] = other.get("differs", 0) + 1
        moment.close()
    took.sort()
    processor.sort()
    print(
        f"{title}, {len(checkpoints.list())} checkpoints: enter and evaluate p50 {statistics.median(took):.0f} ms, "
        f"p99 {took[int(len(took) * 0.99)]:.0f} ms (processor time {statistics.median(processor):.0f} and "
        f"{processor[int(len(took) * 0.99)]:.0f} ms), {len(took)} of {times} verified {other or ''}",
        flush=True,
    )


def on_processor(pid: int) -> float:
    """Milliseconds that a process has run so far: what waiting on a busy machine doesn't add to."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--heaps", type=int, nargs="+", default=[50, 500, 2000], help="megabytes")
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
