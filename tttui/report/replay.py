"""The contents of objects, followed through a run from its beginning: for queries that read every value.

Where one moment is wanted, the store looks up the few objects it needs. A query over all changes
or all arguments needs every object at every time: here the stream's object records are applied one
after the other, and each gives what it changed.
"""

from collections.abc import Iterator, Sequence
from itertools import repeat, zip_longest
from typing import TYPE_CHECKING, Final, Protocol

from tttui.report.formats import SqlValue, sql_text
from tttui.store.contents import Content, Entries, Keyed, Part, Record, Vocabulary
from tttui.store.stream import (
    OB_DELKEY,
    OB_DIED,
    OB_NEW,
    OB_RESIZE,
    OB_SETKEY,
    OB_SPLICE,
    PART_ARRAY,
    PART_ATTRIBUTES,
    PART_CELL,
    PART_ITEMS,
    PART_PAIRS,
    PART_SCALAR,
    SHAPE_CELL,
    SHAPE_NAMESPACE,
    V_BIGINT_CUT,
    V_DEEP,
    V_FROZENSET,
    V_LABEL,
    V_NAMED,
    V_NULLTEXT,
    V_OBJECT,
    V_OPAQUE,
    V_RANGE,
    V_REPR,
    V_SLICE,
    V_TEXT,
    V_TEXT_CUT,
    V_TUPLE,
    V_UNBOUND,
    Raw,
    object_of,
)
from tttui.store.values import DEEPEST_TEXT, LONGEST_TEXT, Facts, Values

if TYPE_CHECKING:
    from tttui.store.run import Run


