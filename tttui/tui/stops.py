"""The breakpoints of a viewer: as the navigator has them, kept in the notebook, and found by line for the gutter."""

import re
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
    Watchpoint,
)
from tttui.navigation.expressions import compile_expression
from tttui.navigation.stops import Hit
from tttui.tui.desk import Desk
from tttui.tui.sources import short

_SORTS: Final[dict[str, type[Breakpoint]]] = {
    "line": LineBreakpoint,
    "function": FunctionBreakpoint,
    "exception": ExceptionBreakpoint,
    "output": OutputBreakpoint,
}
"""What is kept from one day to the next; a watchpoint is about one call, and is not."""
_OPTIONS: Final = re.compile(r"(?:if\s+)?(?P<condition>.*?)(?:\s*\bevery\s+(?P<every>\d{1,9}))?(?:\s*\blog\s+(?P<log>.+))?", re.DOTALL)


class Stops:
    """Breakpoints, for the panes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._around: dict[int, tuple[object, range, int | None, int | None]] = {}
        """By number: the finder, for which positions it is true, the hit before them and the one behind."""
        for entry in desk.notebook.breakpoints:
            self._restore(dict(entry))

    def all(self) -> list[Breakpoint]:
        return list(self._desk.navigator.breakpoints)

    def lines_of(self, file: int) -> Mapping[int, bool]:
        """Line → whether a breakpoint there is on, for one file."""
        path = self._desk.run.file_path(file)
        found: dict[int, bool] = {}
        for entry in self._desk.navigator.breakpoints:
            if isinstance(entry, LineBreakpoint) and stands_in(entry, path):
                found[entry.line] = entry.enabled or found.get(entry.line, False)
        return found

    def at(self, file: str, line: int) -> LineBreakpoint | None:
        """The breakpoint at a line."""
        for entry in self.all():
            if isinstance(entry, LineBreakpoint) and entry.line == line and stands_in(entry, file):
                return entry
        return None

    def set(self, file: str, line: int) -> str:
        """Set a breakpoint at a line; says what was done."""
        made = self._desk.navigator.breakpoints.line(file, line)
        self.changed()
        return f"breakpoint {made.number} at {self.describe(made)}"

    def watch(self, text: str) -> str:
        """Stop at the changes of what an expression means in the selected frame; says what was done."""
        navigator = self._desk.navigator
        made = navigator.breakpoints.watch(text, navigator.position, frame=navigator.frame_index)
        self.changed()
        return f"watchpoint {made.number}: at the changes of {text} in this call"

    def options(self, entry: Breakpoint) -> str:
        """What `configure` takes, as it is now."""
        words = [entry.condition, f"every {entry.every}" if entry.every > 1 else "", f"log {entry.log}" if entry.log else ""]
        return " ".join(word for word in words if word)

    def configure(self, entry: Breakpoint, text: str) -> None:
        """``CONDITION every N log EXPRESSION``, each of them if wanted; TttuiError where one is no expression."""
        found = _OPTIONS.fullmatch(text.strip())
        assert found is not None
        condition, log, every = found["condition"].strip(), (found["log"] or "").strip(), int(found["every"] or "1")
        for expression in (condition, log):
            if expression:
                compile_expression(expression)
        if every < 1:
            raise TttuiError("every 0th hit there is none of")
        entry.condition, entry.log, entry.every = condition, log, every
        self.changed()

    # -- hits

    def total(self, entry: Breakpoint) -> int | None:
        """How often it is hit in the whole run, where that is known at once."""
        run = self._desk.run
        if entry.condition or entry.every > 1:
            return None
        if isinstance(entry, LineBreakpoint):
            return sum(self._desk.sources.hits(file.id).get(entry.line, 0) for file in run.files() if stands_in(entry, file.path))
        if isinstance(entry, OutputBreakpoint) and not entry.text and not entry.fd:
            return int(run.outputs_before(run.events))
        return None

    def around(self, entry: Breakpoint) -> tuple[int | None, int | None]:
        """The last hit before now and the next one, where they are found at once: not those that have to be evaluated."""
        if entry.condition or entry.every > 1 or not isinstance(entry, (LineBreakpoint, FunctionBreakpoint, ExceptionBreakpoint)):
            return None, None
        finder = self._desk.navigator.breakpoints.finder(entry)
        position = self._desk.view.position
        known = self._around.get(entry.number)
        if known is None or known[0] is not finder or position not in known[1]:
            before, after = finder.before(position), finder.after(position - 1)
            if after == position:  # on a hit: both are others one event on
                known = finder, range(position, position + 1), before, finder.after(position)
            else:
                known = finder, range(0 if before is None else before + 1, self._desk.run.events if after is None else after), before, after
            self._around[entry.number] = known
        return known[2], known[3]

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

    def place(self, entry: Breakpoint) -> str:
        """Where it stops."""
        return f"{short(entry.file)}:{entry.line}" if isinstance(entry, LineBreakpoint) else entry.description

    def name(self, hit: Hit) -> str:
        """What was hit."""
        entry = next((entry for entry in self.all() if entry.number == hit.number), None)
        sort = "watchpoint" if isinstance(entry, Watchpoint) else "breakpoint"
        return f"{sort} {hit.number}: {self.describe(entry) if entry is not None else hit.description}"

    def describe(self, entry: Breakpoint) -> str:
        """One line that says where it stops."""
        text = self.place(entry)
        for word, more in (("if", entry.condition), ("log", entry.log)):
            if more:
                text += f" {word} {more}"
        if entry.every > 1:
            text += f" every {entry.every}"
        return text


def stands_in(entry: LineBreakpoint, path: str) -> bool:
    """Whether a breakpoint is in a file: its own is a path, or the end of one."""
    return path == entry.file or path.endswith("/" + entry.file.removeprefix("./").lstrip("/"))
