"""The recorded source as syntax trees: which statement is at a line, which expression at the columns of an instruction."""

import ast
import sys
import warnings
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from tttui.store.positions import Position

if TYPE_CHECKING:
    from tttui.store.records import Code
    from tttui.store.run import Run

_LARGEST_SOURCE: Final = 4 << 20
"""Characters of the largest source that is parsed."""

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Loop = ast.For | ast.AsyncFor
COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Parsed:
    """A source file."""

    def __init__(self, tree: ast.Module | None, lines: list[str], problem: str = "") -> None:
        self._lines = lines
        self.problem = problem
        """Why there is nothing in it, where its source is known."""
        self._by_line: dict[int, list[ast.AST]] = {}
        self.parents: dict[ast.AST, ast.AST] = {}
        self._expressions: list[tuple[int, ast.expr]] = []
        self._functions: dict[int, list[Function]] = {}
        if tree is None:
            return
        waiting: list[ast.AST] = [tree]
        while waiting:
            node = waiting.pop()
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node
                waiting.append(child)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
                self._functions.setdefault(min([node.lineno, *(each.lineno for each in decorators)]), []).append(node)
            if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
                first, last = header(node)
                for line in range(first, last + 1):
                    self._by_line.setdefault(line, []).append(node)
            elif isinstance(node, ast.expr):
                self._expressions.append((node.lineno, node))
        self._expressions.sort(key=lambda pair: pair[0])

    def functions(self, line: int) -> list[Function]:
        """The functions whose code begins at a line: with their decorators, if they have some."""
        return self._functions.get(line, [])

    def line(self, number: int) -> str:
        """A line of source, without the space around it; empty where it isn't known."""
        return self._lines[number - 1].strip() if 0 < number <= len(self._lines) else ""

    def statements(self, line: int) -> list[ast.AST]:
        """The statements, handlers and cases whose own lines (of compound ones the header) hold a line, outer ones first."""
        return sorted(self._by_line.get(line, []), key=lambda node: (header(node)[0], getattr(node, "col_offset", 0)))

    def expressions(self, line: int) -> Iterator[ast.expr]:
        """All expressions of the statements at a line, outer ones first."""
        for node in self.statements(line):
            for part in own_parts(node):
                yield from (inner for inner in walk(part) if isinstance(inner, ast.expr))

    def expression(self, place: Position) -> ast.expr | None:
        """The expression that an instruction is about: the one with its columns, else the smallest around them."""
        if place.line is None or place.column is None or place.end_line is None or place.end_column is None:
            return None
        start, stop = (place.line, place.column), (place.end_line, place.end_column)
        best: ast.expr | None = None
        size = None
        last = bisect_right(self._expressions, place.line, key=lambda pair: pair[0])
        for _, node in self._expressions[:last]:
            first = (node.lineno, node.col_offset)
            behind = (node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
            if (first, behind) == (start, stop):
                # `(yield)` and the like: the outer one of two with the same columns does the work.
                return node
            if first <= start and stop <= behind:
                here = (behind[0] - first[0], behind[1] - first[1])
                if size is None or here < size:
                    best, size = node, here
        return best

    def enclosing(self, node: ast.AST, *kinds: type[ast.AST]) -> ast.AST | None:
        """The nearest node around one that is of one of some kinds."""
        found = self.parents.get(node)
        while found is not None and not isinstance(found, kinds):
            found = self.parents.get(found)
        return found


def only_in_comprehensions(run: "Run", code: "Code", name: str) -> bool:
    """Whether a function binds a name in comprehensions alone. From 3.12 on it has a variable of that name then, but anywhere
    else in it the name means what it means outside.
    """
    file = parsed(run, code.file)
    for node in file.functions(code.first_line):
        if (node.name if not isinstance(node, ast.Lambda) else "<lambda>") == code.name:
            return name not in _bound(node)
    return False


def _bound(function: Function) -> set[str]:
    """The names that a function binds itself: not in the comprehensions, functions and classes in it."""
    spec = function.args
    arguments = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *filter(None, (spec.vararg, spec.kwarg))]
    found = {argument.arg for argument in arguments}
    waiting: list[ast.AST] = [function.body] if isinstance(function, ast.Lambda) else list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, COMPREHENSIONS):
            # `:=` in a comprehension binds outside of it.
            found.update(inner.target.id for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr))
            continue
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
            waiting += node.decorator_list
            continue
        elif isinstance(node, ast.Lambda):
            continue
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
            found.add(node.name or "")
        elif isinstance(node, ast.MatchMapping):
            found.add(node.rest or "")
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        waiting += ast.iter_child_nodes(node)
    return found


