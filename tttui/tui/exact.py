"""Sends the cells that changed, and no others."""

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate


class ExactUpdate(ChopsUpdate):
    """An update of parts of rows. Textual's own sends each row from the left edge of the widget on, whatever changed of it:
    over a slow line that is most of what a step costs.
    """

    @classmethod
    def of(cls, update: ChopsUpdate) -> "ExactUpdate":
        return cls(update.chops, update.spans, update.chop_ends)

    def render_segments(self, console: Console) -> str:
        pieces: list[str] = []
        cursor = (-1, -1)
        for y, first, last in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= last or end <= first:
                    continue
                start, stop = max(x, first), min(end, last)
                if cursor != (start, y):
                    pieces.append(Control.move_to(start, y).segment.text)
                pieces.append(strip.crop(start - x, stop - x).render(console))
                cursor = (stop, y)
        return "".join(pieces)
