"""What expressions compute with: scalars as Python has them, recorded values and computed containers in boxes.

An operand is one of

- a scalar: an exact int, float, complex, bool, str, bytes, range or None, never large beyond `LARGEST`, or a
  Decimal, a date and the like (`standard_values`),
- `Recorded`: a value of the recording that is more than a scalar,
- `Made`: a container that the expression put together; what it holds are operands again,
- `Known`: a builtin type or function, by its name alone,
- `Lazy`: what ``enumerate`` and generator expressions give,
- `Lambda`: a function that the expression defines.

Both boxes compare, hash and show themselves as the values in them would, as far as the recording tells, and
count every step of it: so Python's own list comparison, sorting and dict look-up can be used on what they hold.
"""

import sys
import time
from ast import literal_eval
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from re import compile as pattern
from typing import Any, Final, NoReturn

from tttui.navigation.characters import told_apart
from tttui.navigation.expression_errors import EvaluationError, NeedsCheckpoint, NotRecorded, TooMuch
from tttui.navigation.standard_values import STANDARD, standard_value
from tttui.store.records import PythonVersion, Value

MOST_STEPS: Final = 2_000_000
"""Operations of one evaluation,"""
MOST_SECONDS: Final = 2.0
"""the time it may take,"""
LARGEST: Final = 1_000_000
"""characters or entries of anything computed,"""
MOST_COMPUTED: Final = 20_000_000
"""of all that is computed together,"""
MOST_BITS: Final = 100_000
"""bits of a computed integer,"""
DEEPEST: Final = 60
"""and levels of values in values."""
_BETWEEN_LOOKS_AT_THE_CLOCK: Final = 512

Operand = Any
"""One of the kinds above."""

SCALARS: Final = frozenset({int, float, complex, bool, str, bytes, range, type(None), *STANDARD})

# Types that compare by identity and are true, whatever the program does.
PLAIN_IDENTITY: Final = frozenset(
    {"function", "module", "type", "builtin_function_or_method", "generator", "coroutine", "async_generator", "cell"}
)
_SEQUENCES: Final = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset, "collections.deque": deque}
MAPPINGS: Final = {"dict": dict, "collections.OrderedDict": OrderedDict, "collections.defaultdict": dict, "collections.Counter": Counter}
CONTAINERS: Final = frozenset(_SEQUENCES) | frozenset(MAPPINGS) | {"bytearray"}
_RANGE: Final = pattern(r"range\((-?\d+), (-?\d+)(?:, (-?\d+))?\)")


