"""`python -m benchmarks.navigation`: how long each move and search takes, and how that grows with the recording.

A real program is recorded until it has about as many events as asked for; then each operation is made at random
places of the recording, every time with what it finds in memory by then, and searches also with nothing in memory.
CPU time is what the budgets are compared with: on a machine that does other things, too, the clock says little.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tttui.navigation.expression_errors import EvaluationError
from tttui.navigation.filters import EventFilter, lines
from tttui.navigation.navigator import Navigator
from tttui.navigation.targets import target_at
from tttui.navigation.writes import last_write
from tttui.store.run import Run

PROGRAM = """
import asyncio
import sys
import threading


class Account:
    def __init__(self, name):
        self.name = name
        self.balance = 0
        self.limit = 100
        self.history = {}

    def add(self, amount):
        if amount < 0 and self.balance + amount < -self.limit:
            raise ValueError(
                f"{self.name} has only {self.balance}"
            )
        self.balance += amount
        self.history[amount % 10] = amount
        return self.balance


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def amounts(n):
    for i in range(n):
        yield (i * 7919) % 223 - 111


def milestone(number):
    return f"milestone {number}"


def day(accounts, n):
    refused = 0
    total = 0
    for number, amount in enumerate(amounts(n)):
        account = accounts[number % len(accounts)]
        try:
            total += account.add(amount)
        except ValueError:
            refused += 1
    return total, refused


async def waiting(n):
    total = 0
    for i in range(n):
        total += i
        await asyncio.sleep(0)
    return total


async def together():
    return await asyncio.gather(*(waiting(30) for _ in range(3)))