_known: "WeakKeyDictionary[Run, dict[int, Parsed]]" = WeakKeyDictionary()


def parsed(run: "Run", file: int) -> Parsed:
    """A source file of a run; without anything in it where the source isn't known, or isn't one that this Python understands."""
    files = _known.setdefault(run, {})
    found = files.get(file)
    if found is None:
        source = run.source(file) or ""
        tree = parse(source)
        versions = [".".join(map(str, version)) for version in (sys.version_info[:2], run.python)]
        problem = f"Python {versions[0]} does not understand this file: it ran on {versions[1]}" if source and tree is None else ""
        found = files[file] = Parsed(tree, source.split("\n"), problem)
    return found


def parse(source: str) -> ast.Module | None:
    """The syntax tree of a source; None where there is none."""
    if not source or len(source) > _LARGEST_SOURCE:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def ancestors(source: Parsed, node: ast.AST) -> Iterator[ast.AST]:
    """The nodes around one, up to the statement that it is in."""
    around = source.parents.get(node)
    while around is not None and not isinstance(around, ast.stmt):
        yield around
        around = source.parents.get(around)


def binds(target: ast.expr, name: str) -> bool:
    """Whether assigning to a target binds a name."""
    return any(isinstance(part, ast.Name) and part.id == name and not isinstance(part.ctx, ast.Load) for part in ast.walk(target))


def header(node: ast.AST) -> tuple[int, int]:
    """(first, last) line of a statement; of a compound one without its body."""
    first = getattr(node, "lineno", 0)
    if isinstance(node, ast.match_case):
        first = node.pattern.lineno
        return first, (node.guard.end_lineno or first) if node.guard is not None else (node.pattern.end_lineno or first)
    if isinstance(node, ast.Match):
        return first, node.subject.end_lineno or first
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.decorator_list:
        first = min(first, node.decorator_list[0].lineno)
    body = getattr(node, "body", None)
    if isinstance(body, list) and body:
        last = max([first, *(part.end_lineno or part.lineno for part in own_parts(node) if isinstance(part, ast.expr))])
        return first, max(last, min(getattr(node, "lineno", first), body[0].lineno))
    return first, getattr(node, "end_lineno", None) or first


def own_parts(node: ast.AST) -> Iterator[ast.AST]:
    """The children of a statement that belong to it itself, not to its body."""
    for name, value in ast.iter_fields(node):
        if name in ("body", "orelse", "finalbody", "handlers", "cases") and not isinstance(node, ast.expr):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it, outer ones first, without going into other functions' bodies."""
    yield node
    for child in own_parts(node) if isinstance(node, ast.stmt) else ast.iter_child_nodes(node):
        if isinstance(node, ast.Lambda) and child is node.body:
            continue
        yield from walk(child)


def leaves(node: ast.expr) -> list[ast.expr]:
    """The operands of an expression: the names, attributes, items and calls that it is computed from."""
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.Await | ast.NamedExpr | ast.Yield | ast.YieldFrom):
        return [node]
    found: list[ast.expr] = []
    if isinstance(node, COMPREHENSIONS):
        # What its own variables are comes from what it goes through.
        for generator in node.generators:
            found += leaves(generator.iter)
        return found
    if isinstance(node, ast.Lambda):
        return found
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            found += leaves(child)
        elif isinstance(child, ast.keyword):
            found += leaves(child.value)
    return found
