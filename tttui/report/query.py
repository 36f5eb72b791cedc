"""SQL over a recording.

A statement never touches the recording: it runs in a database of its own, private and temporary,
which holds the views of `views.py` over tables that are filled from the recording as far as the
statement needs them. What it needs is learnt from SQLite itself: the statement is compiled once
against the empty tables, and the authorizer is told of every table and column that it reads.

The same authorizer lets it do nothing but read: no write, no ATTACH, no PRAGMA, no extension.
"""

import re
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from tttui.errors import TttuiError
from tttui.report.expand import Progress, fill
from tttui.report.formats import SqlValue
from tttui.report.views import ASKED_FOR, TABLES, VIEWS

if TYPE_CHECKING:
    from tttui.store.run import Run

_READS: Final = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_FORBIDDEN_FUNCTIONS: Final = frozenset({"load_extension", "fts3_tokenizer"})
_EXPLAIN: Final = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*explain\b", re.IGNORECASE | re.DOTALL)
_LONGEST_VALUE: Final = 64 * 1024 * 1024
_STEPS_BETWEEN_CHECKS: Final = 20_000


def _only_reading(action: int, first: str | None, second: str | None, where: str | None, through: str | None) -> int:
    """SQLite's authorizer: what a statement may do is read."""
    if action not in _READS or (action == sqlite3.SQLITE_FUNCTION and second in _FORBIDDEN_FUNCTIONS):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _refusal(error: sqlite3.Error | sqlite3.Warning) -> TttuiError:
    """SQLite's complaint about a statement, as ours: one line and what to do."""
    what = str(error)
    if "not authorized" in what or "prohibited" in what:
        return TttuiError("The query can't be run", f"{what}: a query only reads", "use one SELECT over the views (tttui query --views)", 2)
    if "one statement at a time" in what:
        return TttuiError("The query can't be run", what.rstrip("."), "leave out everything behind the first ;", 2)
    if "incomplete input" in what:
        return TttuiError("The query can't be run", "the statement is not complete", "a query is one SELECT", 2)
    if "binding" in what:
        return TttuiError("The query can't be run", "the statement has parameters", "write the values into it", 2)
    if "disk is full" in what:
        return TttuiError("The query can't be run", what, "there is no room for temporary tables; TMPDIR can name a place with room", 2)
    return TttuiError("The query can't be run", what, "the views and their columns: tttui query --views", 2)


@dataclass(frozen=True)
class Answer:
    """What a statement gives: the names of the columns, no two equal, and the rows as they come."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[SqlValue, ...]]


class Workspace:
    """The private database of one recording's queries; several statements may use what one has expanded."""

    def __init__(self, run: "Run") -> None:
        """An empty database with all the views. It is a file without a name: SQLite deletes it at once."""
        from sqlite_utils import Database  # takes 0.1 s to import: only when a query is asked

        self._run = run
        self._filled: set[str] = set()
        self._connection = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode = off", "synchronous = off", "cache_size = -65536", "trusted_schema = off"):
            self._connection.execute(f"pragma {pragma}")
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        self._database = Database(self._connection, recursive_triggers=False, execute_plugins=False)
        for table, columns in TABLES.items():
            self._connection.execute(f"create table {table} ({columns})")
        for view in VIEWS:
            self._database.create_view(view.name, view.select)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database, and so of its space on disk."""
        self._connection.close()

    def views(self) -> dict[str, tuple[str, ...]]:
        """The views and their columns, as the database itself reports them."""
        return {view.name: tuple(column.name for column in view.columns) for view in self._database.views}

    def needs(self, sql: str) -> frozenset[str]:
        """The tables that a statement reads. TttuiError where it isn't one statement that only reads."""
        tables: set[str] = set()

        def authorize(action: int, first: str | None, second: str | None, where: str | None, through: str | None) -> int:
            if action == sqlite3.SQLITE_READ and first is not None and second is not None:
                if (first, second) in ASKED_FOR:
                    tables.add(ASKED_FOR[first, second])
                elif first in TABLES and first not in ASKED_FOR.values():
                    tables.add(first)
            return _only_reading(action, first, second, where, through)

        trial = sql if _EXPLAIN.match(sql) else f"explain {sql}"
        self._connection.set_authorizer(authorize)
        try:
            cursor = self._connection.execute(trial)
            cursor.close()
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise _refusal(error) from None
        finally:
            self._connection.set_authorizer(None)
        return frozenset(tables)

    def _fill(self, tables: frozenset[str], progress: Progress | None) -> None:
        try:
            fill(self._connection, self._run, tables, progress)
        except sqlite3.Error as error:
            raise _refusal(error) from None
        except OverflowError as error:  # a number that no recorder writes
            raise TttuiError(f"{self._run.path} is damaged", str(error)) from None
        self._filled |= tables

    def ask(self, sql: str, *, timeout: float = 0.0, progress: Progress | None = None) -> Answer:
        """Run a statement; `timeout` in seconds (0: none) counts from when the tables are filled.

        Rows come as SQLite finds them; an error may come with any row. TttuiError, or
        KeyboardInterrupt where Ctrl-C stopped the statement.
        """
        self._connection.set_progress_handler(None, 0)
        missing = self.needs(sql) - self._filled
        if missing and not _EXPLAIN.match(sql):
            self._fill(missing, progress)
        deadline = time.monotonic() + timeout if timeout else None
        late = False

        def check() -> int:
            nonlocal late
            late = deadline is not None and time.monotonic() > deadline
            return int(late)

        def refusal(error: sqlite3.Error | sqlite3.Warning) -> BaseException:
            # Ctrl-C surfaces inside `check`, where SQLite takes any exception for "stop".
            if "interrupted" in str(error) and not late:
                return KeyboardInterrupt()
            if late:
                return TttuiError(
                    "The query can't be run",
                    f"the statement took longer than {timeout:g} s",
                    "ask for less, or allow more with --timeout",
                    2,
                )
            return _refusal(error)

        def rows() -> Iterator[tuple[SqlValue, ...]]:
            try:
                yield from cursor
            except (sqlite3.Error, sqlite3.Warning) as error:
                raise refusal(error) from None

        self._connection.set_progress_handler(check, _STEPS_BETWEEN_CHECKS)
        self._connection.set_authorizer(_only_reading)
        try:
            cursor = self._connection.execute(sql)
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise refusal(error) from None
        finally:
            self._connection.set_authorizer(None)
        if cursor.description is None:
            raise TttuiError("The query can't be run", "the statement gives no rows", "a query is a SELECT", 2)
        from sqlite_utils.utils import dedupe_keys

        return Answer(tuple(dedupe_keys(column[0] for column in cursor.description)), rows())
