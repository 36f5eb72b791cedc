"""Who set this? Writes of variables, attributes, items and objects: the last, the next, the first, and all.

The postings tell which chunks hold a write of the variable or the object; the native reader finds it in there,
together with the line that did it: what shows at an event was done by what the frame ran before it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, Literal

from tttui.native import reader
from tttui.navigation.frames import chunk_of_call, last_event
from tttui.navigation.looking import UNBOUND, entry_of, part_of
from tttui.navigation.targets import Target
from tttui.store.contents import Content
from tttui.store.records import Chunk, Value
from tttui.store.stream import (
    OB_DELKEY,
    OB_NEW,
    OB_RESIZE,
    OB_SETKEY,
    OB_SNAPSHOT,
    OB_SPLICE,
    PART_ATTRIBUTES,
    PART_CELL,
    PART_ITEMS,
    PART_PAIRS,
    V_OBJECT,
    Raw,
)

if TYPE_CHECKING:
    from tttui.store.run import Run

WriteKind = Literal["set", "deleted", "created", "changed", "unseen"]
"""created: its object was seen for the first time; changed: of a whole object; unseen: it changed in ways that were not recorded."""

_FIRST_BATCH: Final = 4
_LARGEST_BATCH: Final = 1024
_VALUE_DEPTH: Final = 1


@dataclass(frozen=True, slots=True)
class Write:
    """One write. What is visible at `event` was done by the line that ran at `by`."""

    kind: WriteKind
    event: int
    """The first event at which it is visible."""
    by: int | None
    """The event of the line that did it, in the frame that did it: the position to jump to. None: code that is not recorded."""
    call: int
    """Call of the frame that did it, 0 where there is none."""
    function: str
    file: str
    line: int
    old: Value | None
    """None: there was none."""
    new: Value | None
    """None: deleted. Of a whole object: the object."""


@dataclass(frozen=True, slots=True)
class RawWrite:
    """One write as the recording has it."""

    kind: WriteKind
    event: int
    by: int
    """-1: before the chunk of the event, or not recorded."""
    by_call: int
    by_code: int
    by_line: int
    call: int
    """The call that a variable belongs to."""
    old: Raw
    new: Raw


def last_write(run: "Run", target: Target, event: int) -> Write | None:
    """The write that gave a target the value that it has at an event."""
    return next(writes(run, target, 0, event + 1, backwards=True), None)


def next_write(run: "Run", target: Target, event: int) -> Write | None:
    """The first write after an event."""
    return next(writes(run, target, event + 1), None)


def first_write(run: "Run", target: Target) -> Write | None:
    """The first write in the run."""
    return next(writes(run, target), None)


def creation(run: "Run", object: int) -> Write | None:
    """Where an object was seen for the first time."""
    return first_write(run, Target("object", f"object {object}", object=object))


def writes(
    run: "Run",
    target: Target,
    start: int = 0,
    stop: int | None = None,
    *,
    backwards: bool = False,
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[Write]:
    """All writes visible at events start .. stop - 1, found as they are asked for."""
    for raw in raw_writes(run, target, start, stop, backwards=backwards, cancelled=cancelled):
        yield shown(run, raw)


def shown(run: "Run", raw: RawWrite) -> Write:
    """A write with its values and the place of the line that did it."""
    function, file = "", ""
    by: int | None = None if raw.by < 0 else raw.by
    if raw.by_call:
        code = run.code(raw.by_code)
        function, file = code.qualname, run.file_path(code.file)
        if by is None:
            by = last_event(run, raw.by_call, raw.by_code, raw.event)
    old = None if raw.old == UNBOUND else run.value(raw.old, max(0, raw.event - 1), depth=_VALUE_DEPTH)
    new = None if raw.new == UNBOUND else run.value(raw.new, raw.event, depth=_VALUE_DEPTH)
    return Write(raw.kind, raw.event, by, raw.by_call, function, file, raw.by_line, old, new)


def raw_writes(
    run: "Run",
    target: Target,
    start: int = 0,
    stop: int | None = None,
    *,
    backwards: bool = False,
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[RawWrite]:
    """As `writes`, without values made."""
    stop = run.events if stop is None else min(stop, run.events)
    place = _Place(run, target)
    for chunk in _chunks(run, target, place, max(0, start), stop, backwards):
        if cancelled is not None and cancelled():
            return
        first = max(start, chunk.first_event)
        last = min(stop, chunk.first_event + chunk.events) - 1
        batch = _FIRST_BATCH
        while first <= last:
            rows = _rows(run, target, place, chunk, first, last, backwards, batch)
            # The records of one event may be in part behind the end of the batch: that event comes again.
            if len(rows) == batch:
                edge = rows[0][0] if backwards else rows[-1][0]
                whole = [row for row in rows if row[0] != edge]
                if not whole:
                    batch *= 4
                    continue
                rows = whole
                first, last = (first, edge) if backwards else (edge, last)
                done = False
            else:
                done = True
            found = list(_written(run, target, rows))
            yield from reversed(found) if backwards else found
            if done:
                break
            batch = min(batch * 4, _LARGEST_BATCH)
            if cancelled is not None and cancelled():
                return


def _chunks(run: "Run", target: Target, place: "_Place", start: int, stop: int, backwards: bool) -> Iterator[Chunk]:
    """The chunks that may hold writes of a target."""
    if start >= stop:
        return
    chunks = run.chunks()
    first, last = run.chunk_of(start).id, run.chunk_of(stop - 1).id
    if target.call:
        begun = chunk_of_call(run, target.call)
        first = max(first, begun.id if begun is not None else 0)
    # A chunk that only stated the value (a snapshot of the object) changed it where the one before it stated another.
    # So one that may have is passed over while the next ones say the same: forwards it is the first of them that
    # counts, backwards the last that we come to.
    stated: tuple[int, Chunk] | None = None
    for number in range(last, first - 1, -1) if backwards else range(first, last + 1):
        chunk = chunks[number]
        touched = _touches(run, target, place, chunk)
        if not touched:
            continue
        whole = start <= chunk.first_event and chunk.first_event + chunk.events <= stop
        if touched > 1 and whole:
            if stated is None or stated[0] != touched:
                if not backwards:
                    yield chunk
                elif stated is not None:
                    yield stated[1]
            stated = touched, chunk
            continue
        if backwards and stated is not None:
            yield stated[1]
        stated = None
        yield chunk
    if backwards and stated is not None:
        yield stated[1]


def _touches(run: "Run", target: Target, place: "_Place", chunk: Chunk) -> int:
    """What a chunk did to a target, as `reader.touches` says it: 0 nothing, 1 perhaps something, else only stated it."""
    if target.sort == "variable":
        if not run.has(chunk, "variable", target.code, target.slot):
            return 0
        return run.touches_variable(chunk, target.call, target.slot) if 0 < target.call <= chunk.first_call else 1
    if target.object > chunk.first_object:
        return int(target.object <= chunk.first_object + chunk.objects)
    if not run.has(chunk, "object", target.object):
        return 0
    if target.sort == "object":
        return 1
    _, key, name, index = place.at(chunk.first_event)
    return run.touches(chunk, target.object, key, name, index)


def _rows(
    run: "Run", target: Target, place: "_Place", chunk: Chunk, first: int, last: int, newest: bool, most: int
) -> list[tuple[Any, ...]]:
    if target.sort == "variable":
        return run.decode(chunk, reader.variable_writes, target.code, target.slot, target.call, first, last, newest, most)
    part, key, name, index = place.at(last)
    return run.decode(chunk, reader.object_writes, target.object, part, key, name, index, first, last, newest, most)


class _Place:
    """What the native reader looks for: (part, key, id of a name, index)."""

    def __init__(self, run: "Run", target: Target) -> None:
        self._run = run
        self._target = target
        self._known: tuple[int, tuple[Raw] | None, int, int] | None = None
        if target.sort == "object":
            self._known = -1, None, 0, -1
        elif target.sort == "cell":
            self._known = PART_CELL, None, 0, 0
        elif target.sort == "name":
            self._known = PART_PAIRS, (target.key,), 0, -1
        elif target.sort == "attribute":
            self._known = PART_ATTRIBUTES, (target.key,), run.name_id(target.key), -1

    def at(self, event: int) -> tuple[int, tuple[Raw] | None, int, int]:
        """It, as the object is at an event: whether it is a sequence or has keys never changes."""
        if self._known is not None:
            return self._known
        target = self._target
        content = self._run.contents([target.object], event).get(target.object)
        if content is None:
            return -1, None, 0, -1
        part = part_of(content, target)
        if part != PART_PAIRS and not content.is_set and type(target.key) is int:
            found: tuple[int, tuple[Raw] | None, int, int] = part, None, 0, target.key
        else:
            found = part, (target.key,), 0, -1
        if part in content.parts:
            self._known = found
        return found


def _written(run: "Run", target: Target, rows: list[tuple[Any, ...]]) -> Iterator[RawWrite]:
    """What records, in order, did to a target: all of one event together; those that did nothing are left out."""
    # The records are all that may have written to it, so what one leaves is what the next one finds.
    known: tuple[Raw] | None = None
    for event, group in groupby(rows, itemgetter(0)):
        together = list(group)
        if target.sort == "variable":
            write = _of_variable(event, together)
        elif target.sort == "object":
            write = _of_object(run, target, event, together)
        else:
            old = known if known is not None else (_entry(run, target, event - 1),)
            known = _left_by(run, target, [row[5] for row in together], old) or (_entry(run, target, event),)
            write = _of_entry(event, together, old[0], known[0])
        if write is not None:
            yield write


def _doer(row: tuple[Any, ...]) -> tuple[int, int, int, int]:
    """Event, call, code and line of what did it."""
    _, by, call, code, line = row[:5]
    return by, call, code, line


def _of_variable(event: int, rows: list[tuple[Any, ...]]) -> RawWrite | None:
    old, new = rows[0][6], rows[-1][7]
    if old == UNBOUND and new == UNBOUND:
        return None
    return RawWrite("deleted" if new == UNBOUND else "set", event, *_doer(rows[-1]), rows[-1][5], old, new)


def _of_object(run: "Run", target: Target, event: int, rows: list[tuple[Any, ...]]) -> RawWrite | None:
    held: Raw = (V_OBJECT, target.object)
    tags = [row[5][1] for row in rows]
    if tags[0] == OB_NEW:
        return RawWrite("created", event, *_doer(rows[-1]), 0, UNBOUND, held)
    if all(tag == OB_SNAPSHOT for tag in tags) and _same_content(run, target.object, event):
        return None
    return RawWrite("changed", event, *_doer(rows[-1]), 0, held, held)


def _of_entry(event: int, rows: list[tuple[Any, ...]], old: Raw, new: Raw) -> RawWrite | None:
    tags = [row[5][1] for row in rows]
    if OB_RESIZE in tags and new == UNBOUND:
        return RawWrite("unseen", event, *_doer(rows[-1]), 0, old, new)
    if same_raw(old, new):
        return None
    kind: WriteKind = "deleted" if new == UNBOUND else "created" if tags[0] == OB_NEW else "set"
    return RawWrite(kind, event, *_doer(rows[-1]), 0, old, new)


def _left_by(run: "Run", target: Target, records: list[tuple[Any, ...]], old: tuple[Raw]) -> tuple[Raw] | None:
    """What an entry is behind the records of one event, in a tuple; None where they alone don't tell."""
    name = run.name_id(target.key) if target.sort == "attribute" else 0
    found: tuple[Raw] | None = old
    for record in records:
        tag = record[1]
        if tag in (OB_NEW, OB_SNAPSHOT):
            found = _in_content(target, name, record[4])
        elif tag == OB_SETKEY and record[3] == PART_PAIRS:
            found = (record[5],) if record[4] == target.key else found
        elif tag == OB_DELKEY and record[3] == PART_PAIRS:
            found = (UNBOUND,) if record[4] == target.key else found
        elif tag == OB_SPLICE and record[3] == PART_ATTRIBUTES:
            values = [raw for id_, raw in record[6] if id_ == name]
            found = (values[-1],) if values else found if record[5] == 0 else None
        elif tag == OB_SPLICE and record[3] == PART_ITEMS and type(target.key) is int and len(record[6]) == record[5]:
            index = target.key - record[4]
            # Of a set the items have no places.
            found = None if target.sort != "item" else (record[6][index],) if 0 <= index < len(record[6]) else found
        else:
            found = None
        if found is None:
            return None
    return found


