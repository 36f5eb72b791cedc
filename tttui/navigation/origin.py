"""Why this value? From a value back to where it came from, hop by hop.

A hop asks either where an expression's value came from, or who wrote a variable, attribute or item last. The line
that wrote it is read from the recorded source: the expression on it that gave the value is the next to ask for. A
call in it leads into the function that was called, to what it returned; a parameter leads to the caller.
"""

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

from tttui.navigation.arguments import argument_of
from tttui.navigation.bindings import Binding, bindings_of_attribute, bindings_of_item, bindings_of_name
from tttui.navigation.calltree import Call, CallTree
from tttui.navigation.chosen import chosen_operand
from tttui.navigation.elements import element_of, item_moved, item_taken
from tttui.navigation.failure import Step, steps
from tttui.navigation.failure import origin as raise_of
from tttui.navigation.filters import CALL, LINE, YIELD
from tttui.navigation.frames import last_event
from tttui.navigation.looking import UNBOUND, Look, items_of, parse_path, unparsed
from tttui.navigation.made import calling_expression, made_by
from tttui.navigation.parsed import COMPREHENSIONS, Parsed, ancestors, binds, leaves, parsed
from tttui.navigation.targets import Target
from tttui.navigation.writes import RawWrite, Write, raw_writes, same_raw, shown
from tttui.store.records import Code, Value
from tttui.store.stream import Raw, object_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tttui.store.run import Run

HopKind = Literal[
    "write", "argument", "return", "yield", "element", "operand",
    "literal", "input", "unrecorded call", "creation", "default", "sent", "unknown",
]  # fmt: skip
"""The last seven end the way."""

CO_COROUTINE: Final = 0x80
CO_GENERATORS: Final = 0x20 | 0x200
"""co_flags of functions whose calls give generators."""
_FINAL: Final = frozenset({"literal", "input", "unrecorded call", "creation", "default", "sent", "unknown"})
_MOST_HOPS: Final = 1000
_LONGEST: Final = 80
_MOST_SUSPENSIONS: Final = 100
"""An `async for` in a comprehension may suspend one line very often."""
_INPUTS: Final = frozenset(
    {
        "input", "read", "readline", "readlines", "read_text", "read_bytes", "recv", "recv_into", "getenv", "open", "getpass", "parse_args",
        "urlopen", "loads", "load", "now", "today", "time", "monotonic", "perf_counter", "time_ns", "random", "randint", "choice",
        "randrange", "uniform", "shuffle", "sample", "urandom", "uuid4", "uuid1", "token_hex", "check_output", "listdir",
    }
)  # fmt: skip
"""Functions whose results come from outside of the program; those of decoders are as good as what they decode."""
_RUNNING: Final = frozenset({"run", "run_until_complete"})
"""Functions that give what the coroutine returns that they are given."""
_TOOLS: Final = frozenset({"module", "function", "type", "builtin_function_or_method", "method"})
"""Types of what does something with values, but is none of them."""
_INPUT_NAMES: Final = frozenset({"argv", "environ", "stdin"})


@dataclass(frozen=True, slots=True)
class _Expression:
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
class _Place:
    """Asks for the last write of a target at an event."""

    target: Target
    event: int
    name: str
    """Of the variable, for one that is in a cell."""


_Source = _Expression | _Place


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
    leads_to: tuple[_Source, ...] = field(default=(), repr=False, compare=False)
    """What `operands` asks for."""


def origin(run: "Run", event: int, text: str, *, frame: int = -1, pinned: "Mapping[str, int] | None" = None) -> Iterator[Hop]:
    """The way back from what an expression (a name, attribute or item) is at an event.

    Where an expression has several operands the way follows the one that the value came from, else the one
    that was written last; `operands` gives all of them. TttuiError where the text names nothing.
    """
    node = parse_path(text)
    look = Look(run, event, frame, pinned)
    asker = _Asker(run)
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and look.frame is not None:
        target = look.target(node, text.strip())
        hop = asker.place(_Place(target, event, text.strip())) if target is not None else asker.untargeted(node, look)
    else:
        call, code, line = look.frame[:3] if look.frame is not None else (0, 0, 0)
        hop = asker.expression(_Expression(node, event, event + 1, call, code, asked_at=line))
    seen: set[tuple[int, str, str]] = set()
    while True:
        yield hop
        key = (hop.event, hop.what, hop.kind)
        if hop.final or not hop.leads_to or key in seen or len(seen) >= _MOST_HOPS:
            return
        seen.add(key)
        hop = _followed(hop, [asker.ask(source) for source in hop.leads_to])


