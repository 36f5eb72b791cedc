"""Which lines belong to one statement, so that moves stop once at each; read from the recorded source."""

import ast
import warnings
from array import array
from collections.abc import Iterator
from typing import Final

from tttui.store.records import Code
from tttui.store.run import Run

_LARGEST_SOURCE: Final = 4 << 20
"""Characters of the largest source that is looked into; in a larger one every line is a statement."""
_LARGEST_LINE: Final = (1 << 32) - 1

_WRAPPER: Final = "async_generator_wrapped_value"

CO_COROUTINE: Final = 0x80
CO_GENERATOR: Final = 0x20
CO_ITERABLE_COROUTINE: Final = 0x100
CO_ASYNC_GENERATOR: Final = 0x200
_WAITS: Final = CO_COROUTINE | CO_ITERABLE_COROUTINE
_SUSPENDS: Final = CO_GENERATOR | _WAITS | CO_ASYNC_GENERATOR


def can_suspend(code: Code) -> bool:
    """Whether calls of it leave the stack and come back: generators and coroutines."""
    return bool(code.flags & _SUSPENDS)


def statement_ranges(source: str) -> list[tuple[int, int]]:
    """(first, last) line of each statement of several lines, in order, not overlapping.

    Of a compound statement its header counts, with its decorators; its body is other statements. Empty where the source
    is none that this Python understands.
    """
    if len(source) > _LARGEST_SOURCE:
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
        found = sorted(_ranges(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    ranges: list[tuple[int, int]] = []
    for first, last in found:
        # Two statements may share a line (`x = [` ... `]; y = [`): it belongs to the first.
        if not ranges or first > ranges[-1][1]:
            ranges.append((first, last))
    return ranges


def _ranges(tree: ast.AST) -> Iterator[tuple[int, int]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        inner: list[ast.AST] = []
        first, last = getattr(node, "lineno", 0), getattr(node, "lineno", 0)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
                inner.append(child)
            else:
                first, last = _extent(child, first, last)
        if not inner:
            last = max(last, getattr(node, "end_lineno", None) or 0)
        waiting += inner
        if 0 < first < last:
            yield first, last


def _extent(node: ast.AST, first: int, last: int) -> tuple[int, int]:
    """`first` and `last`, moved apart by the lines of an expression (or of what has expressions in it)."""
    start, end = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
    if start is not None and end is not None:
        return min(first or start, start), max(last, end)
    for child in ast.iter_child_nodes(node):
        first, last = _extent(child, first, last)
    return first, last


class StopTables(dict[int, bytes]):
    """What the native reader must know of a code to tell its stops, made when it first asks."""

    def __init__(self, run: Run, by_statement: bool) -> None:
        super().__init__()
        self._run = run
        self._by_statement = by_statement
        self._wrapper = 0
        self._ranges: dict[int, list[int]] = {}

    def __missing__(self, id_: int) -> bytes:
        code = self._run.code(id_)
        yields, is_certain = self._yields(code)
        numbers = [yields]
        # Lambdas and comprehensions lie within a statement: in them every line counts.
        if self._by_statement and (not code.name.startswith("<") or code.name == "<module>"):
            numbers += self._ranges_of(code.file)
        table = array("I", numbers).tobytes()
        if is_certain:
            self[id_] = table
        return table

    def _yields(self, code: Code) -> tuple[int, bool]:
        """(which yields are stops, whether that stays so while the recording grows).

        0: all. 1: none, a coroutine only waits by them. 2 + a type's id: those that hand out such a thing: that is how an
        async generator's own yields look, it waits by the others.
        """
        if code.flags & _WAITS:
            return 1, True
        if not code.flags & CO_ASYNC_GENERATOR:
            return 0, True
        if not self._wrapper:
            self._wrapper = next((id_ for id_, (name, _) in self._run.types_by_id().items() if name == _WRAPPER), 0)
        return (2 + self._wrapper, True) if self._wrapper else (1, False)

    def is_inside(self, code: int, line: int) -> bool:
        """Whether a line belongs to a statement that begins on an earlier one."""
        numbers = array("I", self[code])
        return any(numbers[index] < line <= numbers[index + 1] for index in range(1, len(numbers), 2))

    def _ranges_of(self, file: int) -> list[int]:
        known = self._ranges.get(file)
        if known is None:
            source = self._run.source(file)
            pairs = statement_ranges(source) if source is not None else []
            known = self._ranges[file] = [line for pair in pairs if pair[1] <= _LARGEST_LINE for line in pair]
        return known
