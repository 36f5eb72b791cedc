"""Sends the cells that changed and no others, and of their styles what is other than in the cell before.

Textual's own updates begin at the left edge of a widget whatever changed of its row, and give each piece of text all of its
style and a reset behind it. Over a slow line that is most of what a step costs; and there would be no room for a background.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from rich.color import ColorSystem
from rich.console import Console
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate

from tttui.safe import safe

_ON: Final = ((1, "1", "22"), (2, "2", "22"), (4, "3", "23"), (8, "4", "24"), (64, "7", "27"), (256, "9", "29"))
"""Attributes: their bit in a style, the codes that switch them on and off."""
_WEIGHT: Final = 1 | 2
_SEEN_ON_BLANKS: Final = 8 | 64 | 256


@lru_cache(maxsize=4096)
def _codes(style: Style, system: ColorSystem) -> tuple[int, str, str]:
    """(attributes, code of the colour, code of the background) of a style."""
    attributes = sum(bit for bit, _, _ in _ON if style._attributes & style._set_attributes & bit)
    color, background = style.color, style.bgcolor
    return (
        attributes,
        ";".join(color.downgrade(system).get_ansi_codes()) if color is not None else "39",
        ";".join(background.downgrade(system).get_ansi_codes(foreground=False)) if background is not None else "49",
    )


class _Pen:
    """Writes text in styles, knowing which one is on."""

    def __init__(self, console: Console) -> None:
        self._system = console._color_system or ColorSystem.TRUECOLOR
        self._attributes = 0
        self._color = "39"
        self._background = "49"

    def write(self, segments: Iterable[Segment]) -> str:
        pieces = []
        for text, style, _ in segments:
            attributes, color, background = _codes(style, self._system) if style is not None else (0, "39", "49")
            if not attributes & _SEEN_ON_BLANKS and text.isspace():
                attributes, color = self._attributes & ~_SEEN_ON_BLANKS, self._color  # they aren't seen on blanks
            codes = []
            if attributes != self._attributes:
                codes = self._switch(attributes)
            if color != self._color:
                codes.append(color)
            if background != self._background:
                codes.append(background)
            self._attributes, self._color, self._background = attributes, color, background
            if not text.isprintable():
                text = safe(text)  # it should be long since: nothing in a recording is obeyed by a terminal, whoever forgets to see to it
            pieces.append(f"\x1b[{';'.join(codes)}m{text}" if codes else text)
        return "".join(pieces)

    def _switch(self, wanted: int) -> list[str]:
        gone = self._attributes & ~wanted
        codes = list(dict.fromkeys(off for bit, _, off in _ON if gone & bit))
        # What is off takes bold and dim with it, whichever of them was meant.
        left = self._attributes & ~gone & (~_WEIGHT if gone & _WEIGHT else ~0)
        return codes + [on for bit, on, _ in _ON if wanted & ~left & bit]

    def end(self) -> str:
        """Plain text again."""
        return "" if (self._attributes, self._color, self._background) == (0, "39", "49") else "\x1b[0m"


class _ExactChops(ChopsUpdate):
    """Parts of rows."""

    def render_segments(self, console: Console) -> str:
        pen = _Pen(console)
        pieces: list[str] = []
        cursor = (-1, -1)
        for y, first, last in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= last or end <= first:
                    continue
                start, stop = max(x, first), min(end, last)
                if cursor != (start, y):
                    pieces.append(Control.move_to(start, y).segment.text)
                pieces.append(pen.write(strip.crop(start - x, stop - x)))
                cursor = (stop, y)
        return "".join(pieces) + pen.end()


class _ExactLayout(LayoutUpdate):
    """The whole screen."""

    def render_segments(self, console: Console) -> str:
        pen = _Pen(console)
        pieces: list[str] = []
        for y, line in enumerate(self.strips, self.region.y):
            pieces.append(Control.move_to(self.region.x, y).segment.text)
            pieces.extend(pen.write(strip) for strip in line)
        return "".join(pieces) + pen.end()


def exact(update: CompositorUpdate) -> CompositorUpdate:
    """An update of Textual's, sent in our way."""
    if type(update) is ChopsUpdate:
        return _ExactChops(update.chops, update.spans, update.chop_ends)
    if type(update) is LayoutUpdate:
        return _ExactLayout(update.strips, update.region)
    return update
