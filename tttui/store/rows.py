"""`Rows`: the rows of a recording, each checked for its types, and the facts among them. The only module that asks SQLite."""

import json
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tttui.store.opening import damaged, open_recording
from tttui.store.records import Facts, PythonVersion
from tttui.store.verifying import DifferenceError, Verifying

_JSON_FACTS: Final = frozenset({"checkpoints_not", "circumstances", "command", "scope", "limits", "exception", "cut"})


class Rows:
    """A recording as a database. Close it, or use it in a `with` block."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._opened = open_recording(path)
        self._verifying = Verifying(self._opened.connection)
        self._facts: Facts | None = None

    def close(self) -> None:
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    @property
    def facts(self) -> Facts:
        """The meta table, as it was at the last `refresh`; what is JSON is already read."""
        if self._facts is None:
            self._verify(self._verifying.facts)
            values = {}
            for key, value in self._rows("SELECT key, value FROM meta", (str, (str, int, float, None))):
                values[key] = _fact(key, value)
            self._facts = Facts(values)
        return self._facts

    @property
    def meta(self) -> Mapping[str, Any]:
        """`facts.values`."""
        return self.facts.values

    @property
    def python(self) -> PythonVersion:
        """The version of Python that the program ran on; this one where the recording doesn't say."""
        hexadecimal = self.meta.get("python_hex") or sys.hexversion
        return (hexadecimal >> 24 & 0xFF, hexadecimal >> 16 & 0xFF) if type(hexadecimal) is int else sys.version_info[:2]

    def _rows(self, statement: str, types: Sequence[Any], parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Rows whose values have the types asked for (None in a tuple of types: NULL)."""
        try:
            for row in self._opened.connection.execute(statement, parameters):
                for value, wanted in zip(row, types, strict=True):
                    allowed = wanted if isinstance(wanted, tuple) else (wanted,)
                    if type(value) not in allowed and not (value is None and None in allowed):
                        raise damaged(self.path, f"a row has {type(value).__name__} where it can't be ({statement.split(' FROM ')[-1]})")
                yield row
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
            raise damaged(self.path, str(error)) from None

    def _row(self, statement: str, types: Sequence[Any], *parameters: Any) -> tuple[Any, ...] | None:
        return next(self._rows(statement, types, parameters), None)

    def _has_table(self, name: str) -> bool:
        """Older recordings don't have all tables."""
        return self._row("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (int,), name) is not None

    def _verify(self, what: Callable[..., None], *arguments: Any) -> None:
        """One of the questions of `Verifying`; TttuiError where something isn't what was written."""
        try:
            what(*arguments)
        except (DifferenceError, sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
            raise damaged(self.path, str(error)) from None


def _fact(key: str, value: Any) -> Any:
    """A value of the meta table; JSON is read where the key has it."""
    if key in _JSON_FACTS and isinstance(value, str):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value
