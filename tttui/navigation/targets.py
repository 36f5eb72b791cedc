"""What a question is about: a variable, an attribute, an item, or a whole object."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tttui.errors import TttuiError
from tttui.store.stream import V_NAMED, V_TUPLE, object_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tttui.store.run import Run

Sort = Literal["variable", "cell", "name", "attribute", "item", "object"]


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be written. `label` is how it was asked for; the other fields that don't apply are 0 or None.

    variable: a fast local (`code`, `slot`) of one `call`, or of all calls of the code (`call` 0)
    cell: what a closure's cell `object` holds
    name: the name `key` of the namespace `object` (a module, a class body, exec'ed code)
    attribute: the attribute `key` of `object`
    item: the item of `object` at the key or index `key` (RAW, as the native reader gives values)
    object: anything in `object`
    """

    sort: Sort
    label: str
    code: int = 0
    slot: int = 0
    call: int = 0
    object: int = 0
    key: Any = None


def target_at(run: "Run", event: int, text: str, *, frame: int = -1, pinned: "Mapping[str, int] | None" = None) -> Target:
    """What ``x``, ``a.b``, ``d["k"][0]`` or ``$1.x`` names at an event; `frame` is an index into the stack, -1 the innermost.

    `pinned` gives the object of each ``$1``. TttuiError where the text is something else, or names nothing.
    """
    import ast

    from tttui.navigation.looking import Look, parse_path, unparsed

    node = parse_path(text)
    look = Look(run, event, frame, pinned)
    if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        raise TttuiError(f"{text!r} is nothing that could be written", "it is neither a name, an attribute nor an item")
    target = look.target(node, text.strip())
    if target is not None:
        return target
    if isinstance(node, ast.Attribute | ast.Subscript):
        held = look.value(node.value)
        inner = unparsed(node.value)
        if type(held) is tuple and held[0] in (V_TUPLE, V_NAMED):
            raise TttuiError(f"{inner} is a tuple: nothing in it ever changes", "", f"ask for {inner}")
        if isinstance(node.value, ast.Name) and look.target(node.value) is None:
            raise _nothing_called(inner, event)
        if not object_of(held):
            raise TttuiError(f"what {inner} holds is not recorded at event {event}")
        raise TttuiError(f"{text!r} leads nowhere at event {event}")
    raise _nothing_called(text, event)


def _nothing_called(name: str, event: int) -> TttuiError:
    return TttuiError(f"there is no {name!r} at event {event}", "neither in the frame nor in its module")


def target_of_object(run: "Run", event: int, text: str, *, frame: int = -1, pinned: "Mapping[str, int] | None" = None) -> int:
    """The id of the object that an expression is at an event; TttuiError where it is none."""
    from tttui.navigation.looking import Look, parse_path

    object = object_of(Look(run, event, frame, pinned).value(parse_path(text)))
    if not object:
        raise TttuiError(f"{text!r} is no object with an identity at event {event}", "numbers, texts and tuples have none in a recording")
    return object
