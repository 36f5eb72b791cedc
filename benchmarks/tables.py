"""The tables as text."""

from collections.abc import Sequence

from benchmarks.budgets import Budget, geometric_mean
from benchmarks.results import Result

_COLUMNS = (
    "program",
    "plain s",
    "null x",
    "tttui x",
    "/null",
    "writer x",
    "wall x",
    "events",
    "M ev/s",
    "B/event",
    "MiB+",
    "kept",
    "open ms",
    "state p50",
    "p99 ms",
    "depth 6",
    "py-tt-debug x (kept)",
)


def results_table(results: Sequence[Result]) -> str:
    rows = [_row(result) for result in results]
    for group in ("tight", "library"):
        members = [result for result in results if result.program.group == group]
        if members:
            mean = ["", *(_number(geometric_mean(getattr(r, name) for r in members), 2) for name in ("null_ratio", "ratio"))]
            mean.append(_number(geometric_mean(r.ratio_to_null for r in members), 2))
            rows.append([f"geometric mean, {group}", *mean, *[""] * (len(_COLUMNS) - 5)])
    return _table([list(_COLUMNS), *rows])


def _row(result: Result) -> list[str]:
    reading = result.reading
    return [
        result.program.title,
        _number(result.plain_cpu, 3),
        _number(result.null_ratio, 2),
        _number(result.ratio, 2),
        _number(result.ratio_to_null, 2),
        _number(result.writer_ratio, 2),
        _number(result.wall_ratio, 2),
        "-" if result.events is None else f"{result.events:,}",
        _number(result.events_per_second, 1, 1e-6),
        _number(result.bytes_per_event, 2),
        _number(result.extra_memory, 1),
        _share(result.kept),
        _number(reading.get("open_ms"), 1),
        _number(reading.get("state_p50_ms"), 2),
        _number(reading.get("state_p99_ms"), 2),
        _number(reading.get("whole_p50_ms"), 2),
        _comparison(result),
    ]


def _comparison(result: Result) -> str:
    other = result.comparison
    if other is None:
        return "-"
    if other.error:
        return other.error
    bound = "" if other.finished else ">"
    return f"{bound}{other.ratio:,.0f} ({_share(other.kept)})"


def budgets_table(budgets: Sequence[Budget]) -> str:
    rows = [["budget", "at most", "measured", "", "where"]]
    for budget in budgets:
        mark = {True: "pass", False: "FAIL", None: "not measured"}[budget.kept]
        measured = "-" if budget.measured is None else f"{budget.measured:.2f} {budget.unit}"
        rows.append([budget.what, f"{budget.limit:g} {budget.unit}", measured, mark, budget.worst])
    return _table(rows)


def _number(value: float | None, digits: int, scale: float = 1.0) -> str:
    return "-" if value is None else f"{value * scale:.{digits}f}"


def _share(value: float | None) -> str:
    # 100 % only where nothing is missing
    return "-" if value is None else "100%" if value == 1 else f"{min(value * 100, 99.99):.2f}%"


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(lines)
