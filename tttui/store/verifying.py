"""`Verifying`: rows that stand outside of chunks, compared with their checksums before anybody sees what is in them."""

import sqlite3
from collections.abc import Iterator
from itertools import chain, groupby
from typing import Any, Final

from tttui.record.checksums import META, META_ROWS, TOTALS, TOTALS_ROWS, Part, sum_of

_UP_TO: Final = 1 << 62


class DifferenceError(Exception):
    """Rows are not what was written."""


class Verifying:
    """Verifies blocks of rows, each once. A recording that has no checksums is taken as it is.

    DifferenceError where rows are not what was written, sqlite3.Error where they can't be read.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._done: set[tuple[Part, int]] = set()
        self._whole: set[Part | int] = set()
        self._summed: bool | None = None

    def forget(self) -> None:
        """The recording has grown."""
        self._done.clear()
        self._whole.clear()

    def row(self, part: Part, id: int) -> None:
        """The row of an id."""
        block = part.block(id)
        if (part, block) not in self._done and part not in self._whole and self._has_sums():
            self._verify(part, block * part.rows, (block + 1) * part.rows - 1)
            self._done.add((part, block))

    def rows(self, part: Part, first: int = 0) -> None:
        """All rows, or those from an id on."""
        if part not in self._whole and self._has_sums():
            self._verify(part, part.block(first) * part.rows, _UP_TO)
            if first == 0:
                self._whole.add(part)

    def facts(self) -> None:
        """The rows of the meta table."""
        self._verify_statement(META, META_ROWS)

    def totals(self) -> None:
        """How often lines and functions ran; as long as they grow they have no checksum."""
        self._verify_statement(TOTALS, TOTALS_ROWS)

    def _has_sums(self) -> bool:
        if self._summed is None:
            found = self._connection.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'checksum'").fetchone()
            self._summed = found[0] == 1
        return self._summed

    def _verify(self, part: Part, first: int, last: int) -> None:
        # In one statement, so that the rows and the checksum are of the same time.
        statement = (
            f"SELECT (SELECT sum FROM checksum WHERE id = ? + part.id / ?), {part.columns} FROM {part.table} AS part "
            "WHERE id BETWEEN ? AND ? ORDER BY id"
        )
        rows = self._connection.execute(statement, (part.first_id, part.rows, first, last))
        for _, block in groupby(rows, lambda row: part.block(row[1])):
            _compare(part.table, block)

    def _verify_statement(self, id: int, statement: str) -> None:
        if id in self._whole or not self._has_sums():
            return
        rows = self._connection.execute(f"SELECT (SELECT sum FROM checksum WHERE id = ?), * FROM ({statement})", (id,))
        _compare("meta" if id == META else "line_hits", rows, optional=id == TOTALS)
        self._whole.add(id)


def _compare(table: str, rows: Iterator[tuple[Any, ...]], *, optional: bool = False) -> None:
    """Rows with the checksum of them all in front of each. One at a time: who knows how large they are."""
    first = next(rows, None)
    if first is None or (first[0] is None and optional):
        return
    if sum_of(row[1:] for row in chain((first,), rows)) != first[0]:
        raise DifferenceError(f"what stands in the table {table} is not what was written: its checksum differs")
