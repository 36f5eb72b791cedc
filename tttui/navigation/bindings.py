"""How a statement gives something its value: which expression of it that is."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from tttui.navigation.parsed import Parsed, own_parts, walk

How = Literal["value", "part", "element", "added", "context", "exception", "definition", "import", "subject", "augmented"]
"""value: the value of the expression; part: a part of it, unpacked; element: what iterating over it gave; added: put into a
container by a method; context: what entering it gave; exception: the one that was caught; subject: of a match; augmented:
together with what was there before."""

_ADDING: Final = frozenset({"append", "appendleft", "add", "insert", "push", "setdefault", "put", "__setitem__"})
_EXTENDING: Final = frozenset({"extend", "extendleft", "update", "__ior__", "__iadd__"})


@dataclass(frozen=True, slots=True)
class Binding:
    """The expression that something got its value from."""

    how: How
    value: ast.expr | None
    node: ast.AST
    """The statement, or the part of it that binds."""
    place: tuple[int, ...] = ()
    """Of a part: its way through nested targets."""
    target: ast.expr | None = None


def bindings_of_name(source: Parsed, line: int, name: str) -> list[Binding]:
    """Where a line binds a name, the last one first."""
    return _found(source, line, lambda node: isinstance(node, ast.Name) and node.id == name, name)


def bindings_of_attribute(source: Parsed, line: int, name: str) -> list[Binding]:
    """Where a line binds an attribute of that name."""
    found = _found(source, line, lambda node: isinstance(node, ast.Attribute) and node.attr == name, None)
    if name == "__cause__":
        found += [Binding("value", node.cause, node) for node in source.statements(line) if isinstance(node, ast.Raise) and node.cause]
    return found


def bindings_of_item(source: Parsed, line: int) -> list[Binding]:
    """Where a line binds an item, or puts something into a container."""
    found = _found(source, line, lambda node: isinstance(node, ast.Subscript), None)
    for statement in source.statements(line):
        if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add | ast.BitOr):
            found.append(Binding("element", statement.value, statement, target=statement.target))
    for node in source.expressions(line):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            if node.func.attr in _ADDING:
                found.append(Binding("added", node.args[-1], node, target=node.func.value))
            elif node.func.attr in _EXTENDING:
                found.append(Binding("element", node.args[0], node, target=node.func.value))
    return found


def _found(source: Parsed, line: int, matches: Callable[[ast.expr], bool], name: str | None) -> list[Binding]:
    found: list[Binding] = []
    for statement in source.statements(line):
        found += _of_statement(statement, matches, name)
        for part in own_parts(statement):
            for node in walk(part):
                if isinstance(node, ast.NamedExpr) and matches(node.target):
                    found.append(Binding("value", node.value, node, target=node.target))
                elif isinstance(node, ast.comprehension):
                    found += _iterated(node.target, node.iter, node, matches)
    return found[::-1]


def _of_statement(node: ast.AST, matches: Callable[[ast.expr], bool], name: str | None) -> Iterator[Binding]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _assigned(target, node.value, node, matches)
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield from _assigned(node.target, node.value, node, matches)
    elif isinstance(node, ast.AugAssign) and matches(node.target):
        yield Binding("augmented", node.value, node, target=node.target)
    elif isinstance(node, ast.For | ast.AsyncFor):
        yield from _iterated(node.target, node.iter, node, matches)
    elif isinstance(node, ast.With | ast.AsyncWith):
        for item in node.items:
            if item.optional_vars is not None and any(matches(target) for target, _ in _targets(item.optional_vars)):
                yield Binding("context", item.context_expr, node, target=item.optional_vars)
    elif name is not None:
        if isinstance(node, ast.ExceptHandler) and node.name == name:
            yield Binding("exception", node.type, node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
            yield Binding("definition", None, node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            if any((alias.asname or alias.name.partition(".")[0]) == name for alias in node.names):
                yield Binding("import", None, node)
        elif isinstance(node, ast.match_case) and any(getattr(part, "name", None) == name for part in ast.walk(node.pattern)):
            yield Binding("subject", None, node)


def _assigned(target: ast.expr, value: ast.expr, node: ast.AST, matches: Callable[[ast.expr], bool]) -> Iterator[Binding]:
    """What an assignment gives each of its targets: `a, b = b, a` is two."""
    for inner, place in _targets(target):
        if not matches(inner):
            continue
        part, rest = value, place
        while rest and isinstance(part, ast.Tuple | ast.List) and not any(isinstance(one, ast.Starred) for one in part.elts):
            if not -len(part.elts) <= rest[0] < len(part.elts):
                break
            part, rest = part.elts[rest[0]], rest[1:]
        if isinstance(inner, ast.Subscript) and isinstance(inner.slice, ast.Slice):
            yield Binding("element", value, node, place, inner)
            continue
        collected = any(isinstance(one, ast.Starred) and one.value is inner for one in ast.walk(target))
        yield Binding("part" if rest or collected else "value", value if collected else part, node, place if collected else rest, inner)


def _iterated(target: ast.expr, iterable: ast.expr, node: ast.AST, matches: Callable[[ast.expr], bool]) -> Iterator[Binding]:
    for inner, place in _targets(target):
        if matches(inner):
            yield Binding("element", iterable, node, place, inner)


def _targets(target: ast.expr, place: tuple[int, ...] = ()) -> Iterator[tuple[ast.expr, tuple[int, ...]]]:
    """The single targets in a target, with their places; those behind a starred one count from the end."""
    if isinstance(target, ast.Tuple | ast.List):
        starred = next((index for index, one in enumerate(target.elts) if isinstance(one, ast.Starred)), len(target.elts))
        for index, one in enumerate(target.elts):
            yield from _targets(one, (*place, index if index <= starred else index - len(target.elts)))
    elif isinstance(target, ast.Starred):
        yield from _targets(target.value, place)
    else:
        yield target, place
