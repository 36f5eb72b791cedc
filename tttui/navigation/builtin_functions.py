"""The builtins that expressions may call: those without effects, done on operands and counted."""

import builtins
from ast import Add
from collections.abc import Callable, Iterator
from decimal import Decimal
from math import isfinite
from typing import Any, Final

from tttui.navigation.expression_errors import EvaluationError, NeedsCheckpoint, TooMuch
from tttui.navigation.operands import (
    CONTAINERS,
    LARGEST,
    Box,
    Known,
    Lambda,
    Lazy,
    Made,
    Operand,
    Recorded,
    Session,
    has_attribute,
    plain,
)
from tttui.navigation.operations import binary, boxed, iterate, truth
from tttui.navigation.standard_values import ATTRIBUTES, STANDARD, is_unbounded
from tttui.navigation.texts import exact_text, formatted, plain_text, type_name

_EXCEPTIONS: Final = frozenset(
    name for name, thing in vars(builtins).items() if isinstance(thing, type) and issubclass(thing, BaseException)
)
_TYPES: Final = frozenset(
    {"bool", "bytes", "complex", "dict", "enumerate", "filter", "float", "frozenset", "int", "list", "map", "object", "range"}
    | {"reversed", "set", "str", "tuple", "type", "zip"}
)
MOST_POWER_BITS: Final = 4_096
"""Bits of the numbers of a power with a modulus."""


def known(name: str) -> Known | None:
    """The builtin of a name; None where expressions don't have it."""
    if name in _TYPES or name in _EXCEPTIONS:
        return Known(name, True)
    return Known(name, False) if name in FUNCTIONS else None


def sum_of_numbers(numbers: list[Any], total: Any, *, corrected: bool) -> Any:
    """``sum(numbers, total)``: since Python 3.12 what floats lose when they are added is added in the end."""
    correction = 0.0
    for number in numbers:
        if type(total) is float and corrected and type(number) is float:
            result = total + number
            correction += (total - result) + number if abs(total) >= abs(number) else (number - result) + total
            total = result
            continue
        if type(total) is float and isinstance(number, int) and not -(1 << 63) <= number < 1 << 63:
            # Adding one that C doesn't have as a number ends the correction.
            total, correction, corrected = total + (correction if isfinite(correction) else 0.0), 0.0, False
        total = total + number
    return total + correction if correction and isfinite(correction) else total


def call_builtin(function: Known, arguments: list[Operand], keywords: dict[str, Operand], session: Session) -> Operand:
    """``function(*arguments, **keywords)``."""
    do = FUNCTIONS.get(function.name)
    if do is None:
        raise NeedsCheckpoint(f"{function.name}() makes an object")
    return do(session, *arguments, **keywords)


def attribute_of(operand: Operand, name: str) -> Operand:
    """An attribute of an object as it was recorded; raises where it isn't, since code might compute it."""
    if isinstance(operand, Known) and name in ("__name__", "__qualname__"):
        return operand.name.rpartition(".")[2]
    if name == "__class__":
        return _type(None, operand)
    if isinstance(operand, Recorded):
        value = operand.content()
        if value.attributes is not None and name in value.attributes:
            return operand.session.operand(value.attributes[name])
        if name == "args" and value.type in _EXCEPTIONS:
            return Made(tuple(operand.session.operand(item) for item in value.items or ()), operand.session)
        if value.attributes is not None and name in ("name", "value") and f"_{name}_" in value.attributes and "_name_" in value.attributes:
            return operand.session.operand(value.attributes[f"_{name}_"])
        if name == "__dict__" and value.attributes is not None:
            return Made({key: operand.session.operand(item) for key, item in value.attributes.items()}, operand.session)
        if not operand.is_container:
            if value.badge == "cut":
                operand.cut()
            raise NeedsCheckpoint(f"{name!r} is not recorded in this {value.type}; its class or code may have it")
    if name in ATTRIBUTES.get(type(operand), ()):
        return getattr(operand, name)
    if type(operand) in (int, float, complex, bool) and name in ("real", "imag", "numerator", "denominator"):
        return getattr(operand, name)
    raise AttributeError(f"{type_name(operand)!r} object has no attribute {name!r}, or it is a method that has to be called")


def _len(session: Session, of: Operand) -> Operand:
    if isinstance(of, Recorded):
        return of.length()
    if isinstance(of, Lazy | Known | Lambda):
        raise TypeError(f"object of type {type_name(of)!r} has no len()")
    return len(plain(of))


def _listed(session: Session, of: Operand, *, any_order: bool = False) -> list[Operand]:
    listed = []
    for entry in iterate(of, session, any_order=any_order):
        listed.append(entry)
        if len(listed) > LARGEST:
            raise TooMuch(f"more than {LARGEST:,} entries")
    return listed


