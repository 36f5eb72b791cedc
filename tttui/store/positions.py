"""Where in the source an instruction stands: co_linetable, read by hand (Objects/locations.md of CPython 3.11+).

The table of a recording may be damaged: whatever it holds, reading it ends, and gives what can be known.
"""

from collections.abc import Iterator
from typing import NamedTuple


class Position(NamedTuple):
    """A place in the source. Columns are 0-based offsets in UTF-8 bytes; None where there is none."""

    line: int | None
    end_line: int | None
    column: int | None
    end_column: int | None


NOWHERE = Position(None, None, None, None)


def position_of(linetable: bytes, first_line: int, lasti: int) -> Position:
    """The place of the code unit `lasti` (an index in units of 2 bytes)."""
    if lasti < 0:
        return NOWHERE
    for stop, position in positions(linetable, first_line):
        if lasti < stop:
            return position
    return NOWHERE


def positions(linetable: bytes, first_line: int) -> Iterator[tuple[int, Position]]:
    """(code unit behind the entry, its place) of each entry of a table."""
    line, unit = first_line, 0
    table = _Bytes(linetable)
    while table.left:
        head = table.byte()
        kind, units = head >> 3 & 15, (head & 7) + 1
        unit += units
        if kind == 15:  # no location
            yield unit, NOWHERE
        elif kind == 14:  # the long form
            line += table.signed()
            end_line = line + table.number()
            column, end_column = table.number(), table.number()
            yield unit, Position(line, end_line, column - 1 if column else None, end_column - 1 if end_column else None)
        elif kind == 13:  # no columns
            line += table.signed()
            yield unit, Position(line, line, None, None)
        elif kind >= 10:  # one line, columns in a byte each
            line += kind - 10
            column, end_column = table.byte(), table.byte()
            yield unit, Position(line, line, column, end_column)
        else:  # the short form
            more = table.byte()
            column = kind << 3 | more >> 4 & 7
            yield unit, Position(line, line, column, column + (more & 15))


class _Bytes:
    """Reads a table; behind its end there are zeros."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> bool:
        return self._at < len(self._data)

    def byte(self) -> int:
        byte = self._data[self._at] if self.left else 0
        self._at += 1
        return byte

    def number(self) -> int:
        """A varint of 6 bits per byte, the lowest first; bit 6 says that more follow."""
        number, shift = 0, 0
        while True:
            byte = self.byte()
            number |= (byte & 63) << shift
            shift += 6
            # No table of a real program has numbers beyond 36 bits.
            if not byte & 64 or shift >= 36:
                return number

    def signed(self) -> int:
        number = self.number()
        return -(number >> 1) if number & 1 else number >> 1
