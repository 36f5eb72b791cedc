"""Where the value of a call came from: what a recorded function returned, an item that a method got, or code that was not recorded."""

import ast
from typing import Final

from tttui.navigation.calltree import Call
from tttui.navigation.elements import item_taken
from tttui.navigation.frames import last_event
from tttui.navigation.hops import AskedExpression, AskedPlace, Hop, Hops, Source, last_name, short
from tttui.navigation.looking import UNBOUND, Look, unparsed
from tttui.navigation.made import made_by
from tttui.navigation.parsed import leaves, parsed
from tttui.navigation.targets import Target
from tttui.navigation.writes import same_raw
from tttui.store.records import Code
from tttui.store.stream import Raw, object_of

CO_COROUTINE: Final = 0x80
CO_GENERATORS: Final = 0x20 | 0x200
"""co_flags of functions whose calls give generators."""
INPUTS: Final = frozenset(
    {
        "input", "read", "readline", "readlines", "read_text", "read_bytes", "recv", "recv_into", "getenv", "open", "getpass", "parse_args",
        "urlopen", "loads", "load", "now", "today", "time", "monotonic", "perf_counter", "time_ns", "random", "randint", "choice",
        "randrange", "uniform", "shuffle", "sample", "urandom", "uuid4", "uuid1", "token_hex", "check_output", "listdir",
    }
)  # fmt: skip
"""Functions whose results come from outside of the program; those of decoders are as good as what they decode."""
_RUNNING: Final = frozenset({"run", "run_until_complete"})
"""Functions that give what the coroutine returns that they are given."""
INPUT_NAMES: Final = frozenset({"argv", "environ", "stdin"})


class CallHops(Hops):
    """Asks about calls."""

    def _called(self, asked: AskedExpression, node: ast.Call | ast.Await) -> Hop:
        called = self._call_made(asked, node)
        inner = node.value if isinstance(node, ast.Await) else node
        if called is None and isinstance(node, ast.Await) and isinstance(inner, ast.Name | ast.Attribute):
            return self._hop("operand", asked, f"what {short(inner)} gave", leads_to=(self._inner(asked, inner),))
        if called is None and isinstance(inner, ast.Call) and inner is node:
            taken = item_taken(Look(self._run, asked.event, call=asked.call), inner, asked.expected)
            if isinstance(taken, Target):
                place = AskedPlace(taken, asked.event, taken.label)
                return self._hop("operand", asked, f"{short(node)} is {taken.label}", raw=asked.expected, leads_to=(place,))
            if taken is not None:
                return self._operand(asked, (taken,), f"{short(taken)}, as there was no such item")
        if called is None:
            return self._unrecorded(asked, inner)
        if called.function.rpartition(".")[2] in ("__init__", "__new__", "__post_init__") and isinstance(inner, ast.Call):
            return self._hop("creation", asked, f"made by {short(inner)}", leads_to=self._given(asked, inner))
        return self._returned(asked, called)

    def _delegated(self, asked: AskedExpression, node: ast.YieldFrom) -> Hop:
        """The value of a `yield from` is what the generator returned that it went through."""
        called = made_by(self._run, self._tree, asked.call, asked.code, asked.event, asked.stop, node)
        if called is not None and called.outcome == "returned":
            return self._returned(asked, called)
        return self._hop("operand", asked, f"what {short(node.value)} returned", leads_to=(self._inner(asked, node.value),))

    def _call_made(self, asked: AskedExpression, node: ast.Call | ast.Await) -> Call | None:
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
        runs = isinstance(inner.func, ast.Name | ast.Attribute) and last_name(inner.func) in _RUNNING and code.flags & CO_COROUTINE
        if not runs and not object_of(asked.expected):
            return None
        return called if same_raw(self._run.state(called.end)["value"], asked.expected) else None

    def _is_of(self, asked: AskedExpression, function: ast.expr, code: Code) -> bool:
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

    def _gave(self, called: Call, expected: Raw) -> bool:
        """Whether a call of an operator's method returned what the operation gave, as far as that is known."""
        if called.end is None or called.outcome != "returned":
            return False
        return expected == UNBOUND or same_raw(self._run.state(called.end)["value"], expected)

    def _given(self, asked: AskedExpression, node: ast.expr) -> tuple[AskedExpression, ...]:
        if not isinstance(node, ast.Call):
            return ()
        nodes = [inner for part in (*node.args, *(keyword.value for keyword in node.keywords)) for inner in leaves(part) or [part]]
        if isinstance(node.func, ast.Attribute):
            nodes = [*leaves(node.func.value), *nodes]
        return tuple(self._inner(asked, inner) for inner in nodes)

    def _unrecorded(self, asked: AskedExpression, node: ast.expr) -> Hop:
        name = node.func if isinstance(node, ast.Call) else node
        last = last_name(name)
        given = self._given(asked, node)
        if last == "range" and isinstance(node, ast.Call):
            return self._operand(asked, tuple(leaf for one in node.args for leaf in leaves(one)), f"counted by {short(node)}")
        if last in INPUTS or any(isinstance(part, ast.Attribute) and part.attr in INPUT_NAMES for part in ast.walk(name)):
            return self._hop("input", asked, f"{short(node)} brings it from outside of the program", leads_to=given)
        return self._hop("unrecorded call", asked, f"{short(node)} runs code that was not recorded", leads_to=given)

    def _returned(self, asked: AskedExpression, called: Call) -> Hop:
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
        leads_to: tuple[Source, ...] = ()
        if given is not None and by is not None:
            begun = self._beginning_of_line(by, called.call, called.code)
            leads_to = (AskedExpression(given, begun, called.end, called.call, called.code, raw),)
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
