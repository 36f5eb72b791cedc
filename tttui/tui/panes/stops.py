"""The pane of breakpoints and watches."""

from typing import TYPE_CHECKING, ClassVar, Final

from tttui.tui.desk import Desk, Watched
from tttui.tui.lines import Line
from tttui.tui.panes.base import Pane
from tttui.tui.truths import NEVER

if TYPE_CHECKING:
    from tttui.navigation.breakpoints import Breakpoint

_WITH_HITS: Final = 34
"""Columns from which on there is room for how often a breakpoint was hit,"""
_WITH_EVENTS: Final = 50
"""and for where it was and will be hit next."""


_HOW: Final = (
    ("watch", "watches an expression"),
    ("breakpoint", "sets a breakpoint on the cursor line"),
    ("command", "catch TYPE, break FUNCTION, watch NAME"),
)
"""Shown as long as there is nothing else to show."""


class StopsPane(Pane):
    TITLE: ClassVar[str] = "Watches and breakpoints"
    HELP: ClassVar[str] = (
        "{toggle} on, off; {enter} hits, last change; {first_true} first time true; {next_hit} {back_hit} next, last hit; "
        "{breakpoint} condition, stop at changes; {remove} removes it"
    )

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(desk, name)
        self._all: list[Breakpoint | Watched] = []

    def update_rows(self) -> None:
        self._all = [*self.desk.view.watches, *self.debugger.stops.all()]

    def note(self) -> str:
        on = sum(1 for entry in self._all if not isinstance(entry, Watched) and entry.enabled)
        return f"{on} on" if on else ""

    def selected(self) -> "Breakpoint | Watched | None":
        """The entry of the selected row."""
        self.update_rows()
        return self._all[self.cursor] if self.cursor < len(self._all) else None

    def count(self) -> int:
        return len(self._all) or len(_HOW)

    def row(self, index: int, width: int) -> Line:
        theme = self.theme
        if not self._all:
            action, text = _HOW[index]
            line = Line().add(f" {self.debugger.key_for(action)} ", theme["key"])
            return line.cut(text, theme["hint"], width - line.width)
        entry = self._all[index]
        if isinstance(entry, Watched):
            line = Line().add("~" if entry.changed else " ", theme["changed"]).cut(entry.text, theme["name"], width // 2)
            line.add("  ", theme["text"])
            text, style = (entry.value.text, "value") if entry.value is not None else (entry.error, "muted")
            line.cut(text, theme["changed" if entry.changed and style == "value" else style], width - line.width)
            return line.cut(self._first_true(entry, width), theme["muted"], width - line.width)
        line = Line().add("[x] " if entry.enabled else "[ ] ", theme["breakpoint" if entry.enabled else "breakpoint_off"])
        right = self._hits(entry, width)
        line.cut(self.debugger.stops.describe(entry), theme["text" if entry.enabled else "muted"], width - line.width - len(right))
        return line.to(width - len(right), theme["text"]).add(right, theme["muted"])

    def _first_true(self, entry: Watched, width: int) -> str:
        """When a watch became true in this call, where there is room for it."""
        event = self.debugger.truths.first(entry) if width >= _WITH_HITS else None
        if event is None:
            return ""
        return "  (never true)" if event == NEVER else f"  (first true at {event:,})"

    def _hits(self, entry: "Breakpoint", width: int) -> str:
        """How often it is hit in the whole run; where before now, and where behind."""
        if width < _WITH_HITS:
            return ""
        stops = self.debugger.stops
        total = stops.total(entry)
        text = f"  {total:,} hit{'' if total == 1 else 's'}" if total is not None else ""
        if width >= _WITH_EVENTS:
            before, after = stops.around(entry)
            back, on = ("<-", "->") if self.desk.ascii_only else ("←", "→")
            text += f"  {f'{back} {before:,}' if before is not None else '':>11}  {f'{after:,} {on}' if after is not None else '':>11}"
        return text

    def enter(self) -> None:
        entry = self.selected()
        if isinstance(entry, Watched):
            self.debugger.last_write_of(entry.text)
        elif entry is not None:
            self.debugger.list_hits(entry)

    def toggle(self) -> None:
        entry = self.selected()
        if isinstance(entry, Watched):
            self.debugger.last_write_of(entry.text)
        elif entry is not None:
            entry.enabled = not entry.enabled
            self.debugger.stops.changed()
            self.debugger.paint()

    def remove_row(self) -> None:
        entry = self.selected()
        if isinstance(entry, Watched):
            self.desk.unwatch(entry.text)
        elif entry is not None:
            self.debugger.stops.remove(entry)
        self.debugger.look_again()
