"""Fills the tables of a query from a recording: plain rows as they are, the event stream expanded.

Every expansion reads the chunks one after the other, once for all tables that a statement needs, and
writes rows in bulk: memory stays bounded by one chunk and what is open at one time (calls that have
not ended; for tables with values, the contents of the objects).
"""

import sqlite3
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from tttui.report.plain_rows import PLAIN
from tttui.report.stream_rows import Calls, Exceptions, Filler, Lines, Row
from tttui.report.value_rows import Values
from tttui.report.views import TABLES

if TYPE_CHECKING:
    from tttui.store.run import Run

Progress = Callable[[int, int], None]
"""Told how many of how many events have been read."""


MOST_EVENTS: Final = 65_536
"""Events in memory at a time: as many as a recorder puts into one chunk. A hostile chunk may have more."""


def fill(connection: sqlite3.Connection, run: "Run", tables: Iterable[str], progress: Progress | None = None) -> None:
    """Fill the named tables, in one transaction: interrupted, it leaves them empty."""
    wanted = set(tables)
    connection.execute("begin")
    try:
        for table in sorted(wanted & PLAIN.keys()):
            _insert(connection, table, PLAIN[table](run))
        _expand(connection, run, _fillers(run, wanted), progress)
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    marks = ",".join("?" * (TABLES[table].count(",") + 1))
    connection.executemany(f"insert or replace into {table} values ({marks})", rows)


def _fillers(run: "Run", wanted: set[str]) -> list[Filler]:
    """Who fills the tables that need the event stream."""
    fillers: list[Filler] = []
    if "_lines" in wanted:
        fillers.append(Lines())
    if "_calls" in wanted:
        fillers.append(Calls(run))
    if exceptions := wanted & {"_exceptions", "_raised"}:
        fillers.append(Exceptions(run, exceptions))
    if values := wanted & {"_arguments", "_results", "_changes"}:
        fillers.append(Values(run, values))
    return fillers


def _expand(connection: sqlite3.Connection, run: "Run", fillers: list[Filler], progress: Progress | None) -> None:
    """One pass over the chunks for all fillers."""
    if not fillers:
        return
    what = 0
    for filler in fillers:
        what |= filler.what
    only_raises = all(isinstance(filler, Exceptions) for filler in fillers)
    for chunk in run.chunks():
        if only_raises and not run.has(chunk, "raise"):
            continue
        end = chunk.first_event + chunk.events
        for start in range(chunk.first_event, end, MOST_EVENTS):
            if progress is not None:
                progress(start, run.events)
            records = run.rows_of(chunk, what, start, min(start + MOST_EVENTS, end))
            for filler in fillers:
                for table, rows in filler.take(chunk, records):
                    _insert(connection, table, rows)
    for filler in fillers:
        for table, rows in filler.finish():
            _insert(connection, table, rows)
    if progress is not None:
        progress(run.events, run.events)
