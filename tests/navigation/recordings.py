"""Recordings of real programs for tests of moving, and a plain model of what is in them.

The model knows nothing of chunks, postings or native searches: it lists all events of a recording and looks
through the list.
"""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import Final, NamedTuple

import pytest

from tttui.native import reader
from tttui.navigation.navigator import Navigator
from tttui.navigation.statements import statement_ranges
from tttui.store.run import Run
from tttui.store.stream import V_OPAQUE, object_of

PROGRAMS: Final = Path(__file__).parents[1] / "programs"
SMALL: Final = (
    "recursion",
    "recursion_mutual",
    "generator_simple",
    "generator_recursive",
    "generator_yield_from",
    "generator_yield_from_throw",
    "generator_close",
    "generator_throw",
    "generators_interleaved",
    "exception_passes_frames",
    "exception_reraise",
    "exception_finally",
    "exception_chains",
    "exception_from_c",
    "comprehension_list",
    "call_from_c_code",
    "class_body",
    "exec_and_eval",
    "async_gather",
    "async_tasks",
    "async_cancel",
    "async_queue",
    "async_generator",
    "threads_handing_over",
    "threads_each_their_own",
    "thread_pool",
    "thread_generator_moves",
)
"""Of tests/programs: those whose control flow is of interest."""

# Each has several chunks (of 65,536 events), and calls, generators, threads and tasks that stay open across them.
LARGE: Final = {
    "long_recursion": """
import sys

def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)

def deep(n):
    total = fib(
        n % 7
    ) + (
        n
    )
    if n:
        total += deep(n - 1)
    return total

class Wrong(Exception):
    pass

def fails(n):
    try:
        if n == 0:
            raise Wrong("at the bottom")
        fails(n - 1)
    finally:
        fib(6)

for round in range(3):
    fib(17)
    deep(300)
    try:
        fails(50)
    except Wrong as error:
        print("caught", round)
print(fib(18))
fails(3)
""",
    "long_generators": """
def numbers(n):
    for i in range(n):
        yield i

def squares(inner):
    for x in inner:
        yield x * x

def pairs(n):
    yield from numbers(n)
    return n

def consume(n):
    waiting = pairs(n)
    kept = numbers(10 * n)
    total = 0
    for value in squares(numbers(n)):
        total += value
        if value % 7 == 0:
            total += next(kept)
        if value % 1000 == 0:
            print(total)
    total += sum(x for x in waiting)
    return [y
            for y in range(5)
            if y % 2], total

print(consume(8000))
""",
    "long_tasks": """
import asyncio
import threading

def crunch(n):
    total = 0
    for i in range(n):
        total += i % 3
    return total

async def worker(name, queue, done):
    while True:
        item = await queue.get()
        if item is None:
            break
        done.append((name, crunch(item)))
        await asyncio.sleep(0)
    return name

async def numbers(n):
    for i in range(n):
        yield i
        await asyncio.sleep(0)

async def main():
    queue = asyncio.Queue()
    done = []
    tasks = [asyncio.create_task(worker(f"worker {n}", queue, done)) for n in range(3)]
    async for n in numbers(60):
        await queue.put(300 + n)
    for _ in tasks:
        await queue.put(None)
    print(await asyncio.gather(*tasks), len(done))

def background(event):
    for _ in range(40):
        crunch(200)
        event.wait(0.0005)

event = threading.Event()
threads = [threading.Thread(target=background, args=(event,)) for _ in range(2)]
for thread in threads:
    thread.start()
asyncio.run(main())
for thread in threads:
    thread.join()
""",
}


_opened: list[Run] = []


def close_all() -> None:
    """Close the recordings that were looked at."""
    for run in _opened:
        run.close()


class Row(NamedTuple):
    """One event, as `reader.events` tells it."""

    number: int
    kind: str
    thread: int
    task: int
    call: int
    code: int
    line: int
    line_before: int | None
    """Where its call stood before; None where it has just begun."""
    value: str
    """Of a yield the type of what it hands out, where that is opaque; of what an exception does, the exception."""


@dataclass
class Recorded:
    """One recording."""

    name: str
    path: Path

    @cached_property
    def run(self) -> Run:
        run = Run.open(self.path)
        _opened.append(run)
        return run

    @cached_property
    def rows(self) -> list[Row]:
        found: list[Row] = []
        lines: dict[int, int] = {}
        for chunk in self.run.chunks():
            for _, event, kind, thread, task, call, code, line, _, _, raw in self.run.rows_of(chunk, 1):
                opaque = isinstance(raw, tuple) and raw[0] == V_OPAQUE
                value = self.run.type_name(raw[1]) if opaque else str(raw[1]) if object_of(raw) else ""
                found.append(Row(event, reader.KINDS[kind], thread, task, call, code, line, lines.get(call), value))
                lines[call] = line
        return found

    def navigator(self) -> Navigator:
        return Navigator(self.run)

    @cache  # noqa: B019 (as long as the tests run)
    def _range(self, code: int, line: int) -> tuple[int, int] | None:
        facts = self.run.code(code)
        source = self.run.source(facts.file)
        if source is None or (facts.name.startswith("<") and facts.name != "<module>"):
            return None
        return next((lines for lines in _ranges(source) if lines[0] <= line <= lines[1]), None)

    def __hash__(self) -> int:
        return hash(self.path)

    def is_stop(self, row: Row, by_line: bool) -> bool:
        """What the documentation of moves says."""
        if row.kind == "yield":
            flags = self.run.code(row.code).flags
            return not flags & 0x180 and (not flags & 0x200 or row.value == "async_generator_wrapped_value")
        if row.kind != "line":
            return row.kind in ("return", "raise", "reraise")
        if by_line or row.line_before is None or row.line == row.line_before:
            return True
        lines = self._range(row.code, row.line)
        return lines is None or lines != self._range(row.code, row.line_before)

    @cache  # noqa: B019 (as long as the tests run)
    def stops(self, by_line: bool) -> list[Row]:
        return [row for row in self.rows if self.is_stop(row, by_line)]

    def events(self, matches: Callable[[Row], bool]) -> list[int]:
        return [row.number for row in self.rows if matches(row)]


@cache
def _ranges(source: str) -> list[tuple[int, int]]:
    return statement_ranges(source)


@cache
def recorded(name: str) -> Recorded:
    """The recording of a program of SMALL or LARGE, made once."""
    return recorded_text(name, LARGE[name]) if name in LARGE else _record(name, PROGRAMS / f"{name}.py")


def recorded_text(name: str, text: str) -> Recorded:
    """The recording of a program, by its text."""
    program = Path(mkdtemp(prefix="tttui-test-")) / f"{name}.py"
    program.write_text(text)
    return _record(name, program)


def _record(name: str, program: Path) -> Recorded:
    path = Path(mkdtemp(prefix="tttui-test-")) / "run.db"
    command = [sys.executable, "-m", "tttui", "record", "-o", str(path), str(program)]
    done = subprocess.run(command, cwd=program.parent, capture_output=True, text=True, check=False)
    if not path.exists():
        pytest.fail(f"{name} was not recorded: {done.stderr}")
    return Recorded(name, path)
