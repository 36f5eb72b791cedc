"""Operators on operands, each bounded before it is computed."""

import ast
import operator
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from tttui.navigation.equality import equal
from tttui.navigation.expression_errors import ExpressionError, NeedsCheckpoint, NotRecorded, TooMuch
from tttui.navigation.operands import (
    MOST_BITS,
    PLAIN_IDENTITY,
    SCALARS,
    Box,
    Known,
    Lambda,
    Lazy,
    Made,
    Operand,
    Recorded,
    Session,
    View,
    is_uncertain,
    plain,
    refuse_doubts,
)
from tttui.navigation.standard_values import STANDARD, is_unbounded
from tttui.navigation.texts import exact_text, guard_widths, plain_text, type_name

_BINARY: Final[dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod),
    ast.Pow: ("**", operator.pow),
    ast.LShift: ("<<", operator.lshift),
    ast.RShift: (">>", operator.rshift),
    ast.BitOr: ("|", operator.or_),
    ast.BitXor: ("^", operator.xor),
    ast.BitAnd: ("&", operator.and_),
}
_UNARY: Final[dict[type[ast.unaryop], Callable[[Any], Any]]] = {ast.UAdd: operator.pos, ast.USub: operator.neg, ast.Invert: operator.invert}
_ORDER: Final[dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], Any]]]] = {
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}

OPERATORS: Final = frozenset(_BINARY)


def boxed(result: Any, session: Session) -> Operand:
    """What an operation of Python gave, as an operand: its size is counted."""
    if isinstance(result, Box | Known | Lazy | Lambda):
        return result
    if type(result) in (str, bytes):
        session.hold(len(result))
    elif type(result) is int:
        if result.bit_length() > MOST_BITS:
            raise TooMuch(f"an integer of more than {MOST_BITS:,} bits")
    elif type(result) not in SCALARS:
        return session.made(result)
    return result


def binary(kind: type[ast.operator], one: Operand, two: Operand, session: Session) -> Operand:
    """``one + two`` and the like."""
    symbol, operation = _BINARY[kind]
    session.charge()
    if kind is ast.Mod and type(one) in (str, bytes):
        return _percent(one, two, session)
    for operand in (one, two):
        if isinstance(operand, Known | Lazy | Lambda):
            raise TypeError(f"unsupported operand type(s) for {symbol}: {type_name(one)!r} and {type_name(two)!r}")
    first, second = plain(one), plain(two)
    if isinstance(first, View) or isinstance(second, View):
        if "items" in type_name(one) + type_name(two) and kind in (ast.BitAnd, ast.BitOr, ast.BitXor, ast.Sub):
            raise ExpressionError(f"{symbol} of items isn't supported; set() makes them a set")
        raise TypeError(f"unsupported operand type(s) for {symbol}: {type_name(one)!r} and {type_name(two)!r}")
    if {type(first), type(second)} & STANDARD.keys():
        return _standard(kind, first, second)
    if isinstance(first, set | frozenset) and isinstance(second, set | frozenset):
        refuse_doubts([*first, *second])
    _guard(kind, first, second, session)
    try:
        result = operation(first, second)
    except TypeError:
        raise TypeError(f"unsupported operand type(s) for {symbol}: {type_name(one)!r} and {type_name(two)!r}") from None
    return boxed(result, session)


def _standard(kind: type[ast.operator], one: Any, two: Any) -> Operand:
    """Arithmetic with dates and their like."""
    symbol, operation = _BINARY[kind]
    if Decimal in (type(one), type(two)):
        raise NeedsCheckpoint("the program's decimal context decides how a result is rounded")
    parts = [number for held in (one, two) if isinstance(held, Fraction | int) for number in (held.numerator, held.denominator)]
    if kind is ast.Pow or any(number.bit_length() > MOST_BITS for number in parts):
        raise TooMuch("a fraction of large numbers")
    try:
        result = operation(one, two)
    except TypeError:
        raise TypeError(f"unsupported operand type(s) for {symbol}: {type_name(one)!r} and {type_name(two)!r}") from None
    if type(result) not in SCALARS:
        raise NeedsCheckpoint(f"{symbol} gives a {type(result).__name__}")
    return result


