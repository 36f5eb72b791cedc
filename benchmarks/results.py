"""What was measured of one program, and the numbers that follow from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.processes import Cost
from benchmarks.suite import Program

_DERIVED: Final = (
    "plain_cpu",
    "null_ratio",
    "ratio",
    "ratio_to_null",
    "writer_ratio",
    "wall_ratio",
    "events",
    "events_per_second",
    "bytes_per_event",
    "extra_memory",
    "ring",
    "kept",
)

# What each interface reports of the same thing: the shares are compared within these groups.
_GROUPS: Final = (("line",), ("call", "resume", "throw"), ("return", "yield"), ("raise", "reraise"), ("handled",), ("unwind",))


def kept(recorded: Mapping[str, int], exact: Mapping[str, int]) -> float | None:
    """Share of the exact number of events that a recording has; more than there were counts as all of them.

    What the interface of this interpreter doesn't count (handlers on 3.11) is left out.
    """
    found = total = 0
    for group in _GROUPS:
        there_were = sum(exact.get(kind, 0) for kind in group)
        found += min(there_were, sum(recorded.get(kind, 0) for kind in group))
        total += there_were
    return found / total if total else None


@dataclass(frozen=True)
class Comparison:
    """Another recorder, over a part of the rounds; `ratio` is of CPU, `wall_ratio` of time on the clock."""

    ratio: float
    wall_ratio: float
    finished: bool
    """False: stopped at the time limit, the ratios are lower bounds."""
    kept: float | None
    bytes_per_event: float | None
    error: str = ""


@dataclass
class Result:
    """All runs of one program."""

    program: Program
    rounds: int
    start_up: float = 0.0
    """CPU seconds of plain Python with no round at all."""
    plain: list[Cost] = field(default_factory=list)
    null: list[Cost] = field(default_factory=list)
    recorded: list[Cost] = field(default_factory=list)
    exact: Mapping[str, int] = field(default_factory=dict)
    reading: Mapping[str, Any] = field(default_factory=dict)
    """As `reading.read` gives it; empty: there is no recording."""
    comparison: Comparison | None = None
    failures: list[str] = field(default_factory=list)

    @property
    def plain_cpu(self) -> float | None:
        return _least(self.plain)

    @property
    def null_ratio(self) -> float | None:
        """CPU of the program under the hook that does nothing, over plain."""
        return _ratio(_least(self.null), self.plain_cpu)

    @property
    def ratio(self) -> float | None:
        """CPU of the recorded program over plain."""
        return _ratio(_least(self.recorded), self.plain_cpu)

    @property
    def ratio_to_null(self) -> float | None:
        return _ratio(_least(self.recorded), _least(self.null))

    @property
    def writer_ratio(self) -> float | None:
        """CPU of writer and launcher over plain's."""
        return _ratio(min((cost.helpers_cpu for cost in self.recorded), default=None), self.plain_cpu)

    @property
    def wall_ratio(self) -> float | None:
        return _ratio(min((c.wall for c in self.recorded), default=None), min((c.wall for c in self.plain), default=None))

    @property
    def events(self) -> int | None:
        return self.reading.get("events")

    @property
    def events_per_second(self) -> float | None:
        """Per second of the program's CPU."""
        return _ratio(self.events, _least(self.recorded))

    @property
    def bytes_per_event(self) -> float | None:
        """Of the finished file, everything included."""
        return _ratio(self.reading.get("size"), self.events)

    @property
    def extra_memory(self) -> float | None:
        """MiB of the program's process beyond plain and beyond the ring, at its peak."""
        if not self.recorded or not self.plain:
            return None
        return (max(c.peak - c.shared for c in self.recorded) - min(c.peak for c in self.plain)) / 1024

    @property
    def ring(self) -> float | None:
        """MiB of the ring."""
        return max((cost.ring for cost in self.recorded), default=0) / 1024 or None

    @property
    def kept(self) -> float | None:
        return kept(self.reading["kinds"], self.exact) if self.reading and self.exact else None

    def to_json(self) -> dict[str, Any]:
        return {
            "program": self.program.name,
            "group": self.program.group,
            "rounds": self.rounds,
            **{name: getattr(self, name) for name in _DERIVED},
            "exact": dict(self.exact),
            "reading": dict(self.reading),
            "py_tt_debug": None if self.comparison is None else vars(self.comparison),
            "runs": {
                name: [{"cpu": c.cpu, "helpers_cpu": c.helpers_cpu, "wall": c.wall, "peak_kib": c.peak} for c in costs]
                for name, costs in (("plain", self.plain), ("null", self.null), ("tttui", self.recorded))
            },
            "failures": self.failures,
        }


def _least(costs: Sequence[Cost]) -> float | None:
    """The least CPU of several runs: what disturbs a run only ever adds to it."""
    return min((cost.cpu for cost in costs), default=None)


def _ratio(value: float | None, base: float | None) -> float | None:
    return value / base if value is not None and base else None
