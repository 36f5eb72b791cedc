"""Real Python objects as the store would give them."""

from collections import Counter, OrderedDict, defaultdict, deque
from typing import Any

from tttui.store.records import Badge, Value

MAPPINGS: dict[type, str] = {
    dict: "dict",
    OrderedDict: "collections.OrderedDict",
    defaultdict: "collections.defaultdict",
    Counter: "collections.Counter",
}
SEQUENCES: dict[type, str] = {list: "list", tuple: "tuple", set: "set", frozenset: "frozenset", deque: "collections.deque"}


class Recorder:
    """Makes values of objects, each object with one id."""

    def __init__(self) -> None:
        self._ids: dict[int, int] = {}
        self._kept: list[Any] = []

    def value(self, thing: Any) -> Value:
        kind = type(thing)
        if kind in SEQUENCES:
            items = tuple(self.value(item) for item in thing)
            id_ = None if kind in (tuple, frozenset) else self._id(thing)
            return Value(SEQUENCES[kind], "…", id=id_, length=len(thing), items=items)
        if kind in MAPPINGS:
            entries = tuple((self.value(key), self.value(item)) for key, item in thing.items())
            return Value(MAPPINGS[kind], "…", id=self._id(thing), length=len(thing), entries=entries)
        if kind is type:
            return Value("type", f"<class '{thing.__name__}'>", id=self._id(thing))
        if kind.__module__ not in ("builtins", "collections"):
            attributes = {name: self.value(item) for name, item in vars(thing).items()}
            return Value(kind.__qualname__, f"<{kind.__qualname__}>", id=self._id(thing), attributes=attributes)
        return Value(kind.__name__, repr(thing), length=len(thing) if kind in (str, bytes) else None)

    def _id(self, thing: Any) -> int:
        self._kept.append(thing)
        return self._ids.setdefault(id(thing), len(self._ids) + 1)


def cut(kind: str, head: list[Any], left_out: int, tail: list[Any], *, badge: Badge | None = "cut") -> Value:
    """A list, say, of which the middle was left out."""
    recorder = Recorder()
    gap = Value("", f"… {left_out} more", length=left_out, badge="cut")
    items = (*map(recorder.value, head), gap, *map(recorder.value, tail))
    return Value(kind, "[…]", id=1000, length=len(head) + left_out + len(tail), items=items, badge=badge)


def cut_dict(kept: dict[Any, Any], left_out: int) -> Value:
    """A dict of which some entries were left out."""
    recorder = Recorder()
    gap = Value("", f"… {left_out} more", length=left_out, badge="cut")
    entries = (*((recorder.value(key), recorder.value(item)) for key, item in kept.items()), (gap, gap))
    return Value("dict", "{…}", id=1001, length=len(kept) + left_out, entries=entries, badge="cut")
