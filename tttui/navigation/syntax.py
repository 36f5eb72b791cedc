"""The syntax of expressions: parsed by Python, then checked against what is allowed.

``$1``, ``$returned`` and the like are names, too: they stand for pinned objects and for what an event is about.
"""

import ast
import re
import warnings
from collections.abc import Iterator
from typing import Final

from tttui.navigation.expression_errors import ExpressionError

LONGEST: Final = 10_000
"""Characters of an expression."""
DEEPEST: Final = 80
"""Levels of expressions in expressions."""

# A letter that Python takes for one, that no normalisation changes and that nobody's program uses: it stands for "$".
_DOLLAR: Final = "\u01c3"
_PINNED: Final = re.compile(r"\$(?=\w)")

_ALLOWED: Final = (
    ast.Expression, ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Slice, ast.Starred, ast.UnaryOp, ast.BinOp, ast.BoolOp,
    ast.Compare, ast.IfExp, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
    ast.comprehension, ast.JoinedStr, ast.FormattedValue, ast.Call, ast.keyword, ast.Lambda, ast.arguments, ast.arg,
    ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context,
)  # fmt: skip
_NAMES: Final[dict[type[ast.AST], str]] = {
    ast.NamedExpr: "an assignment",
    ast.Await: "await",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
    ast.MatMult: "the operator @",
}


def parse(text: str) -> ast.expr:
    """The checked syntax tree of an expression; raises `ExpressionError`."""
    stripped = text.strip()
    if not stripped:
        raise ExpressionError("an expression is missing")
    if len(text) > LONGEST:
        raise ExpressionError(f"an expression has at most {LONGEST:,} characters")
    before = len(text) - len(text.lstrip())
    if _DOLLAR in text:
        raise ExpressionError(f"{_DOLLAR!r} can't be used in an expression", text, text.index(_DOLLAR))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(_PINNED.sub(_DOLLAR, stripped), "<expression>", "eval")
    except SyntaxError as error:
        message = (error.msg or "invalid syntax").replace(_DOLLAR, "$")
        # Where Python met the end of the text it gives no offset.
        offset = (error.offset or len(stripped) + 1) - 1
        column = min(offset + before, len(text)) if error.lineno in (None, 1) else None
        raise ExpressionError(message, text, column) from None
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise ExpressionError(f"this can't be read: {error}" if str(error) else "this is nested too deeply", text) from None
    _check(tree.body, text, before)
    return tree.body


def _check(tree: ast.expr, text: str, before: int) -> None:
    """That only what is allowed is in it, and not too deep; dollars come back where they were."""
    open_nodes: list[tuple[ast.AST, int]] = [(tree, 1)]
    while open_nodes:
        node, depth = open_nodes.pop()
        if depth > DEEPEST:
            raise ExpressionError("this is nested too deeply", text, _column(node, text, before))
        if isinstance(node, ast.MatMult) or not isinstance(node, _ALLOWED):
            what = _NAMES.get(type(node), f"{type(node).__name__}")
            raise ExpressionError(f"{what} isn't for expressions over recorded values", text, _column(node, text, before))
        if isinstance(node, ast.comprehension):
            if node.is_async:
                raise ExpressionError("async isn't for expressions over recorded values", text)
            _check_target(node.target, text, before)
        elif isinstance(node, ast.Lambda):
            spec = node.args
            if spec.vararg or spec.kwarg or spec.kwonlyargs or spec.defaults:
                raise ExpressionError("a lambda here has plain parameters only", text, _column(node, text, before))
        elif isinstance(node, ast.Name):
            node.id = node.id.replace(_DOLLAR, "$")
        elif isinstance(node, ast.Attribute):
            if _DOLLAR in node.attr:
                raise ExpressionError("$ begins a name, not an attribute", text, text.rfind("." + node.attr.replace(_DOLLAR, "$")) + 1)
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                node.value = node.value.replace(_DOLLAR, "$")
            elif node.value is ...:
                raise ExpressionError("... isn't for expressions over recorded values", text, _column(node, text, before))
        open_nodes += [(child, depth + 1) for child in ast.iter_child_nodes(node)]


def _check_target(target: ast.expr, text: str, before: int) -> None:
    """That a comprehension binds names: an attribute or an item would be changed."""
    if isinstance(target, ast.Tuple | ast.List):
        for one in target.elts:
            _check_target(one, text, before)
    elif isinstance(target, ast.Starred):
        _check_target(target.value, text, before)
    elif not isinstance(target, ast.Name):
        raise ExpressionError("a comprehension binds names here", text, _column(target, text, before))


def _column(node: ast.AST, text: str, before: int) -> int | None:
    offset = getattr(node, "col_offset", None)
    if not isinstance(offset, int) or getattr(node, "lineno", 1) != 1:
        return None
    # ast counts UTF-8 bytes; the letter that stood for a dollar took two.
    line = _PINNED.sub(_DOLLAR, text.strip()).encode("utf-8", "surrogatepass")[:offset]
    return before + len(line.decode("utf-8", "replace"))


def free_names(tree: ast.expr) -> tuple[str, ...]:
    """The names that an expression reads from outside, in the order of the text."""
    found: dict[str, None] = {}
    for name in _free(tree, frozenset()):
        found.setdefault(name)
    return tuple(found)


def _free(node: ast.AST, bound: frozenset[str]) -> Iterator[str]:
    if isinstance(node, ast.Name):
        if node.id not in bound and isinstance(node.ctx, ast.Load):
            yield node.id
    elif isinstance(node, ast.Lambda):
        yield from _free(node.body, bound | {argument.arg for argument in [*node.args.posonlyargs, *node.args.args]})
    elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
        for generator in node.generators:
            yield from _free(generator.iter, bound)
            bound |= {name.id for name in ast.walk(generator.target) if isinstance(name, ast.Name)}
            for condition in generator.ifs:
                yield from _free(condition, bound)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            yield from _free(part, bound)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _free(child, bound)
