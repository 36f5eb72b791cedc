"""Rows of a pane: text in styles, made safe, exactly as wide as the pane."""

from collections.abc import Iterable
from typing import Final, Self

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

from tttui.safe import safe

TAB: Final = 4
_ELLIPSIS: Final = "…"
_APART: Final = 10
"""Cells between two changes below which they are sent together."""


class Line:
    """One row while it is put together. All text goes through `safe`, whatever it comes from."""

    def __init__(self) -> None:
        self._segments: list[Segment] = []
        self.width = 0

    def add(self, text: str, style: Style) -> Self:
        shown = safe(text, tab_size=TAB)
        if shown:
            self._segments.append(Segment(shown, style))
            self.width += cell_len(shown)
        return self

    def cut(self, text: str, style: Style, width: int) -> Self:
        """Text in at most so many cells; what is cut off is marked."""
        return self.add(shortened(safe(text, tab_size=TAB), width), style)

    def column(self, text: str, style: Style, width: int) -> Self:
        """Text in exactly so many cells."""
        shown = shortened(safe(text, tab_size=TAB), width)
        return self.add(shown + " " * (width - cell_len(shown)), style)

    def to(self, column: int, style: Style) -> Self:
        """Blanks up to a column."""
        return self.add(" " * max(0, column - self.width), style)

    def extend(self, segments: Iterable[Segment]) -> Self:
        """Segments whose text is safe already."""
        for segment in segments:
            self._segments.append(segment)
            self.width += segment.cell_length
        return self

    def join(self, other: "Line") -> Self:
        """What stands in another line, behind this."""
        self._segments.extend(other._segments)
        self.width += other.width
        return self

    def exactly(self, width: int, fill: Style) -> Self:
        """Make it so many cells wide: blanks at its end, or cut off there."""
        if self.width < width:
            self._segments.append(Segment(" " * (width - self.width), fill))
        elif self.width > width:
            self._segments = Segment.adjust_line_length(self._segments, width, fill)
        self.width = width
        return self

    def over(self, style: Style) -> Self:
        """Lay a style (a background) over all of it."""
        self._segments = [Segment(text, (own or Style()) + style) for text, own, _ in self._segments]
        return self

    @property
    def text(self) -> str:
        """What stands in it."""
        return "".join(segment.text for segment in self._segments)

    def strip(self, width: int, fill: Style) -> Strip:
        """The row for Textual. Made once, at the end: a strip is costly to make."""
        self.exactly(width, fill)
        return Strip(Segment.simplify(self._segments), width)


def shortened(text: str, width: int) -> str:
    """Text in at most so many cells."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + _ELLIPSIS if width > 1 else _ELLIPSIS


def ending(text: str, width: int) -> str:
    """The end of a text, in at most so many cells."""
    shown = safe(text, tab_size=TAB)
    if cell_len(shown) <= width:
        return shown
    while shown and cell_len(shown) > width - len(_ELLIPSIS):
        shown = shown[1:]
    return _ELLIPSIS + shown


def wrapped(text: str, width: int) -> list[str]:
    """A text in pieces of at most so many cells: parted at blanks where there are some, else wherever it has to be."""
    shown = safe(text, tab_size=TAB)
    width = max(width, 2)
    pieces = []
    start = 0
    while True:
        ahead = shown[start : start + 2 * width]
        if cell_len(ahead) <= width:
            pieces.append(ahead)
            start += len(ahead)
            if start >= len(shown):
                return pieces
            continue
        fits = set_cell_size(ahead, width)
        most = len(fits) if ahead.startswith(fits) else len(fits) - 1  # half of a wide character would be left over
        end = ahead.rfind(" ", most // 2, most + 1)
        end = most if end < 0 else end
        pieces.append(ahead[:end].rstrip())
        start += end + (ahead[end] == " ")


def differences(old: Strip, new: Strip, y: int) -> list[Region]:
    """The cells of row y in which two strips of one width differ: what has to be sent.

    Stretches that are close to each other are sent as one: each costs the bytes of a move of the cursor.
    """
    if old == new:
        return []
    before, after = _cells(old), _cells(new)
    if before is None or after is None or len(before) != len(after):
        return [Region(0, y, new.cell_length, 1)]
    found: list[tuple[int, int]] = []
    for x, (one, other) in enumerate(zip(before, after, strict=True)):
        if one != other:
            if found and x - found[-1][1] < _APART:
                found[-1] = (found[-1][0], x + 1)
            else:
                found.append((x, x + 1))
    return [Region(start, y, stop - start, 1) for start, stop in found]


def _cells(strip: Strip) -> list[tuple[str, Style | None]] | None:
    """The cells of a strip; None where one of its characters takes another number of them than one."""
    cells = [(character, style) for text, style, _ in strip for character in text]
    return cells if len(cells) == strip.cell_length else None