def _sorted(session: Session, of: Operand, *, key: Operand = None, reverse: Operand = False) -> Operand:
    listed = _listed(session, of, any_order=True)
    session.charge(len(listed) * max(1, len(listed).bit_length()))
    wrapped = _key(session, key)
    listed.sort(key=None if key is None else wrapped, reverse=truth(reverse, session))
    return session.made(listed)


def _key(session: Session, key: Operand) -> Callable[[Operand], Operand]:
    return (lambda entry: entry) if key is None else lambda entry: call(key, [entry], {}, session)


def call(function: Operand, arguments: list[Operand], keywords: dict[str, Operand], session: Session) -> Operand:
    """Call what the expression may call."""
    session.charge()
    if isinstance(function, Known):
        return call_builtin(function, arguments, keywords, session)
    if isinstance(function, Lambda):
        return function.call(*arguments, **keywords)
    if isinstance(function, Recorded):
        raise NeedsCheckpoint(f"calls {function.value.text}")
    raise TypeError(f"{type_name(function)!r} object is not callable")


_MISSING: Final = object()


def _extreme(name: str, sign: int) -> Callable[..., Operand]:
    def find(session: Session, *of: Operand, key: Operand = None, default: Operand = _MISSING) -> Operand:
        entries = iterate(of[0], session, any_order=True) if len(of) == 1 else iter(of)
        measure = _key(session, key)
        best, best_key = _MISSING, None
        for entry in entries:
            entry_key = measure(entry)
            if best is _MISSING or (plain(entry_key) < plain(best_key) if sign < 0 else plain(entry_key) > plain(best_key)):
                best, best_key = entry, entry_key
        if best is not _MISSING:
            return best
        if default is _MISSING:
            raise ValueError(f"{name}() iterable argument is empty")
        return default

    return find


def _sum(session: Session, of: Operand, start: Operand = 0) -> Operand:
    if type(start) in (str, bytes):
        raise TypeError("sum() can't sum strings [use ''.join(seq) instead]")
    numbers: list[Any] = []
    total, corrected = start, session.python >= (3, 12)
    for entry in iterate(of, session, any_order=True):
        if type(entry) in (int, float, bool) and type(total) in (int, float, bool):
            numbers.append(entry)
            if len(numbers) > LARGEST:
                raise TooMuch(f"more than {LARGEST:,} entries")
        else:
            if complex in (type(entry), type(total)) and session.python >= (3, 14):
                raise NeedsCheckpoint("sum() of complex numbers is corrected since Python 3.14")
            total, numbers = sum_of_numbers(numbers, total, corrected=corrected), []
            total, corrected = binary(Add, total, entry, session), False
    return boxed(sum_of_numbers(numbers, total, corrected=corrected), session) if numbers else total


def _any(session: Session, of: Operand) -> Operand:
    return any(truth(entry, session) for entry in iterate(of, session, any_order=True))


def _all(session: Session, of: Operand) -> Operand:
    return all(truth(entry, session) for entry in iterate(of, session, any_order=True))


def _enumerate(session: Session, of: Operand, start: Operand = 0) -> Operand:
    entries = iterate(of, session)
    return Lazy("enumerate", (Made((number, entry), session) for number, entry in enumerate(entries, plain(start))))


def _zip(session: Session, *of: Operand, strict: Operand = False) -> Operand:
    rows = zip(*(iterate(one, session) for one in of), strict=truth(strict, session))
    return Lazy("zip", (Made(row, session) for row in rows))


def _map(session: Session, function: Operand, *of: Operand) -> Operand:
    rows = zip(*(iterate(one, session) for one in of), strict=False)
    return Lazy("map", (call(function, list(row), {}, session) for row in rows))


def _filter(session: Session, function: Operand, of: Operand) -> Operand:
    entries = iterate(of, session)

    def chosen() -> Iterator[Operand]:
        for entry in entries:
            if truth(entry if function is None else call(function, [entry], {}, session), session):
                yield entry

    return Lazy("filter", chosen())


def _reversed(session: Session, of: Operand) -> Operand:
    if type_name(of) in ("set", "frozenset") or isinstance(of, Lazy):
        raise TypeError(f"{type_name(of)!r} object is not reversible")
    return Lazy("reversed", reversed(_listed(session, of)))


def _next(session: Session, of: Operand, default: Operand = _MISSING) -> Operand:
    if not isinstance(of, Lazy):
        if isinstance(of, Recorded) and not of.is_container:
            raise NeedsCheckpoint("next() runs code of the program")
        raise TypeError(f"{type_name(of)!r} object is not an iterator")
    for entry in of.operands:
        return entry
    if default is _MISSING:
        raise StopIteration
    return default


