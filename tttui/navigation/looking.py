"""Looking into one frame at one event without making values: what names, attributes and items are, as the recording has them (RAW)."""

import ast
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from tttui.errors import TttuiError
from tttui.navigation.expression_errors import EvaluationError
from tttui.navigation.names import Names, hides, namespace_of
from tttui.navigation.targets import Target
from tttui.store.contents import Content, Entries, Keyed
from tttui.store.stream import (
    PART_ATTRIBUTES,
    PART_CELL,
    PART_ITEMS,
    PART_PAIRS,
    SHAPE_CELL,
    SLOT_CELL,
    SLOT_FREE,
    V_FROZENSET,
    V_NAMED,
    V_OBJECT,
    V_TUPLE,
    V_UNBOUND,
    Raw,
    object_of,
)

if TYPE_CHECKING:
    from tttui.store.run import Run

UNBOUND: Final[Raw] = (V_UNBOUND,)
"""What is not bound, or not known."""

_PIN: Final = re.compile(r"\$(\w+)")
_PIN_NAME: Final = "__pinned_"
_MOST_ENTRIES: Final = 1_000_000


def parse_path(text: str) -> ast.expr:
    """The syntax tree of an expression in which ``$1`` may stand for names; TttuiError where it is none."""
    try:
        return ast.parse(_PIN.sub(rf"{_PIN_NAME}\1", text.strip()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise TttuiError(
            f"{text!r} is no expression", "", "a name, an attribute or an item: total, account.balance, prices['tea']"
        ) from None


class Look:
    """What is in one frame of the stack at an event; `frame` is an index into it, -1 the innermost."""

    def __init__(self, run: "Run", event: int, frame: int = -1, pinned: Mapping[str, int] | None = None, call: int = 0) -> None:
        """With `call` the frame of that call, wherever it stands."""
        self.run = run
        self.event = event
        self._pinned = pinned or {}
        self.state = run.state(event)
        stacks = self.state["threads"]
        stack = stacks.get(self.state["thread"], [])
        self.frame: tuple[Any, ...] | None = stack[frame] if -len(stack) <= frame < len(stack) else None
        self.depth = frame
        if call:
            found = [(one, index - len(each)) for each in stacks.values() for index, one in enumerate(each) if one[0] == call]
            self.frame, self.depth = found[0] if found else (None, 0)
        self.code = run.code(self.frame[1]) if self.frame is not None else None

    # -- what things are

    def target(self, node: ast.expr, label: str = "") -> Target | None:
        """What a name, attribute or subscript names; None where it is something else, or leads nowhere."""
        label = label or unparsed(node)
        if isinstance(node, ast.Name):
            return self._of_name(node.id, label)
        if isinstance(node, ast.Attribute):
            return self.attribute(self.value(node.value), node.attr, label)
        if isinstance(node, ast.Subscript):
            key = self.key(node.slice)
            return None if key is None else self.item(self.value(node.value), key[0], label)
        return None

    def value(self, node: ast.expr) -> Raw:
        """What an expression of names, attributes, items and constants is; `UNBOUND` where that isn't known."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Subscript):
            # A tuple is a value: nothing in it has a place of its own.
            held, key = self.value(node.value), self.key(node.slice)
            if type(held) is tuple and held[0] in (V_TUPLE, V_NAMED) and key is not None and type(key[0]) is int:
                entries = held[-1]
                return entries[key[0]] if -len(entries) <= key[0] < len(entries) and held[-2] == len(entries) else UNBOUND
        target = self.target(node)
        if target is None:
            return UNBOUND
        if target.sort == "object":
            return (V_OBJECT, target.object)
        return self.of(target)

    def known(self, node: ast.expr) -> Raw:
        """The same, computed where it has to be and can be."""
        raw = self.value(node)
        computed = self.computed(node) if raw == UNBOUND else None
        return raw if computed is None else computed[0]

    def of(self, target: Target) -> Raw:
        """What a target is at the event."""
        if target.sort == "variable":
            for stack in self.state["threads"].values():
                for frame in stack:
                    if frame[0] == target.call or (not target.call and frame is self.frame):
                        return next((raw for slot, raw in frame[6] if slot == target.slot), UNBOUND)
            return UNBOUND
        return entry_of(self.content(target.object), target)

    def content(self, object: int) -> Content | None:
        """What an object contains; good until the next call."""
        return self.run.contents([object], self.event).get(object) if object else None

    def key(self, node: ast.expr) -> tuple[Raw] | None:
        """A subscript's key, in a tuple; None where it isn't known."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.key(node.operand)
            return (-inner[0],) if inner is not None and type(inner[0]) in (int, float) else None
        if isinstance(node, ast.Tuple):
            keys = [self.key(element) for element in node.elts]
            return None if None in keys else ((V_TUPLE, len(keys), tuple(key[0] for key in keys if key is not None)),)
        raw = self.value(node)
        if raw != UNBOUND:
            return (raw,)
        # Computed: `items[i + 1]`.
        computed = self.computed(node)
        return None if computed is None else (computed[0],)

    def computed(self, node: ast.expr) -> tuple[Any] | None:
        """A number or text that can be computed from what was recorded, in a tuple; None where it can't be."""
        from tttui.navigation.expressions import compile_expression

        try:
            names = Names(self.run, self.event, frame=self.depth, pinned=self._pinned)
            value = compile_expression(unparsed(node)).evaluate(names.lookup, names.expand, names.python).value
            found = ast.literal_eval(value.text)
        except (TttuiError, EvaluationError, ValueError, SyntaxError, RecursionError, MemoryError):
            return None
        return (found,) if type(found) in (int, str, float, bool, bytes, type(None)) else None

    def truth(self, node: ast.expr) -> bool | None:
        """Whether an expression was true; None where the recording can't tell."""
        from tttui.navigation.expressions import compile_expression

        try:
            names = Names(self.run, self.event, frame=self.depth, pinned=self._pinned)
            return compile_expression(unparsed(node)).evaluate(names.lookup, names.expand, names.python).truth()
        except (TttuiError, EvaluationError, ValueError, SyntaxError, RecursionError, MemoryError):
            return None

    # -- names

    def _of_name(self, name: str, label: str) -> Target | None:
        if name.startswith(_PIN_NAME):
            pinned = self._pinned.get("$" + name.removeprefix(_PIN_NAME))
            return Target("object", label, object=pinned) if pinned else None
        if self.frame is None or self.code is None:
            return None
        for slot, (own, kind) in enumerate(self.code.slots):
            if own == name:
                target = self._of_slot(slot, kind, label)
                if hides(self.run, self.code, name) or self.of(target) != UNBOUND:
                    return target
        for namespace in (self.frame[4], namespace_of(self.run, self.code.file)):
            if namespace:
                target = Target("name", label, object=namespace, key=name)
                if self.of(target) != UNBOUND:
                    return target
        return None

    def _of_slot(self, slot: int, kind: int, label: str) -> Target:
        assert self.frame is not None
        if kind in (SLOT_CELL, SLOT_FREE):
            raw = next((raw for number, raw in self.frame[6] if number == slot), UNBOUND)
            content = self.content(object_of(raw))
            if content is not None and self.run.shape(content.type) == SHAPE_CELL:
                return Target("cell", label, object=object_of(raw))
        return Target("variable", label, code=self.frame[1], slot=slot, call=self.frame[0])

    # -- objects

    def attribute(self, raw: Raw, name: str, label: str) -> Target | None:
        """The attribute of an object that holds it itself."""
        object = object_of(raw)
        if not object or self.content(object) is None:
            return None
        return Target("attribute", label, object=object, key=name)

    def item(self, raw: Raw, key: Raw, label: str) -> Target | None:
        """The item of a container; an index counts from the beginning."""
        object = object_of(raw)
        content = self.content(object)
        if content is None:
            return None
        entries = content.parts.get(PART_ITEMS)
        if PART_PAIRS not in content.parts and type(key) is int and key < 0 and isinstance(entries, Entries):
            key += entries.length
            if key < 0:
                return None
        return Target("item", label, object=object, key=key)


def entry_of(content: Content | None, target: Target) -> Raw:
    """What an attribute, item, name or cell is in a content; `UNBOUND` where it isn't there, or not known."""
    if content is None:
        return UNBOUND
    if target.sort == "cell":
        part = content.parts.get(PART_CELL)
        return next(iter(part.known()), UNBOUND) if part is not None else UNBOUND
    part = content.parts.get(part_of(content, target))
    if isinstance(part, Keyed):
        pair = part.get(target.key)
        if pair is None:
            return UNBOUND
        return target.key if content.is_set and target.sort == "item" else pair[1]
    if isinstance(part, Entries) and type(target.key) is int:
        return _entry_at(part, target.key)
    return UNBOUND


def part_of(content: Content, target: Target) -> int:
    """The part of an object in which a target is."""
    if target.sort == "attribute":
        return PART_ATTRIBUTES
    if target.sort == "cell":
        return PART_CELL
    return PART_PAIRS if target.sort == "name" or PART_PAIRS in content.parts else PART_ITEMS


def _entry_at(part: Entries, index: int) -> Raw:
    for segment in part.segments:
        size = segment if isinstance(segment, int) else len(segment)
        if index < size:
            return UNBOUND if isinstance(segment, int) else segment[index]
        index -= size
    return UNBOUND


def index_of(content: Content, raw: Raw) -> int | None:
    """The first place at which a sequence has a value, where all before it is known."""
    part = content.parts.get(PART_ITEMS)
    if not isinstance(part, Entries) or not part.segments or isinstance(part.segments[0], int):
        return None
    for index, entry in enumerate(part.segments[0][:_MOST_ENTRIES]):
        if type(entry) is type(raw) and entry == raw:
            return index
    return None


def items_of(raw: Raw) -> tuple[Raw, ...] | None:
    """The items of a tuple or frozenset that is a value; None where it is something else, or cut."""
    if type(raw) is tuple and raw[0] in (V_TUPLE, V_NAMED, V_FROZENSET) and raw[-2] == len(raw[-1]):
        items: tuple[Raw, ...] = raw[-1]
        return items
    return None


def unparsed(node: ast.AST) -> str:
    """Source text of an expression, ``$1`` as it was written."""
    return ast.unparse(node).replace(_PIN_NAME, "$")
