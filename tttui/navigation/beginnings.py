"""What attributes, items and lengths were where chunks begin, of many objects at once.

What they were when a chunk ended is known once it has been run through: kept for some chunks, that tells what they are
at the beginning of the next, and of the one before. Only what wasn't written for long is looked up object by object.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from tttui.navigation.scalar_predicates import MISSING, SCALARS
from tttui.store.contents import Content, Entries, Keyed
from tttui.store.records import Chunk
from tttui.store.run import Run
from tttui.store.stream import (
    PART_ATTRIBUTES,
    PART_ITEMS,
    PART_PAIRS,
    V_FROZENSET,
    V_LABEL,
    V_NAMED,
    V_OBJECT,
    V_REPR,
    V_TUPLE,
    Raw,
)

LENGTH: Final = 1 << 62
"""Stands for the name of an attribute where a length is meant,"""
FIRST_ITEM: Final = LENGTH + 1
"""and from here on for an item."""
SIZED: Final = ("list", "set", "dict", "collections.deque", "collections.OrderedDict", "collections.defaultdict", "collections.Counter")
"""Types whose length is that of what they hold,"""
DICTS: Final = ("dict", "collections.OrderedDict")
"""and those whose items are there or not, whatever code there is."""
LISTS: Final = ("list",)
"""and those whose items stand at their indices."""
_NEVER_SINGLE: Final = frozenset({V_OBJECT, V_TUPLE, V_FROZENSET, V_LABEL, V_NAMED, V_REPR})
"""Values that are certainly neither None, True nor False, as in columns.c."""
_FURTHEST: Final = 24
"""Chunks that are run through for what was written before."""
_MOST_KEPT: Final = 300_000
"""Values at the ends of chunks that are kept."""
_MOST_TYPES: Final = 16

Wanted = tuple[int, int]
"""(object, name of the attribute, LENGTH or FIRST_ITEM + index of the key)"""
Values = Mapping[Wanted, Any]
"""Scalars, `...` for anything else, (id,) for an object that columns go through, NotImplemented where it isn't told, `MISSING`."""


class Beginnings:
    """The values of some columns at the beginnings of chunks."""

    def __init__(self, run: Run, keys: Mapping[Any, int], ways: Collection[int], run_through: Callable[[Chunk], dict[Wanted, Any]]) -> None:
        """`run_through` gives the values at the end of a chunk, of what was written in it. `ways` are the names that lead on."""
        self._run = run
        self._ways = ways
        self._keys = {name: key for key, name in keys.items()}
        self._run_through = run_through
        self._ends: OrderedDict[tuple[int, int], dict[Wanted, Any]] = OrderedDict()
        self._held = 0
        self._known: dict[Wanted, Any] = {}
        self._at = -1

    def ended(self, chunk: Chunk, values: dict[Wanted, Any]) -> None:
        """A chunk was run through to its end."""
        self._ends[chunk.id, chunk.events] = values
        self._held += len(values)
        while self._held > _MOST_KEPT and len(self._ends) > 1:
            _, dropped = self._ends.popitem(last=False)
            self._held -= len(dropped)

    def at(self, chunk: Chunk, wanted: Collection[Wanted]) -> dict[Wanted, Any]:
        """What is known at the beginning of a chunk, those that are wanted among it; the same dict for the same chunk."""
        # What was written in the chunk that is left backwards is likely to be asked for.
        missing = self._go_to(chunk)
        missing.update(each for each in wanted if each not in self._known)
        untold = {each for each in wanted if self._known.get(each) is NotImplemented}
        chunks = self._run.chunks()
        for number in range(chunk.id - 1, max(chunk.id - 1 - _FURTHEST, -1), -1):
            if not missing:
                break
            ends = self._end_of(chunks[number])
            found = missing & ends.keys()
            missing -= found
            for each in found:
                if ends[each] is not NotImplemented:
                    self._known[each] = ends[each]
                elif each in wanted:
                    untold.add(each)
        if looked_up := untold.union(missing.intersection(wanted)):
            self._known.update(self._looked_up(chunk, looked_up))
        return self._known

    def _go_to(self, chunk: Chunk) -> set[Wanted]:
        """Make what is known that of another chunk's beginning; gives what was known and is no longer."""
        forgotten: set[Wanted] = set()
        if self._at == chunk.id - 1:
            self._known.update(self._end_of(self._run.chunks()[self._at]))
        elif self._at == chunk.id + 1:
            for each in self._end_of(chunk):
                if each in self._known:
                    del self._known[each]
                    if each[0] <= chunk.first_object:
                        forgotten.add(each)
        elif self._at != chunk.id:
            self._known = {}
        if len(self._known) > _MOST_KEPT:
            self._known = {}
        self._at = chunk.id
        return forgotten

    def _end_of(self, chunk: Chunk) -> dict[Wanted, Any]:
        key = (chunk.id, chunk.events)
        if key not in self._ends:
            self.ended(chunk, self._run_through(chunk))
        self._ends.move_to_end(key)
        return self._ends[key]

    def _looked_up(self, chunk: Chunk, wanted: Collection[Wanted]) -> dict[Wanted, Any]:
        run = self._run
        contents = run.contents({object_ for object_, _ in wanted}, chunk.first_event)
        return {each: self._value(contents.get(each[0]), each[1]) for each in wanted}

    def _value(self, content: Content | None, name: int) -> Any:
        if content is None:
            return NotImplemented
        type_ = self._run.type_name(content.type)
        if name == LENGTH:
            part = content.parts.get(PART_PAIRS, content.parts.get(PART_ITEMS))
            return part.length if type_ in SIZED and isinstance(part, Keyed | Entries) else NotImplemented
        way = name in self._ways
        if name >= FIRST_ITEM:
            if type_ in LISTS:
                part = content.parts.get(PART_ITEMS)
                return _at_index(part, self._keys[name], way) if isinstance(part, Entries) else NotImplemented
            part = content.parts.get(PART_PAIRS)
            return _item(part, self._keys[name], way) if type_ in DICTS and isinstance(part, Keyed) else NotImplemented
        part = content.parts.get(PART_ATTRIBUTES)
        pair = part.get(self._run.name(name)) if isinstance(part, Keyed) else None
        return NotImplemented if pair is None else _told(pair[1], way)


def _at_index(part: Entries, index: Any, way: bool) -> Any:
    """The item of a list."""
    if type(index) is not int:
        return NotImplemented
    place = index + part.length if index < 0 else index
    if not 0 <= place < part.length:
        return MISSING
    for segment in part.segments:
        size = segment if isinstance(segment, int) else len(segment)
        if place < size:
            return NotImplemented if isinstance(segment, int) else _told(segment[place], way)
        place -= size
    return NotImplemented


def _item(part: Keyed, wanted: Any, way: bool) -> Any:
    """The item of a dict; other keys than scalars may be equal to any."""
    certain = part.whole
    for key, item in part.known():
        if type(key) not in SCALARS:
            certain = False
        elif key == wanted:
            return _told(item, way)
    return MISSING if certain else NotImplemented


def _told(raw: Raw, way: bool) -> Any:
    if type(raw) in SCALARS:
        return raw
    if way and type(raw) is tuple and raw[0] == V_OBJECT:
        return raw[1:]
    return ... if type(raw) is bytes or (type(raw) is tuple and raw[0] in _NEVER_SINGLE) else NotImplemented


def types_called(run: Run, names: Collection[str]) -> tuple[int, ...]:
    """The ids of types by their names."""
    return tuple(id_ for id_, (name, _) in run.types_by_id().items() if name in names)[:_MOST_TYPES]
