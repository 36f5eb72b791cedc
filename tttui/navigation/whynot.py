"""Why not this line? The last branch that went elsewhere, and what its test saw.

The statements around the line are gates: `if`, `while`, `for`, `try`, `match`, the function itself. The last call of the
function shows which lines ran; the outermost gate that was reached but not passed is where the way went elsewhere. Where
none was reached, something before it left: a `return`, a `raise`, an exception; that line has its own reason for running.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from tttui.navigation.calltree import Call, CallTree
from tttui.navigation.filters import HANDLED, LINE, RAISE, RERAISE, RETURN, UNWIND, EventFilter
from tttui.navigation.frames import chunk_of_call
from tttui.navigation.looking import UNBOUND, Look
from tttui.navigation.parsed import Parsed, header, leaves, parsed, walk
from tttui.navigation.search import Search
from tttui.navigation.sources import Sources
from tttui.store.records import Code, Value
from tttui.store.stream import EVENTS

if TYPE_CHECKING:
    from tttui.store.run import Run

Reason = Literal["branch", "left", "raised", "not called", "not reached", "ran", "no code", "unknown"]

_DEEPEST: Final = 12
"""Callers and reasons that are followed."""
_MOST_VALUES: Final = 30


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a line did not run before a position."""

    reason: Reason
    text: str
    """One sentence for people."""
    event: int | None
    """The position to jump to: the branch, the return, the raise, the line that didn't call; where it ran, that."""
    function: str
    file: str
    line: int
    test: str
    """Source text of the branch's test, empty where there is none."""
    values: tuple[tuple[str, Value], ...]
    """What each name, attribute and item in the test was."""
    because: "WhyNot | None" = None
    """Why that line (a return, a call) ran, or did not."""


@dataclass(frozen=True, slots=True)
class _Ran:
    """What one call did before the position, from its end backwards."""

    call: Call
    code: Code
    lines: tuple[tuple[int, int], ...]
    """(event, line) of its line events."""
    left: tuple[int, int, int] | None
    """(event, kind, line) with which it ended; None where it hadn't at the position."""


def why_not(run: "Run", event: int, file: str, line: int) -> WhyNot:
    """Why a line did not run (again) before an event; `file` as the recording has it, or the end of its path."""
    return _Asker(run, event).line(file, line)