class Session:
    """One evaluation: what it may use up, and where its values come from."""

    def __init__(
        self, lookup: Callable[[str], Value], expand: Callable[[Value], Value] | None, python: PythonVersion = sys.version_info[:2]
    ) -> None:
        self.python = python
        """Of the program: where versions differ, it is as it was there."""
        self._lookup = lookup
        self._expand = expand
        self._found: dict[str, Operand] = {}
        self._deadline = time.monotonic() + MOST_SECONDS
        self._next_look = _BETWEEN_LOOKS_AT_THE_CLOCK
        self._steps = 0
        self._computed = 0
        self._depth = 0
        self.unchecked = False
        """Whether anything was read that may have changed since it was recorded."""

    def name(self, name: str) -> Operand:
        """What a name stands for; raises `NotBound`."""
        if name not in self._found:
            self._found[name] = self.operand(self._lookup(name))
        return self._found[name]

    def operand(self, value: Value) -> Operand:
        """A recorded value as an operand."""
        known, scalar = scalar_of(value)
        return scalar if known else Recorded(value, self)

    def expanded(self, value: Value) -> Value:
        """A value with what it holds, as far as that can be had."""
        return self._expand(value) if self._expand is not None and value.id is not None else value

    def refuse_characters(self, text: str) -> None:
        """Refuse to say of characters what only the program's version of Python knows; raises `NeedsCheckpoint`."""
        if told_apart(text, self.python, sys.version_info[:2]):
            raise NeedsCheckpoint(f"Python {'.'.join(map(str, self.python))} and this one know different characters")

    def charge(self, steps: int = 1) -> None:
        """Count steps; raises `TooMuch`."""
        self._steps += steps
        if self._steps > MOST_STEPS:
            raise TooMuch(f"more than {MOST_STEPS:,} steps")
        if self._steps >= self._next_look:
            self._next_look = self._steps + _BETWEEN_LOOKS_AT_THE_CLOCK
            if time.monotonic() > self._deadline:
                raise TooMuch(f"longer than {MOST_SECONDS:g} seconds")

    def hold(self, size: int) -> None:
        """Make room for so many characters or entries that are about to be computed; raises `TooMuch`."""
        if size > LARGEST:
            raise TooMuch(f"a result of {size:,} characters or entries")
        self._computed += size
        if self._computed > MOST_COMPUTED:
            raise TooMuch("more than may be computed at once")
        self.charge(1 + size // 64)

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One level deeper into values in values."""
        if self._depth >= DEEPEST:
            raise TooMuch(f"values nested more than {DEEPEST} deep")
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def made(self, container: Any) -> "Made":
        """A computed container whose entries are operands."""
        self.hold(len(container))
        if isinstance(container, set | frozenset | dict):
            refuse_doubts(container)
        return Made(container, self)


class Box:
    """Operands that hold others. The session counts what is done with them."""

    __slots__ = ("session",)

    def __init__(self, session: Session) -> None:
        self.session = session

    def plain(self) -> Any:
        """The builtin container that it is, with operands in it; raises `EvaluationError` where it can't be had."""
        raise NotImplementedError

    # What CPython calls when it compares, sorts and looks up what containers hold.

    def __eq__(self, other: object) -> bool:
        from tttui.navigation.equality import equal

        with self.session.deeper():
            return equal(self, other, self.session)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: object) -> Any:
        with self.session.deeper():
            return self._ordered(other, lambda one, two: one < two)

    def __gt__(self, other: object) -> Any:
        with self.session.deeper():
            return self._ordered(other, lambda one, two: one > two)

    def __le__(self, other: object) -> Any:
        with self.session.deeper():
            return self._ordered(other, lambda one, two: one <= two)

    def __ge__(self, other: object) -> Any:
        with self.session.deeper():
            return self._ordered(other, lambda one, two: one >= two)

    def _ordered(self, other: object, relation: Callable[[Any, Any], Any]) -> Any:
        self.session.charge()
        return relation(plain(self), plain(other))

    def __hash__(self) -> int:
        with self.session.deeper():
            held = self.plain()
            self.session.charge(1 + len(held))
            return hash(held)

    def __str__(self) -> str:
        from tttui.navigation.texts import exact_text

        return exact_text(self, self.session)

    __repr__ = __str__


