"""The results pane: answers that are many rows. Hits of a search, values at all runs of a line, hops of a why, help, lists."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final

from textual.events import Click

from tttui.tui.desk import Desk
from tttui.tui.lines import Line
from tttui.tui.panes.base import Pane

MOST: Final = 10_000
"""Rows that are kept; that there are more is said."""
_LONGEST_LEAD: Final = 40


@dataclass(frozen=True, slots=True)
class Result:
    """One row: what it says, and what Enter does with it."""

    text: str
    event: int | None = None
    """The moment to go to."""
    lead: str = ""
    """What stands before the text, muted: a place."""
    style: str = "text"
    action: Callable[[], None] | None = None
    """What Enter does instead of going to the event."""
    preview: Callable[[], None] | None = None
    """What is done as soon as the row is selected."""


class ResultsPane(Pane):
    TITLE: ClassVar[str] = "Results"
    HELP: ClassVar[str] = "Enter goes to the moment of a row; > marks the row nearest before now"

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(desk, name)
        self._results: list[Result] = []
        self._heading = "Results"
        self._lead = 0
        """Columns of the longest lead."""
        self._state = ""
        self.left: Callable[[], None] | None = None
        """What undoes previews."""

    def leave(self) -> None:
        """What was tried, and not kept, is undone."""
        left, self.left = self.left, None
        if left is not None:
            left()

    def motion(self, name: str, count: int) -> None:
        super().motion(name, count)
        self._preview()

    def on_click(self, event: Click) -> None:
        event.prevent_default()  # Textual would have the base class handle it once more
        super().on_click(event)
        self._preview()

    def _preview(self) -> None:
        if self.cursor < len(self._results) and (preview := self._results[self.cursor].preview) is not None:
            preview()

    def begin(self, heading: str, state: str = "") -> None:
        """Empty it for another answer."""
        self.leave()
        self._heading = heading
        self._results = []
        self._lead = 0
        self._state = state
        self.cursor = self.top = 0

    def add(self, results: list[Result]) -> None:
        fresh = results[: MOST - len(self._results)]
        self._lead = max(self._lead, *(min(len(result.lead), _LONGEST_LEAD) for result in fresh), 0)
        self._results.extend(fresh)

    @property
    def is_full(self) -> bool:
        return len(self._results) >= MOST

    def finish(self, state: str = "") -> None:
        self._state = state

    @property
    def results(self) -> list[Result]:
        return self._results

    def note(self) -> str:
        if self._state:
            return self._state
        return f"showing {MOST:,} of more" if self.is_full else f"{len(self._results):,}"

    def title_line(self, width: int) -> Line:
        return self._titled(self._heading, self.note(), width)

    def count(self) -> int:
        return len(self._results)

    def row(self, index: int, width: int) -> Line:
        result = self._results[index]
        here = result.event is not None and result.event == self.desk.view.position
        line = Line().add(">" if here else " ", self.theme["pointer"])
        if result.event is not None:
            line.add(f"{result.event:>9,}  ", self.theme["muted"])
        if result.lead:
            line.column(result.lead, self.theme["muted"], min(self._lead, max(12, width // 3))).add(" ", self.theme["text"])
        return line.cut(result.text, self.theme[result.style], width - line.width)

    def enter(self) -> None:
        if self.cursor >= len(self._results):
            return
        result = self._results[self.cursor]
        if result.action is not None:
            result.action()
        elif result.event is not None:
            event = result.event
            self.debugger.move(lambda navigator: navigator.goto(event))
