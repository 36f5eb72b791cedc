"""Deep structural snapshots of values, taken without running any code of theirs.

A value becomes a node, ready for JSON:

- ``null``, ``true``, ``false``, numbers of up to 53 bits and whole strings stand for themselves;
- ``{"int": hex}``, ``{"float": hex of its 8 bytes}``, ``{"complex": hex}``, ``{"bytes": hex, "length": n}``,
  ``{"str": beginning, "length": n}`` (longer than the limit), ``{"constant": "Ellipsis"}``;
- ``{"id": n}`` for everything else. What it holds is in the table of objects, under that number.

An entry of the table has ``type`` ("module.qualname") and ``family`` (the standard type through which it is read), and, as far as
they apply: ``length``, ``items`` and ``tail`` (sequences, sets), ``entries`` (mappings), ``attributes``, ``base`` (the value of a
subclass of a scalar), ``label`` (what names it) and ``text`` (its repr, for immutable standard types only).

Only slots of the exact built-in types are called: no method, property, descriptor, comparison, hash or conversion that the
program defines can run, whatever its classes override.
"""

import builtins
import collections
import ctypes
import datetime
import decimal
import enum
import fractions
import functools
import itertools
import pathlib
import re
import struct
import types
import uuid
from collections.abc import Iterable
from typing import Any

Node = Any
"""What JSON can hold."""

type_mro: Any = type.__dict__["__mro__"].__get__
type_dict = type.__dict__["__dict__"].__get__
type_dictoffset = type.__dict__["__dictoffset__"].__get__
type_module: Any = type.__dict__["__module__"].__get__
type_qualname = type.__dict__["__qualname__"].__get__
exception_args = BaseException.__dict__["args"].__get__
exception_cause = BaseException.__dict__["__cause__"].__get__
exception_context = BaseException.__dict__["__context__"].__get__
_module_type: Any = types.ModuleType
module_dict = type_dict(_module_type)["__dict__"].__get__

SCALARS: dict[type, Any] = {
    str: str.__str__,
    int: int.__index__,
    float: float.__float__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
}
"""How the base value of a subclass is read: the base type's own slot gives an instance of exactly the base type."""

SEQUENCES: dict[type, Any] = {list: list.__len__, tuple: tuple.__len__, collections.deque: collections.deque.__len__}
MAPPINGS: tuple[type, ...] = (dict, *(kind for kind in [getattr(builtins, "frozendict", None)] if kind is not None))
"""From 3.15 there is a mapping that isn't a dict."""
SETS: dict[type, Any] = {set: set.__len__, frozenset: frozenset.__len__}

REPR_TYPES = frozenset(
    {
        datetime.date, datetime.timedelta, datetime.timezone, decimal.Decimal, fractions.Fraction, uuid.UUID, re.Pattern,
        pathlib.PurePosixPath, pathlib.PosixPath, pathlib.PureWindowsPath,
    }
)  # fmt: skip
"""Immutable standard types whose repr is part of the standard library and asks nothing of anybody else."""
TIMES = frozenset({datetime.datetime, datetime.time})

NAMED = {
    types.FunctionType: "__qualname__", types.BuiltinFunctionType: "__qualname__", types.GeneratorType: "__qualname__",
    types.CoroutineType: "__qualname__", types.AsyncGeneratorType: "__qualname__",
}  # fmt: skip
"""Built-in types of things that are known by a name, and where that is."""

DESCRIPTORS = frozenset(
    {
        types.MethodDescriptorType, types.ClassMethodDescriptorType, types.WrapperDescriptorType, types.MemberDescriptorType,
        types.GetSetDescriptorType,
    }
)  # fmt: skip
"""What classes that are written in C have: their repr asks nothing of anybody."""

SKIPPED_NAMES = frozenset({"__dict__", "__weakref__"})


def type_label(kind: type) -> str:
    """module.qualname of a type, asked of `type` itself; a class may say of itself what it likes."""
    return f"{type_module(kind)}.{type_qualname(kind)}"


@functools.cache
def family_of(kind: type) -> type:
    """The standard type through which instances of `kind` are read: the first of its bases that is known here."""
    known = {*SCALARS, *SEQUENCES, *SETS, *NAMED, *REPR_TYPES, *DESCRIPTORS, *TIMES, *MAPPINGS, complex, bytearray, BaseException, type, types.ModuleType,
             types.MethodType, functools.partial, range, slice, types.CellType}  # fmt: skip
    bases: tuple[type, ...] = type_mro(kind)
    return next((base for base in bases if base in known), object)


