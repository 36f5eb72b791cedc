"""The recorded source of files, ready to be shown: lines, highlighted windows, what is stored where."""

import ast
import io
import os
import tokenize
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pygments.lexers.python import PythonLexer
from pygments.token import Token, _TokenType
from rich.segment import Segment

from tttui.report.show import source_lines
from tttui.safe import safe
from tttui.tui.lines import TAB
from tttui.tui.theme import Theme

_ROLES: Final[tuple[tuple[_TokenType, str], ...]] = (
    (Token.Comment, "comment"),
    (Token.Keyword.Constant, "constant"),
    (Token.Keyword, "keyword"),
    (Token.Operator.Word, "keyword"),
    (Token.Literal.String, "string"),
    (Token.Literal.Number, "number"),
    (Token.Name.Function, "function"),
    (Token.Name.Class, "class"),
    (Token.Name.Exception, "class"),
    (Token.Name.Decorator, "decorator"),
    (Token.Name.Builtin, "builtin"),
    (Token.Operator, "operator"),
)
_LARGEST_LINE: Final = 2_000
"""Characters of a line that are looked at: more than fit on any screen."""
_LARGEST_WINDOW: Final = 400
"""Lines that are highlighted at once, a statement that began far above included."""


class File:
    """One source file as it was recorded."""

    def __init__(self, path: str, text: str | None) -> None:
        self.path = path
        self.text = text
        self.lines: Sequence[str] = source_lines(text) if text else ()
        self._starts: list[int] | None = None
        self._stores: Mapping[int, tuple[str, ...]] | None = None
        self._reads: dict[int, dict[str, None]] = {}
        self._calls: dict[int, dict[str, None]] = {}
        self._lines_of: dict[str, list[int]] = {}
        self._statements: frozenset[int] = frozenset()
        self._windows: dict[tuple[int, int, str], dict[int, list[Segment]]] = {}
        self._on_disk: bool | None = None

    def line(self, number: int) -> str:
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else ""

    # -- highlighting

    def highlighted(self, first: int, last: int, theme: Theme) -> Mapping[int, list[Segment]]:
        """The lines first .. last as segments, safe to be shown.

        Pygments is given whole logical lines: a window cut anywhere could begin inside a string.
        """
        first, last = max(1, first), min(last, len(self.lines))
        key = (first, last, theme.name)
        known = self._windows.get(key)
        if known is None:
            if len(self._windows) > 32:
                self._windows.clear()
            known = self._windows[key] = self._highlight(first, last, theme)
        return known

    def _highlight(self, first: int, last: int, theme: Theme) -> dict[int, list[Segment]]:
        starts = self._logical_starts()
        begin = starts[max(0, bisect_right(starts, first) - 1)] if starts else first
        begin = max(begin, last - _LARGEST_WINDOW)
        text = "\n".join(line[:_LARGEST_LINE] for line in self.lines[begin - 1 : last]) + "\n"
        rows: dict[int, list[Segment]] = {number: [] for number in range(begin, last + 1)}
        number = begin
        columns = 0
        for kind, piece in PythonLexer(stripnl=False, ensurenl=False).get_tokens(text):
            style = theme.syntax[_role(kind)]
            for index, part in enumerate(piece.split("\n")):
                if index:
                    number += 1
                    columns = 0
                if part and number in rows:
                    shown = _tabs(part, columns)
                    columns += len(shown)
                    rows[number].append(Segment(safe(shown), style))
        return rows

    def _logical_starts(self) -> list[int]:
        """First lines of the logical lines, found once."""
        if self._starts is None:
            self._starts = list(_logical_starts(self.text or ""))
        return self._starts

    # -- what the lines do

    def stores(self, line: int) -> tuple[str, ...]:
        """Names that a line binds."""
        return self._analysed().get(line, ())

    def reads(self, line: int) -> tuple[str, ...]:
        """Names that a line reads, from the left."""
        self._analysed()
        return tuple(self._reads.get(line, ()))

    def calls(self, line: int) -> tuple[str, ...]:
        """What a line calls by name: ``name``, ``module.name``."""
        self._analysed()
        return tuple(self._calls.get(line, ()))

    def last_store(self, name: str, line: int) -> int:
        """The last line up to another that binds a name, 0 where there is none: a statement may have run on to that other."""
        self._analysed()
        lines = self._lines_of.get(name, ())
        place = bisect_right(lines, line)
        return lines[place - 1] if place else 0

    @property
    def statements(self) -> frozenset[int]:
        """Lines on which a statement begins, of those that can run."""
        self._analysed()
        return self._statements

    def _analysed(self) -> Mapping[int, tuple[str, ...]]:
        if self._stores is None:
            found: dict[int, dict[str, None]] = {}
            reads: list[tuple[int, int, str]] = []
            statements: set[int] = set()
            try:
                for node in ast.walk(ast.parse(self.text or "")):
                    if isinstance(node, ast.stmt) and not _has_no_code(node):
                        statements.add(node.lineno)
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                        reads.append((node.lineno, node.col_offset, node.id))
                    if isinstance(node, ast.Call) and (called := _dotted(node.func)):
                        self._calls.setdefault(node.lineno, {})[called] = None
                    for name, line in _bound(node):
                        found.setdefault(line, {})[name] = None
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                pass  # of another version of Python: it is shown without
            for line, _, name in sorted(reads):
                self._reads.setdefault(line, {})[name] = None
            self._stores = {line: tuple(names) for line, names in found.items()}
            for line in sorted(found):
                for name in found[line]:
                    self._lines_of.setdefault(name, []).append(line)
            self._statements = frozenset(statements)
        return self._stores

    # -- the file on disk

    @property
    def differs_on_disk(self) -> bool:
        """Whether the file is there and holds something else now."""
        if self._on_disk is None:
            try:
                with open(self.path, "rb") as file:
                    data = file.read(((self.text and len(self.text) * 4) or 0) + 4096)
                now = data.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
                self._on_disk = self.text is not None and now != self.text
            except OSError:
                self._on_disk = False
        return self._on_disk


