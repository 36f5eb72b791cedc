"""How rows and objects are written out: JSON and CSV for other programs, a table for people.

All three are safe to show: JSON is ASCII with everything else escaped (so nothing is lost), CSV and
tables go through `safe`.
"""

import base64
import csv
import io
import json
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from tttui.safe import safe

SqlValue = int | float | str | bytes | None
Row = Sequence[SqlValue]

_ROWS_MEASURED: Final = 500  # a table's columns are as wide as the widest of its first rows
_WIDEST_CELL: Final = 60
_NARROWEST_CELL: Final = 6


def sql_text(value: Any) -> Any:
    """Text that SQLite takes: UTF-8, with lone surrogates (of odd file names, say) as their escapes. Other values as they are."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return value


def json_text(value: object, *, indent: int | None = None) -> str:
    """`value` as JSON in printable ASCII. Bytes are ``{"$base64": true, "encoded": ...}``, as sqlite-utils writes them."""
    # DEL is the one control character that JSON in ASCII leaves as it is.
    return json.dumps(value, indent=indent, default=_json_bytes, allow_nan=True).replace("\x7f", "\\u007f")


def _json_bytes(value: object) -> object:
    if isinstance(value, bytes):
        return {"$base64": True, "encoded": base64.b64encode(value).decode("ascii")}
    raise TypeError(f"{type(value).__name__} has no JSON form")


def json_array(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """The lines of an array with one object per row, each on a line of its own."""
    previous = "["
    for row in rows:
        if previous != "[":
            yield previous + ","
            previous = " "
        previous += json_text(_finite(dict(zip(columns, row, strict=True))))
    yield previous + "]"


def _finite(row: dict[str, SqlValue]) -> dict[str, SqlValue]:
    """JSON has no infinity: it becomes text, as not-a-number (which SQLite doesn't store) is already."""
    return {
        name: str(value) if isinstance(value, float) and value in (float("inf"), float("-inf")) else value for name, value in row.items()
    }


def csv_lines(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """The records of a CSV file with a header, each with its line end.

    A text that a spreadsheet would take for a formula gets a quote before it; control characters
    other than newline and tab are shown as by `safe`. For the exact text use JSON.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([_csv_cell(column) for column in columns])
    yield buffer.getvalue()
    for row in rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([_csv_cell(cell) for cell in row])
        yield buffer.getvalue()


def _csv_cell(value: SqlValue) -> int | float | str | None:
    if isinstance(value, bytes):
        return value.hex()
    if not isinstance(value, str):
        return value
    text = "\t".join(safe(piece, multiline=True) for piece in value.split("\t"))
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def table_lines(columns: Sequence[str], rows: Iterator[Row], width: int) -> Iterator[str]:
    """The lines of a table that fits into `width` columns: cells that don't fit end in ``…``.

    The first rows decide how wide the columns are, so that the rest can be written as it comes.
    """
    measured = list(islice(rows, _ROWS_MEASURED))
    cells = [[_table_cell(cell) for cell in row] for row in measured]
    heads = [safe(column) for column in columns]
    right = [bool(measured) and all(isinstance(row[i], int | float | None) for row in measured) for i in range(len(heads))]
    widths = _widths(heads, cells, width)

    def line(row: Sequence[str]) -> str:
        return "  ".join(_fit(cell, wide, on_right) for cell, wide, on_right in zip(row, widths, right, strict=True)).rstrip()

    yield line(heads)
    yield "  ".join("─" * wide for wide in widths)
    for shown in cells:
        yield line(shown)
    for row in rows:
        yield line([_table_cell(cell) for cell in row])


def _table_cell(value: SqlValue) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, bytes):
        return value[:_WIDEST_CELL].hex()
    return safe(str(value)[: 4 * _WIDEST_CELL])


def _widths(heads: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> list[int]:
    """How wide each column is: what it needs, the widest ones cut down as far as the whole has to be."""
    needed = [
        min(_WIDEST_CELL if len(heads) > 1 else width, max([display_width(head), *(display_width(row[i]) for row in cells)]))
        for i, head in enumerate(heads)
    ]
    room = width - 2 * (len(heads) - 1)
    while sum(needed) > room and max(needed) > _NARROWEST_CELL:
        needed[needed.index(max(needed))] -= 1
    return [max(1, wide) for wide in needed]


def display_width(text: str) -> int:
    """How many columns a safe text takes in a terminal."""
    if text.isascii():
        return len(text)
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) == "Me":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut_to(text: str, width: int) -> str:
    """A safe text in at most `width` columns, with ``…`` where something is missing."""
    if len(text) <= width and display_width(text) <= width:
        return text
    taken, room = [], width - 1
    for character in text:
        room -= _character_width(character)
        if room < 0:
            break
        taken.append(character)
    return "".join(taken) + "…"


def _fit(cell: str, width: int, on_right: bool) -> str:
    shown = cut_to(cell, width)
    padding = " " * (width - display_width(shown))
    return padding + shown if on_right else shown + padding
