"""Who gave a variable, attribute or item its value: the line that wrote it, and the expression on it that the value came from."""

import ast
from typing import Final

from tttui.navigation.arguments import argument_of
from tttui.navigation.bindings import Binding, bindings_of_attribute, bindings_of_item, bindings_of_name
from tttui.navigation.call_hops import INPUTS
from tttui.navigation.elements import element_of, item_moved
from tttui.navigation.expression_hops import ExpressionHops
from tttui.navigation.failure import Step, steps
from tttui.navigation.failure import origin as raise_of
from tttui.navigation.filters import CALL, YIELD
from tttui.navigation.frames import last_event
from tttui.navigation.hops import AskedExpression, AskedPlace, Hop, last_name, short
from tttui.navigation.looking import UNBOUND, Look
from tttui.navigation.made import calling_expression
from tttui.navigation.parsed import Parsed, parsed
from tttui.navigation.targets import Target
from tttui.navigation.writes import RawWrite, Write, raw_writes, same_raw, shown
from tttui.store.stream import Raw, object_of

_TOOLS: Final = frozenset({"module", "function", "type", "builtin_function_or_method", "method"})
"""Types of what does something with values, but is none of them."""


class WriteHops(ExpressionHops):
    """Asks who wrote something."""

    def place(self, asked: AskedPlace) -> Hop:
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

    def _argument(self, asked: AskedPlace, raw: RawWrite, write: Write) -> Hop:
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
        sources = tuple(AskedExpression(one, begun, raw.event, raw.by_call, raw.by_code, expected) for one in found.nodes)
        if found.source == "default":
            return self._from(write, raw, "default", asked.name, f"{asked.name} is the default of {code.qualname}, set when it was defined")
        if not sources:
            text = (
                f"{asked.name} is the object that was just made"
                if found.source == "bound"
                else f"{asked.name} was given by code that was not recorded"
            )
            return self._from(write, raw, "creation" if found.source == "bound" else "unrecorded call", asked.name, text)
        given = ", ".join(short(one) for one in found.nodes)
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

    def _written(self, asked: AskedPlace, raw: RawWrite, write: Write) -> Hop:
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
            return self._from(write, raw, "write", name, f"{name} was taken from {short(subject)}", (self._of(write, raw, subject),))
        if binding.how == "element":
            return self._element(asked, raw, write, binding)
        if binding.how == "added" and (moved := self._moved(asked, raw, write, (binding.value,))) is not None:
            return moved
        sources = (self._of(write, raw, binding.value, binding.how in ("value", "added")),)
        verb = {"added": "was put in by", "context": "was entered by", "part": "was unpacked from"}.get(binding.how, "was set to")
        if binding.how == "augmented" and binding.target is not None:
            operand = self._of(write, raw, binding.target)
            return self._from(write, raw, "write", name, f"{name} was changed by {source.line(raw.by_line)}", (*sources, operand))
        return self._from(write, raw, "write", name, f"{name} {verb} {short(binding.value)}", sources)

    def _binding(self, asked: AskedPlace, raw: RawWrite, write: Write, source: Parsed) -> Binding | None:
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
                named = look.target(held)
                if named is not None and target.sort == "item" and not same_raw(named.key, target.key):
                    continue
                held = held.value
            if held is not None and object_of(look.value(held)) == target.object:
                return binding
        return found[0] if len(found) == 1 and (raw.kind != "created" or isinstance(found[0].node, ast.Raise)) else None

    def _unbound(self, asked: AskedPlace, raw: RawWrite, write: Write, source: Parsed) -> Hop:
        """A write by a line that doesn't name its target: an object made with it in, or changed by a call."""
        name, target = asked.name, asked.target
        for node in source.expressions(raw.by_line):
            if target.sort == "item" and isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and same_raw(key.value, target.key):
                        return self._from(write, raw, "write", name, f"{name} was made as {short(value)}", (self._of(write, raw, value),))
            if target.sort == "item" and raw.kind == "created" and (one := _element_of_display(node, target.key)) is not None:
                return self._from(write, raw, "write", name, f"{name} was made as {short(one)}", (self._of(write, raw, one),))
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
                return self._from(write, raw, "write", name, f"{name} was made by {short(made)}", (self._of(write, raw, made),))
        return self._from(write, raw, "unknown", name, source.problem or f"{name} was set on a line that doesn't say how")

    def _moved(self, asked: AskedPlace, raw: RawWrite, write: Write, given: tuple[ast.expr, ...]) -> Hop | None:
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
        place = AskedPlace(target, write.by, target.label)
        text = f"{asked.name} is what {target.label} was before {source.line(raw.by_line)}"
        return self._from(write, raw, "write", asked.name, text, (place,))

    def _set_by(self, asked: AskedPlace, raw: RawWrite, write: Write, call: ast.Call, given: tuple[AskedExpression, ...]) -> Hop:
        """What a call set, which names no target: it came from what the call was given, as far as that is known."""
        assert write.by is not None
        look = Look(self._run, write.by, call=raw.by_call)
        telling = tuple(one for one in given if self._may_be_from(look, one.node, raw.new))
        text = f"{asked.name} was set by {short(call)}"
        if telling or not given:
            return self._from(write, raw, "write", asked.name, text, telling or (self._of(write, raw, call),))
        if last_name(call.func) in INPUTS:
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

    def _element(self, asked: AskedPlace, raw: RawWrite, write: Write, binding: Binding) -> Hop:
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
                    write, raw, "element", name, f"{name} is {short(same[0])} of {short(iterable)}", (self._of(write, raw, same[0]),)
                )
        look = Look(run, write.by, call=raw.by_call)
        target = element_of(look, iterable, binding.place, raw.new)
        if target is not None:
            return self._from(write, raw, "element", name, f"{name} is {target.label}", (AskedPlace(target, look.event, target.label),))
        text = f"{name} was taken from {short(iterable)}"
        return self._from(write, raw, "element", name, text, (self._of(write, raw, iterable),))

    def _yielded(self, asked: AskedPlace, raw: RawWrite, write: Write) -> Hop | None:
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
            (AskedExpression(yields[0].value, by, raw.event - 1, frame[0], frame[1]),)
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

    def _caught(self, asked: AskedPlace, raw: RawWrite, write: Write) -> Hop:
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


def _stored(source: Parsed, node: ast.expr | None) -> ast.expr | None:
    """What an assignment puts into an attribute or item."""
    statement = source.parents.get(node) if node is not None else None
    return statement.value if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign) and node is not statement.value else None


def _element_of_display(node: ast.expr, key: Raw) -> ast.expr | None:
    """The element of a list display that has an index; None where that can't be told."""
    if not isinstance(node, ast.List) or type(key) is not int or not 0 <= key < len(node.elts):
        return None
    return None if any(isinstance(one, ast.Starred) for one in node.elts[: key + 1]) else node.elts[key]