def main(days):
    accounts = [Account(f"account {number}") for number in range(20)]
    rare = 0
    for number in range(days):
        thread = threading.Thread(target=fib, args=(8,))
        thread.start()
        total, refused = day(
            accounts,
            250,
        )
        fib(14)
        thread.join()
        if number % max(days // 10, 1) == 0:
            rare = number
            accounts[3].limit = 100 + number
            print(milestone(number), total, refused)
            asyncio.run(together())
    return rare


main(int(sys.argv[1]))
"""
DENSE = """
import sys


class Node:
    def __init__(self):
        self.x = 0
        self.me = self


def run(n):
    node, nodes, d, xs, x = Node(), [Node()], {"k": 0}, [], 0
    for i in range(n):
        x += i
        node.x += i
        node.me.x += i
        nodes[0].x += i
        d["k"] += i
        xs.append(i)


run(int(sys.argv[1]))
"""
"""Nearly every event is a hit of one of the conditions."""
EVENTS_PER_DAY = 8_700
"""About how many events a day of the program has."""


@dataclass(frozen=True)
class Measured:
    """Milliseconds of one operation, CPU and clock, each sorted."""

    cpu: Sequence[float]
    clock: Sequence[float]

    def row(self) -> str:
        return f"{_at(self.cpu, 0.5):8.2f}{_at(self.cpu, 0.99):9.2f}{self.cpu[-1]:9.2f}{_at(self.clock, 0.99):9.1f}"


def _at(times: Sequence[float], share: float) -> float:
    return times[min(int(len(times) * share), len(times) - 1)]


def measure(operation: Callable[[], object], times: int, before: Callable[[], object] = lambda: None) -> Measured:
    """Times of an operation; `before` prepares each and is not counted."""
    cpu, clock = [], []
    for _ in range(times):
        before()
        began, began_cpu = time.perf_counter(), time.process_time()
        operation()
        cpu.append((time.process_time() - began_cpu) * 1e3)
        clock.append((time.perf_counter() - began) * 1e3)
    return Measured(sorted(cpu), sorted(clock))


def record(events: int, directory: Path) -> Path:
    program = directory / "bank.py"
    program.write_text(PROGRAM)
    path = directory / f"{events}.db"
    days = max(events // EVENTS_PER_DAY, 1)
    command = [sys.executable, "-m", "tttui", "record", "-o", str(path), str(program), str(days)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=directory)
    return path


class Bench:
    """One recording, and what was measured of it, by the name of the operation."""

    def __init__(self, path: Path, times: int) -> None:
        self.path = path
        self.times = times
        self.random = random.Random(7)
        self.results: dict[str, Measured] = {}
        self.rates: dict[str, float] = {}
        self.run = Run.open(path)
        self.navigator = Navigator(self.run)
        self.events = self.run.events

    def anywhere(self) -> None:
        self.navigator.goto(self.random.randrange(self.events))

    def fresh(self) -> None:
        """A recording of which nothing is in memory, at a random place."""
        self.run.close()
        self.run = Run.open(self.path)
        self.navigator = Navigator(self.run, self.random.randrange(self.events))

    def add(self, name: str, operation: Callable[[], object], before: Callable[[], object] | None = None, times: int = 0) -> None:
        self.results[name] = measure(operation, times or self.times, before or self.anywhere)

    def all(self) -> None:
        self.moves()
        self.searches()
        self.writes()
        self.conditions()

    def moves(self) -> None:
        navigator = self.navigator
        self.add("state: stack and variables", lambda: navigator.moment(depth=1))
        self.add("state, expanded 6 levels deep", lambda: navigator.moment(depth=6))
        for sort in ("step", "next", "finish"):
            self.add(sort, lambda sort=sort: getattr(navigator, sort)())
            self.add(f"{sort} back", lambda sort=sort: getattr(navigator, sort)(back=True))

        def outer() -> None:
            self.anywhere()
            navigator.up(self.random.randrange(len(navigator.stack())))

        for sort in ("next", "finish"):
            self.add(f"{sort}, of an outer frame", lambda sort=sort: getattr(navigator, sort)(), outer)
            self.add(f"{sort} back, of an outer frame", lambda sort=sort: getattr(navigator, sort)(back=True), outer)
        self.add("until: out of a loop", lambda: navigator.until())
        self.add("to a time", lambda: navigator.goto_time(self.random.randrange(self.run.chunks()[-1].end_ns)))

    def searches(self) -> None:
        rare, common = line_of("return f"), line_of("self.balance += amount")

        def here() -> Navigator:
            return self.navigator

        def breakpoint_at(line: int, **more: str) -> Callable[[], None]:
            def prepare() -> None:
                self.anywhere()
                here().breakpoints.clear()
                here().breakpoints.line("bank.py", line, **more)

            return prepare

        def fresh_breakpoint() -> None:
            self.fresh()
            here().breakpoints.line("bank.py", rare)

        self.add("continue to a rare line", lambda: here().continue_(), breakpoint_at(rare))
        self.add("reverse-continue to a rare line", lambda: here().continue_(back=True), breakpoint_at(rare))
        self.add("the same, nothing in memory", lambda: here().continue_(back=True), fresh_breakpoint, 12)
        self.add("reverse-continue to a common line", lambda: here().continue_(back=True), breakpoint_at(common))
        self.add("call of a rare function, back", lambda: here().call("milestone", back=True))
        self.add("exception, back", lambda: here().exception(back=True))
        self.add("output, back", lambda: here().output(back=True))
        self.add("output of a text, back", lambda: here().output("milestone 0 ", back=True))
        self.add("switch of threads, back", lambda: here().thread(back=True))
        self.add("switch of tasks, back", lambda: here().task(back=True))

    def writes(self) -> None:
        navigator = self.navigator
        run = self.run
        start = next(event.number for event in navigator.search.matches(_line(navigator, "fib(14)")))
        # Behind the first day: the frame of main is known there, and what is in it.
        targets = {
            "last write of a variable": ("total", 0),
            "last write of a rarely written variable": ("rare", 0),
            "last write of an attribute": ("accounts[3].balance", 0),
            "last write of a rarely written attribute": ("accounts[3].limit", 0),
            "last write of an attribute never written again": ("accounts[3].name", 0),
            "last write of an item": ("accounts[3].history[8]", 0),
            "last write of an item that was never written": ("accounts[3].history[7]", 0),
        }
        for name, (text, frame) in targets.items():
            try:
                target = target_at(run, start, text, frame=-1 - frame)
            except (EvaluationError, LookupError):
                continue
            self.add(name, lambda target=target: last_write(run, target, self.random.randrange(start, self.events)), lambda: None)

        def watching() -> None:
            navigator.breakpoints.clear()
            navigator.goto(start)
            navigator.breakpoints.watch("accounts[3].limit", start)
            navigator.goto(self.random.randrange(start, self.events))

        self.add("reverse-continue to a change of accounts[3].limit", lambda: navigator.continue_(back=True), watching, 40)
        navigator.breakpoints.clear()

    def conditions(self) -> None:
        navigator = self.navigator
        conditions = {
            "n == 100_000": "if n < 2",
            "self.balance == 123456": "self.balance += amount",
            "self.history is None": "self.balance += amount",
            "len(accounts) == 3": "total += account.add(amount)",
        }
        for condition, where in conditions.items():
            line = line_of(where)
            start = self.events - min(self.events, 500_000)
            hits = sum(1 for _ in navigator.search.matches(_line(navigator, where), start))
            navigator.breakpoints.line("bank.py", line, condition=condition)
            finder = navigator.breakpoints.finder(navigator.breakpoints[max(each.number for each in navigator.breakpoints)])
            began = time.process_time()
            assert finder.before(self.events, start) is None
            self.rates[f"thousand hits a second: {condition}"] = hits / (time.process_time() - began) / 1e3
            navigator.breakpoints.clear()


def dense_rates(directory: Path, rounds: int = 100_000) -> dict[str, float]:
    """Thousand hits a second of a line that is checked for conditions that never hold, all of one recording, backwards."""
    program = directory / "dense.py"
    program.write_text(DENSE)
    path = directory / "dense.db"
    command = [sys.executable, "-m", "tttui", "record", "-o", str(path), str(program), str(rounds)]
    if not path.exists():
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=directory)
    rates = {}
    with Run.open(path) as run:
        breakpoints = Navigator(run).breakpoints
        line = next(number for number, text in enumerate(DENSE.splitlines(), 1) if "x += i" in text)
        for condition in ("x == -1", "node.x == -1", "node.me.x == -1", "nodes[0].x == -1", "d['k'] == -1", "len(xs) == -1"):
            finder = breakpoints.finder(breakpoints.line("dense.py", line, condition=condition))
            began = time.process_time()
            assert finder.before(run.events, 0) is None
            rates[condition] = rounds / (time.process_time() - began) / 1e3
    return rates


def _line(navigator: Navigator, text: str) -> EventFilter:
    return lines(navigator.sources.places("bank.py", line_of(text)))


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(PROGRAM.splitlines(), 1) if text in line)


BUDGETS = {"state": 10.0, "step": 10.0, "next": 10.0, "finish": 10.0}
OTHERS = 50.0


def budget_of(name: str) -> float:
    return next((limit for start, limit in BUDGETS.items() if name.startswith(start)), OTHERS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.navigation", description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=[1_000_000, 10_000_000], metavar="N", help="sizes of the recordings")
    parser.add_argument("--times", type=int, default=200, metavar="N", help="how often each operation is made (default: 200)")
    parser.add_argument("--recordings", type=Path, metavar="DIRECTORY", help="make the recordings there, and use those that are there")
    given = parser.parse_args()
    benches = []
    with tempfile.TemporaryDirectory(prefix="tttui-benchmarks-") as scratch:
        directory = given.recordings or Path(scratch)
        directory.mkdir(exist_ok=True)
        for events in given.events:
            path = directory / f"{events}.db"
            bench = Bench(path if path.exists() else record(events, directory), given.times)
            bench.all()
            benches.append(bench)
            bench.run.close()
        rates = dense_rates(directory)
    for bench in benches:
        print(f"\n{bench.events:,} events in {len(bench.run.chunks())} chunks; {bench.times} times each; milliseconds")
        print(f"{'':52}{'CPU p50':>8}{'p99':>9}{'most':>9}{'clock p99':>10}   budget")
        for name, measured in bench.results.items():
            kept = "" if _at(measured.cpu, 0.99) <= budget_of(name) else "  over"
            print(f"{name:52}{measured.row()}{budget_of(name):9.0f}{kept}")
        for name, rate in bench.rates.items():
            print(f"{name:52}{rate:8.0f}{2000 if 'n ==' in name else 0:36.0f}")
    if len(benches) > 1:
        first, last = benches[0], benches[-1]
        print(f"\n{last.events / first.events:.1f} times the events take so many times the CPU, at the median and at p99:")
        for name, measured in last.results.items():
            small = first.results[name]
            print(f"{name:52}{_at(measured.cpu, 0.5) / _at(small.cpu, 0.5):8.1f}{_at(measured.cpu, 0.99) / _at(small.cpu, 0.99):9.1f}")
    print("\nthousand hits a second, backwards, where every seventh event is one")
    for condition, rate in rates.items():
        print(f"{condition:52}{rate:8.0f}")
    print(f"\nmemory of this process at its peak: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB (budget 200)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
