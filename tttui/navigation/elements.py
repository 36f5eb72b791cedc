"""Which item of a container something was: what a loop went through, a method took out, or a line moved."""

import ast
from typing import Final

from tttui.navigation.looking import UNBOUND, Look, entry_of, unparsed
from tttui.navigation.targets import Target
from tttui.navigation.writes import same_raw
from tttui.store.contents import Entries, Keyed
from tttui.store.stream import PART_ITEMS, PART_PAIRS, V_OBJECT, Raw, object_of

_IN_ORDER: Final = frozenset({"reversed", "list", "tuple", "iter", "sorted", "set"})
_TAKING: Final = frozenset({"get", "pop", "setdefault", "popleft", "__getitem__", "get_nowait"})
_MOVING: Final = frozenset(
    {
        "insert", "pop", "remove", "sort", "reverse", "rotate", "popleft", "appendleft", "extendleft", "shuffle",
        "heappush", "heappop", "heapify", "heapreplace", "heappushpop", "insort", "insort_left", "insort_right",
    }
)  # fmt: skip
"""Functions and methods after which what was in a sequence may stand elsewhere in it."""
_PASSING: Final = frozenset({"sorted", "list", "tuple", "reversed", "deque", "copy"})
"""Those that make a sequence of what is in another."""
_MOST_ENTRIES: Final = 100_000


def element_of(look: Look, node: ast.expr, place: tuple[int, ...], value: Raw) -> Target | None:
    """The item that a loop over an expression gave; `place`: of a part of the element, its way through nested targets. None where
    that can't be told.
    """
    while isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "enumerate" and node.args and place and place[0] in (1, -1):
            node, place = node.args[0], place[1:]
        elif name == "zip" and place and -len(node.args) <= place[0] < len(node.args):
            node, place = node.args[place[0]], place[1:]
        elif name in _IN_ORDER and node.args and not place:
            node = node.args[0]
        else:
            break
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("items", "values") and not node.args:
        held = look.value(node.func.value)
        content = look.content(object_of(held))
        part = content.parts.get(PART_PAIRS) if content is not None else None
        if not isinstance(part, Keyed) or (node.func.attr == "items" and place != (1,)):
            return None
        keys = [key for key, item in part.known() if same_raw(item, value)]
        return _item(look, held, keys[0], unparsed(node.func.value)) if len(keys) == 1 else None
    return None if place else item_with(look, look.value(node), value, unparsed(node))


def item_with(look: Look, held: Raw, value: Raw, text: str) -> Target | None:
    """The only item of a sequence that is a value; None where several are, or that can't be told."""
    content = look.content(object_of(held))
    part = content.parts.get(PART_ITEMS) if content is not None else None
    if content is None or content.is_set or not isinstance(part, Entries) or not part.whole or part.length > _MOST_ENTRIES:
        return None
    places = [index for index, entry in enumerate(part.known()) if same_raw(entry, value)]
    return _item(look, held, places[0], text) if len(places) == 1 else None


def item_moved(look: Look, statement: ast.AST, object_: int, value: Raw, text: str) -> Target | None:
    """Where an item of a sequence stood before a statement: in it, where that moves items, or in another that it was made of. None where
    several items were that value, or that can't be told. `text` names the sequence.
    """
    calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
    if isinstance(statement, ast.Delete) or any(_function(call) in _MOVING for call in calls):
        found = item_with(look, (V_OBJECT, object_), value, text)
        if found is not None:
            return found
    given = [node for call in calls if _function(call) in _PASSING for node in (*call.args, _receiver(call)) if node is not None]
    made = getattr(statement, "value", None)
    if isinstance(made, ast.Subscript) and isinstance(made.slice, ast.Slice):
        given.append(made.value)
    elif isinstance(made, ast.BinOp) and isinstance(made.op, ast.Add):
        given += [made.left, made.right]
    elif isinstance(made, ast.List):
        given += [one.value for one in made.elts if isinstance(one, ast.Starred)]
    found_in = [target for node in given if (target := item_with(look, look.value(node), value, unparsed(node))) is not None]
    return found_in[0] if len(found_in) == 1 else None


def _function(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""


def _receiver(call: ast.Call) -> ast.expr | None:
    return call.func.value if isinstance(call.func, ast.Attribute) else None


def item_taken(look: Look, node: ast.Call, value: Raw) -> Target | ast.expr | None:
    """The item that a method got out of a container (`d.get(k)`, `xs.pop()`), or the default that it gave instead; None where it is
    no such method, or that can't be told.
    """
    method = node.func
    if not isinstance(method, ast.Attribute) or method.attr not in _TAKING or node.keywords:
        return None
    held, text = look.value(method.value), unparsed(method.value)
    content = look.content(object_of(held))
    if content is None:
        return None
    keyed = content.parts.get(PART_PAIRS)
    if isinstance(keyed, Keyed):
        key = look.key(node.args[0]) if node.args else None
        target = _item(look, held, key[0], text) if key is not None else None
        if target is not None:
            return target if value == UNBOUND or same_raw(look.of(target), value) else None
        missing = key is not None and keyed.whole and keyed.get(key[0]) is None
        return node.args[1] if missing and len(node.args) == 2 and method.attr != "setdefault" else None
    if content.is_set or PART_ITEMS not in content.parts:
        return None
    index: tuple[Raw] | None = (0,) if method.attr == "popleft" else look.key(node.args[0]) if node.args else (-1,)
    target = look.item(held, index[0], f"{text}[{index[0]}]") if index is not None and method.attr in ("pop", "popleft") else None
    return target if target is not None and same_raw(look.of(target), value) else None


def _item(look: Look, held: Raw, key: Raw, text: str) -> Target | None:
    shown_key = repr(key) if type(key) is not tuple else "…"
    target = look.item(held, key, f"{text}[{shown_key}]")
    return None if target is None or entry_of(look.content(target.object), target) == UNBOUND else target
