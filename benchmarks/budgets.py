"""The budgets that can be checked so far, as DESIGN has them, against what was measured."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.results import Result

MONITORING = 0x030C0000
"""From this version of CPython on, library code can be left alone (sys.monitoring)."""


@dataclass(frozen=True)
class Budget:
    """One budget: what it is about, the most it may be, and what it is (None: not measured)."""

    what: str
    limit: float
    measured: float | None
    unit: str
    worst: str = ""
    """The program that is furthest out, where it is about each one."""

    @property
    def kept(self) -> bool | None:
        return None if self.measured is None else self.measured <= self.limit

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "kept": self.kept}


def geometric_mean(values: Iterable[float | None]) -> float | None:
    found = [value for value in values if value is not None]
    return math.exp(sum(map(math.log, found)) / len(found)) if found else None


def budgets(results: Sequence[Result], hexversion: int) -> list[Budget]:
    tight = [result for result in results if result.program.group == "tight"]
    library = [result for result in results if result.program.group == "library"]
    found = [
        Budget("slowdown, tight code, geometric mean", 6.0, geometric_mean(r.ratio for r in tight), "x"),
        _worst("slowdown, tight code, each", 12.0, tight, lambda r: r.ratio, "x"),
        Budget("against a hook that does nothing, geometric mean", 2.5, geometric_mean(r.ratio_to_null for r in tight), "x"),
    ]
    if hexversion >= MONITORING:
        found.append(_worst("slowdown, library-heavy code", 1.15, library, lambda r: r.ratio, "x"))
    return [
        *found,
        Budget("size on disk, tight code together", 6.0, _bytes_per_event(tight), "B/event"),
        _worst("size on disk, tight code, each", 6.0, tight, lambda r: r.bytes_per_event, "B/event"),
        _worst("ring", 64.0, results, lambda r: r.ring, "MiB"),
        _worst("extra memory in the program, without the ring", 32.0, results, lambda r: r.extra_memory, "MiB"),
        _worst("open and first state", 1000.0, results, lambda r: r.reading.get("open_ms"), "ms"),
        _worst("state at any event, p99", 10.0, results, lambda r: r.reading.get("state_p99_ms"), "ms"),
        _worst("events missing", 0.0, results, lambda r: None if r.kept is None else 100 * (1 - r.kept), "%"),
    ]


def _bytes_per_event(results: Sequence[Result]) -> float | None:
    events = sum(result.events or 0 for result in results)
    return sum(result.reading.get("size", 0) for result in results) / events if events else None


def _worst(what: str, limit: float, results: Sequence[Result], number: Callable[[Result], float | None], unit: str) -> Budget:
    measured = [(value, result.program.name) for result in results if (value := number(result)) is not None]
    value, name = max(measured, default=(None, ""))
    return Budget(what, limit, value, unit, name)