def _iter(session: Session, of: Operand) -> Operand:
    return of if isinstance(of, Lazy) else Lazy("iterator", iterate(of, session))


def _container(make: Callable[[Any], Any], *, any_order: bool = False) -> Callable[..., Operand]:
    def build(session: Session, of: Operand = ()) -> Operand:
        return session.made(make(_listed(session, of, any_order=any_order)))

    return build


def _dict(session: Session, *of: Operand, **entries: Operand) -> Operand:
    made: dict[Any, Operand] = {}
    for one in of[:1]:
        held = plain(one) if isinstance(one, Box) else one
        if isinstance(held, dict):
            made.update(held)
        else:
            for pair in iterate(one, session):
                key, entry = iterate(pair, session)
                made[key] = entry
    if len(of) > 1:
        raise TypeError(f"dict expected at most 1 argument, got {len(of)}")
    return session.made(made | entries)


def _range(session: Session, *bounds: Operand) -> Operand:
    return range(*(plain(bound) for bound in bounds))


def _str(session: Session, of: Operand = "", encoding: Operand = None, errors: Operand = "strict") -> Operand:
    if encoding is not None:
        from tttui.navigation.methods import call_method

        if type(encoding) is not str:
            raise TypeError(f"str() argument 'encoding' must be str, not {type_name(encoding).rpartition('.')[2]}")
        if type(of) is str:
            raise TypeError("decoding str is not supported")
        if type_name(of) not in ("bytes", "bytearray"):
            raise TypeError(f"decoding to str: need a bytes-like object, {type_name(of)} found")
        return call_method(of, "decode", [encoding, errors], {}, session)
    return plain_text(of, session)


def _repr(session: Session, of: Operand) -> Operand:
    return exact_text(of, session)


def _ascii(session: Session, of: Operand) -> Operand:
    text = exact_text(of, session).encode("ascii", "backslashreplace").decode("ascii")
    session.hold(len(text))
    return text


def _format(session: Session, of: Operand, spec: Operand = "") -> Operand:
    if type(spec) is not str:
        raise TypeError(f"format() argument 2 must be str, not {type_name(spec)}")
    return formatted(of, spec, session)


def _number(make: Callable[..., Any]) -> Callable[..., Operand]:
    """int, float and their like: of scalars alone."""

    def convert(session: Session, *of: Operand, **keywords: Operand) -> Operand:
        held = [_scalar(session, make, one) for one in of]
        return boxed(make(*held, **{name: plain(one) for name, one in keywords.items()}), session)

    return convert


def _scalar(session: Session, make: Callable[..., Any], operand: Operand) -> Any:
    held = plain(operand)
    if is_unbounded(held):
        raise TooMuch("a number of so many places")
    if type(held) is Decimal and make is abs:
        raise NeedsCheckpoint("the program's decimal context decides how a result is rounded")
    if isinstance(operand, Box | Known | Lazy | Lambda):
        raise TypeError(f"{make.__name__}() argument can't be {type_name(operand)!r}")
    return held


def _bool(session: Session, of: Operand = False) -> Operand:
    return truth(of, session)


def _bytes(session: Session, of: Operand = b"", encoding: Operand = None, errors: Operand = "strict") -> Operand:
    if encoding is not None and type(encoding) is not str:
        raise TypeError(f"bytes() argument 'encoding' must be str, not {type_name(encoding).rpartition('.')[2]}")
    if encoding is not None and type(of) is not str:
        raise TypeError("encoding without a string argument")
    if isinstance(of, int):
        session.hold(max(of, 0))
        return bytes(of)
    if type(of) is str:
        from tttui.navigation.methods import call_method

        if encoding is None:
            raise TypeError("string argument without an encoding")
        return call_method(of, "encode", [encoding, errors], {}, session)
    return boxed(bytes([plain(entry) for entry in _listed(session, of)]), session)


def _round(session: Session, of: Operand, digits: Operand = None) -> Operand:
    number, places = plain(of), plain(digits)
    if type(number) is Decimal:
        raise NeedsCheckpoint("the program's decimal context decides how a result is rounded")
    if isinstance(places, int) and abs(places) > 1_000:
        raise TooMuch("rounding to more than 1,000 digits")
    return boxed(round(number, places), session)


def _pow(session: Session, base: Operand, exponent: Operand, modulus: Operand = None) -> Operand:
    if modulus is None:
        from ast import Pow

        return binary(Pow, base, exponent, session)
    numbers = [plain(base), plain(exponent), plain(modulus)]
    if {type(number) for number in numbers} & STANDARD.keys():
        raise NeedsCheckpoint("pow() of these")
    if any(isinstance(number, int) and number.bit_length() > MOST_POWER_BITS for number in numbers):
        raise TooMuch("a power with a modulus, of large numbers")
    return boxed(pow(*numbers), session)


