"""The tables of a query that hold values: arguments, results, changes."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tttui.report.formats import sql_text
from tttui.report.replay import MISSING, Changed, replay_of, same
from tttui.report.stream_rows import CALL, KINDS, RETURN, UNWIND, Record, Row, Rows
from tttui.store.stream import CALLS, EVENTS, OBJECTS, VARIABLES, Raw

if TYPE_CHECKING:
    from tttui.store.records import Chunk
    from tttui.store.run import Run

_RESUMING = (KINDS["resume"], KINDS["throw"])


class Values:
    """The tables with values: arguments, results, changes. Follows the contents of all objects."""

    def __init__(self, run: "Run", tables: set[str]) -> None:
        self._arguments = "_arguments" in tables
        self._results = "_results" in tables
        self._changes = "_changes" in tables
        self.what = EVENTS | OBJECTS | (VARIABLES if self._arguments or self._changes else 0) | (CALLS if self._changes else 0)
        self._replay = replay_of(run)
        if run.events:  # what was open when recording began: no call says so
            stacks = run.state(0)["threads"].values()
            self._replay.namespaces.update(frame[4] for stack in stacks for frame in stack)
        self._codes = {code.id: code for code in run.codes()}
        self._names = {code.id: [sql_text(name) for name, _ in code.slots] for code in run.codes()}
        self._variables: dict[int, dict[int, Raw]] = {}  # call: slot: value
        self._line: dict[int, int] = {}  # call: the line it is on
        self._cells: dict[int, str] = {}  # object: name of the variable that the cell is

    def take(self, chunk: "Chunk", records: Sequence[Record]) -> Rows:
        replay, lines, variables = self._replay, self._line, self._variables
        arguments: list[Row] = []
        results: list[Row] = []
        changes: list[Row] = []
        content: list[tuple[int, Changed]] = []  # (object, change) since the last event
        stored: list[tuple[int, int, Raw]] = []  # (call, slot, value) since the last event
        begun: set[int] = set()  # calls of which this is the first that is seen
        for record in records:
            tag = record[0]
            if tag == "call":
                begun.add(record[2])
                if record[8]:
                    replay.namespaces.add(record[8])
            elif tag == "variable":
                stored.append((record[2], record[3], record[4]))
            elif tag == "object":
                if self._changes:
                    content.extend((record[3], change) for change in replay.changes(record[1:]))
                else:
                    replay.apply(record[1:])
            elif tag == "event":
                _, event, kind, thread, _task, call, code, line, _lasti, _time, value = record
                if stored:
                    if kind == CALL and self._arguments:
                        arguments.append((call, self._arguments_json(code, stored)))
                    if self._changes:
                        changed = self._stored(kind, call, code, stored, begun)
                        before = lines.get(call) or line
                        changes.extend((None, event, call, code, before, thread, *change) for change in changed)
                    stored.clear()
                elif kind == CALL and self._arguments:
                    arguments.append((call, "{}"))
                if content:
                    at = lines.get(call) or line
                    changes.extend(self._changed(event, call, code, at, thread, object_, change) for object_, change in content)
                    content.clear()
                begun.clear()
                if kind == RETURN:
                    if self._results:
                        shown, type_, object_ = replay.cell(value)
                        results.append((call, shown, type_, object_))
                    lines.pop(call, None)
                    variables.pop(call, None)
                elif kind == UNWIND:
                    lines.pop(call, None)
                    variables.pop(call, None)
                else:
                    lines[call] = line
        if self._arguments:
            yield "_arguments", arguments
        if self._results:
            yield "_results", results
        if self._changes:
            yield "_changes", changes

    def finish(self) -> Rows:
        return iter(())

    def _arguments_json(self, code: int, stored: Sequence[tuple[int, int, Raw]]) -> str:
        """Arguments by name: numbers, texts, booleans and None as JSON has them, everything else as its text."""
        found = self._codes.get(code)
        names = self._names.get(code, [])
        most = min(found.argument_count(), len(names)) if found is not None else 0
        shown: dict[str, Any] = {}
        for _, slot, raw in stored:
            if slot < most:
                inside = self._inside(raw, names[slot])
                shown[names[slot]] = inside if inside is None or isinstance(inside, bool) else self._replay.cell(inside)[0]
        return json.dumps(shown, ensure_ascii=True, default=str)

    def _stored(self, kind: int, call: int, code: int, stored: Sequence[tuple[int, int, Raw]], begun: set[int]) -> Iterator[Row]:
        """Changes of a call's own variables, from the column `kind` on.

        What a call begins with is no change (its arguments; all its variables where it ran already when recording
        began), and what is only restated on resuming is none.
        """
        names = self._names.get(code, [])
        for owner, slot, stored_raw in stored:
            raw = self._inside(stored_raw, names[slot] if owner == call and slot < len(names) else None)
            held = self._variables.setdefault(owner, {})
            old = held.get(slot, MISSING)
            held[slot] = raw
            if owner == call and owner not in begun and not (kind in _RESUMING and same(old, raw)):
                name = names[slot] if slot < len(names) else f"slot {slot}"
                yield ("variable", name, None, None, *self._replay.cell(old), *self._replay.cell(raw))

    def _inside(self, raw: Raw, name: str | None) -> Raw:
        """What a closure's cell holds, for a variable that is one; other values as they are."""
        held = self._replay.cell_content(raw)
        if held is MISSING:
            return raw
        if name is not None:
            self._cells[raw[1]] = name
        return held

    def _changed(self, event: int, call: int, code: int, line: int, thread: int, object_: int, change: Changed) -> Row:
        kind, name, key, old, new = change
        if kind == "cell":
            kind, name = "variable", self._cells.get(object_)
        cell = self._replay.cell
        return (None, event, call, code, line, thread, kind, name, object_, cell(key)[0], *cell(old), *cell(new))
