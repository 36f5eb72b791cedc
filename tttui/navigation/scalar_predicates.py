"""Conditions over plain numbers and texts, compiled: for checking millions of hits a second.

The code is generated from the checked syntax tree, node by node: it holds names (as parameters of our own
naming), constants and operators, and nothing that could grow large or reach anything else.
"""

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

Scalar = int | float | str | bool | None
SCALARS: Final = frozenset({int, float, str, bool, type(None)})


Test = tuple[Any, ...]
"""A condition as `reader.columns` checks it before a row is made: ("column", index), ("constant", scalar), ("unknown",), or an
operator and its operands."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A step from an object to one of its attributes."""

    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """A step from a container to one of its items."""

    key: str | int


@dataclass(frozen=True, slots=True)
class Read:
    """What a condition reads: a variable, or one thing that is reached from there."""

    name: str
    steps: tuple[Attribute | Item, ...] = ()
    length: bool = False
    """How much is in it."""
    may_be_any: bool = False
    """It is only asked whether it is None, True or False: `...` stands for anything else."""

    @property
    def may_be_missing(self) -> bool:
        return any(isinstance(step, Item) for step in self.steps)


@dataclass(frozen=True, slots=True)
class ScalarPredicate:
    """The truth of an expression as a function of positional scalars.

    The arguments must be of exactly the types int, float, str, bool or NoneType: whoever has something else for a
    name, or gets any exception from a call, evaluates the expression itself for that hit.
    """

    names: tuple[str, ...]
    """What the positional arguments are, in order: ``name``, ``name.attribute``, ``name['key']``, ``len(name)``."""
    reads: tuple[Read, ...]
    """The same, taken apart."""
    test: Callable[..., bool]
    """``test(*scalars)``: whether it holds; `MissingItemError` where it reads an item that is `MISSING`, any other exception
    means "evaluate the expression instead"."""
    value: Callable[..., Any]
    """``value(*scalars)``: what the expression is, where all that it reads is bound to scalars; any exception as for `test`."""
    select: Callable[[Iterable[Sequence[Any]]], list[int]]
    """``select(rows)``: indexes of the rows of scalars for which it holds; any exception: go through them with `test`."""
    native: Test
    """The same condition, as far as the native reader can check it."""


class MissingItemError(Exception):
    """The expression reads an item that isn't there: it raises KeyError."""


MISSING: Final = object()
"""Stands for an item that isn't there."""


class _NotScalarError(Exception):
    """The expression needs more than scalars."""


