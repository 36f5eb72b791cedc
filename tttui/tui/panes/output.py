"""The output pane: what the program wrote, up to now and, greyed, after now."""

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from tttui.tui.desk import Desk
from tttui.tui.lines import Line
from tttui.tui.panes.base import Pane

_AROUND: Final = 400
"""Pieces of output that are looked at on either side of the position."""
_LONGEST: Final = 2_000
_COLORS: Final = re.compile("\x1b\\[[0-9;:]*m")
"""What only colours the text: it is left out, all else of the kind is shown."""


@dataclass(frozen=True, slots=True)
class Written:
    """One line of output."""

    event: int
    fd: int
    text: str


class OutputPane(Pane):
    TITLE: ClassVar[str] = "Output"
    HELP: ClassVar[str] = "Enter goes to the moment at which a line was written; what was written after now is grey"

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(desk, name)
        self._lines: list[Written] = []
        self._range: tuple[int, int] = (0, -1)
        self._events = -1
        self._position = -1
        self._here = 0
        """How many lines were written by now."""
        self._more = (False, False)

    def note(self) -> str:
        return "more than is shown" if any(self._more) else ""

    def update_rows(self) -> None:
        view = self.desk.view
        if view.events != self._events or not self._range[0] <= view.position <= self._range[1]:
            self._events = view.events
            self._load(view.position)
        if view.position != self._position:
            self._position = view.position
            self._here = sum(1 for line in self._lines if line.event < view.position)
            self.cursor = self._here

    def _load(self, position: int) -> None:
        """The output around a position: by its numbers, however much there is."""
        run = self.desk.run
        before = run.outputs_before(position)
        found: list[Written] = []
        rest: dict[int, Written] = {}
        pieces = []
        first = self._event_of(max(1, before - _AROUND)) if before > _AROUND else -1
        cut = False
        for output in run.outputs(first):
            if output.id > before + _AROUND:
                cut = True
                break
            pieces.append(output)
        for output in pieces:
            text = output.data[: 64 * 1024].decode("utf-8", "replace")
            open_line = rest.pop(output.fd, None)
            lines = text.split("\n")
            if open_line is not None:
                lines[0] = open_line.text + lines[0]
            for index, line in enumerate(lines):
                event = open_line.event if open_line is not None and index == 0 else output.event
                written = Written(event, output.fd, line[:_LONGEST])
                if index < len(lines) - 1:
                    found.append(written)
                elif line:
                    rest[output.fd] = written
        found.extend(rest.values())
        found.sort(key=lambda line: line.event)
        self._lines = found
        self._more = (first > 0, cut)
        self._range = (pieces[0].event if first > 0 and pieces else -1, pieces[-1].event if cut and pieces else self._events)

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
        return len(self._lines) + 1

    def _line(self, index: int) -> Written | None:
        """The line of a row; None: the row between what was written before now and what after."""
        if index == self._here:
            return None
        return self._lines[index - (index > self._here)]

    def row(self, index: int, width: int) -> Line:
        line = self._line(index)
        if line is None:
            words = "you are here" if self._lines else "nothing was written"
            return Line().add(">", self.theme["pointer"]).add(f"{words:->{len(words) + 9}} ".replace("-", "─"), self.theme["faint"])
        later = line.event >= self.desk.view.position
        style = self.theme["output_later" if later else "error_output" if line.fd == 2 else "output"]
        shown = Line().add(f"{max(line.event, 0):>9,} ", self.theme["faint"]).add("!" if line.fd == 2 else " ", style)
        return shown.cut(_COLORS.sub("", line.text).rstrip("\r"), style, width - shown.width)

    def enter(self) -> None:
        line = self._line(self.cursor) or (self._lines[self._here - 1] if self._here else None)
        if line is not None:
            event = max(line.event, 0)
            self.debugger.move(lambda navigator: navigator.goto(event))