@functools.cache
def slot_descriptors(kind: type) -> tuple[tuple[str, Any], ...]:
    """The member descriptors of `__slots__`, of the most basic class first."""
    found: list[tuple[str, Any]] = []
    for base in reversed(type_mro(kind)):
        names = type_dict(base)
        if "__slots__" in names:
            found += [(name, member) for name, member in names.items() if type(member) is types.MemberDescriptorType]
    return tuple(found)


# An attribute `__dict__` may be anything that the program says; this asks the layout of the type. The object is given by its
# address, because ctypes would ask it for its `__class__`.
get_instance_dict = ctypes.pythonapi.PyObject_GenericGetDict
get_instance_dict.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
get_instance_dict.restype = ctypes.py_object


def has_instance_dict(kind: type) -> bool:
    return bool(type_dictoffset(kind))


def is_array(kind: type) -> bool:
    return any(type_label(base) == "numpy.ndarray" for base in type_mro(kind))


def is_array_scalar(kind: type) -> bool:
    return type_label(kind).startswith("numpy.") and any(type_label(base) == "numpy.number" for base in type_mro(kind))


class Structure:
    """Turns values into nodes and a table of what they hold.

    With `keep` every object that was ever seen stays referenced, so that a number means one object through the whole run; that
    changes lifetimes, so programs about those are watched without it, and a number means one object within one snapshot only.
    """

    def __init__(self, max_items: int, max_string: int, keep: bool) -> None:
        self.max_items = max_items
        self.max_string = max_string
        self.keep = keep
        self.numbers: dict[int, int] = {}
        self.kept: list[Any] = []
        self.pending: collections.deque[tuple[int, Any]] = collections.deque()
        self.seen: set[int] = set()

    def begin(self) -> None:
        """Start a snapshot."""
        self.seen = set()
        if not self.keep:
            self.numbers = {}

    def node(self, value: Any) -> Node:
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is int:
            return value if -(2**53) < value < 2**53 else {"int": hex(value)}
        if kind is str:
            return value if len(value) <= self.max_string else {"str": value[: self.max_string], "length": len(value)}
        if kind is float:
            return {"float": struct.pack("<d", value).hex()}
        if kind is complex:
            return {"complex": struct.pack("<dd", value.real, value.imag).hex()}
        if kind is bytes:
            return {"bytes": value[: self.max_string].hex(), "length": len(value)}
        if value is Ellipsis or value is NotImplemented:
            return {"constant": "Ellipsis" if value is Ellipsis else "NotImplemented"}
        return {"id": self.number(value)}

    def number(self, value: Any) -> int:
        address = id(value)
        number = self.numbers.get(address)
        if number is None:
            number = self.numbers[address] = len(self.numbers) + 1
            if self.keep and type(value) not in (types.FrameType, types.TracebackType):
                self.kept.append(value)
        if number not in self.seen:
            self.seen.add(number)
            self.pending.append((number, value))
        return number

    def table(self) -> dict[int, Node]:
        """What every object holds that the nodes since `begin` lead to, by number."""
        objects: dict[int, Node] = {}
        while self.pending:
            number, value = self.pending.popleft()
            objects[number] = self.content(value)
        return objects

    def content(self, value: Any) -> Node:
        kind: Any = type(value)
        family: Any = family_of(kind)
        content: dict[str, Node] = {"type": type_label(kind), "family": family.__name__}
        if family in SEQUENCES or family in SETS:
            self.add_items(content, family, value)
        elif family in MAPPINGS:
            self.add_entries(content, family, kind, value)
        elif family in SCALARS:
            content["base"] = self.node(SCALARS[family](value))
        elif family is complex:
            content["base"] = self.node(complex.__pos__(value))
        elif family is bytearray:
            content["length"] = bytearray.__len__(value)
            content["base"] = self.node(bytes(bytearray.__getitem__(value, slice(0, self.max_string))))
        elif family is BaseException:
            content["items"] = [self.node(item) for item in exception_args(value)]
            content["length"] = len(content["items"])
            content["cause"] = self.node(exception_cause(value))
            content["context"] = self.node(exception_context(value))
        elif family in NAMED:
            content["label"] = family.__dict__[NAMED[family]].__get__(value)
        elif family is type:
            content["label"] = type_label(value)
            content["module"] = str(type_module(value))
            content["attributes"] = self.attributes((name, item) for name, item in type_dict(value).items() if not special(name))
            return content
        elif family is types.ModuleType:
            content["label"] = module_dict(value).get("__name__")
            return content
        elif family is types.MethodType:
            content["function"] = self.node(types.MethodType.__dict__["__func__"].__get__(value))
            content["self"] = self.node(types.MethodType.__dict__["__self__"].__get__(value))
            return content
        elif family is functools.partial:
            for name in ("func", "args", "keywords"):
                content[name] = self.node(functools.partial.__dict__[name].__get__(value))
        elif family in (range, slice):
            content["items"] = [self.node(family.__dict__[name].__get__(value)) for name in ("start", "stop", "step")]
        elif kind in DESCRIPTORS:
            content["text"] = repr(value)
        elif kind in REPR_TYPES or (kind in TIMES and type(kind.tzinfo.__get__(value)) in (type(None), datetime.timezone)):
            content["text"] = repr(value)
            return content
        elif family is types.CellType:
            content["attributes"] = self.attributes(cell_contents(value))
            return content
        elif is_array(kind):
            self.add_array(content, value)
        elif is_array_scalar(kind):
            content["base"] = self.node(value.item())
        attributes = self.attributes(self.own_attributes(value, kind))
        if attributes:
            content["attributes"] = attributes
            content["ordered"] = not slot_descriptors(kind)
        if any(base is enum.Enum for base in type_mro(kind)):
            content["family"] = "Enum"
        return content

    def add_items(self, content: dict[str, Node], family: Any, value: Any) -> None:
        length = content["length"] = {**SEQUENCES, **SETS}[family](value)
        if length <= 2 * self.max_items:
            content["items"] = [self.node(item) for item in family.__iter__(value)]
            return
        content["items"] = [self.node(item) for item in itertools.islice(family.__iter__(value), self.max_items)]
        if family in SEQUENCES:
            end = range(length - self.max_items, length)
            content["tail"] = [self.node(family.__getitem__(value, index)) for index in end]

    def add_entries(self, content: dict[str, Node], family: Any, kind: type, value: Any) -> None:
        length = content["length"] = family.__len__(value)
        entries: Iterable[Any] = family.items(value)
        if any(base is collections.OrderedDict for base in type_mro(kind)) and all(type(key) in (str, int) for key in dict.keys(value)):
            # An OrderedDict has an order of its own beside the dict's; asking for it hashes the keys.
            entries = collections.OrderedDict.items(value)
        whole = length <= 2 * self.max_items
        content["entries"] = [
            [self.node(key), self.node(item)] for key, item in (entries if whole else itertools.islice(entries, self.max_items))
        ]
        if not whole:
            last = list(itertools.islice(reversed(family.items(value)), self.max_items))
            content["tail"] = [[self.node(key), self.node(item)] for key, item in reversed(last)]
        if any(base is collections.defaultdict for base in type_mro(kind)):
            content["default_factory"] = self.node(collections.defaultdict.__dict__["default_factory"].__get__(value))

    def add_array(self, content: dict[str, Node], value: Any) -> None:
        content["dtype"] = str(value.dtype)
        content["shape"] = list(value.shape)
        flat = value.ravel()
        content["length"] = int(flat.size)
        content["items"] = [self.node(item) for item in flat[: self.max_items].tolist()]
        content["tail"] = [self.node(item) for item in flat[-self.max_items :].tolist()]

    def own_attributes(self, value: Any, kind: type) -> Iterable[tuple[Any, Any]]:
        for name, member in slot_descriptors(kind):
            try:
                yield name, member.__get__(value)
            except AttributeError:
                continue  # The slot is empty.
        if has_instance_dict(kind):
            yield from dict.items(get_instance_dict(id(value), None))

    def attributes(self, pairs: Iterable[tuple[Any, Any]]) -> dict[str, Node]:
        return {name: self.node(item) for name, item in pairs if type(name) is str and name not in SKIPPED_NAMES}


def cell_contents(cell: Any) -> Iterable[tuple[str, Any]]:
    try:
        yield "cell_contents", types.CellType.__dict__["cell_contents"].__get__(cell)
    except ValueError:
        return  # It is empty.


def special(name: Any) -> bool:
    """Whether a name is one of the interpreter's own, like ``__doc__``."""
    return type(name) is not str or (name.startswith("__") and name.endswith("__"))
