"""Walks the checked syntax tree of an expression and computes it with operands."""

import ast
import builtins
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tttui.navigation.builtin_functions import attribute_of, call, known
from tttui.navigation.expression_errors import ExpressionError, NotBound
from tttui.navigation.methods import call_method
from tttui.navigation.operands import Lambda, Lazy, Made, Operand, Recorded, Session, plain
from tttui.navigation.operations import binary, compare, item, iterate, truth, unary
from tttui.navigation.texts import exact_text, formatted, plain_text

Scope = Mapping[str, Operand]
"""What comprehensions and lambdas have bound."""


class Evaluator:
    """Computes the nodes of one expression in one session."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def value(self, node: ast.expr, scope: Scope) -> Operand:
        """What a node is."""
        self.session.charge()
        return _NODES[type(node)](self, node, scope)

    def _name(self, node: ast.Name, scope: Scope) -> Operand:
        if node.id in scope:
            return scope[node.id]
        try:
            return self.session.name(node.id)
        except NotBound:
            builtin = known(node.id)
            if builtin is not None:
                return builtin
            if hasattr(builtins, node.id):
                raise ExpressionError(f"{node.id} isn't for expressions over recorded values") from None
            raise

    def _constant(self, node: ast.Constant, scope: Scope) -> Operand:
        return node.value

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Operand:
        return attribute_of(self.value(node.value, scope), node.attr)

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Operand:
        return item(self.value(node.value, scope), self.value(node.slice, scope), self.session)

    def _slice(self, node: ast.Slice, scope: Scope) -> Operand:
        bounds = [None if part is None else plain(self.value(part, scope)) for part in (node.lower, node.upper, node.step)]
        return Made(slice(*bounds), self.session)

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Operand:
        operand = self.value(node.operand, scope)
        if isinstance(node.op, ast.Not):
            return not truth(operand, self.session)
        return unary(type(node.op), operand, self.session)

    def _binary(self, node: ast.BinOp, scope: Scope) -> Operand:
        return binary(type(node.op), self.value(node.left, scope), self.value(node.right, scope), self.session)

    def _boolean(self, node: ast.BoolOp, scope: Scope) -> Operand:
        ends_it = isinstance(node.op, ast.Or)
        for part in node.values[:-1]:
            operand = self.value(part, scope)
            if truth(operand, self.session) is ends_it:
                return operand
        return self.value(node.values[-1], scope)

    def _compare(self, node: ast.Compare, scope: Scope) -> Operand:
        left = self.value(node.left, scope)
        for relation, part in zip(node.ops, node.comparators, strict=True):
            right = self.value(part, scope)
            if not compare(type(relation), left, right, self.session):
                return False
            left = right
        return True

    def _conditional(self, node: ast.IfExp, scope: Scope) -> Operand:
        return self.value(node.body if truth(self.value(node.test, scope), self.session) else node.orelse, scope)

    def _several(self, nodes: list[ast.expr], scope: Scope) -> list[Operand]:
        """Operands of nodes, starred ones unpacked."""
        operands: list[Operand] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                operands += iterate(self.value(node.value, scope), self.session)
            else:
                operands.append(self.value(node, scope))
        return operands

    def _list(self, node: ast.List, scope: Scope) -> Operand:
        return self.session.made(self._several(node.elts, scope))

    def _tuple(self, node: ast.Tuple, scope: Scope) -> Operand:
        return self.session.made(tuple(self._several(node.elts, scope)))

    def _set(self, node: ast.Set, scope: Scope) -> Operand:
        return self.session.made(set(self._several(node.elts, scope)))

    def _dict(self, node: ast.Dict, scope: Scope) -> Operand:
        made: dict[Any, Operand] = {}
        for key, part in zip(node.keys, node.values, strict=True):
            if key is None:
                held = plain(self.value(part, scope))
                if not isinstance(held, dict):
                    raise TypeError("what follows ** is not a mapping")
                made.update(held)
            else:
                operand = self.value(key, scope)
                made[operand] = self.value(part, scope)
        return self.session.made(made)

    # -- comprehensions

    def _list_comprehension(self, node: ast.ListComp, scope: Scope) -> Operand:
        return self.session.made([self.value(node.elt, inner) for inner in self._scopes(node.generators, scope)])

    def _set_comprehension(self, node: ast.SetComp, scope: Scope) -> Operand:
        return self.session.made({self.value(node.elt, inner) for inner in self._scopes(node.generators, scope)})

    def _dict_comprehension(self, node: ast.DictComp, scope: Scope) -> Operand:
        scopes = self._scopes(node.generators, scope)
        return self.session.made({self.value(node.key, inner): self.value(node.value, inner) for inner in scopes})

    def _generator(self, node: ast.GeneratorExp, scope: Scope) -> Operand:
        return Lazy("generator", (self.value(node.elt, inner) for inner in self._scopes(node.generators, scope)))

    def _scopes(self, generators: list[ast.comprehension], scope: Scope) -> Iterator[Scope]:
        """The scopes in which a comprehension's element is computed, one after the other."""
        first, rest = generators[0], generators[1:]
        for operand in iterate(self.value(first.iter, scope), self.session):
            self.session.charge()
            inner = dict(scope)
            self._bind(first.target, operand, inner)
            if all(truth(self.value(condition, inner), self.session) for condition in first.ifs):
                if rest:
                    yield from self._scopes(rest, inner)
                else:
                    yield inner

    def _bind(self, target: ast.expr, operand: Operand, scope: dict[str, Operand]) -> None:
        if isinstance(target, ast.Name):
            scope[target.id] = operand
            return
        assert isinstance(target, ast.Tuple | ast.List)
        parts = list(iterate(operand, self.session))
        starred = next((index for index, one in enumerate(target.elts) if isinstance(one, ast.Starred)), None)
        wanted = len(target.elts)
        if starred is not None:
            behind = wanted - starred - 1
            if len(parts) < wanted - 1:
                raise ValueError(f"not enough values to unpack (expected at least {wanted - 1}, got {len(parts)})")
            middle = parts[starred : len(parts) - behind]
            parts = [*parts[:starred], self.session.made(middle), *parts[len(parts) - behind :]]
        if len(parts) != wanted:
            raise ValueError(f"{'too many' if len(parts) > wanted else 'not enough'} values to unpack (expected {wanted})")
        for one, part in zip(target.elts, parts, strict=True):
            self._bind(one.value if isinstance(one, ast.Starred) else one, part, scope)

    # -- texts and calls

    def _joined(self, node: ast.JoinedStr, scope: Scope) -> Operand:
        pieces: list[str] = []
        for part in node.values:
            text = self.value(part, scope)
            self.session.hold(len(text))
            pieces.append(text)
        return "".join(pieces)

    def _formatted(self, node: ast.FormattedValue, scope: Scope) -> Operand:
        operand = self.value(node.value, scope)
        if node.conversion == ord("s"):
            operand = plain_text(operand, self.session)
        elif node.conversion in (ord("r"), ord("a")):
            operand = exact_text(operand, self.session)
            if node.conversion == ord("a"):
                operand = operand.encode("ascii", "backslashreplace").decode("ascii")
        spec = "" if node.format_spec is None else self.value(node.format_spec, scope)
        return formatted(operand, spec, self.session)

    def _call(self, node: ast.Call, scope: Scope) -> Operand:
        if isinstance(node.func, ast.Attribute):
            of = self.value(node.func.value, scope)
            recorded = self._recorded_attribute(of, node.func.attr)
            arguments, keywords = self._arguments(node, scope)
            if recorded is None:
                return call_method(of, node.func.attr, arguments, keywords, self.session)
            return call(recorded, arguments, keywords, self.session)
        function = self.value(node.func, scope)
        arguments, keywords = self._arguments(node, scope)
        return call(function, arguments, keywords, self.session)

    def _recorded_attribute(self, of: Operand, name: str) -> Operand | None:
        """An attribute that hides a method of the same name."""
        attributes = of.value.attributes if isinstance(of, Recorded) else None
        return None if attributes is None or name not in attributes else self.session.operand(attributes[name])

    def _arguments(self, node: ast.Call, scope: Scope) -> tuple[list[Operand], dict[str, Operand]]:
        keywords: dict[str, Operand] = {}
        arguments = self._several(node.args, scope)
        for keyword in node.keywords:
            operand = self.value(keyword.value, scope)
            if keyword.arg is not None:
                keywords[keyword.arg] = operand
                continue
            for name, entry in plain(operand).items():
                if type(name) is not str:
                    raise TypeError("keywords must be strings")
                keywords[name] = entry
        return arguments, keywords

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Operand:
        names = [argument.arg for argument in [*node.args.posonlyargs, *node.args.args]]

        def run(*arguments: Operand) -> Operand:
            if len(arguments) != len(names):
                raise TypeError(f"<lambda>() takes {len(names)} positional arguments but {len(arguments)} were given")
            with self.session.deeper():
                return self.value(node.body, {**scope, **dict(zip(names, arguments, strict=True))})

        return Lambda(run)


_NODES: Final[dict[type[ast.expr], Callable[[Evaluator, Any, Scope], Operand]]] = {
    ast.Name: Evaluator._name,
    ast.Constant: Evaluator._constant,
    ast.Attribute: Evaluator._attribute,
    ast.Subscript: Evaluator._subscript,
    ast.Slice: Evaluator._slice,
    ast.UnaryOp: Evaluator._unary,
    ast.BinOp: Evaluator._binary,
    ast.BoolOp: Evaluator._boolean,
    ast.Compare: Evaluator._compare,
    ast.IfExp: Evaluator._conditional,
    ast.List: Evaluator._list,
    ast.Tuple: Evaluator._tuple,
    ast.Set: Evaluator._set,
    ast.Dict: Evaluator._dict,
    ast.ListComp: Evaluator._list_comprehension,
    ast.SetComp: Evaluator._set_comprehension,
    ast.DictComp: Evaluator._dict_comprehension,
    ast.GeneratorExp: Evaluator._generator,
    ast.JoinedStr: Evaluator._joined,
    ast.FormattedValue: Evaluator._formatted,
    ast.Call: Evaluator._call,
    ast.Lambda: Evaluator._lambda,
}