def _divmod(session: Session, one: Operand, two: Operand) -> Operand:
    first, second = plain(one), plain(two)
    if {type(first), type(second)} & STANDARD.keys():
        raise NeedsCheckpoint("divmod() of these")
    return session.made(divmod(first, second))


def _id(session: Session, of: Operand) -> Operand:
    if isinstance(of, Recorded) and of.value.id is not None:
        return of.value.id
    raise NeedsCheckpoint("only what has an identity in the recording has an id() here")


def _type(session: Session | None, of: Operand) -> Operand:
    if isinstance(of, Recorded) and of.value.badge == "redacted":
        of.cut()
    return Known(type_name(of), True)


def _isinstance(session: Session, of: Operand, kinds: Operand) -> Operand:
    if isinstance(kinds, Made) and isinstance(kinds.container, tuple):
        doubt: EvaluationError | None = None
        for kind in kinds.container:
            try:
                if _isinstance(session, of, kind):
                    return True
            except NeedsCheckpoint as error:
                doubt = error
        if doubt is not None:
            raise doubt
        return False
    wanted = _class_name(kinds)
    actual = type_name(of)
    if wanted in (actual, "object"):
        return True
    bases = _bases(actual)
    if bases is not None:
        return wanted in bases
    raise NeedsCheckpoint(f"the recording doesn't say what {actual} derives from")


def _class_name(kind: Operand) -> str:
    """The name of a class, as values of it have it for their type."""
    if isinstance(kind, Known) and kind.is_type:
        return kind.name
    if isinstance(kind, Recorded) and kind.value.text.startswith("<class '"):
        return kind.value.text[len("<class '") : -len("'>")]
    raise TypeError("isinstance() arg 2 must be a type, a tuple of types, or a union")


_STANDARD_TYPES: Final = {name: kind for kind, name in STANDARD.items()}


def _bases(name: str) -> frozenset[str] | None:
    """Names of all that a builtin type derives from; None where it isn't one."""
    if name in CONTAINERS and "." in name:
        return frozenset({"object"} if name.endswith("deque") else {"dict", "object"})
    thing = _STANDARD_TYPES.get(name) or getattr(builtins, name, None)
    if isinstance(thing, type):
        return frozenset(STANDARD.get(base) or base.__qualname__ for base in thing.__mro__)
    return frozenset({"object"}) if name in ("NoneType", "function", "module", "builtin_function_or_method") else None


def _hasattr(session: Session, of: Operand, name: Operand) -> Operand:
    wanted = _attribute_name(name)
    try:
        attribute_of(of, wanted)
    except AttributeError:
        return has_attribute(plain(of), wanted)
    return True


def _attribute_name(name: Operand) -> str:
    if type(name) is not str:
        raise TypeError(f"attribute name must be string, not '{type_name(name).rpartition('.')[2]}'")
    return name


def _getattr(session: Session, of: Operand, name: Operand, default: Operand = _MISSING) -> Operand:
    # Where an attribute of an object isn't recorded, code may compute it: the default is for plain values alone.
    try:
        return attribute_of(of, _attribute_name(name))
    except AttributeError:
        if default is _MISSING:
            raise
        return default


FUNCTIONS: Final[dict[str, Callable[..., Operand]]] = {
    "abs": _number(abs),
    "all": _all,
    "any": _any,
    "ascii": _ascii,
    "bin": _number(bin),
    "bool": _bool,
    "bytes": _bytes,
    "chr": _number(chr),
    "complex": _number(complex),
    "dict": _dict,
    "divmod": _divmod,
    "enumerate": _enumerate,
    "filter": _filter,
    "float": _number(float),
    "format": _format,
    "frozenset": _container(frozenset, any_order=True),
    "getattr": _getattr,
    "hasattr": _hasattr,
    "hex": _number(hex),
    "id": _id,
    "int": _number(int),
    "isinstance": _isinstance,
    "iter": _iter,
    "len": _len,
    "list": _container(list),
    "map": _map,
    "max": _extreme("max", 1),
    "min": _extreme("min", -1),
    "next": _next,
    "oct": _number(oct),
    "ord": _number(ord),
    "pow": _pow,
    "range": _range,
    "repr": _repr,
    "reversed": _reversed,
    "round": _round,
    "set": _container(set, any_order=True),
    "sorted": _sorted,
    "str": _str,
    "sum": _sum,
    "tuple": _container(tuple),
    "type": _type,
    "zip": _zip,
}
