"""The output pane: what the program wrote, up to now and, greyed, after now."""

import re
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar, Final

from tttui.safe import safe
from tttui.tui.desk import Desk
from tttui.tui.lines import TAB, Line
from tttui.tui.panes.base import Pane

_AROUND: Final = 400
"""Pieces of output that are looked at on either side of the position."""
_LONGEST: Final = 2_000
_RULE: Final = "─" * 8
_MOST_TURNS: Final = 50
"""How often more is fetched for one motion."""
_LOOKED_BACK: Final = 16
_COLORS: Final = re.compile("\x1b\\[[0-9;:]*m")
"""What only colours the text: it is left out, all else of the kind is shown."""


@dataclass(frozen=True, slots=True)
class Written:
    """One line of output."""

    event: int
    fd: int
    text: str
    key: tuple[int, int]
    """(number of the piece of output that it begins in, which line of it)"""


class OutputPane(Pane):
    TITLE: ClassVar[str] = "Output"
    HELP: ClassVar[str] = (
        "{enter} goes to the moment at which a line was written; what was written after now is grey; "
        "{fold} {unfold} what is seen of long lines"
    )

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(desk, name)
        self._lines: list[Written] = []
        self._around = 0
        """The number of the piece of output in the middle of those that are kept."""
        self._range: tuple[int, int] = (0, -1)
        """Positions at which the lines that are kept are those around now."""
        self._events = -1
        self._position = -1
        self._here = 0
        """Before which of the lines we are; -1: these are lines of another time."""
        self._more = (False, False)

    def note(self) -> str:
        return "more than is shown" if any(self._more) else ""

    def update_rows(self) -> None:
        view = self.desk.view
        position, grown = view.position, view.events != self._events
        if position == self._position and not grown:
            return
        if position != self._position and not self._range[0] <= position <= self._range[1]:
            self._load(self.desk.run.outputs_before(position))
        elif grown:
            self._load(self.desk.run.outputs_before(position) if self._here >= 0 else self._around)
        moved, self._position, self._events = position != self._position, position, view.events
        self._find_here()
        if moved:
            self.cursor = max(self._here, 0)

    def _find_here(self) -> None:
        within = self._range[0] <= self._position <= self._range[1]
        self._here = sum(1 for line in self._lines if line.event < self._position) if within else -1

    def _load(self, around: int) -> None:
        """The output around a piece of it, by its number: so much on either side, however much there is."""
        run = self.desk.run
        self._around = around
        found: list[Written] = []
        rest: dict[int, Written] = {}
        pieces = []
        first = self._event_of(around - _AROUND) if around > _AROUND else -1
        cut = False
        for output in run.outputs_between(first, run.events + 1):
            if output.id > around + _AROUND:
                cut = True
                break
            pieces.append(output)
        unfinished = self._unfinished_before(first)
        for output in pieces:
            text = output.data[: 64 * 1024].decode("utf-8", "replace")
            open_line = rest.pop(output.fd, None)
            lines = text.split("\n")
            if open_line is not None:
                lines[0] = open_line.text + lines[0]
            elif unfinished.pop(output.fd, False):
                lines[0] = f"…{lines[0]}"
            for index, line in enumerate(lines):
                begun = open_line if index == 0 else None
                written = Written(
                    begun.event if begun else output.event, output.fd, line[:_LONGEST], begun.key if begun else (output.id, index)
                )
                if index < len(lines) - 1:
                    found.append(written)
                elif line:
                    rest[output.fd] = written
        if not cut or not found:
            found.extend(rest.values())
        found.sort(key=lambda line: line.event)
        self._lines = found
        self._more = (first > 0, cut)
        self._range = (pieces[0].event if first > 0 and pieces else -1, pieces[-1].event if cut and pieces else run.events)

    def _unfinished_before(self, event: int) -> dict[int, bool]:
        """Whether what was last written before an event is a line that goes on, by where it was written to."""
        found: dict[int, bool] = {}
        before = self.desk.run.outputs_between(-1, event, back=True) if event > 0 else iter(())
        for output in islice(before, _LOOKED_BACK):
            found.setdefault(output.fd, not output.data.endswith(b"\n"))
        return found

    def _event_of(self, number: int) -> int:
        """About the event of a piece of output by its number: found by halves."""
        run = self.desk.run
        low, high = 0, run.events
        while low < high:
            middle = (low + high) // 2
            if run.outputs_before(middle) < number:
                low = middle + 1
            else:
                high = middle
        return max(0, low - 1)

    def count(self) -> int:
        return len(self._lines) + (self._here >= 0)

    def _line(self, index: int) -> Written | None:
        """The line of a row; None: the row between what was written before now and what after."""
        if index == self._here:
            return None
        return self._lines[index - (0 <= self._here < index)]

    def row(self, index: int, width: int) -> Line:
        line = self._line(index)
        if line is None:
            words = "you are here" if self._lines else "nothing was written"
            return Line().add(">", self.theme["pointer"]).add(f"{_RULE} {words} {_RULE}", self.theme["faint"])
        later = line.event >= self.desk.view.position
        style = self.theme["output_later" if later else "error_output" if line.fd == 2 else "output"]
        shown = Line().add(f"{max(line.event, 0):>9,} ", self.theme["faint"]).add("!" if line.fd == 2 else " ", style)
        return shown.cut(_plain(line.text)[self.shift :], style, width - shown.width)

    def length_of(self, index: int) -> int:
        line = self._line(index)
        return 0 if line is None else len(_plain(line.text))

    # -- moving

    def motion(self, name: str, count: int) -> None:
        """At the ends of what is kept there may be more: it is fetched, the selected line staying where it is."""
        self.update_rows()
        if name in ("first", "last"):
            if self._more[name == "last"]:
                self._load(0 if name == "first" else self.desk.run.outputs_before(self.desk.run.events + 1))
                self._find_here()
            super().motion(name, count)
            return
        up = name in ("up", "page_up")
        rows = count * (max(1, self.body_height // 2) if name.startswith("page") else 1)
        for _ in range(_MOST_TURNS):
            edge = 0 if up else self.count() - 1
            if rows <= abs(edge - self.cursor) or not self._more[not up]:
                break
            rows -= abs(edge - self.cursor)
            self.cursor = edge
            self._turn()
        super().motion("up" if up else "down", rows)

    def _turn(self) -> None:
        """Keep what is around the selected line."""
        if not self._lines:
            return
        line = self._line(self.cursor) or self._lines[min(self._here, len(self._lines) - 1)]
        stood = self.cursor - self.top
        self._load(line.key[0])
        self._find_here()
        for index in range(self.count()):
            known = self._line(index)
            if known is not None and known.key == line.key:
                self.cursor, self.top = index, max(0, index - stood)
                return

    def enter(self) -> None:
        line = self._line(self.cursor) or (self._lines[self._here - 1] if self._here > 0 else None)
        if line is not None:
            event = max(line.event, 0)
            self.debugger.move(lambda navigator: navigator.goto(event))


def _plain(text: str) -> str:
    """A line as it is shown."""
    return safe(_COLORS.sub("", text).rstrip("\r"), tab_size=TAB)
