"""The breakpoints of a viewer: as the navigator has them, kept in the notebook, and found by line for the gutter."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from tttui.errors import TttuiError
from tttui.navigation.breakpoints import (
    Breakpoint,
    ExceptionBreakpoint,
    FunctionBreakpoint,
    LineBreakpoint,
    OutputBreakpoint,
)
from tttui.tui.desk import Desk
from tttui.tui.sources import short

_SORTS: Final[dict[str, type[Breakpoint]]] = {
    "line": LineBreakpoint,
    "function": FunctionBreakpoint,
    "exception": ExceptionBreakpoint,
    "output": OutputBreakpoint,
}
"""What is kept from one day to the next; a watchpoint is about one call, and is not."""


class Stops:
    """Breakpoints, for the panes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        for entry in desk.notebook.breakpoints:
            self._restore(dict(entry))

    def all(self) -> list[Breakpoint]:
        return list(self._desk.navigator.breakpoints)

    def lines_of(self, file: int) -> Mapping[int, bool]:
        """Line → whether a breakpoint there is on, for one file."""
        path = self._desk.run.file_path(file)
        found: dict[int, bool] = {}
        for entry in self._desk.navigator.breakpoints:
            if isinstance(entry, LineBreakpoint) and (path == entry.file or path.endswith("/" + entry.file.removeprefix("./").lstrip("/"))):
                found[entry.line] = entry.enabled or found.get(entry.line, False)
        return found

    def toggle(self, file: str, line: int) -> str:
        """Set a breakpoint at a line, or remove the one there; says what was done."""
        for entry in self.all():
            if isinstance(entry, LineBreakpoint) and entry.line == line and (entry.file == file or file.endswith("/" + entry.file)):
                self.remove(entry)
                return f"breakpoint {entry.number} removed"
        made = self._desk.navigator.breakpoints.line(file, line)
        self.changed()
        return f"breakpoint {made.number} at {self.describe(made)}"

    def remove(self, entry: Breakpoint) -> None:
        self._desk.navigator.breakpoints.remove(entry.number)
        self.changed()

    def changed(self) -> None:
        """Keep them beside the recording."""
        kept = []
        for entry in self.all():
            sort = next((name for name, kind in _SORTS.items() if type(entry) is kind), None)
            if sort is not None and not entry.temporary:
                fields = asdict(entry)
                del fields["number"], fields["hits"]
                kept.append({"sort": sort, **fields})
        self._desk.notebook.breakpoints = kept
        self._desk.notebook.save()

    def _restore(self, entry: dict[str, Any]) -> None:
        kind = _SORTS.get(entry.pop("sort", ""))
        if kind is None:
            return
        try:
            made = kind(**entry)
            usual = kind()
            if any(type(getattr(made, name)) is not type(getattr(usual, name)) for name in entry):
                return
            self._desk.navigator.breakpoints.add(made)
        except (TypeError, TttuiError):
            pass  # of another recording, or edited by hand: what can't match is left out

    def describe(self, entry: Breakpoint) -> str:
        """One line that says where it stops."""
        text = f"{short(entry.file)}:{entry.line}" if isinstance(entry, LineBreakpoint) else entry.description
        for word, more in (("if", entry.condition), ("log", entry.log)):
            if more:
                text += f" {word} {more}"
        if entry.every > 1:
            text += f" every {entry.every}"
        return text
