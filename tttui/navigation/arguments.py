"""Which expression of a call a parameter got its value from."""

import ast
from dataclasses import dataclass
from typing import Final, Literal

from tttui.store.records import Code

CO_VARARGS, CO_VARKEYWORDS = 0x04, 0x08

_REFLECTED: Final = frozenset(
    f"__r{name}__"
    for name in ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "pow", "lshift", "rshift", "and", "or", "xor")
)
"""Methods that the right operand has for the left one's operator."""

Source = Literal["given", "bound", "default", "spread", "unknown"]
"""given: an expression of the call; bound: the object before the dot, or an operand; default: the function's own;
spread: in `*` or `**`."""


@dataclass(frozen=True, slots=True)
class Argument:
    """Where a parameter's value stands in the caller."""

    source: Source
    nodes: tuple[ast.expr, ...]


def argument_of(code: Code, slot: int, node: ast.expr | None, method: bool, stored: ast.expr | None = None) -> Argument:
    """The source of the parameter in a slot, for the expression that made the call.

    `method`: the first parameter is not in the parentheses (``self``). `stored`: what an assignment to it puts there.
    """
    if isinstance(node, ast.Await):
        node = node.value
    if not isinstance(node, ast.Call):
        return _operand(node, slot, stored, reflected=code.name in _REFLECTED)
    name = code.slots[slot][0]
    positional = code.argcount
    if slot == 0 and method:
        return Argument("bound", (node.func.value,) if isinstance(node.func, ast.Attribute) else ())
    if slot >= positional + code.kwonly:
        # *args comes before **kwargs.
        if slot == positional + code.kwonly and code.flags & CO_VARARGS:
            own = max(0, positional - method)
            first = next((index for index, one in enumerate(node.args) if isinstance(one, ast.Starred)), own)
            return Argument("spread", tuple(_plain(one) for one in node.args[min(first, own) :]))
        return Argument("spread", tuple(keyword.value for keyword in node.keywords))
    for keyword in node.keywords:
        if keyword.arg == name and slot >= code.posonly:
            return Argument("given", (keyword.value,))
    if slot < positional:
        index = slot - method
        before = node.args[: index + 1]
        if any(isinstance(one, ast.Starred) for one in before):
            return Argument("spread", tuple(one.value for one in before if isinstance(one, ast.Starred)))
        if index < len(node.args):
            return Argument("given", (node.args[index],))
    spread = tuple(keyword.value for keyword in node.keywords if keyword.arg is None)
    return Argument("spread", spread) if spread else Argument("default", ())


def _plain(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Starred) else node


def _operand(node: ast.expr | None, slot: int, stored: ast.expr | None, *, reflected: bool) -> Argument:
    """An operator, a subscript or an attribute called the method."""
    operands: list[ast.expr] = []
    if isinstance(node, ast.BinOp):
        operands = [node.right, node.left] if reflected else [node.left, node.right]
    elif isinstance(node, ast.Compare):
        operands = [node.left, *node.comparators]
        if isinstance(node.ops[0], ast.In | ast.NotIn):
            operands[:2] = operands[1::-1]
    elif isinstance(node, ast.Subscript):
        operands = [node.value, node.slice]
    elif isinstance(node, ast.UnaryOp):
        operands = [node.operand]
    elif isinstance(node, ast.Attribute):
        operands = [node.value, ast.copy_location(ast.Constant(node.attr), node)]
    elif node is not None:
        return Argument("unknown", (node,))
    if isinstance(node, ast.Subscript | ast.Attribute) and stored is not None:
        operands.append(stored)
    return Argument("bound", (operands[slot],)) if slot < len(operands) else Argument("unknown", tuple(operands))