def _guard(kind: type[ast.operator], one: Any, two: Any, session: Session) -> None:
    """Refuse what would be too large, before it is computed."""
    if isinstance(one, int) and isinstance(two, int):
        bits = one.bit_length() + two.bit_length()
        if kind is ast.Pow and two > 0:
            bits = one.bit_length() * two if abs(one) > 1 else 1
        elif kind is ast.LShift:
            bits = one.bit_length() + max(two, 0) if one else 1
        if kind is ast.Pow and two < 0:
            bits = min(bits, MOST_BITS)
        if bits > 2 * MOST_BITS:
            raise TooMuch(f"an integer of more than {MOST_BITS:,} bits")
        session.charge(bits // 512)
        return
    sized_one, sized_two = hasattr(one, "__len__"), hasattr(two, "__len__")
    if kind is ast.Mult and ((sized_one and isinstance(two, int)) or (sized_two and isinstance(one, int))):
        session.hold(max(0, len(one) * two if sized_one else len(two) * one))
    elif sized_one or sized_two:
        session.hold(sum(len(held) for held, sized in ((one, sized_one), (two, sized_two)) if sized))


def _percent(format_: str | bytes, arguments: Operand, session: Session) -> Operand:
    """``"..." % arguments``."""
    template = format_ if isinstance(format_, str) else format_.decode("latin-1")
    if 0 <= template.find("%") < template.rfind("*"):
        raise ExpressionError("a % format with * isn't supported")
    guard_widths(template)
    held = plain(arguments) if isinstance(arguments, Box) else arguments
    if isinstance(arguments, Box) and isinstance(held, tuple):
        size = sum(_text_size(argument, session) for argument in held)
    elif isinstance(held, dict) and isinstance(arguments, Box):
        size = template.count("%") * max((_text_size(argument, session) for argument in held.values()), default=0)
    else:
        size = _text_size(arguments, session)
        held = _argument(arguments, held)
    session.hold(size + len(template) + 1000 * min(template.count("%"), 100))
    try:
        return boxed(format_ % held, session)
    except TypeError as error:
        # Python names what stands for an operand.
        named = re.fullmatch("(.* not )(\\w+)", str(error))
        for operand in held if type(held) is tuple else [arguments]:
            if named is not None and named[2] in (type(operand).__name__, _Subscriptable.__name__):
                raise TypeError(named[1] + type_name(operand)) from None
        raise


class _Subscriptable:
    """A list as the argument of a format: as it has items, the format need not use it."""

    def __init__(self, operand: Operand) -> None:
        self._operand = operand

    def __getitem__(self, key: object) -> object:
        raise TypeError("list indices must be integers or slices, not str")

    def __repr__(self) -> str:
        return repr(self._operand)


def _argument(operand: Operand, held: Any) -> Any:
    """What stands for an operand that is all that a format gets."""
    if isinstance(operand, Box):
        if isinstance(held, list):
            return _Subscriptable(operand)
        if isinstance(held, bytes):
            return bytearray(held)
    return operand


def _text_size(argument: Operand, session: Session) -> int:
    if is_unbounded(argument):
        raise TooMuch("a number of so many places")
    if type(argument) in (str, bytes):
        return len(argument)
    return len(exact_text(argument, session)) if isinstance(argument, Box) else 400


def unary(kind: type[ast.unaryop], operand: Operand, session: Session) -> Operand:
    """``-operand`` and the like; ``not`` is `truth`."""
    held = plain(operand)
    if type(held) is Decimal:
        raise NeedsCheckpoint("the program's decimal context decides how a result is rounded")
    if type(held) is bool:
        held = int(held)  # Python warns of ~ on a bool
    try:
        return boxed(_UNARY[kind](held), session)
    except TypeError:
        symbol = {ast.UAdd: "unary +", ast.USub: "unary -", ast.Invert: "unary ~"}[kind]
        raise TypeError(f"bad operand type for {symbol}: {type_name(operand)!r}") from None


def truth(operand: Operand, session: Session) -> bool:
    """Whether an operand counts as true; raises where only code of the program could tell."""
    session.charge()
    if isinstance(operand, Recorded):
        value = operand.value
        if value.type in PLAIN_IDENTITY:
            return True
        if value.type == "int" and value.badge == "cut":
            return True
        if operand.is_container or value.type in ("str", "bytes"):
            return operand.length() > 0
        if value.badge == "redacted":
            operand.cut()
        raise NeedsCheckpoint(f"only code of the program knows whether a {value.type} counts as true")
    if isinstance(operand, Made):
        return len(operand.container) > 0
    return True if isinstance(operand, Known | Lazy | Lambda) else bool(operand)


def compare(kind: type[ast.cmpop], one: Operand, two: Operand, session: Session) -> bool:
    """``one < two`` and the like."""
    session.charge()
    if kind is ast.Eq:
        return equal(one, two, session)
    if kind is ast.NotEq:
        return not equal(one, two, session)
    if kind is ast.Is:
        return same(one, two)
    if kind is ast.IsNot:
        return not same(one, two)
    if kind is ast.In:
        return contains(two, one, session)
    if kind is ast.NotIn:
        return not contains(two, one, session)
    symbol, relation = _ORDER[kind]
    first, second = plain(one), plain(two)
    if hasattr(first, "__len__") and hasattr(second, "__len__"):
        session.charge(min(len(first), len(second)))
    try:
        return bool(relation(first, second))
    except TypeError as error:
        if "not supported between instances" in str(error) and not isinstance(first, list | tuple):
            raise TypeError(f"{symbol!r} not supported between instances of {type_name(one)!r} and {type_name(two)!r}") from None
        raise


def same(one: Operand, two: Operand) -> bool:
    """``one is two``, as far as identities were recorded."""
    for first, second in ((one, two), (two, one)):
        if first is None or type(first) is bool:
            # A value that was cut or not looked into is still not one of these: they are always recorded as they are.
            if isinstance(second, Recorded) and second.value.badge == "redacted":
                second.cut()
            return first is second
    if isinstance(one, Known) or isinstance(two, Known):
        return one == two if isinstance(one, Known) and isinstance(two, Known) else _is_class_of_name(one, two)
    if isinstance(one, Recorded) and isinstance(two, Recorded):
        if one.value.id is not None and two.value.id is not None:
            return one.value.id == two.value.id
        if one.value.type != two.value.type or one.value.text != two.value.text or (one.value.id is None) != (two.value.id is None):
            return False
        raise NotRecorded(f"whether two equal values of type {one.value.type} are the same object")
    if isinstance(one, Box | Lazy | Lambda) or isinstance(two, Box | Lazy | Lambda):
        return one is two
    if type(one) is not type(two) or one != two:
        return False
    raise NotRecorded(f"whether two equal values of type {type_name(one)} are the same object")


def _is_class_of_name(one: Operand, two: Operand) -> bool:
    known, other = (one, two) if isinstance(one, Known) else (two, one)
    if not isinstance(other, Recorded) or other.value.type not in ("type", "builtin_function_or_method"):
        return False
    form = "<class '{}'>" if known.is_type else "<built-in function {}>"
    return other.value.text == form.format(known.name)


def contains(container: Operand, wanted: Operand, session: Session) -> bool:
    """``wanted in container``: a part that was cut matters only where the wanted one isn't in the rest."""
    if isinstance(container, Recorded) and container.is_container and container.value.type != "bytearray":
        if container.value.entries is not None or container.value.type.endswith(("dict", "Dict", "Counter")):
            return container.has_key(wanted)
        if container.value.type in ("set", "frozenset") and type_name(wanted) != "set":
            hash(wanted)  # a TypeError where it can't be in a set
        return _found_in(container.entries(), wanted, session)
    if isinstance(container, Lazy):
        return _found_in(container.operands, wanted, session)
    held = plain(container)
    if isinstance(held, set | frozenset | dict):
        session.charge()
        if wanted in held:
            return True
        if is_uncertain(wanted) or any(is_uncertain(entry) for entry in held):
            raise NeedsCheckpoint("code of the program may say what is equal")
        return False
    if isinstance(held, range) and type(wanted) not in (int, bool):
        return _found_in(iterate(held, session), wanted, session)
    if isinstance(held, str | bytes | bytearray):
        session.charge(1 + len(held) // 64)
        if isinstance(wanted, Recorded):
            wanted = plain(wanted)
        return wanted in held
    if isinstance(held, range):
        return wanted in held
    if not hasattr(held, "__iter__"):
        raise TypeError(f"argument of type {type_name(container)!r} is not iterable")
    return _found_in(held, wanted, session)


def _found_in(entries: Any, wanted: Operand, session: Session) -> bool:
    """Whether one of them is the wanted one, or equals it."""
    doubt: NeedsCheckpoint | NotRecorded | None = None
    for entry in entries:
        session.charge()
        try:
            if entry is wanted or equal(entry, wanted, session):
                return True
        except (NeedsCheckpoint, NotRecorded) as error:
            # Another entry may be the very same object, and then the answer is known.
            doubt = error
    if doubt is not None:
        raise doubt
    return False


def iterate(operand: Operand, session: Session, *, any_order: bool = False) -> Iterator[Operand]:
    """The operands that ``for x in operand`` gives, counted one by one; raises at once where it gives none."""
    if isinstance(operand, Recorded):
        if not operand.is_container:
            operand.plain()
        return operand.entries()
    if isinstance(operand, Lazy):
        return _counted(operand.operands, session)
    held = plain(operand)
    if isinstance(held, set | frozenset) and len(held) > 1 and not any_order:
        raise NeedsCheckpoint("the order of a set; sorted() has one")
    if isinstance(held, Known | Lambda) or not hasattr(held, "__iter__"):
        raise TypeError(f"{type_name(operand)!r} object is not iterable")
    return _counted(held, session)


def _counted(entries: Iterable[Operand], session: Session) -> Iterator[Operand]:
    for entry in entries:
        session.charge()
        yield entry


def item(container: Operand, key: Operand, session: Session) -> Operand:
    """``container[key]``."""
    session.charge()
    if isinstance(key, Made) and type(key.container) is slice:
        return _sliced(container, key.container, session)
    if isinstance(container, Recorded):
        return container.item(key)
    held = plain(container)
    if not hasattr(held, "__getitem__") or isinstance(held, View):
        raise TypeError(f"{type_name(container)!r} object is not subscriptable")
    if isinstance(held, dict) and key not in held and is_uncertain(key):
        raise NeedsCheckpoint("code of the program may say which keys are equal")
    return boxed(held[key], session)


def _sliced(container: Operand, key: slice, session: Session) -> Operand:
    """``container[start:stop:step]``: of a container that was cut where all of it was kept."""
    if isinstance(container, Recorded) and container.is_container and container.value.type in ("list", "tuple"):
        wanted = range(container.length())[key]
        session.hold(len(wanted))
        picked = [container.item(index) for index in wanted]
        return Made(picked if container.value.type == "list" else tuple(picked), session)
    held = plain(container)
    if isinstance(held, dict) and session.python < (3, 12):
        raise TypeError("unhashable type: 'slice'")
    if not hasattr(held, "__getitem__") or isinstance(held, View):
        raise TypeError(f"{type_name(container)!r} object is not subscriptable")
    return boxed(held[key], session)  # of a dict the item at a slice, from 3.12 on


def text_of(operand: Operand, session: Session) -> str:
    """``str(operand)``."""
    return plain_text(operand, session)
