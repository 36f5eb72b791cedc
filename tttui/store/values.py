"""Values to show, put together from what was recorded. Nothing of a recording is ever evaluated.

Texts have the form of repr(). What has an identity is expanded from its content at the moment; an object
that encloses itself is given by its id alone where it comes again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Any, Final, Protocol
from uuid import UUID

from tttui.store.contents import Content, Entries, Keyed, Part, Segment
from tttui.store.later import InOrder, Named
from tttui.store.records import Badge, Value
from tttui.store.stream import (
    PART_ARRAY,
    PART_ATTRIBUTES,
    PART_CELL,
    PART_ITEMS,
    PART_PAIRS,
    PART_SCALAR,
    SHAPE_ARRAY,
    SHAPE_BYTEARRAY,
    SHAPE_CELL,
    SHAPE_CLASS,
    SHAPE_DEQUE,
    SHAPE_DICT,
    SHAPE_ENUM,
    SHAPE_EXCEPTION,
    SHAPE_FOREIGN,
    SHAPE_FROZENSET,
    SHAPE_FUNCTION,
    SHAPE_GENERATOR,
    SHAPE_INSTANCE,
    SHAPE_LIST,
    SHAPE_METHOD,
    SHAPE_MODULE,
    SHAPE_NAMESPACE,
    SHAPE_OPAQUE,
    SHAPE_PARTIAL,
    SHAPE_SET,
    SHAPE_TUPLE,
    V_BIGINT_CUT,
    V_DEEP,
    V_FROZENSET,
    V_LABEL,
    V_NAMED,
    V_NULLTEXT,
    V_OBJECT,
    V_OPAQUE,
    V_RANGE,
    V_REDACTED,
    V_REPR,
    V_SLICE,
    V_TEXT,
    V_TEXT_CUT,
    V_TUPLE,
    V_UNBOUND,
    Raw,
    object_of,
)

LONGEST_TEXT: Final = 120
"""About how many characters the text of a container has; a str or a number has all of them."""
DEEPEST_TEXT: Final = 3
"""Levels of containers in a text; one less than was looked up where that is less."""
DEEPEST_VALUE: Final = 100
"""Levels of values within values; nothing that is recorded of a program has so many."""
MOST_ENTRIES: Final = 1_000
"""How many entries of one container are given, half of them from its end,"""
MOST_OBJECTS: Final = 10_000
"""how many objects are looked up for one moment,"""
MOST_VALUES: Final = 100_000
"""and how many values are given; what is left out is marked as cut."""
_AT_ONCE: Final = 16
"""How many entries are looked up together: about as many as a text has room for."""

_Inside = tuple[int, tuple[int, ...], bool]
"""(levels to expand, objects on the way, whether what holds it belongs to code that isn't recorded)"""

_SEQUENCES: Final = frozenset({SHAPE_LIST, SHAPE_TUPLE, SHAPE_SET, SHAPE_FROZENSET, SHAPE_DEQUE})
_MAPPINGS: Final = frozenset({SHAPE_DICT, SHAPE_NAMESPACE})
_ATTRIBUTES: Final = frozenset({PART_ATTRIBUTES, PART_CELL, PART_ARRAY})
"""Parts that are shown as attributes."""

# Their base value can't change, so there is nothing to check again.
_UNCHANGING: Final = frozenset({PART_SCALAR})


class Facts(Protocol):
    """What the ids in values stand for."""

    def type_name(self, type_: int, /) -> str: ...
    def shape(self, type_: int, /) -> int: ...
    def text(self, id: int, /) -> str | bytes: ...


class Values:
    """Makes values of one moment."""

    def __init__(
        self,
        facts: Facts,
        contents: Callable[[Iterable[int]], Mapping[int, Content]],
        loose_since: Callable[[int], bool],
        foreign_since: Callable[[int], bool] = lambda written: False,
    ) -> None:
        """`contents` gives the contents of objects at the moment.

        `loose_since` tells whether code that isn't recorded may have changed an object last written at an event,
        `foreign_since` the same of objects of classes that aren't recorded, and of what they hold.
        """
        self._facts = facts
        self._load = contents
        self._loose_since = loose_since
        self._foreign_since = foreign_since
        self._contents: dict[int, Content | None] = {}
        self._made: dict[tuple[int, int], Value] = {}
        self._room = MOST_VALUES

    # -- looking up

    def prepare(self, raws: Iterable[Raw]) -> None:
        """Look up the objects that the values are, all at once: one by one takes longer."""
        unknown = dict.fromkeys(id_ for id_ in _objects_in(raws) if id_ not in self._contents)
        wanted = list(islice(unknown, max(0, MOST_OBJECTS - len(self._contents))))
        if wanted:
            found = self._load(wanted)
            self._contents |= {id_: found.get(id_) for id_ in wanted}

    def _prepared(self, entries: Sequence[Raw], part: Part) -> Iterator[Raw]:
        """The entries of a part, what they hold looked up some time before they are needed."""
        for start in range(0, len(entries), _AT_ONCE):
            block = entries[start : start + _AT_ONCE]
            self.prepare(chain.from_iterable(block) if isinstance(part, Keyed) else block)
            yield from block

    def _content(self, id_: int) -> Content | None:
        if id_ not in self._contents:
            self.prepare([(V_OBJECT, id_)])
        return self._contents.get(id_)

    def cell_content(self, raw: Raw) -> tuple[bool, Raw]:
        """(whether a value is a closure's cell, what the cell holds or V_UNBOUND)."""
        content = self._content(object_of(raw)) if object_of(raw) else None
        if content is None or self._facts.shape(content.type) != SHAPE_CELL:
            return False, raw
        part = content.parts.get(PART_CELL)
        return True, next(iter(part.known()), (V_UNBOUND,)) if part is not None else (V_UNBOUND,)

    def pairs(self, id_: int) -> Iterator[tuple[Raw, Raw]]:
        """The pairs of a namespace, as far as they are known."""
        content = self._content(id_) if id_ else None
        part = content.parts.get(PART_PAIRS) if content is not None else None
        if isinstance(part, Keyed):
            yield from part.known()

    # -- values

    def value(self, raw: Raw, depth: int) -> Value | None:
        """The value, expanded `depth` levels deep; None for "not bound"."""
        if type(raw) is tuple and raw[0] == V_UNBOUND:
            return None
        # The same objects are variables of many frames.
        key = (object_of(raw), depth)
        if key in self._made:
            return self._made[key]
        try:
            value = self._value(raw, depth, (), False)
            if key[0]:
                self._made[key] = value
            return value
        except RecursionError:  # slices within slices
            return _NESTED_TOO_DEEPLY

    def _value(self, raw: Raw, depth: int, path: tuple[int, ...], foreign: bool) -> Value:
        """A value within the objects on the `path` (0: a tuple); `foreign`: what holds it belongs to code that isn't recorded."""
        self._room -= 1
        if len(path) > DEEPEST_VALUE:
            return _NESTED_TOO_DEEPLY
        if type(raw) is not tuple:
            return Value(type(raw).__name__, _scalar_text(raw), length=len(raw) if isinstance(raw, str | bytes) else None)
        tag = raw[0]
        if tag == V_OBJECT:
            return self._object(raw[1], depth, path, foreign)
        if tag in (V_TEXT, V_TEXT_CUT):
            whole = self._facts.text(raw[1])
            cut = tag == V_TEXT_CUT
            return Value(type(whole).__name__, self._text(raw, 0), length=raw[2] if cut else len(whole), badge="cut" if cut else None)
        text = self._text(raw, min(DEEPEST_TEXT, depth + 1))
        if tag in (V_TUPLE, V_FROZENSET, V_NAMED):
            length, entries = raw[-2], raw[-1]
            name = self._facts.type_name(raw[1]) if tag == V_NAMED else "tuple" if tag == V_TUPLE else "frozenset"
            if name.startswith("numpy."):
                return Value(name, text)  # a scalar: the one number that it holds is its text
            items = InOrder(self._sequence(Entries(length, entries), depth, (*path, 0), foreign)) if length else ()
            return Value(name, text, length=length, items=items, badge="cut" if length > len(entries) else None)
        if tag in (V_LABEL, V_REPR):
            return Value(self._facts.type_name(raw[1]), text)
        if tag in (V_OPAQUE, V_DEEP):
            return Value(self._facts.type_name(raw[1]), text, badge="opaque" if tag == V_OPAQUE else "cut")
        if tag == V_REDACTED:
            return Value("", text, badge="redacted")
        if tag == V_BIGINT_CUT:
            return Value("int", text, badge="cut")
        if tag == V_NULLTEXT:
            return Value("str", text, length=raw[1], badge="cut")
        return Value({V_RANGE: "range", V_SLICE: "slice"}.get(tag, "object"), text)

    def _object(self, id_: int, depth: int, path: tuple[int, ...], foreign: bool) -> Value:
        content = self._content(id_)
        text = self._object_text(id_, content, min(DEEPEST_TEXT, depth + 1), path)
        if content is None:
            return Value("object", text, id=id_, badge="cut" if id_ not in self._contents else "opaque")
        type_ = self._facts.type_name(content.type)
        length, badge = self._length(content), self._badge(content, foreign)
        if depth <= 0 or id_ in path or type_ in _WRITTEN or type_ in _PATHS:
            return Value(type_, text, id_, content.written, length, badge=badge)
        shape = self._facts.shape(content.type)
        # Containers belong to what holds them; an instance of the program's own class is its own master.
        inside: _Inside = (depth - 1, (*path, id_), shape == SHAPE_FOREIGN or (foreign and shape != SHAPE_INSTANCE))
        if badge is None and any(number != PART_ATTRIBUTES and part.length > MOST_ENTRIES for number, part in content.parts.items()):
            badge = "cut"
        items, entries = self._items_of(content, inside), self._entries_of(content, inside)
        attributes = Named(lambda: self._attributes_of(content, inside)) if content.parts.keys() & _ATTRIBUTES else None
        return Value(type_, text, id_, content.written, length, items, entries, attributes, badge)

    def _items_of(self, content: Content, inside: _Inside) -> Sequence[Value] | None:
        """What an object holds as a sequence or set; None where it is none."""
        array = content.parts.get(PART_ARRAY)
        items = _array(array)[1] if isinstance(array, Entries) else content.parts.get(PART_ITEMS)
        if items is not None and items.length:
            return InOrder(self._sequence(items, *inside))
        return () if items is not None or self._facts.shape(content.type) in _SEQUENCES else None

    def _entries_of(self, content: Content, inside: _Inside) -> Sequence[tuple[Value, Value]] | None:
        """What an object holds as a mapping; None where it is none."""
        pairs = content.parts.get(PART_PAIRS)
        if isinstance(pairs, Keyed) and pairs.length:
            return InOrder(self._entries(pairs, *inside))
        return () if pairs is not None or self._facts.shape(content.type) in _MAPPINGS else None

    def _attributes_of(self, content: Content, inside: _Inside) -> dict[str, Value]:
        attributes: dict[str, Value] = {}
        for number, part in content.parts.items():
            if number == PART_ATTRIBUTES and isinstance(part, Keyed):
                attributes |= self._attributes(part, *inside)
            elif number == PART_CELL:
                held = next(iter(part.known()), (V_UNBOUND,))
                if held != (V_UNBOUND,):
                    attributes["cell_contents"] = self._value(held, *inside)
            elif number == PART_ARRAY and isinstance(part, Entries):
                attributes |= {name: self._value(raw, *inside) for name, raw in _array(part)[0].items()}
        return attributes

    def _length(self, content: Content) -> int | None:
        """Number of entries of a container, or of bytes."""
        for number in (PART_ITEMS, PART_PAIRS):
            if number in content.parts:
                return content.parts[number].length
        if PART_ARRAY in content.parts:
            return max(0, content.parts[PART_ARRAY].length - 2)
        scalar: Raw = next(iter(content.parts[PART_SCALAR].known()), None) if PART_SCALAR in content.parts else None
        if type(scalar) is tuple and scalar[0] == V_TEXT_CUT:
            return int(scalar[2])
        whole = self._facts.text(scalar[1]) if type(scalar) is tuple and scalar[0] == V_TEXT else scalar
        return len(whole) if isinstance(whole, bytes) else None

    def _badge(self, content: Content, foreign: bool) -> Badge | None:
        if content.unchecked:
            return "unchecked"
        shape = self._facts.shape(content.type)
        held = content.parts.keys() - _UNCHANGING
        # A bytearray's bytes are a value of its own, but change; an instance may have no attributes yet.
        changing = held or shape in (SHAPE_BYTEARRAY, SHAPE_FOREIGN, SHAPE_INSTANCE)
        if changing and self._loose_since(content.written):
            return "unchecked"
        foreign = foreign or shape == SHAPE_FOREIGN
        if changing and foreign and self._foreign_since(content.written):
            return "unchecked"
        if not all(part.whole for part in content.parts.values()) or self._is_cut(content):
            return "cut"
        return "opaque" if shape == SHAPE_OPAQUE and not held else None

    @staticmethod
    def _is_cut(content: Content) -> bool:
        """Whether the value of its own that an object has (a bytearray's bytes, say) is only the beginning of it."""
        scalar = next(iter(content.parts[PART_SCALAR].known()), None) if PART_SCALAR in content.parts else None
        return type(scalar) is tuple and scalar[0] in (V_TEXT_CUT, V_NULLTEXT, V_BIGINT_CUT)

    def _sequence(self, part: Part, depth: int, path: tuple[int, ...], foreign: bool) -> Iterator[Value]:
        """The items of a sequence or set."""
        left_out = 0
        for segment in _selected(part):
            if isinstance(segment, int):
                left_out += segment
                continue
            for index, entry in enumerate(self._prepared(segment, part)):
                if self._room <= 0:
                    left_out += len(segment) - index
                    break
                if left_out:
                    yield _more(left_out)
                    left_out = 0
                yield self._value(entry[0] if isinstance(part, Keyed) else entry, depth, path, foreign)
        if left_out:
            yield _more(left_out)

    def _entries(self, part: Keyed, depth: int, path: tuple[int, ...], foreign: bool) -> Iterator[tuple[Value, Value]]:
        """The pairs of a mapping."""
        left_out = 0
        for segment in _selected(part):
            if isinstance(segment, int):
                left_out += segment
                continue
            for index, (key, value) in enumerate(self._prepared(segment, part)):
                if self._room <= 0:
                    left_out += len(segment) - index
                    break
                if left_out:
                    yield _more(left_out), _more(left_out)
                    left_out = 0
                yield self._value(key, depth, path, foreign), self._value(value, depth, path, foreign)
        if left_out:
            yield _more(left_out), _more(left_out)

    def _attributes(self, part: Keyed, depth: int, path: tuple[int, ...], foreign: bool) -> dict[str, Value]:
        attributes: dict[str, Value] = {}
        self.prepare(raw for _, raw in part.known())
        for name, raw in part.known():
            if self._room <= 0:
                break
            if isinstance(name, str) and raw != (V_UNBOUND,):
                attributes[name] = self._value(raw, depth, path, foreign)
        return attributes

    # -- texts

    def _text(self, raw: Raw, level: int, path: tuple[int, ...] = ()) -> str:
        """A value in the form of repr(); `level` = how many levels of containers may be opened yet."""
        if type(raw) is not tuple:
            return _scalar_text(raw)
        tag = raw[0]
        if tag == V_OBJECT:
            return self._object_text(raw[1], self._content(raw[1]), level, path)
        if tag in (V_TEXT, V_TEXT_CUT):
            return _scalar_text(self._facts.text(raw[1])) + ("…" if tag == V_TEXT_CUT else "")
        if tag in (V_TUPLE, V_FROZENSET, V_NAMED):
            return self._sequence_text(raw, level, path)
        if tag == V_REPR:
            return str(raw[2])
        if tag == V_LABEL:
            return _label_text(self._facts.type_name(raw[1]), raw[2])
        if tag == V_RANGE:
            step = "" if raw[3] == 1 else f", {self._text(raw[3], 0)}"
            return f"range({self._text(raw[1], 0)}, {self._text(raw[2], 0)}{step})"
        if tag == V_SLICE:
            return f"slice({', '.join(self._text(field, level - 1, path) for field in raw[1:4])})"
        if tag in (V_OPAQUE, V_DEEP):
            return f"<{self._facts.type_name(raw[1])}>"
        if tag == V_BIGINT_CUT:
            return f"<{'negative ' if raw[1] else ''}int of {raw[2]} bits>"
        if tag == V_NULLTEXT:
            return f"<text of length {raw[1]}>"
        return "<redacted>" if tag == V_REDACTED else "<unbound>"

    def _sequence_text(self, raw: Raw, level: int, path: tuple[int, ...]) -> str:
        tag, length, entries = raw[0], raw[-2], raw[-1]
        if tag == V_TUPLE:
            opening, closing = "(", ",)" if length == 1 else ")"
        elif tag == V_FROZENSET:
            opening, closing = ("frozenset({", "})") if length else ("frozenset(", ")")
        else:
            opening, closing = f"{_last(self._facts.type_name(raw[1]))}(", ")"
        if level <= 0 and length:
            return f"{opening}…{closing.lstrip(',')}"
        return self._joined(opening, closing, Entries(length, entries), level - 1, path)

    def _object_text(self, id_: int, content: Content | None, level: int, path: tuple[int, ...]) -> str:
        if content is None:
            return f"<object {id_}>"
        full_name, shape = self._facts.type_name(content.type), self._facts.shape(content.type)
        name = _last(full_name)
        parts = content.parts
        inner = (*path, id_)
        scalar = next(iter(parts[PART_SCALAR].known()), None) if PART_SCALAR in parts else None
        if shape in (SHAPE_FUNCTION, SHAPE_METHOD, SHAPE_MODULE, SHAPE_CLASS, SHAPE_GENERATOR, SHAPE_OPAQUE):
            return _label_text(full_name, scalar, shape) if isinstance(scalar, str) else f"<{name} {id_}>"
        if shape == SHAPE_ENUM:
            return self._enum_text(name, id_, parts, scalar)
        attributes = parts.get(PART_ATTRIBUTES)
        if full_name in _WRITTEN and isinstance(attributes, Keyed):
            known = dict(attributes.known())
            written = _WRITTEN[full_name](known)
            if written is not None:
                return written
        if full_name in _PATHS and isinstance(attributes, Keyed) and (written := self._path_text(full_name, dict(attributes.known()))):
            return written
        if scalar is not None:
            return f"{name}({self._text(scalar, 0)})"
        if level <= 0 or id_ in path:
            return _closed_text(name, id_, shape)
        if PART_PAIRS in parts and shape in (SHAPE_DICT, SHAPE_NAMESPACE):
            plain = full_name == "dict"
            return self._joined("{" if plain else f"{name}({{", "}" if plain else "})", parts[PART_PAIRS], level - 1, inner)
        if shape == SHAPE_ARRAY and isinstance(array := parts.get(PART_ARRAY), Entries):
            facts, elements = _array(array)
            dimensions, dtype = facts.get("shape"), facts.get("dtype")
            several = type(dimensions) is tuple and len(dimensions[-1]) != 1
            end = (f", shape={self._text(dimensions, 1)}" if several else "") + (f", dtype={dtype}" if isinstance(dtype, str) else "")
            return self._joined(f"{name}([", f"]{end})", elements, level - 1, inner)
        if shape == SHAPE_CELL:
            held = next(iter(parts[PART_CELL].known()), (V_UNBOUND,)) if PART_CELL in parts else (V_UNBOUND,)
            return "<cell: empty>" if held == (V_UNBOUND,) else f"<cell: {self._text(held, level - 1, inner)}>"
        if shape in (SHAPE_LIST, SHAPE_TUPLE, SHAPE_SET, SHAPE_FROZENSET, SHAPE_DEQUE, SHAPE_EXCEPTION, SHAPE_PARTIAL):
            return self._items_text(full_name, shape, parts.get(PART_ITEMS) or Entries(), level - 1, inner, content.is_set)
        return f"<{name} {id_}>"

    def _path_text(self, full_name: str, known: Mapping[Any, Raw]) -> str | None:
        """A path as its repr() would be: from the pieces that it was made of, or from the text where it has been asked for that."""
        flavour = _PATHS[full_name]
        pieces: Iterable[Raw] = (known.get("_str"),)
        for name in _PATH_PIECES:
            content = self._content(object_of(known[name])) if name in known and not isinstance(known.get("_str"), str) else None
            part = content.parts.get(PART_ITEMS) if content is not None else None
            if part is not None and part.whole:
                pieces = part.known()
        told = [self._facts.text(piece[1]) if type(piece) is tuple and piece[0] == V_TEXT else piece for piece in pieces]
        texts = [text for text in told if isinstance(text, str)]
        if len(texts) < len(told):
            return None
        return f"{_last(full_name)}({flavour(*texts).as_posix()!r})"

    def _enum_text(self, name: str, id_: int, parts: Mapping[int, Part], scalar: Raw) -> str:
        attributes = parts.get(PART_ATTRIBUTES)
        known = dict(attributes.known()) if isinstance(attributes, Keyed) else {}
        member, value = known.get("_name_"), known.get("_value_", scalar)
        if not isinstance(member, str):
            return f"<{name}: {self._text(value, 1)}>" if value is not None else f"<{name} {id_}>"
        return f"<{name}.{member}: {self._text(value, 1)}>"

    def _items_text(self, full_name: str, shape: int, part: Part, level: int, path: tuple[int, ...], is_set: bool) -> str:
        name = _last(full_name)
        if shape in (SHAPE_SET, SHAPE_FROZENSET) and part.length == 0:
            return f"{name}()"
        opening, closing = {
            SHAPE_LIST: ("[", "]"),
            SHAPE_DEQUE: ("[", "]"),
            SHAPE_SET: ("{", "}"),
            SHAPE_FROZENSET: ("{", "}"),
        }.get(shape, ("", ""))
        if full_name == "tuple":
            opening, closing = "(", ",)" if part.length == 1 else ")"
        elif full_name not in ("list", "set"):
            opening, closing = f"{name}({opening}", f"{closing})"
        return self._joined(opening, closing, part, level, path, keys_only=is_set)

    def _joined(self, opening: str, closing: str, part: Part, level: int, path: tuple[int, ...], *, keys_only: bool = False) -> str:
        """Entries between brackets, as many as fit; of pairs that are a set's only the keys."""
        pieces: list[str] = []
        room = LONGEST_TEXT - len(opening) - len(closing)
        for segment in part.segments:
            entries = [] if isinstance(segment, int) else segment
            for entry in self._prepared(entries, part):
                if room <= 0:
                    break
                piece = self._entry_text(entry, part, level, path, keys_only)
                pieces.append(piece)
                room -= len(piece) + 2
            else:
                if not isinstance(segment, int):
                    continue
            pieces.append("…")
            break
        return f"{opening}{', '.join(pieces)}{closing}"

    def _entry_text(self, entry: Raw, part: Part, level: int, path: tuple[int, ...], keys_only: bool) -> str:
        if not isinstance(part, Keyed):
            return _shortened(self._text(entry, level, path))
        key = _shortened(self._text(entry[0], level, path))
        return key if keys_only else f"{key}: {_shortened(self._text(entry[1], level, path))}"


def _selected(part: Part) -> list[Segment]:
    """The segments of a part without what is too much of it: the middle."""
    known = sum(len(segment) for segment in part.segments if isinstance(segment, list))
    if known <= MOST_ENTRIES:
        return part.segments
    half = MOST_ENTRIES // 2
    head, front = _taken(part.segments, half)
    tail, back = _taken([segment if isinstance(segment, int) else segment[: -half - 1 : -1] for segment in reversed(part.segments)], half)
    turned = [segment if isinstance(segment, int) else segment[::-1] for segment in reversed(tail)]
    return [*head, part.length - front - back, *turned]


def _taken(segments: Iterable[Segment], count: int) -> tuple[list[Segment], int]:
    """The first segments with `count` known entries in them, and the number of places that they cover."""
    taken: list[Segment] = []
    places = 0
    for segment in segments:
        if count <= 0:
            break
        piece = segment if isinstance(segment, int) else segment[:count]
        size = piece if isinstance(piece, int) else len(piece)
        count -= 0 if isinstance(piece, int) else size
        places += size
        taken.append(piece)
    return taken, places


def _objects_in(raws: Iterable[Raw]) -> Iterator[int]:
    """Ids of the objects that values refer to."""
    waiting = [raw for raw in raws if type(raw) is tuple]
    while waiting:
        one = waiting.pop()
        if type(one) is not tuple:
            continue
        if one[0] == V_OBJECT:
            yield one[1]
        elif one[0] in (V_TUPLE, V_FROZENSET, V_NAMED):
            waiting.extend(one[-1])
        elif one[0] == V_SLICE:
            waiting.extend(one[1:])


def _array(part: Entries) -> tuple[dict[str, Raw], Entries]:
    """(dtype and shape, the elements) of an array."""
    known = list(part.segments[0]) if isinstance(part.segments[0], list) else []
    facts = dict(zip(("dtype", "shape"), known[:2], strict=False))
    elements = Entries(max(0, part.length - 2), known[2:])
    elements.segments = [known[2:], *part.segments[1:]]
    return facts, elements


def _fraction_text(known: Mapping[Any, Raw]) -> str | None:
    numerator, denominator = known.get("_numerator"), known.get("_denominator")
    return f"Fraction({numerator}, {denominator})" if isinstance(numerator, int) and isinstance(denominator, int) else None


def _uuid_text(known: Mapping[Any, Raw]) -> str | None:
    number = known.get("int")
    return f"UUID('{UUID(int=number)}')" if isinstance(number, int) and 0 <= number < 1 << 128 else None


_WRITTEN: Final[Mapping[str, Callable[[Mapping[Any, Raw]], str | None]]] = {
    "fractions.Fraction": _fraction_text,
    "uuid.UUID": _uuid_text,
}
"""Standard classes written in Python whose attributes tell what repr() would say."""

_PATHS: Final[Mapping[str, type[PurePath]]] = {
    f"{module}.{name}": flavour
    for module in ("pathlib", "pathlib._local")
    for name, flavour in {
        "PosixPath": PurePosixPath,
        "PurePosixPath": PurePosixPath,
        "WindowsPath": PureWindowsPath,
        "PureWindowsPath": PureWindowsPath,
    }.items()
}
"""Paths, and what puts their pieces together (nothing of the file system is asked)."""
_PATH_PIECES: Final = ("_parts", "_raw_paths")
"""Where a path keeps its pieces: before CPython 3.12, and since."""


_NESTED_TOO_DEEPLY: Final = Value("object", "<nested too deeply>", badge="cut")


def _more(count: int) -> Value:
    """Stands for entries that are left out."""
    return Value("", f"… {count} more", length=count, badge="cut")


def _last(name: str) -> str:
    """A type's name without its module and outer scopes."""
    return name.rpartition(".")[2]


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _scalar_text(raw: Raw) -> str:
    # str() of an int refuses more digits than sys.get_int_max_str_digits(), 640 at the least.
    if type(raw) is int and raw.bit_length() > 2000:
        return hex(raw)
    return repr(raw)


_DESCRIPTORS: Final = {
    "method_descriptor": "method",
    "classmethod_descriptor": "method",
    "wrapper_descriptor": "slot wrapper",
    "member_descriptor": "member",
    "getset_descriptor": "attribute",
}
"""What classes that are written in C have, in the interpreter's words."""


def _label_text(type_name: str, label: str, shape: int | None = None) -> str:
    """The text of something known by its name."""
    if type_name == "type" or shape == SHAPE_CLASS:
        return f"<class '{label}'>"
    if type_name == "module" or shape == SHAPE_MODULE:
        return f"<module '{label}'>"
    if type_name in ("builtin_function_or_method", "builtin_method"):
        return f"<built-in function {label}>"
    if word := _DESCRIPTORS.get(type_name):
        owner, _, name = label.rpartition(".")
        return f"<{word} '{name}' of '{owner}' objects>"
    if shape == SHAPE_METHOD or type_name == "method":
        return f"<bound method {label}>"
    if shape == SHAPE_GENERATOR:
        return f"<{_last(type_name)} object {label}>"
    return f"<{_last(type_name)} {label}>"


def _closed_text(name: str, id_: int, shape: int) -> str:
    """A container that is not opened."""
    brackets = {SHAPE_LIST: "[…]", SHAPE_TUPLE: "(…)", SHAPE_DICT: "{…}", SHAPE_SET: "{…}", SHAPE_NAMESPACE: "{…}"}.get(shape)
    if brackets is None:
        return f"<{name} {id_}>"
    return brackets if name in ("list", "tuple", "dict", "set") else f"{name}({brackets})"
