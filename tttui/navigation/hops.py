"""What the ways back of values are made of: what is asked for, and the hops that answer."""

import ast
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from tttui.navigation.calltree import CallTree
from tttui.navigation.filters import CALL, LINE
from tttui.navigation.frames import last_event
from tttui.navigation.looking import UNBOUND, Look, unparsed
from tttui.navigation.parsed import parsed
from tttui.navigation.targets import Target
from tttui.navigation.writes import RawWrite, Write
from tttui.store.records import Value
from tttui.store.stream import Raw

if TYPE_CHECKING:
    from tttui.store.run import Run

HopKind = Literal[
    "write", "argument", "return", "yield", "element", "operand",
    "literal", "input", "unrecorded call", "creation", "default", "sent", "unknown",
]  # fmt: skip
"""The last seven end the way."""

_FINAL: Final = frozenset({"literal", "input", "unrecorded call", "creation", "default", "sent", "unknown"})
_LONGEST: Final = 80
_MOST_SUSPENSIONS: Final = 100
"""An `async for` in a comprehension may suspend one line very often."""


@dataclass(frozen=True, slots=True)
class AskedExpression:
    """Asks for the value that an expression had in a frame whose line ran at `event`, and was done before `stop`."""

    node: ast.expr
    event: int
    stop: int
    call: int
    code: int
    expected: Raw = UNBOUND
    """Its value, where that is known already."""
    asked_at: int = 0
    """The line at which it is asked for, where it stands in no source; else 0."""


@dataclass(frozen=True, slots=True)
class AskedPlace:
    """Asks for the last write of a target at an event."""

    target: Target
    event: int
    name: str
    """Of the variable, for one that is in a cell."""


Source = AskedExpression | AskedPlace


@dataclass(frozen=True, slots=True)
class Hop:
    """One step on the way back."""

    kind: HopKind
    what: str
    """Source text of what this is about: ``total``, ``account.balance``, ``fee(amount)``."""
    text: str
    """One sentence for people."""
    event: int
    """The position to jump to."""
    function: str
    file: str
    line: int
    value: Value | None
    """What it was; None where that is not known."""
    source: str
    """The line of source, stripped; empty where it isn't known."""
    final: bool
    """Whether the way ends here: a literal, an input, a call into code that was not recorded."""
    raw: Raw = field(default=UNBOUND, repr=False, compare=False)
    leads_to: tuple[Source, ...] = field(default=(), repr=False, compare=False)
    """What `operands` asks for."""


class Hops(ABC):
    """Makes hops. Classes for calls, expressions and writes stand on each other and ask by these two, whichever of them answers."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._tree = CallTree(run)

    @abstractmethod
    def expression(self, asked: AskedExpression) -> Hop:
        """Where the value of an expression came from."""

    @abstractmethod
    def place(self, asked: AskedPlace) -> Hop:
        """Who wrote a variable, attribute or item last."""

    # -- what leads on

    @staticmethod
    def _inner(asked: AskedExpression, node: ast.expr) -> AskedExpression:
        return AskedExpression(node, asked.event, asked.stop, asked.call, asked.code, asked_at=asked.asked_at)

    def _of(self, write: Write, raw: RawWrite, node: ast.expr, whole: bool = False) -> AskedExpression:
        """`whole`: what was written is the value of the expression."""
        assert write.by is not None
        expected = raw.new if whole else UNBOUND
        return AskedExpression(
            node, self._beginning_of_line(write.by, raw.by_call, raw.by_code), raw.event, raw.by_call, raw.by_code, expected
        )

    def _beginning_of_line(self, event: int, call: int, code: int) -> int:
        """The event with which the line began that goes on at an event: an `await` in it suspends the frame in between."""
        for _ in range(_MOST_SUSPENSIONS):
            if self._run.state(event)["kind"] in (LINE, CALL):
                break
            before = last_event(self._run, call, code, event)
            if before is None:
                break
            event = before
        return event

    # -- hops

    def _operand(self, asked: AskedExpression, nodes: tuple[ast.expr, ...], text: str) -> Hop:
        if not nodes:
            kind: HopKind = "creation" if isinstance(asked.node, ast.List | ast.Dict | ast.Set | ast.ListComp) else "literal"
            return self._hop(kind, asked, f"{short(asked.node)} stands there as it is")
        return self._hop("operand", asked, text, leads_to=tuple(self._inner(asked, node) for node in nodes))

    def _hop(self, kind: HopKind, asked: AskedExpression, text: str, *, raw: Raw = UNBOUND, leads_to: tuple[Source, ...] = ()) -> Hop:
        run = self._run
        code = run.code(asked.code) if asked.code else None
        line = (asked.asked_at or asked.node.lineno) if asked.code else 0
        value: Value | None = None
        if raw == UNBOUND:
            raw = asked.expected
        if raw == UNBOUND and kind != "literal":
            computed = Look(run, asked.event, call=asked.call).computed(asked.node) if kind == "operand" else None
            if computed is not None:
                raw = computed[0]
        if raw != UNBOUND:
            value = run.value(raw, asked.event if asked.expected == UNBOUND else min(asked.stop, run.events - 1), depth=1)
        return Hop(
            kind,
            unparsed(asked.node),
            text,
            asked.event,
            code.qualname if code is not None else "",
            run.file_path(code.file) if code is not None else "",
            line,
            value,
            parsed(run, code.file).line(line) if code is not None else "",
            kind in _FINAL,
            raw,
            leads_to,
        )

    def _from(self, write: Write, raw: RawWrite, kind: HopKind, what: str, text: str, leads_to: tuple[Source, ...] = ()) -> Hop:
        """A hop to the line that wrote something."""
        assert write.by is not None
        source = parsed(self._run, self._run.code(raw.by_code).file).line(raw.by_line)
        return Hop(
            kind, what, text, write.by, write.function, write.file, raw.by_line, write.new, source, kind in _FINAL, raw.new, leads_to
        )

    def _at(self, event: int, kind: HopKind, what: str, text: str, raw: Raw = UNBOUND) -> Hop:
        run = self._run
        state = run.state(event)
        frame = state["threads"][state["thread"]][-1]
        code = run.code(frame[1])
        value = run.value(raw, event, depth=1)
        source = parsed(run, code.file).line(frame[2])
        return Hop(kind, what, text, event, code.qualname, run.file_path(code.file), frame[2], value, source, kind in _FINAL, raw)


def last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def short(node: ast.AST) -> str:
    text = unparsed(node)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