class Missing:
    """Stands for "nothing there", which is not the same as None."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()

Changed = tuple[str, str | None, Raw, Raw, Raw]
"""(kind, name, key, old, new) of one change of an object, MISSING for "nothing"."""


class Words(Facts, Vocabulary, Protocol):
    """What the ids in a stream stand for: names, types, texts."""


class Texts(Values):
    """Texts of values as a replay has them: nothing is looked up, an instance shows its attributes."""

    def __init__(self, words: Words, objects: dict[int, Content | None]) -> None:
        super().__init__(words, lambda wanted: {}, lambda event: False)
        self._contents = objects

    def text(self, raw: Raw) -> str:
        """A value in the form of repr(), as far as it is known, in bounded length."""
        return self._text(raw, DEEPEST_TEXT)

    def _object_text(self, id_: int, content: Content | None, level: int, path: tuple[int, ...]) -> str:
        text = super()._object_text(id_, content, level, path)
        attributes = content.parts.get(PART_ATTRIBUTES) if content is not None else None
        if level > 0 and id_ not in path and isinstance(attributes, Keyed) and text.endswith(f" {id_}>"):
            return self._attributes_text(text[:-1], attributes, level - 1, (*path, id_))
        return text

    def _attributes_text(self, beginning: str, attributes: Keyed, level: int, path: tuple[int, ...]) -> str:
        """``<Account 3: balance=10, owner='ann'>``"""
        pieces: list[str] = []
        room = LONGEST_TEXT - len(beginning)
        for name, raw in attributes.known():
            if room <= 0:
                pieces.append("…")
                break
            pieces.append(f"{name}={_shortened(self._text(raw, level, path))}")
            room -= len(pieces[-1]) + 2
        return f"{beginning}: {', '.join(pieces)}>" if pieces else f"{beginning}>"


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


class Replay:
    """All objects of a run, as they are after the records given so far."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.objects: dict[int, Content | None] = {}
        self.namespaces: set[int] = set()
        """Objects that hold the variables of modules, class bodies and exec'ed code."""
        self._texts = Texts(words, self.objects)

    # -- following

    def apply(self, record: Record) -> None:
        """Take in one record, as `reader.objects` gives it."""
        object_ = record[2]
        if record[1] == OB_DIED:
            self.objects.pop(object_, None)
            return
        content = self.objects.get(object_)
        if content is None:
            content = self.objects[object_] = Content(self.words)
        content.apply(record)

    def changes(self, record: Record) -> list[Changed]:
        """Take in one record; gives what it changed."""
        content = self.objects.get(record[2])
        tag = record[1]
        if content is None or tag in (OB_NEW, OB_DIED):
            self.apply(record)
            return []
        is_namespace = record[2] in self.namespaces or self.words.shape(content.type) == SHAPE_NAMESPACE
        if tag == OB_SPLICE:
            number, position, deleted, inserted = record[3:]
            part = content.parts.get(number)
            if isinstance(part, Entries):
                old = _known(part, position, deleted)
                content.apply(record)
                return list(_replaced(number, position, old, inserted))
        if tag in (OB_SETKEY, OB_DELKEY):
            number, key = record[3], record[4]
            part = content.parts.get(number)
            before = part.get(key) if isinstance(part, Keyed) else None
            content.apply(record)
            old_value = MISSING if before is None else before[1]
            return [_keyed(number, content.is_set, is_namespace, key, old_value, MISSING if tag == OB_DELKEY else record[5])]
        if tag == OB_RESIZE:
            content.apply(record)
            return [("content", None, MISSING, MISSING, MISSING)]
        # A snapshot (which makes new parts), or a splice of what has keys (which changes them).
        before_it = {number: part.copy() if tag == OB_SPLICE else part for number, part in content.parts.items()}
        content.apply(record)
        return [
            change
            for number, part in content.parts.items()
            for change in _differences(number, content.is_set, is_namespace, before_it.get(number), part)
        ]

    # -- showing

    def cell(self, raw: Raw) -> tuple[SqlValue, str | None, int | None]:
        """A value as SQL has it: (value, name of its type, identity). NULL throughout for "nothing"."""
        kind = type(raw)
        if kind is int and -(2**63) <= raw < 2**63:
            return raw, "int", None
        if kind is str:
            return sql_text(raw), "str", None
        if kind is float:
            return (raw if raw == raw else "nan"), "float", None
        if kind is not tuple:
            return (None, None, None) if raw is MISSING else (self._texts.text(raw), kind.__name__, None)
        tag = raw[0]
        if tag == V_UNBOUND:
            return None, None, None
        if tag in (V_TEXT, V_TEXT_CUT):
            whole = self.words.text(raw[1])
            if isinstance(whole, str):
                return sql_text(whole) + ("…" if tag == V_TEXT_CUT else ""), "str", None
        return sql_text(self._texts.text(raw)), self.type_of(raw), object_of(raw) or None

    def cell_content(self, raw: Raw) -> Raw:
        """What a closure's cell holds; MISSING where the value is no cell."""
        content = self.objects.get(object_of(raw)) if type(raw) is tuple else None
        if content is None or self.words.shape(content.type) != SHAPE_CELL:
            return MISSING
        part = content.parts.get(PART_CELL)
        return next(iter(part.known()), (V_UNBOUND,)) if part is not None else (V_UNBOUND,)

    def type_of(self, raw: Raw) -> str:
        """The name of a value's type."""
        if type(raw) is not tuple:
            return type(raw).__name__
        tag = raw[0]
        if tag == V_OBJECT:
            content = self.objects.get(raw[1])
            return self._type_name(content.type) if content is not None else "object"
        if tag in (V_OPAQUE, V_DEEP, V_LABEL, V_REPR, V_NAMED):
            return self._type_name(raw[1])
        if tag in (V_TEXT, V_TEXT_CUT):
            return type(self.words.text(raw[1])).__name__
        return _TYPES.get(tag, "object")

    def _type_name(self, type_: int) -> str:
        return str(sql_text(self.words.type_name(type_)))

    def message(self, raw: Raw) -> str:
        """What str() shows of an exception with plain arguments."""
        content = self.objects.get(object_of(raw))
        items = content.parts.get(PART_ITEMS) if content is not None else None
        arguments = _known(items, 0, 2) if isinstance(items, Entries) else []
        if not arguments:
            return ""
        if isinstance(items, Entries) and items.length == 1:
            shown, type_, _ = self.cell(arguments[0])
            return str(shown) if type_ == "str" else str(sql_text(self._texts.text(arguments[0])))
        # More arguments than one are shown as the tuple that they are.
        text = str(sql_text(self._texts.text(raw)))
        return text[text.find("(") :]