class _Asker:
    def __init__(self, run: "Run", event: int) -> None:
        self._run = run
        self._event = event
        self._tree = CallTree(run)
        self._sources = Sources(run)
        self._search = Search(run)

    def line(self, name: str, line: int) -> WhyNot:
        files = self._sources.files(name)
        codes = [code for file in files for code in self._codes_at(file, line)]
        if not codes:
            return self._without_code(files, line)
        last = self._last_call(codes)
        if last is None:
            return self._not_called(codes, line, 0)
        return self._in_call(self._ran(last), line, 0)

    # -- which code

    def _codes_at(self, file: int, line: int) -> list[Code]:
        """The innermost function that a line is in, as code objects of which some ran."""
        source = parsed(self._run, file)
        statements = source.statements(line)
        if not statements:
            return []
        function = source.enclosing(statements[-1], ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        if isinstance(statements[-1], ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and len(statements) == 1:
            function = source.enclosing(statements[-1], ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        wanted = function.name if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else "<module>"
        first = header(function)[0] if function is not None else 0
        return [code for code in self._run.codes() if code.file == file and code.name == wanted and (not first or code.first_line == first)]

    def _without_code(self, files: Sequence[int], line: int) -> WhyNot:
        source = parsed(self._run, files[0])
        path = self._run.file_path(files[0])
        statements = source.statements(line)
        if source.problem:
            return WhyNot("unknown", source.problem, None, "", path, line, "", ())
        if not statements:
            return WhyNot("no code", f"there is no statement at line {line}", None, "", path, line, "", ())
        function = source.enclosing(statements[-1], ast.FunctionDef, ast.AsyncFunctionDef)
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            return WhyNot("unknown", f"no code of line {line} was recorded", None, "", path, line, "", ())
        return self._never_called(files[0], function.name, path, line, 0)

    def _last_call(self, codes: Sequence[Code]) -> Call | None:
        """The innermost frame of these code objects, else the call of them that was the last to begin before the position."""
        state = self._run.state(self._event)
        ids = {code.id for code in codes}
        for frame in reversed(state["threads"][state["thread"]]):
            if frame[1] in ids:
                return self._tree.call(frame[0])
        found: list[Call] = []
        for code in codes:
            begun = self._tree.calls_of(code.id, after=state["calls"] + 1, backwards=True)
            found += [call for call in (next(begun, None),) if call is not None]
        return max(found, key=lambda call: call.start, default=None)

    def _ran(self, call: Call) -> _Ran:
        """The lines that a call ran before the position, the latest stretch of it."""
        run = self._run
        code = run.code(call.code)
        stop = self._event + 1 if call.end is None else min(self._event + 1, call.end + 1)
        lines: list[tuple[int, int]] = []
        left = None
        begun = chunk_of_call(run, call.call)
        first = begun.id if begun is not None else 0
        chunks = run.chunks()
        for number in range(run.chunk_of(max(0, stop - 1)).id, first - 1, -1):
            chunk = chunks[number]
            if not run.has(chunk, "code", code.id):
                continue
            rows = [row for row in run.rows_of(chunk, EVENTS, None, min(stop, chunk.first_event + chunk.events)) if row[5] == call.call]
            if left is None and rows and rows[-1][2] in (RETURN, UNWIND):
                left = rows[-1][1], rows[-1][2], rows[-1][7]
            lines[:0] = [(row[1], row[7]) for row in rows if row[2] == LINE]
            if len(lines) > _MOST_LINES:
                break
        return _Ran(call, code, tuple(lines), left)

    # -- in a call

    def _in_call(self, ran: _Ran, line: int, deep: int) -> WhyNot:
        source = parsed(self._run, ran.code.file)
        statements = source.statements(line)
        wanted = range(*_span(statements[-1])) if statements else range(line, line + 1)
        hits = [(event, at) for event, at in ran.lines if at in wanted and event < self._event]
        reason = self._elsewhere(ran, source, statements[-1], line, deep) if statements else None
        if reason is not None and (not hits or (reason.event is not None and reason.event > hits[-1][0])):
            return reason
        if hits:
            return self._made(ran, "ran", f"line {line} ran at event {hits[-1][0]}", hits[-1][0], line)
        if ran.left is None:
            return self._made(ran, "not reached", f"{ran.code.qualname} had not come to line {line} yet", None, line)
        return self._made(ran, "unknown", f"what kept {ran.code.qualname} from line {line} is not clear", ran.left[0], ran.left[2])

    def _elsewhere(self, ran: _Ran, source: Parsed, statement: ast.AST, line: int, deep: int) -> WhyNot | None:
        """The outermost gate around a statement at which the way went elsewhere, the last time."""
        gates = list(_gates(source, statement))
        after = -1
        ended: WhyNot | None = None
        for gate, child in reversed(gates):
            last = self._reached(ran, gate, after)
            if last is None:
                return self._before(ran, source, gate, line, after, deep)
            if isinstance(gate, ast.match_case):
                continue  # the match around it has told
            if isinstance(gate, ast.With | ast.AsyncWith):
                # Its line runs once more when it is left.
                last = self._entered(ran, gate, after) or last
            elif isinstance(gate, ast.For | ast.AsyncFor | ast.While) and child in gate.body:
                # What counts is the last time round: a loop always ends in a test that says no.
                entered = self._entered(ran, gate, after)
                if entered is not None and entered != last:
                    ended = self._refused(ran, source, gate, child, line, last, deep) or ended
                    last = entered
            passed = self._reached_child(ran, gate, child, last)
            if passed is None:
                return self._refused(ran, source, gate, child, line, last, deep)
            after = last
        if self._reached(ran, statement, after) is None:
            return self._before(ran, source, statement, line, after, deep)
        return ended

    @staticmethod
    def _entered(ran: _Ran, gate: ast.For | ast.AsyncFor | ast.While | ast.With | ast.AsyncWith, after: int) -> int | None:
        """The last event behind another one at which the header of a loop or a `with` ran and its body then did."""
        head, body = range(*_span(gate)), range(gate.body[0].lineno, (gate.body[-1].end_lineno or gate.body[-1].lineno) + 1)
        inside = False
        for event, at in reversed(ran.lines):
            if event <= after:
                return None
            if at in head and inside:
                return event
            inside = at in body
        return None

    @staticmethod
    def _reached(ran: _Ran, node: ast.AST, after: int) -> int | None:
        """The last event behind another one at which a statement's own line ran."""
        first, last = header(node)
        return next((event for event, at in reversed(ran.lines) if event > after and first <= at <= last), None)

    @staticmethod
    def _reached_child(ran: _Ran, gate: ast.AST, child: ast.AST, after: int) -> int | None:
        """Whether the part of a gate in which the statement is ran behind an event."""
        first, last = _block_of(gate, child)
        return next((event for event, at in ran.lines if event > after and first <= at <= last), None)

    def _refused(self, ran: _Ran, source: Parsed, gate: ast.AST, child: ast.AST, line: int, event: int, deep: int) -> WhyNot | None:
        """A gate that was reached, and not passed into the part where the statement is."""
        at = next(line_ for when, line_ in ran.lines if when == event)
        if isinstance(gate, ast.If | ast.While):
            inside = child in gate.body
            if isinstance(gate, ast.While) and not inside and (left := self._jump(source, child, ran, event)) is not None:
                return self._left_by(ran, source, *left, deep)
            test = ast.unparse(gate.test)
            text = f"`{test}` at line {gate.lineno} was {'false' if inside else 'true'}"
            return self._made(ran, "branch", text, event, at, test, self._values(ran, event, gate.test))
        if isinstance(gate, ast.For | ast.AsyncFor):
            test = ast.unparse(gate.iter)
            text = f"`{test}` at line {gate.lineno} had nothing (more) to go through"
            if child in gate.orelse:
                if (left := self._jump(source, child, ran, event)) is not None:
                    return self._left_by(ran, source, *left, deep)
                text = f"the loop at line {gate.lineno} was left by a break"
            return self._made(ran, "branch", text, event, at, test, self._values(ran, event, gate.iter))
        if isinstance(gate, ast.Match) and isinstance(child, ast.match_case):
            test = ast.unparse(gate.subject)
            case = ast.unparse(child.pattern) + (f" if {ast.unparse(child.guard)}" if child.guard is not None else "")
            text = f"`match {test}` at line {gate.lineno} did not come to, or did not take `case {case}`"
            return self._made(ran, "branch", text, event, at, test, self._values(ran, event, gate.subject, child.guard))
        if isinstance(gate, ast.ExceptHandler):
            test = ast.unparse(gate.type) if gate.type is not None else ""
            return self._made(ran, "branch", f"`except {test}` did not fit the exception", event, at, test, ())
        if isinstance(gate, ast.Try | ast.TryStar):
            if child in gate.handlers:
                return self._made(ran, "branch", f"nothing was raised in the try at line {gate.lineno} that its handlers saw", event, at)
            if child in gate.orelse:
                return self._made(ran, "branch", f"an exception left the try at line {gate.lineno}", event, at)
        return self._before(ran, source, child, line, event, deep)

    def _before(self, ran: _Ran, source: Parsed, statement: ast.AST, line: int, after: int, deep: int) -> WhyNot | None:
        """A statement that wasn't reached in its block: what was the last to run in there left it, or is still at it."""
        last = next(((event, at) for event, at in reversed(ran.lines) if event > after), None)
        thrown = self._thrown(ran, source, statement, after)
        if thrown is not None and (ran.left is None or ran.left[1] != UNWIND):
            event, at, ran_at = thrown
            text = f"an exception at line {at} kept it from going on"
            return self._made(ran, "raised", text, event, at, "", (), self._why_ran(ran, source, ran_at, at, deep))
        if ran.left is None:
            # Left for another part of the function, or simply not there yet?
            jump = self._jump(source, statement, ran, after)
            if jump is not None:
                return self._left_by(ran, source, jump[0], jump[1], deep)
            if last is not None and last[1] > (getattr(statement, "end_lineno", 0) or 0):
                return self._made(ran, "unknown", f"line {line} was passed over", last[0], last[1])
            return None
        event, kind, at = ran.left
        if kind == UNWIND:
            where = next((row for row in reversed(ran.lines)), (event, at))
            text = f"an exception left {ran.code.qualname} at line {at}"
            return self._made(ran, "raised", text, where[0], at, "", (), self._why_ran(ran, source, where[0], at, deep))
        jump = self._jump(source, statement, ran, after) or last
        if jump is None:
            return self._made(ran, "left", f"{ran.code.qualname} returned at line {at}", event, at)
        return self._left_by(ran, source, jump[0], jump[1], deep)

    def _thrown(self, ran: _Ran, source: Parsed, statement: ast.AST, after: int) -> tuple[int, int, int] | None:
        """(event of the exception, its line, event of that) where the last line that ran in a statement's block, in front of it, raised."""
        parent = source.parents.get(statement)
        first, _ = _block_of(parent, statement) if parent is not None else header(statement)
        place = next((index for index, (_, at) in reversed(list(enumerate(ran.lines))) if first <= at < header(statement)[0]), None)
        if place is None or ran.lines[place][0] <= after:
            return None
        event, at = ran.lines[place]
        stop = ran.lines[place + 1][0] if place + 1 < len(ran.lines) else self._event + 1
        wanted = EventFilter(kinds=1 << RAISE | 1 << RERAISE | 1 << HANDLED, call=ran.call.call, codes=frozenset({ran.code.id}))
        found = self._search.after(wanted, event, stop=stop)
        return None if found is None else (found.number, at, event)

    def _jump(self, source: Parsed, statement: ast.AST, ran: _Ran, after: int) -> tuple[int, int] | None:
        """The last return, break, continue or raise that ran behind an event, in front of a statement."""
        for event, at in reversed(ran.lines):
            if event <= after:
                return None
            if at < header(statement)[0] and any(
                isinstance(one, ast.Return | ast.Break | ast.Continue | ast.Raise) for one in source.statements(at)
            ):
                return event, at
        return None

    def _left_by(self, ran: _Ran, source: Parsed, event: int, at: int, deep: int) -> WhyNot:
        text = source.line(at)
        because = self._why_ran(ran, source, event, at, deep)
        return self._made(ran, "left", f"`{text}` at line {at} left before that", event, at, "", (), because)

    def _why_ran(self, ran: _Ran, source: Parsed, event: int, line: int, deep: int) -> WhyNot | None:
        """The branch that let a line run: the nearest test around it, with what it saw."""
        statements = source.statements(line)
        if not statements or deep > _DEEPEST:
            return None
        for gate, child in _gates(source, statements[-1]):
            if not isinstance(gate, ast.If | ast.While):
                continue
            tested = [when for when, at in ran.lines if when <= event and header(gate)[0] <= at <= header(gate)[1]]
            if tested:
                test = ast.unparse(gate.test)
                text = f"`{test}` at line {gate.lineno} was {'true' if child in gate.body else 'false'}"
                return self._made(ran, "branch", text, tested[-1], gate.lineno, test, self._values(ran, tested[-1], gate.test))
        return None

    def _values(self, ran: _Ran, event: int, *tests: ast.expr | None) -> tuple[tuple[str, Value], ...]:
        """What the names, attributes and items in a test were when it ran."""
        look = Look(self._run, event, call=ran.call.call)
        found: dict[str, Value] = {}
        for test in tests:
            for node in leaves(test) if test is not None else ():
                for part in walk(node):
                    if isinstance(part, ast.Name | ast.Attribute | ast.Subscript) and isinstance(part.ctx, ast.Load):
                        raw = look.value(part)
                        value = self._run.value(raw, event, depth=1) if raw != UNBOUND else None
                        if value is not None and value.type not in _DEFINITIONS and len(found) < _MOST_VALUES:
                            found.setdefault(ast.unparse(part), value)
        return tuple(found.items())

    # -- not in a call

    def _not_called(self, codes: Sequence[Code], line: int, deep: int) -> WhyNot:
        """The function had not been called before the position."""
        code = codes[0]
        return self._never_called(code.file, code.name, self._run.file_path(code.file), line, deep)

    def _never_called(self, file: int, name: str, path: str, line: int, deep: int) -> WhyNot:
        run = self._run
        text = f"{name} was not called"
        if deep > _DEEPEST:
            return WhyNot("not called", text, None, name, path, line, "", ())
        for call, calling in self._callers(name):
            ran = self._ran(call)
            because = self._in_call(ran, calling, deep + 1)
            if because.reason in ("ran", "unknown"):
                continue
            where = f"{text}: line {calling} of {ran.code.qualname}, which calls it, did not run"
            return WhyNot(
                "not called", where, because.event, ran.code.qualname, run.file_path(ran.code.file), because.line, "", (), because
            )
        return WhyNot("not called", text, None, name, path, line, "", ())

    def _callers(self, name: str) -> Iterator[tuple[Call, int]]:
        """Calls that were open at the position or ran last before it, and the lines in them that call a function of a name."""
        run = self._run
        state = run.state(self._event)
        open_codes = {frame[1]: frame[0] for stack in state["threads"].values() for frame in stack}
        codes = sorted(run.codes(), key=lambda code: code.id not in open_codes)
        for code in codes:
            source = parsed(run, code.file)
            for line in _lines_calling(source, code, name):
                call = open_codes.get(code.id)
                found = self._tree.call(call) if call is not None else self._last_call([code])
                if found is not None:
                    yield found, line

    def _made(
        self,
        ran: _Ran,
        reason: Reason,
        text: str,
        event: int | None,
        line: int,
        test: str = "",
        values: tuple[tuple[str, Value], ...] = (),
        because: WhyNot | None = None,
    ) -> WhyNot:
        return WhyNot(reason, text, event, ran.code.qualname, self._run.file_path(ran.code.file), line, test, values, because)


_MOST_LINES: Final = 400_000
_DEFINITIONS: Final = frozenset({"function", "type", "module", "builtin_function_or_method"})
_Gate = (
    ast.If | ast.While | ast.For | ast.AsyncFor | ast.Match | ast.match_case | ast.Try | ast.TryStar | ast.ExceptHandler
    | ast.With | ast.AsyncWith
)  # fmt: skip


def _gates(source: Parsed, statement: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """(a compound statement, the part of it that leads to the statement), the innermost first."""
    child, node = statement, source.parents.get(statement)
    while node is not None and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.Module):
        if isinstance(node, _Gate):
            yield node, child
        child, node = node, source.parents.get(node)


def _block_of(gate: ast.AST, child: ast.AST) -> tuple[int, int]:
    """(first, last) line of the block of a compound statement in which a part of it stands."""
    if isinstance(child, ast.match_case):
        # The pattern is tested on its own line, which says nothing about whether it matched.
        return child.body[0].lineno, child.body[-1].end_lineno or child.body[-1].lineno
    for name in ("body", "orelse", "finalbody"):
        block = getattr(gate, name, None)
        if isinstance(block, list) and child in block:
            return block[0].lineno, block[-1].end_lineno or block[-1].lineno
    return header(child)[0], getattr(child, "end_lineno", None) or header(child)[1]


def _span(statement: ast.AST) -> tuple[int, int]:
    first, last = header(statement)
    return first, last + 1


def _lines_calling(source: Parsed, code: Code, name: str) -> list[int]:
    """The lines of a code object's function on which something of a name is called."""
    found: list[int] = []
    for node, parent in source.parents.items():
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
        if called != name:
            continue
        function = source.enclosing(node, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        own = getattr(function, "name", "<lambda>") if function is not None else "<module>"
        first = header(function)[0] if function is not None and not isinstance(function, ast.Lambda) else None
        if own == code.name and (first is None or first == code.first_line):
            found.append(parent.lineno if isinstance(parent, ast.stmt) else node.lineno)
    return sorted(set(found))
