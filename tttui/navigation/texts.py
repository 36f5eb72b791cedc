"""Operands as text: exactly as ``repr`` and ``str`` of the program would be, or as short as a reader wants it."""

import sys
from collections import Counter, OrderedDict, deque
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from re import compile as pattern
from typing import Any, Final

from tttui.navigation.expression_errors import EvaluationError, NeedsCheckpoint, TooMuch
from tttui.navigation.operands import Box, Known, Lambda, Lazy, Made, Operand, Recorded, Session, plain
from tttui.navigation.standard_values import STANDARD, is_unbounded
from tttui.store.records import Value

LONGEST_SHOWN: Final = 2_000
"""Characters of a computed value's short text, and"""
MOST_SHOWN: Final = 1_000
"""how many of its entries are given."""
WIDEST: Final = 1_000
"""Width or precision of a format."""
_OF_THE_CONTEXT: Final = frozenset({Decimal, Fraction, date, datetime, time})
"""Types that are formatted by the program's decimal context, its Python's version or its language."""
_NUMBERS: Final = pattern(r"\d+")
_GROUPED_FRACTION: Final = pattern(r"\.\d*[,_]")


def type_name(operand: Operand) -> str:
    """Name of an operand's type, as a traceback shows it."""
    if isinstance(operand, Recorded):
        return operand.value.type
    if isinstance(operand, Made):
        kind = type(operand.container).__name__
        return f"collections.{kind}" if kind in ("deque", "OrderedDict", "Counter") else kind
    if isinstance(operand, Known):
        return "type" if operand.is_type else "builtin_function_or_method"
    if isinstance(operand, Lazy):
        return operand.name
    return "function" if isinstance(operand, Lambda) else STANDARD.get(type(operand)) or type(operand).__name__


def exact_text(operand: Operand, session: Session) -> str:
    """``repr`` of an operand; raises where code of the program has a say in it or something was cut."""
    session.charge()
    if isinstance(operand, Box):
        with session.deeper():
            text = _exact_container(operand, session)
    elif isinstance(operand, Known):
        text = f"<class '{operand.name}'>" if operand.is_type else f"<built-in function {operand.name}>"
    elif isinstance(operand, Lazy | Lambda):
        raise NeedsCheckpoint("the text of an iterator or a function holds an address")
    else:
        if type(operand) is str:
            session.refuse_characters(operand)
        text = repr(operand)
    session.hold(len(text))
    return text


def _exact_container(operand: Box, session: Session) -> str:
    if isinstance(operand, Recorded) and not operand.is_container:
        value = operand.value
        if (value.type == "type" and value.text.startswith("<class ")) or _is_standard(value):
            return value.text
        if value.badge in ("cut", "redacted"):
            operand.cut()
        raise NeedsCheckpoint(f"only code of the program knows the text of a {value.type}")
    held = operand.plain()
    if isinstance(held, bytes):
        return f"bytearray({held!r})"
    if isinstance(operand, Recorded) and operand.value.type == "collections.defaultdict":
        raise NeedsCheckpoint("the text of a defaultdict names what makes its values")
    kind = type(held).__name__
    if kind == "OrderedDict" and held and session.python < (3, 12):
        pairs = ", ".join(f"({exact_text(key, session)}, {exact_text(item, session)})" for key, item in held.items())
        return f"OrderedDict([{pairs}])"
    if isinstance(held, dict):
        pairs = ", ".join(f"{exact_text(key, session)}: {exact_text(item, session)}" for key, item in held.items())
        if kind == "dict":
            return f"{{{pairs}}}"
        return f"{kind}({{{pairs}}})" if pairs else f"{kind}()"
    # A recorded set is shown in the order that it had, one made here has an order of this process: none that counts.
    entries: Iterable[Operand] = operand.entries() if isinstance(operand, Recorded) else held
    if isinstance(operand, Made) and isinstance(held, set | frozenset) and len(held) > 1:
        raise NeedsCheckpoint("the order of a set; sorted() has one")
    pieces = [exact_text(entry, session) for entry in entries]
    joined = ", ".join(pieces)
    if kind == "list":
        return f"[{joined}]"
    if kind == "tuple":
        return f"({joined},)" if len(pieces) == 1 else f"({joined})"
    if kind == "set":
        return f"{{{joined}}}" if pieces else "set()"
    if kind == "frozenset":
        return f"frozenset({{{joined}}})" if pieces else "frozenset()"
    return f"{kind}([{joined}])"


def plain_text(operand: Operand, session: Session) -> str:
    """``str`` of an operand."""
    if type(operand) is str:
        return operand
    if type(operand) in STANDARD:
        return str(operand)
    if isinstance(operand, Recorded) and _is_standard(operand.value):
        raise NeedsCheckpoint(f"str() of a {operand.value.type}; repr() is recorded")
    return exact_text(operand, session)


def _is_standard(value: Value) -> bool:
    """Whether a value is one of the standard library's immutable ones, of which the recording has the ``repr``."""
    return value.id is None and value.badge is None and not value.text.startswith("<") and value.items is None and "(" in value.text


