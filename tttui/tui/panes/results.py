"""The results pane: answers that are many rows. Hits of a search, values at all runs of a line, hops of a why, help, lists."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from textual.events import Click

from tttui.safe import safe
from tttui.tui.desk import Desk
from tttui.tui.lines import TAB, Line, wrapped
from tttui.tui.panes.base import Pane

MOST: Final = 10_000
"""Rows that are kept; that there are more is said."""
_LONGEST_LEAD: Final = 40
_EVENT: Final = 11
"""Columns of an event's number and what follows it."""
_ASKS: Final = "{search} find, {why} why this value, {why_not} why not this line, {print_all} print over all hits, {diff} diff"
_LEAST: Final = 16
"""Columns that a text has at least where it takes several rows."""


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
    remove: Callable[[], None] | None = None
    """What Del does."""
    wraps: bool = False
    """Whether it takes as many rows as its text needs. Others are one row, which can be shifted."""
    goes_on: bool = False
    """Whether it is a further row of the one before."""


class ResultsPane(Pane):
    TITLE: ClassVar[str] = "Results"
    HELP: ClassVar[str] = "{enter} goes to the moment of a row; > marks those of now; {fold} {unfold} what is seen of long rows"

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(desk, name)
        self._given: list[Result] = []
        self._results: list[Result] = []
        """The same, those that take several rows as so many."""
        self._wrapped_for = 0
        self.heading = "Results"
        self.wraps = True
        """Whether rows are parted where they don't fit: not where they are read out."""
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
        self.heading = heading
        self._given, self._results = [], []
        self._lead = 0
        self._state = state
        self.cursor = self.top = self.shift = 0

    def add(self, results: list[Result]) -> None:
        fresh = results[: MOST - len(self._given)]
        self._lead = max(self._lead, *(min(len(result.lead), _LONGEST_LEAD) for result in fresh), 0)
        self._given.extend(fresh)
        self._results.extend(fresh)
        self._wrapped_for = 0

    def update_rows(self) -> None:
        width = self.size.width - self._left()
        if self.wraps and width != self._wrapped_for and any(result.wraps for result in self._given):
            selected = sum(1 for row in self._results[: self.cursor + 1] if not row.goes_on)
            self._results = [row for result in self._given for row in self._rows_of(result, width)]
            starts = [index for index, row in enumerate(self._results) if not row.goes_on]
            self.cursor = starts[max(0, min(selected, len(starts)) - 1)]
        self._wrapped_for = width

    def _rows_of(self, result: Result, width: int) -> list[Result]:
        if not result.wraps:
            return [result]
        room = width - 1 - (_EVENT if result.event is not None else 0) - (self._lead_width(width) + 1 if result.lead else 0)
        first, *more = wrapped(result.text, max(room, _LEAST))
        return [replace(result, text=first), *(replace(result, text=text, goes_on=True) for text in more)]

    def _lead_width(self, width: int) -> int:
        return min(self._lead, max(12, width // 3))

    @property
    def is_full(self) -> bool:
        return len(self._given) >= MOST

    def finish(self, state: str = "") -> None:
        self._state = state

    @property
    def results(self) -> list[Result]:
        self.update_rows()
        return self._results

    def note(self) -> str:
        if self._state or self.heading == self.TITLE:
            return self._state
        return f"showing {MOST:,} of more" if self.is_full else f"{len(self._given):,}"

    def title_line(self, width: int) -> Line:
        return self._titled(self.heading, self.note(), width)

    def count(self) -> int:
        return len(self._results) or (self.heading == self.TITLE)  # nothing was asked for yet: what could be

    def row(self, index: int, width: int) -> Line:
        if not self._results:
            return Line().add(" ", self.theme["text"]).cut(self.debugger.keyed(_ASKS), self.theme["hint"], width - 1)
        result = self._results[index]
        here = result.event is not None and result.event == self.desk.view.position and not result.goes_on
        line = Line().add(">" if here else " ", self.theme["pointer"])
        if result.event is not None:
            line.add(f"{'' if result.goes_on else f'{result.event:,}':>9}  ", self.theme["muted"])
        if result.lead:
            lead = "" if result.goes_on else result.lead
            line.column(lead, self.theme["muted"], self._lead_width(width)).add(" ", self.theme["text"])
        text = safe(result.text, tab_size=TAB)
        return line.cut(text[self.shift :], self.theme[result.style], width - line.width)

    def length_of(self, index: int) -> int:
        return len(self._results[index].text) if self._results else 0

    def remove_row(self) -> None:
        found = self._results[self.cursor].remove if self.cursor < len(self._results) else None
        if found is not None:
            found()
        else:
            self.debugger.say("there is nothing here to remove")

    def enter(self) -> None:
        if self.cursor >= len(self._results):
            return
        result = self._results[self.cursor]
        if result.action is not None:
            result.action()
        elif result.event is not None:
            event = result.event
            self.debugger.move(lambda navigator: navigator.goto(event))