_COMPARISONS: Final[dict[type[ast.AST], str]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_MEMBERSHIP: Final[dict[type[ast.AST], str]] = {ast.In: "in", ast.NotIn: "not in"}
_IDENTITY: Final[dict[type[ast.AST], str]] = {ast.Is: "is", ast.IsNot: "is not"}
_SUMS: Final[dict[type[ast.AST], str]] = {ast.Add: "+", ast.Sub: "-"}
# With numbers alone: of a text, * could be endless, and % formats.
_PRODUCTS: Final[dict[type[ast.AST], str]] = {ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%"}
_TEXT_TESTS: Final = frozenset({"startswith", "endswith"})
_MOST_PRODUCTS: Final = 16
_MOST_STEPS: Final = 8
_MOST_NATIVE: Final = 200
"""Nodes of a condition that is checked natively."""


def compile_predicate(tree: ast.expr) -> ScalarPredicate | None:
    """The predicate of a checked expression; None where it needs more than scalars."""
    generator = _Generator()
    try:
        condition = generator.text(tree, numeric=False)
    except _NotScalarError:
        return None
    names = tuple(generator.parameters)
    if not names:
        return None
    parameters = ", ".join(generator.parameters.values())
    code = (
        f"def test({parameters}):\n    return True if {condition} else False\n"
        f"def value({parameters}):\n    return {condition}\n"
        f"def select(rows):\n    return [index for index, ({parameters},) in enumerate(rows) if {condition}]\n"
    )
    scope: dict[str, Any] = {
        "__builtins__": {},
        "enumerate": enumerate,
        "int": int,
        "number": _number,
        "item": _item,
        **{f"constant{index}": constant for index, constant in enumerate(generator.constants)},
    }
    exec(compile(code, "<condition>", "exec"), scope)  # noqa: S102 - put together here from checked nodes
    reads = tuple(replace(read, may_be_any=text not in generator.values) for text, read in generator.reads.items())
    native = _Native(names).test(tree)
    return ScalarPredicate(names, reads, scope["test"], scope["value"], scope["select"], native)


def _number(scalar: Scalar) -> int | float:
    """A number as it is; TypeError for anything else."""
    if type(scalar) in (int, float, bool):
        return scalar  # type: ignore[return-value]  # tested just before
    raise TypeError


def _item(scalar: Any) -> Any:
    if scalar is MISSING:
        raise MissingItemError
    return scalar


def _read(node: ast.expr) -> Read | None:
    """What an expression reads that is a column of its own; None where it is something else."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len" and not node.keywords:
        of = _read(node.args[0]) if len(node.args) == 1 else None
        return replace(of, length=True) if of is not None and not of.length else None
    steps: list[Attribute | Item] = []
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            # What is recorded of an object under names like __class__ isn't all that they may be.
            if node.attr.startswith("__"):
                return None
            steps.append(Attribute(node.attr))
        elif isinstance(node, ast.Subscript) and (key := _key(node.slice)) is not None:
            steps.append(Item(key))
        else:
            return None
        node = node.value
    return Read(node.id, tuple(reversed(steps))) if len(steps) < _MOST_STEPS else None


def _key(node: ast.expr) -> str | int | None:
    """The key of an item, where it is written down."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int) and type(node.value) is not bool:
        return node.value
    negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    inner = _key(node.operand) if negative and isinstance(node.operand, ast.Constant) else None  # type: ignore[attr-defined]  # tested just before
    return -inner if isinstance(inner, int) else None


class _Generator:
    """Writes the code of a condition."""

    def __init__(self) -> None:
        self.parameters: dict[str, str] = {}
        self.reads: dict[str, Read] = {}
        self.values: set[str] = set()
        """What must be a scalar: more is asked than whether it is None, True or False."""
        self.constants: list[Scalar] = []
        self._products = 0

    def text(self, node: ast.expr, *, numeric: bool) -> str:
        """Code of a node; `numeric`: what it gives must be a number."""
        read = _read(node)
        if read is not None:
            return self._parameter(read, node, numeric)
        if isinstance(node, ast.Constant):
            constant: Any = node.value
            if type(constant) not in SCALARS or (numeric and type(constant) not in (int, float, bool)):
                raise _NotScalarError
            self.constants.append(constant)
            return f"constant{len(self.constants) - 1}"
        if isinstance(node, ast.BoolOp) and not numeric:
            joint = " and " if isinstance(node.op, ast.And) else " or "
            return f"({joint.join(self.text(part, numeric=False) for part in node.values)})"
        if isinstance(node, ast.UnaryOp):
            if isinstance(node.op, ast.Not):
                return f"(not {self.text(node.operand, numeric=False)})"
            if isinstance(node.op, ast.USub | ast.UAdd):
                return f"({'-' if isinstance(node.op, ast.USub) else '+'}{self.text(node.operand, numeric=True)})"
        if isinstance(node, ast.BinOp):
            return self._operation(node, numeric)
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.Call) and not numeric:
            return self._text_test(node)
        raise _NotScalarError

    def _parameter(self, read: Read, node: ast.expr, numeric: bool, *, value: bool = True) -> str:
        text = ast.unparse(node)
        name = self.parameters.setdefault(text, f"argument{len(self.parameters)}")
        self.reads[text] = read
        if value:
            self.values.add(text)
        if read.may_be_missing:
            return f"number(item({name}))" if numeric else f"item({name})"
        return f"({name} if {name}.__class__ is int else number({name}))" if numeric else name

    def _operation(self, node: ast.BinOp, numeric: bool) -> str:
        symbol = _PRODUCTS.get(type(node.op))
        if symbol is not None:
            numeric = True
            self._products += 1
            if self._products > _MOST_PRODUCTS:
                raise _NotScalarError
        symbol = symbol or _SUMS.get(type(node.op))
        if symbol is None:
            raise _NotScalarError
        return f"({self.text(node.left, numeric=numeric)} {symbol} {self.text(node.right, numeric=numeric)})"

    def _comparison(self, node: ast.Compare) -> str:
        read = _read(node.left)
        if read is not None and not read.may_be_missing and len(node.ops) == 1 and type(node.ops[0]) in _IDENTITY:
            pieces = [self._parameter(read, node.left, False, value=False)]
        else:
            pieces = [self.text(node.left, numeric=False)]
        for relation, part in zip(node.ops, node.comparators, strict=True):
            if type(relation) in _COMPARISONS:
                pieces.append(f"{_COMPARISONS[type(relation)]} {self.text(part, numeric=False)}")
            elif type(relation) in _IDENTITY and isinstance(part, ast.Constant) and (part.value is None or type(part.value) is bool):
                pieces.append(f"{_IDENTITY[type(relation)]} {part.value!r}")
            elif type(relation) in _MEMBERSHIP and len(node.ops) == 1:
                pieces.append(f"{_MEMBERSHIP[type(relation)]} {self._members(part)}")
            else:
                raise _NotScalarError
        return f"({' '.join(pieces)})"

    def _members(self, node: ast.expr) -> str:
        """A list, tuple or set of constants, or a text."""
        if isinstance(node, ast.List | ast.Tuple | ast.Set) and all(isinstance(entry, ast.Constant) for entry in node.elts):
            entries = [self.text(entry, numeric=False) for entry in node.elts]
            return f"({', '.join(entries)},)" if entries else "()"
        if isinstance(node, ast.Name) or (isinstance(node, ast.Constant) and type(node.value) is str):
            return self.text(node, numeric=False)
        raise _NotScalarError

    def _text_test(self, node: ast.Call) -> str:
        """``name.startswith("text")``: methods of real texts and nothing else have these names here."""
        function = node.func
        if not (isinstance(function, ast.Attribute) and function.attr in _TEXT_TESTS and isinstance(function.value, ast.Name)):
            raise _NotScalarError
        if node.keywords or len(node.args) != 1 or not isinstance(node.args[0], ast.Constant) or type(node.args[0].value) is not str:
            raise _NotScalarError
        return f"{self.text(function.value, numeric=False)}.{function.attr}({self.text(node.args[0], numeric=False)})"


_OPERATORS: Final[dict[type[ast.AST], str]] = {**_COMPARISONS, **_IDENTITY, **_SUMS, **_PRODUCTS}
_UNKNOWN: Final[Test] = ("unknown",)


class _Native:
    """A condition as the native reader checks it; whatever it doesn't know stays unknown."""

    def __init__(self, names: Sequence[str]) -> None:
        self._columns = {name: index for index, name in enumerate(names)}
        self._nodes = 0

    def test(self, node: ast.expr) -> Test:
        self._nodes += 1
        if self._nodes > _MOST_NATIVE:
            return _UNKNOWN
        if _read(node) is not None:
            return ("column", self._columns[ast.unparse(node)])
        match node:
            case ast.Constant():
                return ("constant", node.value)
            case ast.BoolOp():
                return _joined("and" if isinstance(node.op, ast.And) else "or", [self.test(part) for part in node.values])
            case ast.UnaryOp(op=ast.Not()):
                return ("not", self.test(node.operand))
            case ast.UnaryOp(op=ast.USub()):
                return ("negative", self.test(node.operand))
            case ast.BinOp():
                return (_OPERATORS[type(node.op)], self.test(node.left), self.test(node.right))
            case ast.Compare():
                return self._comparison(node)
            case _:
                return _UNKNOWN

    def _comparison(self, node: ast.Compare) -> Test:
        pieces: list[Test] = []
        left = node.left
        for relation, right in zip(node.ops, node.comparators, strict=True):
            if type(relation) in _MEMBERSHIP:
                pieces.append(self._membership(left, right, isinstance(relation, ast.NotIn)))
            else:
                pieces.append((_OPERATORS[type(relation)], self.test(left), self.test(right)))
            left = right
        return _joined("and", pieces)

    def _membership(self, left: ast.expr, right: ast.expr, negated: bool) -> Test:
        if not isinstance(right, ast.List | ast.Tuple | ast.Set):
            return _UNKNOWN
        equal: list[Test] = [("==", self.test(left), self.test(entry)) for entry in right.elts]
        among = _joined("or", equal) if equal else _UNKNOWN
        return ("not", among) if negated else among


def _joined(operator: str, tests: Sequence[Test]) -> Test:
    """Several tests in a row, as operators of two operands."""
    joint = tests[-1]
    for test in reversed(tests[:-1]):
        joint = (operator, test, joint)
    return joint
