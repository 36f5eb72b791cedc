"""What names stand for at an event: variables of a frame, globals of its module, pinned objects, what the event is about."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from tttui.native import reader
from tttui.navigation.expression_errors import NotBound, NotRecorded
from tttui.navigation.parsed import only_in_comprehensions
from tttui.store.contents import Entries, Keyed
from tttui.store.records import Code, Value
from tttui.store.stream import CALLS, PART_CELL, PART_ITEMS, PART_PAIRS, SLOT_CELL, SLOT_FREE, V_TUPLE, V_UNBOUND, Raw

if TYPE_CHECKING:
    from tttui.store.run import Run

_AT_A_TIME: Final = 1_000
"""Entries of a large container that are made into values together: as many as the store gives of a tuple."""
_PIN: Final = re.compile(r"\$\d+")
_MODULE: Final = "<module>"
SPECIAL: Final = ("$returned", "$exception")
"""Names of what an event hands out or is raised at it."""

_namespaces: "WeakKeyDictionary[Run, dict[tuple[int, int], int | None]]" = WeakKeyDictionary()


class Names:
    """Gives the values of names in one frame at one event: the `lookup` and `expand` of `Expression.evaluate`.

    `frame` is an index into the stack of the event's thread, -1 the innermost; `call` chooses the frame of a call instead, in
    whatever thread it stands; `pinned` gives the object of each ``$1``.
    """

    def __init__(
        self,
        run: "Run",
        event: int,
        *,
        frame: int = -1,
        pinned: Mapping[str, int] | None = None,
        depth: int = 3,
        call: int = 0,
        known: tuple[Any, ...] | None = None,
    ) -> None:
        """`known`: the frame, as `reader.state` gives it, for whoever has it already."""
        self._run = run
        self.python = run.python
        self._event = event
        self._pinned = pinned or {}
        self._depth = depth
        self._known_state: dict[str, Any] | None = None
        self._frame: tuple[Any, ...] | None = known
        if known is None:
            stack = self._state["threads"].get(self._state["thread"], [])
            self._frame = stack[frame] if -len(stack) <= frame < len(stack) else None
        if call:
            self._frame = next((one for each in self._state["threads"].values() for one in each if one[0] == call), None)
        self._slots: dict[str, tuple[int, Raw]] | None = None

    @property
    def _state(self) -> dict[str, Any]:
        if self._known_state is None:
            self._known_state = self._run.state(self._event)
        return self._known_state

    def lookup(self, name: str) -> Value:
        """The value of a name; raises `NotBound`."""
        if name.startswith("$"):
            return self._special(name)
        if self._frame is not None:
            bound, raw = self._local(name)
            if bound:
                return self._found(name, raw)
            for namespace in (self._frame[4], self._globals()):
                raw = self._in_namespace(namespace, name)
                if raw is not None:
                    return self._found(name, raw)
        raise NotBound(name)

    def expand(self, value: Value) -> Value:
        """A value with all that was recorded of what it holds."""
        if value.id is None:
            return value
        if value.items is None and value.entries is None and value.attributes is None:
            return self._run.object_at(value.id, self._event, depth=self._depth)
        content = self._run.contents([value.id], self._event).get(value.id)
        part = content.parts.get(PART_ITEMS if value.items is not None else PART_PAIRS) if content is not None else None
        if isinstance(part, Entries) and value.items is not None:
            return replace(value, items=tuple(self._items(part.segments)))
        if isinstance(part, Keyed):
            return replace(value, entries=tuple(self._pairs(part.segments)))
        return value

    # -- names

    def _special(self, name: str) -> Value:
        if _PIN.fullmatch(name):
            if name not in self._pinned:
                raise NotBound(name)
            value = self._run.object_at(self._pinned[name], self._event, depth=self._depth)
            if value.type == "object" and value.version is None:
                raise NotBound(name)
            return value
        kind = reader.KINDS[self._state["kind"]]
        wanted = "$returned" if kind in ("return", "yield") else "$exception"
        raw = self._state["value"]
        if name not in SPECIAL or name != wanted or raw is None:
            raise NotBound(name)
        return self._found(name, raw)

    def _found(self, name: str, raw: Raw) -> Value:
        value = self._run.value(raw, self._event, depth=self._depth)
        if value is None:
            raise NotBound(name)
        return value

    def _local(self, name: str) -> tuple[bool, Raw]:
        """(whether the frame has a variable of that name, its value): one that isn't bound hides a global all the same."""
        assert self._frame is not None
        code = self._run.code(self._frame[1])
        if self._slots is None:
            kinds = code.slots
            self._slots = {kinds[slot][0]: (kinds[slot][1], raw) for slot, raw in self._frame[6] if slot < len(kinds)}
        known = self._slots.get(name)
        if known is None or known[1] == (V_UNBOUND,):
            return hides(self._run, code, name), (V_UNBOUND,)
        kind, raw = known
        if kind in (SLOT_CELL, SLOT_FREE):
            cell = self._run.value(raw, self._event, depth=1)
            if cell is not None and cell.type == "cell":
                if cell.id is None:
                    raise NotRecorded(f"what the closure's {name} holds")
                raw = self._cell(cell.id)
        return raw != (V_UNBOUND,) or hides(self._run, code, name), raw

    def _cell(self, id_: int) -> Raw:
        content = self._run.contents([id_], self._event).get(id_)
        part = content.parts.get(PART_CELL) if content is not None else None
        return next(iter(part.known()), (V_UNBOUND,)) if part is not None else (V_UNBOUND,)

    def _globals(self) -> int:
        assert self._frame is not None
        code = self._run.code(self._frame[1])
        namespace = namespace_of(self._run, code.file)
        if namespace is None:
            raise NotRecorded("which of several modules of one file this one belongs to")
        return namespace

    def _in_namespace(self, namespace: int, name: str) -> Raw | None:
        if not namespace:
            return None
        content = self._run.contents([namespace], self._event).get(namespace)
        part = content.parts.get(PART_PAIRS) if content is not None else None
        pair = part.get(name) if isinstance(part, Keyed) else None
        return None if pair is None or pair[1] == (V_UNBOUND,) else pair[1]

    # -- large containers

    def _items(self, segments: Sequence[Any]) -> Iterator[Value]:
        for segment in segments:
            if isinstance(segment, int):
                yield Value("", f"… {segment:,} more", length=segment, badge="cut")
                continue
            yield from self._values(segment)

    def _pairs(self, segments: Sequence[Any]) -> Iterator[tuple[Value, Value]]:
        for segment in segments:
            if isinstance(segment, int):
                gap = Value("", f"… {segment:,} more", length=segment, badge="cut")
                yield gap, gap
                continue
            yield from zip(self._values([key for key, _ in segment]), self._values([item for _, item in segment]), strict=True)

    def _values(self, raws: Sequence[Raw]) -> Iterator[Value]:
        for start in range(0, len(raws), _AT_A_TIME):
            some = tuple(raws[start : start + _AT_A_TIME])
            value = self._run.value((V_TUPLE, len(some), some), self._event, depth=2)
            yield from value.items or () if value is not None else ()


def hides(run: "Run", code: Code, name: str) -> bool:
    """Whether a name means a variable of a call even where that isn't bound."""
    return code.hides(name) and not only_in_comprehensions(run, code, name)


def namespace_of(run: "Run", file: int) -> int | None:
    """The object that holds the globals of a file's code; 0 where it isn't known, None where there are several."""
    known = _namespaces.setdefault(run, {})
    key = (file, run.events)
    if key not in known:
        known[key] = _find_namespace(run, file)
    return known[key]


def _find_namespace(run: "Run", file: int) -> int | None:
    calls = {code.id: code.calls for code in run.codes() if code.file == file and code.name == _MODULE}
    found: set[int] = set()
    for chunk in run.chunks():
        # Once all calls of a module's code were seen it doesn't matter where else it runs.
        if any(left > 0 and run.has(chunk, "code", code) for code, left in calls.items()):
            for row in run.rows_of(chunk, CALLS):
                if row[0] == "call" and row[3] in calls:
                    calls[row[3]] -= 1
                    found.update({row[8]} - {0})
        if len(found) > 1:
            return None
        if not any(left > 0 for left in calls.values()):
            break
    return found.pop() if found else 0