def _in_content(target: Target, name: int, parts: tuple[Any, ...]) -> tuple[Raw] | None:
    """What an entry is in the whole content of an object, in a tuple; None where that doesn't tell."""
    for number, length, head, tail in parts:
        if (number == PART_ATTRIBUTES and target.sort == "attribute") or (number == PART_PAIRS and target.sort in ("name", "item")):
            key = name if number == PART_ATTRIBUTES else target.key
            for own, raw in (*head, *tail):
                if own == key:
                    return (raw,)
            return (UNBOUND,) if length == len(head) + len(tail) else None
    return None


def _entry(run: "Run", target: Target, event: int) -> Raw:
    content = run.contents([target.object], event).get(target.object) if event >= 0 else None
    return entry_of(content, target)


def same_raw(one: Raw, other: Raw) -> bool:
    """Whether two values are the same, their types included."""
    if type(one) is not type(other):
        return False
    if type(one) is tuple:
        return len(one) == len(other) and all(map(same_raw, one, other))
    # Two NaNs are the same value, zeros of different signs aren't.
    return repr(one) == repr(other) if type(one) is float else bool(one == other)


def _same_content(run: "Run", object: int, event: int) -> bool:
    before = run.contents([object], event - 1).get(object)
    known = _known(before) if before is not None else None
    after = run.contents([object], event).get(object)
    return after is not None and known == _known(after)


def _known(content: Content) -> dict[int, tuple[int, list[Any]]]:
    return {number: (part.length, list(part.known())) for number, part in content.parts.items()}