class Recorded(Box):
    """A value of the recording that is more than a scalar."""

    __slots__ = ("_expanded", "_index", "_plain", "value")

    def __init__(self, value: Value, session: Session) -> None:
        super().__init__(session)
        self.value = value
        self._expanded = False
        self._plain: Any = None
        self._index: dict[Any, Operand] | None = None

    def content(self) -> Value:
        """The value with what it holds."""
        value = self.value
        if value.badge == "redacted":
            raise NotRecorded("redacted, because its name says that it is a secret")
        if not self._expanded and value.items is None and value.entries is None and value.attributes is None:
            self._expanded = True
            self.value = value = self.session.expanded(value)
        if value.badge == "unchecked":
            self.session.unchecked = True
        return value

    def whole_content(self) -> Value:
        """The value with all that was recorded of what it holds: not shortened because there is much of it."""
        value = self.content()
        held = value.items if value.items is not None else tuple(key for key, _ in value.entries or ())
        if value.badge != "cut" and any(is_gap(item) for item in held):
            self.value = value = self.session.expanded(value)
        return value

    @property
    def is_container(self) -> bool:
        """Whether it is a container of an exactly known builtin type."""
        return self.value.type in CONTAINERS and (self.value.id is not None or self.value.type in ("tuple", "frozenset"))

    @property
    def uncertain(self) -> bool:
        """Whether the program's own code may say what it equals."""
        return not self.is_container and self.value.type not in PLAIN_IDENTITY

    def cut(self) -> NoReturn:
        """Say that what is asked for isn't there."""
        value = self.value
        if value.badge == "redacted":
            raise NotRecorded("redacted, because its name says that it is a secret")
        if value.type in ("str", "bytes", "int") and value.badge == "cut":
            raise NotRecorded("cut by --max-string" if value.type != "int" else "an integer of too many bits")
        if value.items is None and value.entries is None:
            raise NotRecorded("cut by --max-depth")
        raise NotRecorded("cut by --max-items")

    def plain(self) -> Any:
        if self._plain is not None:
            return self._plain
        kind = self.value.type
        if not self.is_container:
            if self.value.badge in ("redacted", "cut"):
                self.cut()
            raise NeedsCheckpoint(f"only code of the program knows what a {kind or 'value'} does here")
        if kind == "bytearray":
            return self._bytearray()
        value = self.whole_content()
        session = self.session
        if kind in MAPPINGS:
            if value.entries is None:
                self.cut()
            session.charge(len(value.entries))
            if any(is_gap(key) for key, _ in value.entries):
                self.cut()
            pairs = ((session.operand(key), session.operand(item)) for key, item in value.entries)
            self._plain = OrderedDict(pairs) if kind == "collections.OrderedDict" else MAPPINGS[kind]()
            dict.update(self._plain, pairs)  # a Counter's own would add up
        else:
            if value.items is None:
                self.cut()
            session.charge(len(value.items))
            if any(is_gap(item) for item in value.items):
                self.cut()
            self._plain = _SEQUENCES[kind](session.operand(item) for item in value.items)
        return self._plain

    def _bytearray(self) -> bytes:
        text = self.value.text
        try:
            found = literal_eval(text[len("bytearray(") : -1])
        except (ValueError, SyntaxError):
            found = None
        if not isinstance(found, bytes):
            raise NotRecorded("cut by --max-string")
        return found

    def length(self) -> int:
        """Its true length, whatever was cut."""
        value = self.value
        if value.badge == "redacted":
            self.cut()
        if self.is_container or (value.type in ("str", "bytes") and value.badge == "cut"):
            if value.badge == "unchecked":
                self.session.unchecked = True
            if value.length is None:
                self.cut()
            return value.length
        raise NeedsCheckpoint(f"only code of the program knows the length of a {value.type}")

    def entries(self) -> Iterator[Operand]:
        """Items, or the keys of a mapping, one after the other; raises where the first that was cut would be."""
        if not self.is_container:
            self.plain()
        if self.value.type == "bytearray":
            yield from self._bytearray()
            return
        value = self.whole_content()
        held = value.items if value.type in _SEQUENCES else None if value.entries is None else [key for key, _ in value.entries]
        if held is None:
            self.cut()
        for item in held:
            self.session.charge()
            if is_gap(item):
                self.cut()
            yield self.session.operand(item)

    def item(self, key: Operand) -> Operand:
        """What ``[key]`` gives: also of a container of which a part was cut. LookupError as Python would raise it."""
        if not self.is_container:
            if self.value.type in ("str", "bytes") or self.value.badge == "redacted":
                self.cut()
            raise NeedsCheckpoint(f"only code of the program knows what [{_brief(key)}] of a {self.value.type} is")
        if self.value.type in MAPPINGS:
            return self._mapped(key)
        if self.value.type in ("list", "tuple", "collections.deque") and type(key) in (int, bool):
            return self._positioned(int(key))
        return self.plain()[key]

    def _positioned(self, index: int) -> Operand:
        length = self.length()
        wanted = index + length if index < 0 else index
        if not 0 <= wanted < length:
            raise IndexError(f"{self.value.type.rpartition('.')[2]} index out of range")
        found = _item_at(self.content(), wanted) or _item_at(self.whole_content(), wanted)
        if found is None:
            self.cut()
        return self.session.operand(found)

    def _mapped(self, key: Operand) -> Operand:
        if self._index is None:
            value = self.whole_content()
            if value.entries is None:
                self.cut()
            self.session.charge(len(value.entries))
            known = ((entry, item) for entry, item in value.entries if not is_gap(entry))
            self._index = {self.session.operand(entry): self.session.operand(item) for entry, item in known}
        if key in self._index:
            return self._index[key]
        if self.value.entries is not None and any(is_gap(entry) for entry, _ in self.value.entries):
            self.cut()
        if is_uncertain(key) or any(is_uncertain(entry) for entry in self._index):
            raise NeedsCheckpoint("code of the program may say which keys are equal")
        if self.value.type == "collections.defaultdict":
            raise NeedsCheckpoint(f"[{_brief(key)}] is missing, and would be made by the defaultdict")
        if self.value.type == "collections.Counter":
            return 0
        raise KeyError(key)

    def has_key(self, key: Operand) -> bool:
        """Whether a mapping has a key."""
        try:
            self._mapped(key)
        except KeyError:
            return False
        except NeedsCheckpoint:
            if self.value.type == "collections.defaultdict" and not is_uncertain(key):
                return False
            raise
        return self._index is not None and key in self._index

    def __hash__(self) -> int:
        if self.value.type in ("tuple", "frozenset") and self.is_container:
            return super().__hash__()
        if self.is_container:
            raise TypeError(f"unhashable type: {self.value.type.rpartition('.')[2]!r}")
        if self.value.id is None:
            return hash((self.value.type, self.value.text))
        return hash(self.value.id)