def formatted(operand: Operand, spec: str, session: Session) -> str:
    """``format(operand, spec)``."""
    if not spec:
        return plain_text(operand, session)
    guard_widths(spec)
    if _GROUPED_FRACTION.search(spec) and (session.python < (3, 14)) is not (sys.version_info < (3, 14)):
        raise NeedsCheckpoint("places behind the point are grouped since Python 3.14")
    if is_unbounded(operand):
        raise TooMuch("a number of so many places")
    if (isinstance(operand, Recorded) and operand.uncertain) or type(operand) in _OF_THE_CONTEXT:
        raise NeedsCheckpoint(f"only the program knows how a {type_name(operand)} is formatted")
    if isinstance(operand, Box | Known | Lazy | Lambda):
        raise TypeError(f"unsupported format string passed to {type_name(operand)}.__format__")
    text = format(operand, spec)
    session.hold(len(text))
    return text


def guard_widths(spec: str) -> None:
    """Refuse a format that asks for a very wide text; raises `TooMuch`."""
    if any(len(digits) > 9 or int(digits) > WIDEST for digits in _NUMBERS.findall(spec)):
        raise TooMuch(f"a format wider than {WIDEST:,} characters")


def shown_text(operand: Operand) -> str:
    """A short text for a reader: what was recorded as it is shown elsewhere, what was computed put together from that."""
    pieces: list[str] = []
    room = LONGEST_SHOWN
    for piece in _shown_pieces(operand):
        if len(piece) > room:
            pieces.append(piece[: max(room, 0)] + "…")
            break
        pieces.append(piece)
        room -= len(piece)
    return "".join(pieces)


def _shown_pieces(operand: Operand) -> Iterator[str]:
    if isinstance(operand, Recorded):
        yield operand.value.text
    elif isinstance(operand, Known):
        yield f"<class '{operand.name}'>" if operand.is_type else f"<built-in function {operand.name}>"
    elif isinstance(operand, Lazy):
        yield f"<{operand.name}>"
    elif isinstance(operand, Lambda):
        yield "<function <lambda>>"
    elif not isinstance(operand, Made):
        yield _scalar_text(operand)
    else:
        yield from _shown_container(operand.container)


def _shown_container(held: Any) -> Iterator[str]:
    kind = type(held).__name__
    brackets = {"list": ("[", "]"), "tuple": ("(", ")"), "set": ("{", "}"), "dict": ("{", "}")}
    opening, closing = brackets.get(kind, (f"{kind}([", "])"))
    if isinstance(held, set | frozenset) and not held:
        yield f"{kind}()"
        return
    if isinstance(held, frozenset):
        opening, closing = "frozenset({", "})"
    elif isinstance(held, Counter | OrderedDict):
        opening, closing = f"{kind}({{", "})"
    yield opening
    for index, entry in enumerate(ordered(held)):
        if index:
            yield ", "
        yield from _shown_pieces(entry)
        if isinstance(held, dict):
            yield ": "
            yield from _shown_pieces(held[entry])
    yield ",)" if type(held) is tuple and len(held) == 1 else closing


def ordered(held: Any) -> Iterable[Operand]:
    """Entries in an order to show them in: that of a set is by their texts, so that it is always the same."""
    if isinstance(held, set | frozenset):
        try:
            return sorted(held)
        except (TypeError, EvaluationError):
            return sorted(held, key=shown_text)
    return held  # type: ignore[no-any-return]  # what it holds are operands


def to_value(operand: Operand, *, unchecked: bool = False, level: int = 6) -> Value:
    """An operand in the form of recorded values: a recorded one is itself."""
    if isinstance(operand, Recorded):
        return operand.value
    text = shown_text(operand)
    is_cut = len(text) > LONGEST_SHOWN and not isinstance(operand, Made)
    badge = "unchecked" if unchecked else "cut" if is_cut else None
    if not isinstance(operand, Made):
        length = len(operand) if type(operand) in (str, bytes) else None
        return Value(type_name(operand), text, length=length, badge=badge)  # type: ignore[arg-type]
    held = operand.container
    items = entries = None
    if level > 0:
        first = [entry for _, entry in zip(range(MOST_SHOWN), ordered(held), strict=False)]
        left_out = len(held) - len(first)
        more = (Value("", f"… {left_out:,} more", length=left_out, badge="cut"),) if left_out else ()
        if isinstance(held, dict):
            entries = tuple((to_value(key, level=level - 1), to_value(held[key], level=level - 1)) for key in first)
            entries += tuple((gap, gap) for gap in more)
        elif isinstance(held, list | tuple | set | frozenset | deque):
            items = tuple(to_value(entry, level=level - 1) for entry in first) + more
    return Value(type_name(operand), text, length=len(held), items=items, entries=entries, badge=badge)  # type: ignore[arg-type]


def _scalar_text(operand: Operand) -> str:
    # str() of an int refuses more digits than sys.get_int_max_str_digits(), 640 at the least.
    if type(operand) is int and operand.bit_length() > 2000:
        return hex(operand)
    return repr(operand)


__all__ = ["exact_text", "formatted", "guard_widths", "ordered", "plain", "plain_text", "shown_text", "to_value", "type_name"]
