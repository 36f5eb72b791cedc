"""The syntax of expressions: parsed by Python, then checked against what is allowed.

``$1``, ``$returned`` and the like are names, too: they stand for pinned objects and for what an event is about.
"""

import ast
import re
import warnings
from collections.abc import Iterator
from itertools import count
from typing import Final

from tttui.navigation.expression_errors import ExpressionError

LONGEST: Final = 10_000
"""Characters of an expression."""
DEEPEST: Final = 80
"""Levels of expressions in expressions."""

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
    source = _Source(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source.python, "<expression>", "eval")
    except SyntaxError as error:
        # Where Python met the end of the text it gives no offset.
        offset = (error.offset or len(source.python) + 1) - 1
        column = source.column(offset) if error.lineno in (None, 1) else None
        raise ExpressionError(source.original(error.msg or "invalid syntax"), text, column) from None
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise ExpressionError(f"this can't be read: {error}" if str(error) else "this is nested too deeply", text) from None
    _check(tree.body, source)
    return tree.body


class _Source:
    """An expression's text as Python can parse it: a word that isn't in it stands for each dollar of a name."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._dollar = next(word for word in map("_dollar{}_".format, count()) if word not in text)
        self._before = len(text) - len(text.lstrip())
        self.python = _PINNED.sub(self._dollar, text.strip())

    def original(self, piece: str) -> str:
        """A piece of the parsed text as it was written."""
        return piece.replace(self._dollar, "$")

    def original_bytes(self, piece: bytes) -> bytes:
        return piece.replace(self._dollar.encode(), b"$")

    def column(self, offset: int) -> int:
        """Where in the text a place in the parsed text is."""
        return min(self._before + len(self.original(self.python[:offset])), len(self.text))

    def column_of(self, node: ast.AST) -> int | None:
        """Where in the text a node begins."""
        offset = getattr(node, "col_offset", None)
        if not isinstance(offset, int) or getattr(node, "lineno", 1) != 1:
            return None
        # ast counts UTF-8 bytes.
        return self.column(len(self.python.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace")))


def _check(tree: ast.expr, source: _Source) -> None:
    """That only what is allowed is in it, and not too deep; dollars come back where they were."""
    open_nodes: list[tuple[ast.AST, int]] = [(tree, 1)]
    while open_nodes:
        node, depth = open_nodes.pop()
        if depth > DEEPEST:
            raise ExpressionError("this is nested too deeply", source.text, source.column_of(node))
        if isinstance(node, ast.MatMult) or not isinstance(node, _ALLOWED):
            what = _NAMES.get(type(node), f"{type(node).__name__}")
            raise ExpressionError(f"{what} isn't for expressions over recorded values", source.text, source.column_of(node))
        if isinstance(node, ast.comprehension):
            if node.is_async:
                raise ExpressionError("async isn't for expressions over recorded values", source.text)
            _check_target(node.target, source)
        elif isinstance(node, ast.Lambda):
            spec = node.args
            if spec.vararg or spec.kwarg or spec.kwonlyargs or spec.defaults:
                raise ExpressionError("a lambda here has plain parameters only", source.text, source.column_of(node))
        elif isinstance(node, ast.Name):
            node.id = source.original(node.id)
        elif isinstance(node, ast.Attribute):
            attribute = source.original(node.attr)
            if attribute != node.attr:
                raise ExpressionError("$ begins a name, not an attribute", source.text, source.text.rfind("." + attribute) + 1)
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                node.value = source.original(node.value)
            elif isinstance(node.value, bytes):
                node.value = source.original_bytes(node.value)
            elif node.value is ...:
                raise ExpressionError("... isn't for expressions over recorded values", source.text, source.column_of(node))
        open_nodes += [(child, depth + 1) for child in ast.iter_child_nodes(node)]


def _check_target(target: ast.expr, source: _Source) -> None:
    """That a comprehension binds names: an attribute or an item would be changed."""
    if isinstance(target, ast.Tuple | ast.List):
        for one in target.elts:
            _check_target(one, source)
    elif isinstance(target, ast.Starred):
        _check_target(target.value, source)
    elif not isinstance(target, ast.Name):
        raise ExpressionError("a comprehension binds names here", source.text, source.column_of(target))


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