class Sources:
    """The source files of a run, and which of their lines ran."""

    def __init__(self, run: Any) -> None:
        self._run = run
        self._files: dict[int, File] = {}
        self._hits: dict[int, dict[int, int]] = {}
        self._events = -1
        self._functions: tuple[int, frozenset[str]] = (-1, frozenset())
        """(events, names of all functions of which something was recorded by then)"""

    def file(self, id: int) -> File:
        known = self._files.get(id)
        if known is None:
            known = self._files[id] = File(self._run.file_path(id), self._run.source(id))
        return known

    def ran(self, function: str) -> bool:
        """Whether anything was recorded of a function of this name, wherever it is defined."""
        if self._functions[0] != self._run.events:
            self._functions = self._run.events, frozenset(code.qualname.rpartition(".")[2] for code in self._run.codes())
        return function in self._functions[1]

    def hits(self, file: int) -> Mapping[int, int]:
        """Line → how often it ran in the whole run."""
        if self._events != self._run.events:
            self._events = self._run.events
            files = {code.id: code.file for code in self._run.codes()}
            self._hits = {}
            for code, line, hits in self._run.line_hits():
                if code in files:
                    lines = self._hits.setdefault(files[code], {})
                    lines[line] = lines.get(line, 0) + hits
        return self._hits.get(file, {})


def short(path: str) -> str:
    """The name of a file, without its directories."""
    return os.path.basename(path) or path


def _tabs(text: str, column: int) -> str:
    if "\t" not in text:
        return text
    return (" " * (column % TAB) + text).expandtabs(TAB)[column % TAB :]


def _role(kind: _TokenType) -> str:
    for token, role in _ROLES:
        if kind in token:
            return role
    return "error" if kind is Token.Error else "name"


def _logical_starts(text: str) -> Iterator[int]:
    fresh = True
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in (tokenize.NEWLINE, tokenize.NL):
                # A newline inside brackets is NL too, but the logical line goes on: only a line that has a NEWLINE
                # or nothing before it ends one.
                fresh = fresh or token.type == tokenize.NEWLINE
            elif fresh and token.type not in (tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.COMMENT):
                yield token.start[0]
                fresh = False
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return


def _dotted(node: ast.expr) -> str:
    """A name with attributes as it is written; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _has_no_code(node: ast.stmt) -> bool:
    """Whether a statement says something to the compiler alone: it can't be said of it that it never ran."""
    if isinstance(node, ast.AnnAssign):
        return node.value is None
    return isinstance(node, (ast.Global, ast.Nonlocal)) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _bound(node: ast.AST) -> Iterator[tuple[str, int]]:
    """(name, line) of what a node binds."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id, node.lineno
    elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield node.target.id, node.lineno
    elif isinstance(node, ast.arg):
        yield node.arg, node.lineno
    elif isinstance(node, ast.ExceptHandler) and node.name:
        yield node.name, node.lineno