_TYPES: Final = {
    V_TUPLE: "tuple",
    V_FROZENSET: "frozenset",
    V_RANGE: "range",
    V_SLICE: "slice",
    V_BIGINT_CUT: "int",
    V_NULLTEXT: "str",
}
"""Types of the values whose kind says which."""


def _known(entries: Entries, position: int, number: int) -> list[Raw]:
    """Entries from a position on, MISSING for those that aren't known; as many as there can be."""
    found: list[Raw] = []
    at = 0
    stop = min(position + number, entries.length)
    for segment in entries.segments:
        size = segment if isinstance(segment, int) else len(segment)
        if at + size > position and at < stop:
            first, last = max(0, position - at), min(size, stop - at)
            if isinstance(segment, int):
                # What isn't known is no row; a marker tells where what follows stands.
                found.extend([MISSING] * min(last - first, _MOST_UNKNOWN))
            else:
                found.extend(segment[first:last])
        at += size
    return found


_MOST_UNKNOWN: Final = 100_000
"""A damaged recording may say that a list has 2**60 entries."""


def _replaced(number: int, position: int, old: Sequence[Raw], new: Sequence[Raw]) -> Iterator[Changed]:
    """The changes that a splice makes: replaced entries in pairs, the rest as deleted or inserted."""
    kind = "cell" if number == PART_CELL else "content" if number in (PART_SCALAR, PART_ARRAY) else "item"
    for index in range(max(len(old), len(new))):
        before = old[index] if index < len(old) else MISSING
        after = new[index] if index < len(new) else MISSING
        if before is not after and (before is MISSING or after is MISSING or not same(before, after)):
            yield (kind, None, position + index if kind == "item" else MISSING, before, after)


def _keyed(number: int, is_set: bool, is_namespace: bool, key: Raw, old: Raw, new: Raw) -> Changed:
    if number == PART_ATTRIBUTES:
        return ("attribute", _name(key), MISSING, old, new)
    if is_set:  # its elements are their own keys
        return ("item", None, MISSING, MISSING if old is MISSING else key, MISSING if new is MISSING else key)
    if number == PART_PAIRS and is_namespace:
        return ("variable", _name(key), MISSING, old, new)
    return ("item", None, key, old, new)


def _differences(number: int, is_set: bool, is_namespace: bool, old: Part | None, new: Part) -> Iterator[Changed]:
    """What is different in a part that was restated."""
    if isinstance(new, Keyed):
        before = dict(old.known()) if isinstance(old, Keyed) else {}
        after = dict(new.known())
        for key, value in after.items():
            if key not in before or not same(before[key], value):
                yield _keyed(number, is_set, is_namespace, key, before.get(key, MISSING), value)
        # What was left out of the new statement is not known to be gone.
        for key in before.keys() - after.keys() if new.whole else ():
            yield _keyed(number, is_set, is_namespace, key, before[key], MISSING)
    elif isinstance(old, Entries):
        for at, (first, second) in enumerate(zip_longest(_places(old), _places(new), fillvalue=MISSING)):
            if first is not second and (first is MISSING or second is MISSING or not same(first, second)):
                yield from _replaced(number, at, [] if first is MISSING else [first], [] if second is MISSING else [second])


def _places(entries: Entries) -> Iterator[Raw]:
    """Every entry in its place, MISSING where it isn't known."""
    for segment in entries.segments:
        if isinstance(segment, int):
            yield from repeat(MISSING, min(segment, _MOST_UNKNOWN))
        else:
            yield from segment


def same(one: Raw, other: Raw) -> bool:
    """Whether two values are the same to someone who looks at them: 1, 1.0 and True are not."""
    return one is other or (type(one) is type(other) and one == other and (type(one) is not tuple or repr(one) == repr(other)))


def replay_of(run: "Run") -> Replay:
    """A replay of a run's objects, nothing taken in yet."""
    return Replay(run)


def _name(key: Raw) -> str:
    return str(sql_text(key)) if isinstance(key, str) else repr(key)
