"""The pane of breakpoints and watches."""

from typing import TYPE_CHECKING, ClassVar

from tttui.tui.desk import Watched
from tttui.tui.lines import Line
from tttui.tui.panes.base import Pane

if TYPE_CHECKING:
    from tttui.navigation.breakpoints import Breakpoint


class StopsPane(Pane):
    TITLE: ClassVar[str] = "Watches and breakpoints"
    HELP: ClassVar[str] = "Enter Space switch a breakpoint on and off, or go to a watch's last change; Delete removes the row"

    def _entries(self) -> "list[Breakpoint | Watched]":
        return [*self.desk.view.watches, *self.debugger.stops.all()]

    def count(self) -> int:
        return len(self._entries())

    def row(self, index: int, width: int) -> Line:
        entry = self._entries()[index]
        theme = self.theme
        if isinstance(entry, Watched):
            line = Line().add("~" if entry.changed else " ", theme["changed"]).cut(entry.text, theme["name"], width // 2)
            line.add("  ", theme["text"])
            text, style = (entry.value.text, "value") if entry.value is not None else (entry.error, "muted")
            return line.cut(text, theme["changed" if entry.changed and style == "value" else style], width - line.width)
        line = Line().add("[x] " if entry.enabled else "[ ] ", theme["breakpoint" if entry.enabled else "breakpoint_off"])
        return line.cut(self.debugger.stops.describe(entry), theme["text" if entry.enabled else "muted"], width - line.width)

    def enter(self) -> None:
        entries = self._entries()
        if self.cursor >= len(entries):
            return
        entry = entries[self.cursor]
        if isinstance(entry, Watched):
            self.debugger.last_write_of(entry.text)
        else:
            entry.enabled = not entry.enabled
            self.debugger.stops.changed()
            self.debugger.paint()

    def remove_row(self) -> None:
        entries = self._entries()
        if self.cursor >= len(entries):
            return
        entry = entries[self.cursor]
        if isinstance(entry, Watched):
            self.desk.unwatch(entry.text)
        else:
            self.debugger.stops.remove(entry)
        self.debugger.look_again()
