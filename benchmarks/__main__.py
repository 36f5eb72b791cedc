"""`python -m benchmarks`: what recording costs, in ratios of one run on one machine."""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import contenders
from benchmarks.budgets import budgets
from benchmarks.measure import Measurement
from benchmarks.native import Interpreter
from benchmarks.suite import SUITE
from benchmarks.tables import budgets_table, results_table

QUICK_SCALE = 1 / 3
QUICK_SECONDS = 110.0
FULL_SECONDS = 660.0
BUILD = Path(__file__).parent / "build"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--python", default=sys.executable, metavar="PATH", help="interpreter to measure (default: this one)")
    parser.add_argument("--quick", action="store_true", help="a third of the rounds, in less than two minutes, without py-tt-debug")
    parser.add_argument("--only", nargs="+", metavar="PROGRAM", choices=[program.name for program in SUITE], help="these alone")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="at most so many runs of each (default: 5)")
    parser.add_argument("--seconds", type=float, metavar="S", help="begin no further repeat after this time")
    parser.add_argument("--no-comparison", action="store_true", help="without py-tt-debug")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers there, too")
    return parser.parse_args()


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    given = arguments()
    interpreter = Interpreter.ask(given.python)
    seconds = given.seconds or (QUICK_SECONDS if given.quick else FULL_SECONDS)
    programs = [program for program in SUITE if given.only is None or program.name in given.only]
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tttui-benchmarks-") as scratch:
        measurement = Measurement(interpreter, Path(scratch), began + seconds, say)
        comparison: contenders.PyTtDebug | str | None = None
        if not given.quick and not given.no_comparison:
            comparison = contenders.PyTtDebug.install(interpreter.path, interpreter.tag, BUILD)
            if isinstance(comparison, str):
                say(comparison)
        results = measurement.prepare(programs, QUICK_SCALE if given.quick else 1.0)
        again = measurement.repeat(results)
        if isinstance(comparison, contenders.PyTtDebug):
            measurement.compare(results, comparison)
        for _ in range(given.repeats - 1):
            again = again and measurement.repeat(results)
    found = budgets(results, interpreter.hexversion)

    print(f"CPython {interpreter.version}, {platform.platform()}, {os.cpu_count()} CPUs, {time.monotonic() - began:.0f} s")
    runs = [len(result.plain) // 2 for result in results if result.plain]
    print(f"least of {min(runs, default=0)} interleaved runs of each; x: CPU over plain Python's\n")
    print(results_table(results))
    print()
    print(budgets_table(found))
    for result in results:
        for failure in result.failures:
            print(f"\n{failure}")
    if given.json is not None:
        facts = {"python": interpreter.version, "platform": platform.platform(), "cpus": os.cpu_count(), "quick": given.quick}
        content = {**facts, "budgets": [b.to_json() for b in found], "programs": [result.to_json() for result in results]}
        given.json.write_text(json.dumps(content, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
