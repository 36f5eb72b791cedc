"""The locals pane: the variables of the selected frame, unfolded as deep as they were recorded."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import ClassVar, Final

from rich.cells import cell_len

from tttui.store.records import Frame, Value
from tttui.tui.ages import age
from tttui.tui.desk import Desk, Was
from tttui.tui.lines import Line
from tttui.tui.panes.base import Pane
from tttui.tui.panes.results import Result

_MOST_ROWS: Final = 20_000
_BADGES: Final = {"cut": "cut", "unchecked": "unchecked", "opaque": "not looked into", "redacted": "secret"}
_NAMES: Final = ((6, 10), (8, 16))
"""Columns of the names of variables, at least and at most: where there is little room, and where there is more."""
_DEFINITIONS: Final = frozenset({"module", "function", "type", "builtin_function_or_method", "EnumType", "ABCMeta"})
"""Types of what a module imports and defines: it stands behind the data."""
_GONE: Final = "(gone)"
_NOT_YET: Final = "(not set yet)"
_WITH_AGES: Final = 56
"""Columns from which on there is room for when a variable last changed."""


@dataclass(frozen=True, slots=True)
class Row:
    """A variable, or a part of one."""

    path: str
    """The expression that leads to it; empty for what none leads to."""
    label: str
    value: Value | None
    """None: it is gone."""
    level: int
    key: tuple[str, ...]
    """Where it stands in the tree, whatever the values are."""
    was: Was | None = None
    changed: bool = False


class LocalsPane(Pane):
    TITLE: ClassVar[str] = "Locals"
    HELP: ClassVar[str] = (
        "{toggle} unfold, or show whole; {next_write} {last_write} next, last write; {why} why this value; {watch} watch; {print} print; "
        "{pin} pin; {search} filter; {sort} by age"
    )

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(desk, name)
        self._open: set[tuple[str, ...]] = set()
        self._rows_of: list[Row] = []
        self._made_of: tuple[object, ...] = ()
        self._generation = 0
        self._selected: tuple[str, ...] = ()
        self._longest = 0
        """Columns of the longest name of a variable."""
        self.filter = ""
        self.by_age = False
        """Whether what changed last comes first."""
        self._unsorted = False
        """Whether some ages weren't known when the rows were gathered."""

    # -- what others ask

    def selected(self) -> str:
        """The expression of the selected row, empty where there is none: what is handed out or raised has no name."""
        self.update_rows()
        path = self._rows_of[self.cursor].path if self.cursor < len(self._rows_of) else ""
        return "" if path.startswith("$") else path

    def select(self, path: str) -> None:
        """Select the row of an expression, if it is shown."""
        self.update_rows()
        for index, row in enumerate(self._rows_of):
            if row.path == path:
                self.cursor = index
                self._selected = row.key
                return

    # -- rows

    def note(self) -> str:
        view = self.desk.view
        if self.filter:
            return f"/{self.filter}"
        frame = view.frame
        total = len({*frame.locals, *view.changed}) if frame is not None else 0
        counts = f"{len(view.changed)} changed of {total}" if view.changed else f"{total}"
        return f"{counts}, by age" if self.by_age else counts

    def update_rows(self) -> None:
        view = self.desk.view
        made_of = (view, self._generation, self.filter, self.by_age)
        if made_of == self._made_of and not self._unsorted:
            return
        self._made_of = made_of
        if self.cursor < len(self._rows_of):
            self._selected = self._rows_of[self.cursor].key
        self._rows_of = []
        for row in self._roots():
            self._add(row)
        self._longest = max((cell_len(row.label) for row in self._rows_of if not row.level), default=0)
        # The same variable stays selected wherever it stands now.
        for index, row in enumerate(self._rows_of):
            if row.key == self._selected:
                self.cursor = index
                break

    def _roots(self) -> Iterator[Row]:
        view = self.desk.view
        frame, moment = view.frame, view.moment
        if frame is None or moment is None:
            return
        if view.frame_index == 0:
            if moment.returned is not None:
                yield Row("$returned", "yields" if moment.kind == "yield" else "returns", moment.returned, 0, ("$returned",), None, True)
            if moment.exception is not None:
                yield Row("$exception", "exception", moment.exception, 0, ("$exception",), None, True)
        wanted = self.filter.lower()
        for name, value in self._sorted(frame):
            if wanted and wanted not in name.lower() and wanted not in value.text.lower():
                continue
            was = view.changed.get(name)
            yield Row(name, name, value, 0, (name,), was, was is not None)
        for name, was in view.changed.items():
            if name not in frame.locals and not wanted:
                yield Row(name, name, None, 0, (name,), was, True)

    def _sorted(self, frame: Frame) -> Sequence[tuple[str, Value]]:
        """The variables in the order in which they are shown."""
        self._unsorted = False
        if not self.by_age:
            found_in_order = list(frame.locals.items())
            return sorted(found_in_order, key=_is_definition) if frame.function == "<module>" else found_in_order
        ages = self.desk.ages
        position, index = self.desk.view.position, self.desk.stack_index
        found: list[tuple[int, tuple[str, Value]]] = []
        for name, value in frame.locals.items():
            self._unsorted |= ages.last_write(position, index, frame.call, name) is None
            event = ages.last_change(position, index, frame.call, name, value)
            found.append((-1 if event is None else event, (name, value)))
        return [variable for _, variable in sorted(found, key=itemgetter(0), reverse=True)]

    def _add(self, row: Row) -> None:
        """A row, and below it what is unfolded: by a stack of its own, so that depth costs no recursion."""
        waiting = [row]
        while waiting and len(self._rows_of) < _MOST_ROWS:
            row = waiting.pop()
            self._rows_of.append(row)
            if row.key in self._open and row.value is not None:
                waiting.extend(reversed(list(self._children(row))))

    def _children(self, row: Row) -> Iterator[Row]:
        assert row.value is not None
        value = self.desk.expanded(row.value)
        level = row.level + 1
        index = 0
        for item in value.items or ():
            if _is_gap(item):
                yield Row("", "…", item, level, (*row.key, f"…{index}"))
                index += item.length or 0
                continue
            yield Row(_joined(row.path, f"[{index}]"), f"[{index}]", item, level, (*row.key, f"[{index}]"))
            index += 1
        for key, item in value.entries or ():
            if _is_gap(key):
                yield Row("", "…", item, level, (*row.key, "…"))
                continue
            label = f"[{key.text}]"
            plain = key.type in ("str", "int", "bool", "NoneType", "float") and key.badge is None
            yield Row(_joined(row.path, label) if plain else "", label, item, level, (*row.key, label))
        for name, item in (value.attributes or {}).items():
            yield Row(_joined(row.path, f".{name}"), f".{name}", item, level, (*row.key, f".{name}"))

    def count(self) -> int:
        return len(self._rows_of)

    def row(self, index: int, width: int) -> Line:
        row = self._rows_of[index]
        theme = self.theme
        fold = " "
        if row.value is not None and _can_unfold(row.value):
            fold = "-" if row.key in self._open else "+"
        line = Line().add("~" if row.changed else " ", theme["changed"]).add(" " * row.level + fold, theme["muted"])
        narrow = width < 44
        start = line.width
        line.cut(row.label, theme["changed" if row.changed else "name"], max(4, width - 8))
        if row.level == 0:
            least, most = _NAMES[not narrow]
            line.to(start + min(max(self._longest, least), most), theme["text"])
        line.add("  " if row.level == 0 else " ", theme["text"])
        if row.value is None:
            return line.add(_NOT_YET if self.desk.view.backwards else _GONE, theme["badge"])
        when = self._when(row) if width >= _WITH_AGES else ""
        end = width - len(when) - (1 if when else 0)
        text = row.value.text
        if row.changed and row.was is not None and row.was.value is not None and row.was.value.text != text:
            old = row.was.value.text
            if len(old) + len(text) + 3 > end - line.width:
                old, text = _apart(old, text)
            if len(old) + len(text) + 3 <= end - line.width or not narrow:
                line.cut(old, theme["old"], max(6, (end - line.width) // 2 - 2)).add(" ", theme["text"])
            line.add("→ ", theme["muted"])
        note = _note(row.value, narrow)
        badge = _BADGES.get(row.value.badge or "", "")
        room = end - line.width - (len(badge) + 3 if badge else 0)
        if note and len(text) + len(note) + 2 <= room:
            line.cut(text, theme["value"], room).add("  " + note, theme["type"])
        else:
            line.cut(text, theme["value"], room)
        if badge:
            line.add(f" ‹{badge}›", theme["badge"])
        return line.to(width - len(when), theme["text"]).add(when, theme["changed" if row.changed else "faint"]) if when else line

    def _when(self, row: Row) -> str:
        """How long ago a variable changed, or what it holds."""
        view = self.desk.view
        frame = view.frame
        if row.level or row.value is None or frame is None or row.path not in frame.locals:
            return ""
        event = self.desk.ages.last_change(view.position, self.desk.stack_index, frame.call, row.path, row.value)
        return "" if event is None else age(view.position - event)

    # -- moving

    def enter(self) -> None:
        self.toggle()

    def toggle(self) -> None:
        self._set_open(None)

    def fold(self, count: int) -> None:
        row = self._rows_of[self.cursor] if self.cursor < len(self._rows_of) else None
        if row is not None and row.key not in self._open and row.level:
            parent = row.key[:-1]
            self.cursor = next((index for index, other in enumerate(self._rows_of) if other.key == parent), self.cursor)
            self.show()
            return
        self._set_open(False)

    def unfold(self, count: int) -> None:
        self._set_open(True)

    def _set_open(self, wanted: bool | None) -> None:
        if self.cursor >= len(self._rows_of):
            return
        row = self._rows_of[self.cursor]
        if row.value is None or not _can_unfold(row.value):
            if row.value is not None and wanted is not False:
                self.debugger.answer(row.label, [Result(f"{row.path or row.label} = {row.value.text}", wraps=True)])
            else:
                self.debugger.say("there is nothing in it to unfold")
            return
        is_open = row.key in self._open
        if wanted is None or wanted != is_open:
            self._open.symmetric_difference_update({row.key})
            self._generation += 1
            self.show()


def _apart(old: str, new: str) -> tuple[str, str]:
    """Two long texts without the entries that they begin with both: what is different is what there is to see."""
    same = next((place for place, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new)))
    start = max(old.rfind(", ", 0, same) + 2, 0) if ", " in old[:same] else 0
    return (f"…{old[start:]}", f"…{new[start:]}") if start else (old, new)


def _is_definition(variable: tuple[str, Value]) -> bool:
    return variable[1].type in _DEFINITIONS


def _can_unfold(value: Value) -> bool:
    return bool(value.items or value.entries or value.attributes) or (
        value.id is not None and value.items is None and value.entries is None and value.attributes is None and value.badge != "opaque"
    )


def _is_gap(value: Value) -> bool:
    """Whether it stands for entries that were left out."""
    return not value.type and value.badge == "cut"


def _joined(path: str, part: str) -> str:
    return path + part if path else ""


def _note(value: Value, narrow: bool) -> str:
    """Type, length and identity, where the text doesn't tell them."""
    if narrow or not value.type:
        return ""
    length = f"[{value.length:,}]" if value.length is not None else ""
    identity = f" #{value.id}" if value.id is not None else ""
    return f"{os.path.basename(value.type)}{length}{identity}"
