"""Where the value of an expression came from: the names, attributes and items in it, the operand that was chosen, or a call."""

import ast
import builtins
from dataclasses import replace

from tttui.navigation.call_hops import INPUT_NAMES, CallHops
from tttui.navigation.chosen import chosen_operand
from tttui.navigation.hops import AskedExpression, AskedPlace, Hop, short
from tttui.navigation.looking import UNBOUND, Look, items_of, unparsed
from tttui.navigation.made import made_by
from tttui.navigation.parsed import COMPREHENSIONS, ancestors, binds, leaves, parsed
from tttui.navigation.targets import Target
from tttui.navigation.writes import same_raw
from tttui.store.stream import Raw, object_of


class ExpressionHops(CallHops):
    """Asks about expressions."""

    def expression(self, asked: AskedExpression) -> Hop:
        """Where the value of an expression came from."""
        node = asked.node
        if isinstance(node, ast.NamedExpr):
            return self.expression(replace(asked, node=node.value))
        if isinstance(node, ast.Constant):
            return self._hop("literal", asked, f"{short(node)} stands there as it is", raw=node.value)
        if isinstance(node, ast.Lambda):
            return self._hop("creation", asked, f"{short(node)} is made there")
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
                return self._operand(asked, (chosen.node, *tested), f"{short(chosen.node)}, as {chosen.because}")
        if isinstance(node, ast.BinOp | ast.UnaryOp | ast.Compare):
            called = made_by(self._run, self._tree, asked.call, asked.code, asked.event, asked.stop, node)
            if called is not None and self._gave(called, asked.expected):
                return self._returned(asked, called)
        return self._operand(asked, tuple(leaves(node)), f"computed as {short(node)}")

    def _named(self, asked: AskedExpression, node: ast.Name | ast.Attribute | ast.Subscript) -> Hop:
        look = Look(self._run, asked.event, call=asked.call)
        if isinstance(node, ast.Name) and (bound := self._bound_in_line(asked, node)) is not None:
            return bound
        target = look.target(node)
        if target is not None and look.of(target) != UNBOUND:
            # A part of the same line may have written it before: `a[0], x = 1, a[0]` is rare enough to be left alone.
            return self.place(AskedPlace(target, asked.event, unparsed(node)))
        return self.untargeted(node, look, asked)

    def _bound_in_line(self, asked: AskedExpression, node: ast.Name) -> Hop | None:
        """A name that the expression around it binds: a comprehension's variable, or by `:=`. None where none does."""
        code = self._run.code(asked.code)
        source = parsed(self._run, code.file)
        for around in ancestors(source, node):
            if isinstance(around, COMPREHENSIONS) and code.name not in ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"):
                for generator in around.generators:
                    if binds(generator.target, node.id) and node not in ast.walk(generator.iter):
                        text = f"{node.id} was taken from {short(generator.iter)}"
                        return self._hop("element", asked, text, leads_to=(self._inner(asked, generator.iter),))
        place = (node.lineno, node.col_offset)
        for named in source.expressions(node.lineno):
            if isinstance(named, ast.NamedExpr) and named.target.id == node.id and (named.lineno, named.col_offset) < place:
                return self._operand(asked, (named.value,), f"{node.id} was set to {short(named.value)}")
        return None

    def untargeted(self, node: ast.Name | ast.Attribute | ast.Subscript, look: Look, asked: AskedExpression | None = None) -> Hop:
        """A name, attribute or item that has no place of its own in the recording."""
        if asked is None:
            assert look.frame is not None
            asked = AskedExpression(node, look.event, look.event + 1, look.frame[0], look.frame[1], asked_at=look.frame[2])
        if isinstance(node, ast.Attribute | ast.Subscript):
            called = made_by(self._run, self._tree, asked.call, asked.code, asked.event, asked.stop, node)
            if called is not None:
                return self._returned(asked, called)
            raw = look.value(node)
            if raw != UNBOUND or items_of(look.value(node.value)) is not None:
                return self._hop(
                    "operand",
                    asked,
                    f"{short(node)} is a part of {short(node.value)}",
                    raw=raw,
                    leads_to=(self._inner(asked, node.value),),
                )
            if isinstance(node, ast.Attribute) and node.attr in INPUT_NAMES:
                return self._hop("input", asked, f"{short(node)} comes from outside of the program")
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
                return self._operand(asked, (node.value,), f"{short(node)} is a part of {short(node.value)}")
            if isinstance(node, ast.Attribute) and (target := self._of_class(look, node, asked.expected)) is not None:
                place = AskedPlace(target, asked.event, target.label)
                return self._hop("operand", asked, f"{short(node)} is that of its class, {target.label}", leads_to=(place,))
            if object_of(look.value(node.value)):
                text = f"{short(node)} is not in what was recorded of {short(node.value)}"
                return self._hop("unknown", asked, text, leads_to=(self._inner(asked, node.value),))
            return self._hop("unknown", asked, f"what {short(node)} is was not recorded")
        if node.id in INPUT_NAMES:
            return self._hop("input", asked, f"{node.id} comes from outside of the program")
        known = "is one of Python's own" if hasattr(builtins, node.id) else "is not bound here, or was not recorded"
        return self._hop("unknown", asked, f"{node.id} {known}")

    def _of_class(self, look: Look, node: ast.Attribute, value: Raw) -> Target | None:
        """The attribute of an object's class, where it was the value; None where it wasn't, or that isn't known."""
        content = look.content(object_of(look.value(node.value)))
        if content is None or value == UNBOUND:
            return None
        name = self._run.type_name(content.type).rpartition(".")[2]
        held = look.value(ast.Name(name, ast.Load()))
        target = look.attribute(held, node.attr, f"{name}.{node.attr}")
        return target if target is not None and same_raw(look.of(target), value) else None