class Made(Box):
    """A container that the expression put together."""

    __slots__ = ("container",)

    def __init__(self, container: Any, session: Session) -> None:
        super().__init__(session)
        self.container = container

    def plain(self) -> Any:
        return self.container


class View(list[Any]):
    """What ``items()`` or ``values()`` of a dict give, as it was then: it has no indices, and no list's operators."""

    __hash__ = None

    def __eq__(self, other: object) -> bool:
        if not (isinstance(other, View) and "items" in type(self).__name__ and "items" in type(other).__name__):
            return self is other
        return len(self) == len(other) and all(entry in list(other) for entry in self)

    def __lt__(self, other: object) -> bool:
        raise TypeError(f"{type(self).__name__!r} has no order")

    __le__ = __gt__ = __ge__ = __lt__


VIEWS: Final[dict[str, type[View]]] = {
    name: type(name, (View,), {}) for name in ("dict_items", "dict_values", "odict_items", "odict_values")
}


def has_attribute(held: Any, name: str) -> bool:
    """Whether the type of a value has a method or the like."""
    if isinstance(held, View):
        return hasattr(type({}.items()) if "items" in type(held).__name__ else type({}.values()), name)
    return hasattr(type(held), name)


@dataclass(frozen=True, slots=True)
class Known:
    """A builtin type or function, or the type of a value, by its name."""

    name: str
    is_type: bool


@dataclass(frozen=True, slots=True, eq=False)
class Lazy:
    """An iterator over operands; `name`: what Python calls its type."""

    name: str
    operands: Iterator[Operand]


@dataclass(frozen=True, slots=True, eq=False)
class Lambda:
    """A function that the expression defines."""

    call: Callable[..., Operand]


def is_gap(value: Value) -> bool:
    """Whether a value stands for entries that are left out."""
    return value.type == "" and value.badge == "cut"


def _item_at(value: Value, index: int) -> Value | None:
    """The item at an index that isn't negative; None where it is left out."""
    items = value.items or ()
    if index < len(items) and value.length == len(items):
        return items[index]  # nothing is left out
    place = 0
    for item in items:
        width = (item.length or 0) if is_gap(item) else 1
        if place <= index < place + width:
            return None if is_gap(item) else item
        place += width
    return None


def is_uncertain(operand: Operand) -> bool:
    """Whether the program's own code may say what an operand equals."""
    if isinstance(operand, Recorded):
        return operand.uncertain
    return False


def refuse_doubts(keys: Collection[Operand]) -> None:
    """Raise where the program's own code might call two of these keys equal."""
    if len(keys) > 1 and any(map(is_uncertain, keys)):
        raise NeedsCheckpoint("code of the program may say which of these are equal")


def plain(operand: Operand) -> Any:
    """What Python's own operations can be used on; raises `EvaluationError` for what only the program knows."""
    return operand.plain() if isinstance(operand, Box) else operand


def scalar_of(value: Value) -> tuple[bool, Any]:
    """(whether a recorded value is a scalar that is known whole, the scalar)."""
    if value.id is not None or value.badge in ("cut", "opaque", "redacted"):
        return False, None
    text, kind = value.text, value.type
    if kind == "NoneType":
        return text == "None", None
    if kind == "bool":
        return text in ("True", "False"), text == "True"
    try:
        if kind == "int":
            return True, int(text, 0)
        if kind == "float":
            return True, float(text)
        if kind == "complex":
            return True, complex(text.strip("()"))
        if kind in ("str", "bytes") and text[:1] in ("'", '"', "b"):
            found = literal_eval(text)
            return type(found).__name__ == kind, found
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False, None
    if (standard := standard_value(kind, text)) is not None:
        return True, standard
    if kind == "range" and (match := _RANGE.fullmatch(text)):
        start, stop, step = match.groups()
        return True, range(int(start), int(stop), int(step or 1))
    return False, None


def _brief(key: Operand) -> str:
    from tttui.navigation.texts import shown_text

    try:
        text = shown_text(key)
    except EvaluationError:
        return "…"
    return text if len(text) <= 30 else text[:29] + "…"