def operands(run: "Run", hop: Hop) -> tuple[Hop, ...]:
    """The next hops from one: every operand of its expression."""
    asker = _Asker(run)
    return tuple(asker.ask(source) for source in hop.leads_to)


def _followed(hop: Hop, choices: list[Hop]) -> Hop:
    """The operand that the value came from, else the one that was written last."""
    same = [choice for choice in choices if hop.raw != UNBOUND and same_raw(choice.raw, hop.raw)]
    going_on = [choice for choice in same or choices if choice.kind != "literal"]
    return max(going_on or same or choices, key=lambda choice: choice.event)


class _Asker:
    """Makes hops."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._tree = CallTree(run)

    def ask(self, source: _Source) -> Hop:
        return self.place(source) if isinstance(source, _Place) else self.expression(source)

    # -- expressions

    def expression(self, asked: _Expression) -> Hop:
        """Where the value of an expression came from."""
        node = asked.node
        if isinstance(node, ast.NamedExpr):
            return self.expression(replace(asked, node=node.value))
        if isinstance(node, ast.Constant):
            return self._hop("literal", asked, f"{_short(node)} stands there as it is", raw=node.value)
        if isinstance(node, ast.Lambda):
            return self._hop("creation", asked, f"{_short(node)} is made there")
        if isinstance(node, ast.Yield):
            return self._hop("sent", asked, "what was sent into the generator")
        if isinstance(node, ast.YieldFrom):
            return self._delegated(asked, node)
        if isinstance(node, ast.Call | ast.Await):
            return self._called(asked, node)
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            return self._named(asked, node)
        if isinstance(node, ast.IfExp | ast.BoolOp):
            chosen = chosen_operand(Look(self._run, asked.event, call=asked.call), node, asked.expected)
            if chosen is not None:
                tested = tuple(leaf for test, _ in chosen.tests if test is not chosen.node for leaf in leaves(test))
                return self._operand(asked, (chosen.node, *tested), f"{_short(chosen.node)}, as {chosen.because}")
        if isinstance(node, ast.BinOp | ast.UnaryOp | ast.Compare):
            called = made_by(self._run, self._tree, asked.call, asked.code, asked.event, asked.stop, node)
            if called is not None and self._gave(called, asked.expected):
                return self._returned(asked, called)
        return self._operand(asked, tuple(leaves(node)), f"computed as {_short(node)}")

    def _gave(self, called: Call, expected: Raw) -> bool:
        """Whether a call of an operator's method returned what the operation gave, as far as that is known."""
        if called.end is None or called.outcome != "returned":
            return False
        return expected == UNBOUND or same_raw(self._run.state(called.end)["value"], expected)

    def _operand(self, asked: _Expression, nodes: tuple[ast.expr, ...], text: str) -> Hop:
        if not nodes:
            kind: HopKind = "creation" if isinstance(asked.node, ast.List | ast.Dict | ast.Set | ast.ListComp) else "literal"
            return self._hop(kind, asked, f"{_short(asked.node)} stands there as it is")
        return self._hop("operand", asked, text, leads_to=tuple(self._inner(asked, node) for node in nodes))

    @staticmethod
    def _inner(asked: _Expression, node: ast.expr) -> _Expression:
        return _Expression(node, asked.event, asked.stop, asked.call, asked.code, asked_at=asked.asked_at)

    def _named(self, asked: _Expression, node: ast.Name | ast.Attribute | ast.Subscript) -> Hop:
        look = Look(self._run, asked.event, call=asked.call)
        if isinstance(node, ast.Name) and (bound := self._bound_in_line(asked, node)) is not None:
            return bound
        target = look.target(node)
        if target is not None and look.of(target) != UNBOUND:
            # A part of the same line may have written it before: `a[0], x = 1, a[0]` is rare enough to be left alone.
            return self.place(_Place(target, asked.event, unparsed(node)))
        return self.untargeted(node, look, asked)

    def _bound_in_line(self, asked: _Expression, node: ast.Name) -> Hop | None:
        """A name that the expression around it binds: a comprehension's variable, or by `:=`. None where none does."""
        code = self._run.code(asked.code)
        source = parsed(self._run, code.file)
        for around in ancestors(source, node):
            if isinstance(around, COMPREHENSIONS) and code.name not in ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"):
                for generator in around.generators:
                    if binds(generator.target, node.id) and node not in ast.walk(generator.iter):
                        text = f"{node.id} was taken from {_short(generator.iter)}"
                        return self._hop("element", asked, text, leads_to=(self._inner(asked, generator.iter),))
        place = (node.lineno, node.col_offset)
        for named in source.expressions(node.lineno):
            if isinstance(named, ast.NamedExpr) and named.target.id == node.id and (named.lineno, named.col_offset) < place:
                return self._operand(asked, (named.value,), f"{node.id} was set to {_short(named.value)}")
        return None

    def untargeted(self, node: ast.Name | ast.Attribute | ast.Subscript, look: Look, asked: _Expression | None = None) -> Hop:
        """A name, attribute or item that has no place of its own in the recording."""
        if asked is None:
            assert look.frame is not None
            asked = _Expression(node, look.event, look.event + 1, look.frame[0], look.frame[1], asked_at=look.frame[2])
        if isinstance(node, ast.Attribute | ast.Subscript):
            called = made_by(self._run, self._tree, asked.call, asked.code, asked.event, asked.stop, node)
            if called is not None:
                return self._returned(asked, called)
            raw = look.value(node)
            if raw != UNBOUND or items_of(look.value(node.value)) is not None:
                return self._hop(
                    "operand",
                    asked,
                    f"{_short(node)} is a part of {_short(node.value)}",
                    raw=raw,
                    leads_to=(self._inner(asked, node.value),),
                )
            if isinstance(node, ast.Attribute) and node.attr in _INPUT_NAMES:
                return self._hop("input", asked, f"{_short(node)} comes from outside of the program")
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
                return self._operand(asked, (node.value,), f"{_short(node)} is a part of {_short(node.value)}")
            if object_of(look.value(node.value)):
                text = f"{_short(node)} is not in what was recorded of {_short(node.value)}"
                return self._hop("unknown", asked, text, leads_to=(self._inner(asked, node.value),))
            return self._hop("unknown", asked, f"what {_short(node)} is was not recorded")
        if node.id in _INPUT_NAMES:
            return self._hop("input", asked, f"{node.id} comes from outside of the program")
        known = "is one of Python's own" if hasattr(builtins, node.id) else "is not bound here, or was not recorded"
        return self._hop("unknown", asked, f"{node.id} {known}")

    # -- calls

    def _called(self, asked: _Expression, node: ast.Call | ast.Await) -> Hop:
        called = self._call_made(asked, node)
        inner = node.value if isinstance(node, ast.Await) else node
        if called is None and isinstance(node, ast.Await) and isinstance(inner, ast.Name | ast.Attribute):
            return self._hop("operand", asked, f"what {_short(inner)} gave", leads_to=(self._inner(asked, inner),))
        if called is None and isinstance(inner, ast.Call) and inner is node:
            taken = item_taken(Look(self._run, asked.event, call=asked.call), inner, asked.expected)
            if isinstance(taken, Target):
                place = _Place(taken, asked.event, taken.label)
                return self._hop("operand", asked, f"{_short(node)} is {taken.label}", raw=asked.expected, leads_to=(place,))
            if taken is not None:
                return self._operand(asked, (taken,), f"{_short(taken)}, as there was no such item")
        if called is None:
            return self._unrecorded(asked, inner)
        if called.function.rpartition(".")[2] in ("__init__", "__new__", "__post_init__") and isinstance(inner, ast.Call):
            return self._hop("creation", asked, f"made by {_short(inner)}", leads_to=self._given(asked, inner))
        return self._returned(asked, called)

    def _delegated(self, asked: _Expression, node: ast.YieldFrom) -> Hop:
        """The value of a `yield from` is what the generator returned that it went through."""
        called = made_by(self._run, self._tree, asked.call, asked.code, asked.event, asked.stop, node)
        if called is not None and called.outcome == "returned":
            return self._returned(asked, called)
        return self._hop("operand", asked, f"what {_short(node.value)} returned", leads_to=(self._inner(asked, node.value),))

    def _call_made(self, asked: _Expression, node: ast.Call | ast.Await) -> Call | None:
        """The recorded call whose result a call's value is; None where that is one that wasn't recorded, which may have called others."""
        called = made_by(self._run, self._tree, asked.call, asked.code, asked.event, asked.stop, node)
        inner = node.value if isinstance(node, ast.Await) else node
        if called is None or not isinstance(inner, ast.Call):
            return called
        code = self._run.code(called.code)
        if not code.flags & CO_GENERATORS and self._is_of(asked, inner.func, code):
            return called
        # It was called by what isn't recorded: that may have handed on what it returned (`asyncio.run(main())`).
        if called.end is None or called.outcome != "returned":
            return None
        runs = isinstance(inner.func, ast.Name | ast.Attribute) and _last_name(inner.func) in _RUNNING and code.flags & CO_COROUTINE
        if not runs and not object_of(asked.expected):
            return None
        return called if same_raw(self._run.state(called.end)["value"], asked.expected) else None

    def _is_of(self, asked: _Expression, function: ast.expr, code: Code) -> bool:
        """Whether a function that is called by an expression is the one of a code object."""
        if not isinstance(function, ast.Name | ast.Attribute):
            return True
        name = function.id if isinstance(function, ast.Name) else function.attr
        if name in (code.name, code.qualname.rpartition(".")[0].rpartition(".")[2]):
            return True
        look = Look(self._run, asked.event, call=asked.call)
        value = self._run.value(look.value(function), asked.event, depth=0)
        if value is not None:
            # Another name for it, an instance that can be called, or what a decorator made of it.
            return code.qualname in value.text or code.name == "__call__" or value.type in ("function", "type", "method")
        return (
            isinstance(function, ast.Attribute)
            and bool(object_of(look.value(function.value)))
            and not hasattr(list, name)
            and not hasattr(dict, name)
        )

    def _given(self, asked: _Expression, node: ast.expr) -> tuple[_Expression, ...]:
        if not isinstance(node, ast.Call):
            return ()
        nodes = [inner for part in (*node.args, *(keyword.value for keyword in node.keywords)) for inner in leaves(part) or [part]]
        if isinstance(node.func, ast.Attribute):
            nodes = [*leaves(node.func.value), *nodes]
        return tuple(self._inner(asked, inner) for inner in nodes)

    def _unrecorded(self, asked: _Expression, node: ast.expr) -> Hop:
        name = node.func if isinstance(node, ast.Call) else node
        last = _last_name(name)
        given = self._given(asked, node)
        if last == "range" and isinstance(node, ast.Call):
            return self._operand(asked, tuple(leaf for one in node.args for leaf in leaves(one)), f"counted by {_short(node)}")
        if last in _INPUTS or any(isinstance(part, ast.Attribute) and part.attr in _INPUT_NAMES for part in ast.walk(name)):
            return self._hop("input", asked, f"{_short(node)} brings it from outside of the program", leads_to=given)
        return self._hop("unrecorded call", asked, f"{_short(node)} runs code that was not recorded", leads_to=given)

    def _returned(self, asked: _Expression, called: Call) -> Hop:
        """What a recorded call returned."""
        run = self._run
        what = unparsed(asked.node)
        if called.end is None or called.outcome != "returned":
            return self._hop("unknown", asked, f"{called.function} had not returned")
        raw = run.state(called.end)["value"]
        by = last_event(run, called.call, called.code, called.end)
        source = parsed(run, run.code(called.code).file)
        line, given = 0, None
        if by is not None:
            line = run.state(by)["threads"][called.thread][-1][2]
            for statement in source.statements(line):
                if isinstance(statement, ast.Return) and statement.value is not None:
                    given = statement.value
            for node in source.expressions(line):
                if given is None and isinstance(node, ast.Lambda) and run.code(called.code).name == "<lambda>":
                    given = node.body
        text = f"returned by {called.function}" + ("" if given is not None else ", which ended without a return" if raw is None else "")
        leads_to: tuple[_Source, ...] = ()
        if given is not None and by is not None:
            begun = self._beginning_of_line(by, called.call, called.code)
            leads_to = (_Expression(given, begun, called.end, called.call, called.code, raw),)
        return Hop(
            "return" if leads_to else "literal" if raw is None else "unknown",
            what,
            text,
            called.end,
            called.function,
            called.file,
            line or called.line,
            run.value(raw, called.end, depth=1),
            source.line(line),
            not leads_to,
            raw,
            leads_to,
        )

    # -- writes

    def place(self, asked: _Place) -> Hop:
        """Who wrote a variable, attribute or item last."""
        raw = next(raw_writes(self._run, asked.target, 0, asked.event + 1, backwards=True), None)
        if raw is None:
            return self._at(asked.event, "unknown", asked.name, f"no write of {asked.name} was recorded")
        write = shown(self._run, raw)
        if write.by is None:
            return self._at(raw.event, "unrecorded call", asked.name, f"{asked.name} was set by code that was not recorded", raw.new)
        if self._is_argument(asked.target, raw):
            return self._argument(asked, raw, write)
        return self._written(asked, raw, write)

    def _is_argument(self, target: Target, write: RawWrite) -> bool:
        """Whether a write shows at the beginning of the call whose variable it is."""
        if target.sort not in ("variable", "cell"):
            return False
        state = self._run.state(write.event)
        return bool(state["kind"] == CALL)

    def _argument(self, asked: _Place, raw: RawWrite, write: Write) -> Hop:
        run = self._run
        assert write.by is not None
        state = run.state(raw.event)
        frame = state["threads"][state["thread"]][-1]
        code = run.code(frame[1])
        node = calling_expression(run, raw.event, raw.by_code)
        slot = asked.target.slot
        if asked.target.sort == "cell":
            slot = next((index for index, (name, _) in enumerate(code.slots) if name == asked.name), len(code.slots))
        if slot >= code.argument_count():
            return self._from(write, raw, "unknown", asked.name, f"{asked.name} was set as {code.qualname} began")
        source = parsed(run, run.code(raw.by_code).file)
        found = argument_of(code, slot, node, self._is_method(frame, raw.event, node), _stored(source, node))
        begun = self._beginning_of_line(write.by, raw.by_call, raw.by_code)
        expected = raw.new if found.source in ("given", "bound") else UNBOUND
        sources = tuple(_Expression(one, begun, raw.event, raw.by_call, raw.by_code, expected) for one in found.nodes)
        if found.source == "default":
            return self._from(write, raw, "default", asked.name, f"{asked.name} is the default of {code.qualname}, set when it was defined")
        if not sources:
            text = (
                f"{asked.name} is the object that was just made"
                if found.source == "bound"
                else f"{asked.name} was given by code that was not recorded"
            )
            return self._from(write, raw, "creation" if found.source == "bound" else "unrecorded call", asked.name, text)
        given = ", ".join(_short(one) for one in found.nodes)
        return self._from(write, raw, "argument", asked.name, f"{asked.name} was given to {code.qualname} as {given}", sources)

    def _is_method(self, frame: "tuple[object, ...]", event: int, node: ast.expr | None) -> bool:
        """Whether the first parameter is bound: not what stands first in the parentheses."""
        code = self._run.code(int(str(frame[1])))
        if not code.argcount or "." not in code.qualname or code.qualname.endswith(f"<locals>.{code.name}"):
            return False
        call = node.value if isinstance(node, ast.Await) else node
        if not isinstance(call, ast.Call):
            return True
        if isinstance(call.func, ast.Attribute) and call.func.attr == code.name:
            # `Account.pay(account, 5)` passes it by hand.
            return not (isinstance(call.func.value, ast.Name) and call.func.value.id == code.qualname.rpartition(".")[0].rpartition(".")[2])
        return code.slots[0][0] in ("self", "cls") or code.name in ("__init__", "__new__", "__call__")

    def _written(self, asked: _Place, raw: RawWrite, write: Write) -> Hop:
        source = parsed(self._run, self._run.code(raw.by_code).file)
        binding = self._binding(asked, raw, write, source)
        name = asked.name
        if binding is None:
            return self._unbound(asked, raw, write, source)
        if binding.how == "definition":
            return self._from(write, raw, "creation", name, f"{name} is defined there")
        if binding.how == "import":
            return self._from(write, raw, "unrecorded call", name, f"{name} was imported")
        if binding.how == "exception":
            return self._caught(asked, raw, write)
        if binding.how == "subject" or binding.value is None:
            match = source.enclosing(binding.node, ast.Match)
            subject = match.subject if isinstance(match, ast.Match) else None
            if subject is None:
                return self._from(write, raw, "unknown", name, f"{name} was set by a pattern")
            return self._from(write, raw, "write", name, f"{name} was taken from {_short(subject)}", (self._of(write, raw, subject),))
        if binding.how == "element":
            return self._element(asked, raw, write, binding)
        if binding.how == "added" and (moved := self._moved(asked, raw, write, (binding.value,))) is not None:
            return moved
        sources = (self._of(write, raw, binding.value, binding.how in ("value", "added")),)
        verb = {"added": "was put in by", "context": "was entered by", "part": "was unpacked from"}.get(binding.how, "was set to")
        if binding.how == "augmented" and binding.target is not None:
            operand = self._of(write, raw, binding.target)
            return self._from(write, raw, "write", name, f"{name} was changed by {source.line(raw.by_line)}", (*sources, operand))
        return self._from(write, raw, "write", name, f"{name} {verb} {_short(binding.value)}", sources)

    def _of(self, write: Write, raw: RawWrite, node: ast.expr, whole: bool = False) -> _Expression:
        """`whole`: what was written is the value of the expression."""
        assert write.by is not None
        expected = raw.new if whole else UNBOUND
        return _Expression(node, self._beginning_of_line(write.by, raw.by_call, raw.by_code), raw.event, raw.by_call, raw.by_code, expected)

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

    def _binding(self, asked: _Place, raw: RawWrite, write: Write, source: Parsed) -> Binding | None:
        """The expression on the line that wrote it."""
        target = asked.target
        if target.sort in ("variable", "cell", "name"):
            name = target.key if target.sort == "name" else self._run.code(target.code).slots[target.slot][0] if target.code else asked.name
            return next(iter(bindings_of_name(source, raw.by_line, name)), None)
        found = (
            bindings_of_attribute(source, raw.by_line, target.key) if target.sort == "attribute" else bindings_of_item(source, raw.by_line)
        )
        if not found or write.by is None:
            return None
        # Of several, the one of this very object.
        look = Look(self._run, write.by, call=raw.by_call)
        for binding in found:
            held = binding.target
            if isinstance(held, ast.Attribute | ast.Subscript) and binding.how not in ("added", "element"):
                held = held.value
            if held is not None and object_of(look.value(held)) == target.object:
                return binding
        return found[0] if len(found) == 1 and (raw.kind != "created" or isinstance(found[0].node, ast.Raise)) else None

    def _unbound(self, asked: _Place, raw: RawWrite, write: Write, source: Parsed) -> Hop:
        """A write by a line that doesn't name its target: an object made with it in, or changed by a call."""
        name, target = asked.name, asked.target
        for node in source.expressions(raw.by_line):
            if target.sort == "item" and isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and same_raw(key.value, target.key):
                        return self._from(write, raw, "write", name, f"{name} was made as {_short(value)}", (self._of(write, raw, value),))
            if target.sort == "item" and raw.kind == "created" and (one := _element_of_display(node, target.key)) is not None:
                return self._from(write, raw, "write", name, f"{name} was made as {_short(one)}", (self._of(write, raw, one),))
        calls = [node for node in source.expressions(raw.by_line) if isinstance(node, ast.Call)]
        whole = [node for node in source.statements(raw.by_line) if isinstance(node, ast.Assign | ast.AnnAssign | ast.Return | ast.Expr)]
        given = self._given(self._of(write, raw, calls[0]), calls[0]) if calls else ()
        if target.sort == "item" and (moved := self._moved(asked, raw, write, tuple(one.node for one in given))) is not None:
            return moved
        if target.sort in ("attribute", "item") and calls:
            return self._set_by(asked, raw, write, calls[0], given)
        for statement in whole:
            made = statement.value
            if made is not None:
                return self._from(write, raw, "write", name, f"{name} was made by {_short(made)}", (self._of(write, raw, made),))
        return self._from(write, raw, "unknown", name, source.problem or f"{name} was set on a line that doesn't say how")

    def _moved(self, asked: _Place, raw: RawWrite, write: Write, given: tuple[ast.expr, ...]) -> Hop | None:
        """An item that stood elsewhere before: in the same container, or in one that was given. None where it was given itself."""
        assert write.by is not None
        look = Look(self._run, write.by, call=raw.by_call)
        values = [look.known(node) for node in given if not isinstance(node, ast.Lambda)]
        if UNBOUND in values or any(same_raw(value, raw.new) for value in values):
            return None
        source = parsed(self._run, self._run.code(raw.by_code).file)
        base = asked.name.rpartition("[")[0] or asked.name
        moved = (item_moved(look, statement, asked.target.object, raw.new, base) for statement in source.statements(raw.by_line)[-1:])
        target = next(moved, None)
        if target is None:
            return None
        place = _Place(target, write.by, target.label)
        text = f"{asked.name} is what {target.label} was before {source.line(raw.by_line)}"
        return self._from(write, raw, "write", asked.name, text, (place,))

    def _set_by(self, asked: _Place, raw: RawWrite, write: Write, call: ast.Call, given: tuple[_Expression, ...]) -> Hop:
        """What a call set, which names no target: it came from what the call was given, as far as that is known."""
        assert write.by is not None
        look = Look(self._run, write.by, call=raw.by_call)
        telling = tuple(one for one in given if self._may_be_from(look, one.node, raw.new))
        text = f"{asked.name} was set by {_short(call)}"
        if telling or not given:
            return self._from(write, raw, "write", asked.name, text, telling or (self._of(write, raw, call),))
        if _last_name(call.func) in _INPUTS:
            return self._from(write, raw, "input", asked.name, f"{text}, which brings it from outside of the program")
        return self._from(write, raw, "unrecorded call", asked.name, f"{text}, which runs code that was not recorded")

    def _may_be_from(self, look: Look, node: ast.expr, value: Raw) -> bool:
        """Whether something may have come from what a call was given: from no other constant, and no function or module."""
        if isinstance(node, ast.Lambda):
            return False
        if isinstance(node, ast.Constant):
            return same_raw(node.value, value)
        held = self._run.value(look.value(node), look.event, depth=0)
        return held is None or held.type not in _TOOLS

    def _element(self, asked: _Place, raw: RawWrite, write: Write, binding: Binding) -> Hop:
        """A variable of a loop: which element of what it went through."""
        assert binding.value is not None
        assert write.by is not None
        run, name, iterable = self._run, asked.name, binding.value
        yielded = self._yielded(asked, raw, write)
        if yielded is not None and binding.how == "element":
            return yielded
        if isinstance(iterable, ast.List | ast.Tuple | ast.Set) and not binding.place:
            same = [one for one in iterable.elts if isinstance(one, ast.Constant) and same_raw(one.value, raw.new)]
            if len(same) == 1:
                return self._from(
                    write, raw, "element", name, f"{name} is {_short(same[0])} of {_short(iterable)}", (self._of(write, raw, same[0]),)
                )
        look = Look(run, write.by, call=raw.by_call)
        target = element_of(look, iterable, binding.place, raw.new)
        if target is not None:
            return self._from(write, raw, "element", name, f"{name} is {target.label}", (_Place(target, look.event, target.label),))
        text = f"{name} was taken from {_short(iterable)}"
        return self._from(write, raw, "element", name, text, (self._of(write, raw, iterable),))

    def _yielded(self, asked: _Place, raw: RawWrite, write: Write) -> Hop | None:
        """The yield of a recorded generator that gave a loop its element."""
        run = self._run
        if write.by is None or raw.event - 1 <= write.by:
            return None
        state = run.state(raw.event - 1)
        stack = state["threads"][state["thread"]]
        if state["kind"] != YIELD or len(stack) < 2 or stack[-2][0] != raw.by_call:
            return None
        frame = stack[-1]
        code = run.code(frame[1])
        source = parsed(run, code.file)
        yields = [node for node in source.expressions(frame[2]) if isinstance(node, ast.Yield) and node.value is not None]
        by = last_event(run, frame[0], frame[1], raw.event - 1)
        leads_to = (
            (_Expression(yields[0].value, by, raw.event - 1, frame[0], frame[1]),)
            if yields and yields[0].value is not None and by is not None
            else ()
        )
        return Hop(
            "yield",
            asked.name,
            f"{asked.name} was yielded by {code.qualname}",
            raw.event - 1,
            code.qualname,
            run.file_path(code.file),
            frame[2],
            run.value(state["value"], raw.event - 1, depth=1),
            source.line(frame[2]),
            not leads_to,
            state["value"],
            leads_to,
        )

    def _caught(self, asked: _Place, raw: RawWrite, write: Write) -> Hop:
        """An exception that a handler named: the line that it came from."""
        run = self._run
        earlier = (
            step
            for chunk in reversed(run.chunks()[: run.chunk_of(raw.event).id + 1])
            if run.has(chunk, "raise")
            for step in reversed(steps(run, chunk))
            if step.event < raw.event
        )
        caught = Step(raw.event, "handled", 0, raw.by_call, raw.new)
        raised = raise_of(caught, earlier)
        if raised is not caught:
            return self._at(raised.event, "creation", asked.name, f"{asked.name} was raised there", raw.new)
        return self._from(write, raw, "unknown", asked.name, f"{asked.name} was raised by code that was not recorded")

    # -- making hops

    def _hop(self, kind: HopKind, asked: _Expression, text: str, *, raw: Raw = UNBOUND, leads_to: tuple[_Source, ...] = ()) -> Hop:
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

    def _from(self, write: Write, raw: RawWrite, kind: HopKind, what: str, text: str, leads_to: tuple[_Source, ...] = ()) -> Hop:
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


def _stored(source: Parsed, node: ast.expr | None) -> ast.expr | None:
    """What an assignment puts into an attribute or item."""
    statement = source.parents.get(node) if node is not None else None
    return statement.value if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign) and node is not statement.value else None


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _element_of_display(node: ast.expr, key: Raw) -> ast.expr | None:
    """The element of a list display that has an index; None where that can't be told."""
    if not isinstance(node, ast.List) or type(key) is not int or not 0 <= key < len(node.elts):
        return None
    return None if any(isinstance(one, ast.Starred) for one in node.elts[: key + 1]) else node.elts[key]


def _short(node: ast.AST) -> str:
    text = unparsed(node)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
