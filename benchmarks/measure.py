"""The order of the runs: interleaved, repeated, and over before the time is."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import contenders
from benchmarks.native import Interpreter, compile_meter, compile_null_hook
from benchmarks.processes import Cost, Processes, Start
from benchmarks.results import Comparison, Result, kept
from benchmarks.suite import Program

_LIMIT = 120.0
"""Seconds after which any single run is stopped."""
_COMPARED_ROUNDS = 200
"""The other recorder gets this part of the rounds ..."""
_COMPARISON_LIMIT = 15.0
"""... and this many seconds."""


class Measurement:
    """Measures programs in one interpreter until `deadline` (of `time.monotonic`)."""

    def __init__(self, interpreter: Interpreter, scratch: Path, deadline: float, say: Callable[[str], None]) -> None:
        self._interpreter = interpreter
        self._scratch = scratch
        self._deadline = deadline
        self._say = say
        self._processes = Processes(compile_meter(interpreter, scratch))
        hook = compile_null_hook(interpreter, scratch)
        self._recording = scratch / "run.db"
        self._reading_seconds = 2.0
        self._counts = scratch / "counts.json"
        self._plain = contenders.plain(interpreter.path)
        self._null = contenders.null_hook(interpreter.path, hook)
        self._counting = contenders.null_hook(interpreter.path, hook, self._counts)
        self._tttui = contenders.tttui(interpreter.path, self._recording)
        self._with_tttui = contenders.tttui_is_installed(interpreter.path)
        if not self._with_tttui:
            say(f"tttui is not installed in {interpreter.path}: its columns stay empty")

    def prepare(self, programs: Sequence[Program], scale: float) -> list[Result]:
        """Warm up, and count the events of each program with `scale` of its rounds; those that can't run here are left out."""
        self._reading_seconds = 2.0 * scale
        results = []
        for program in programs:
            if program.needs is not None and not self._has(program.needs):
                self._say(f"{program.name}: skipped, {program.needs} is not installed")
                continue
            result = Result(program, max(1, round(program.rounds * scale)))
            self._warm_up(result)
            results.append(result)
        return results

    def repeat(self, results: Sequence[Result]) -> bool:
        """Run every contender once for each program; whether there is time to do it again."""
        began = time.monotonic()
        for result in results:
            if time.monotonic() > self._deadline:
                if not result.plain:
                    self._fail(result, "not measured, the time is up", [])
                continue
            self._once(result)
        took = time.monotonic() - began
        self._say(f"all programs, all contenders: {took:.0f} s")
        return time.monotonic() + took <= self._deadline

    def compare(self, results: Sequence[Result], other: contenders.PyTtDebug) -> None:
        """py-tt-debug over a part of the rounds of each program."""
        database = self._scratch / "other.db"
        starter = other.starter(database)
        for result in results:
            if time.monotonic() > self._deadline:
                return
            rounds = max(1, result.rounds // _COMPARED_ROUNDS)
            path = result.program.path
            base = self._processes.run(starter(result.program, 0), path, limit=_COMPARISON_LIMIT)
            _remove(database)
            cost = self._processes.run(starter(result.program, rounds), path, limit=_COMPARISON_LIMIT)
            plain_cpu = result.plain_cpu
            if plain_cpu is None:
                continue
            # too short to be measured by itself: what one round costs, times the number of rounds
            plain = max((plain_cpu - result.start_up) / result.rounds * rounds, 1e-6)
            finished, share, size, error = cost.exit_code == 0, None, None, ""
            events = other.events(database) if finished else None
            if events is not None:
                exact = self._count(result.program, rounds)
                share = kept({"line": events}, {"line": sum(number for kind, number in exact.items() if kind != "handled")})
                size = database.stat().st_size / max(events, 1)
            elif finished:
                error = "damaged database"
            elif cost.exit_code is not None:
                error = f"exit code {cost.exit_code}"
            result.comparison = Comparison(
                (cost.cpu + cost.helpers_cpu - base.cpu) / plain, (cost.wall - base.wall) / plain, finished, share, size, error
            )
            _remove(database)
            self._say(f"{result.program.name}: py-tt-debug {cost.cpu:.1f} s of CPU for {rounds} rounds in {cost.wall:.1f} s")

    def _has(self, module: str) -> bool:
        return subprocess.run([self._interpreter.path, "-c", f"import {module}"], capture_output=True).returncode == 0

    def _warm_up(self, result: Result) -> None:
        """Warm the caches of files and byte code, and count the events."""
        for starter in (self._plain, self._null):
            self._processes.run(starter(result.program, 0), result.program.path, limit=_LIMIT)
        if self._with_tttui:
            self._processes.run(self._tttui(result.program, 0), result.program.path, limit=_LIMIT)
            _remove(self._recording)
        result.start_up = min(self._processes.run(self._plain(result.program, 0), result.program.path, limit=_LIMIT).cpu for _ in range(2))
        result.exact = self._count(result.program, result.rounds)

    def _count(self, program: Program, rounds: int) -> dict[str, int]:
        """The exact number of events of the program's own code, by kind."""
        self._counts.unlink(missing_ok=True)
        self._processes.run(self._counting(program, rounds), program.path, limit=_LIMIT)
        counts: dict[str, int] = json.loads(self._counts.read_text()) if self._counts.exists() else {}
        return counts

    def _once(self, result: Result) -> None:
        """Each contender once, plain Python at both ends."""
        expected = self._measure(result, "plain", self._plain, result.plain)
        self._measure(result, "null hook", self._null, result.null, expected)
        if self._with_tttui:
            self._measure(result, "tttui", self._tttui, result.recorded, expected)
            if not result.reading and self._recording.exists():
                self._read(result)
            _remove(self._recording)
        self._measure(result, "plain", self._plain, result.plain, expected)

    def _measure(self, result: Result, name: str, starter: contenders.Starter, costs: list[Cost], expected: Cost | None = None) -> Cost:
        start: Start = starter(result.program, result.rounds)
        cost = self._processes.run(start, result.program.path, limit=_LIMIT)
        if cost.exit_code != 0:
            lines = cost.errors.decode(errors="replace").strip().splitlines()
            self._fail(result, f"{name}: {'stopped' if cost.exit_code is None else f'exit code {cost.exit_code}'}", lines)
        elif expected is not None and cost.output != expected.output:
            self._fail(result, f"{name}: the program's output differs from plain Python's", [])
        else:
            costs.append(cost)
        return cost

    def _read(self, result: Result) -> None:
        environment = {**os.environ, "PYTHONPATH": str(contenders.ROOT)}
        done = subprocess.run(
            [self._interpreter.path, "-m", "benchmarks.reading", str(self._recording), str(self._reading_seconds)],
            env=environment,
            cwd=contenders.ROOT,
            capture_output=True,
            text=True,
        )
        if done.returncode == 0:
            result.reading = json.loads(done.stdout)
        else:
            self._fail(result, "reading the recording failed", done.stderr.strip().splitlines())

    def _fail(self, result: Result, what: str, lines: Sequence[str]) -> None:
        message = f"{result.program.name}: {what}{': ' + lines[-1] if lines else ''}"
        result.failures.append(message)
        self._say(message)


def _remove(database: Path) -> None:
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink(missing_ok=True)
