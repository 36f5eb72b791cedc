"""Values of the standard library's immutable types, of which the recording has the ``repr``: made again from it.

Only what is exact and bounded is done with them: comparing, and the arithmetic of dates, spans of time and
fractions. Arithmetic with `Decimal` depends on the program's context, which isn't recorded.
"""

import ast
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Final

STANDARD: Final[dict[type, str]] = {
    Decimal: "decimal.Decimal",
    Fraction: "fractions.Fraction",
    date: "datetime.date",
    datetime: "datetime.datetime",
    time: "datetime.time",
    timedelta: "datetime.timedelta",
    timezone: "datetime.timezone",
}
"""The types, and their names in a recording."""
_BY_NAME: Final = {name: kind for kind, name in STANDARD.items()}

ATTRIBUTES: Final[dict[type, frozenset[str]]] = {
    date: frozenset({"year", "month", "day"}),
    datetime: frozenset({"year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo", "fold"}),
    time: frozenset({"hour", "minute", "second", "microsecond", "tzinfo", "fold"}),
    timedelta: frozenset({"days", "seconds", "microseconds"}),
    Fraction: frozenset({"numerator", "denominator"}),
}
METHODS: Final[dict[type, frozenset[str]]] = {
    Decimal: frozenset({"is_finite", "is_nan", "is_signed", "is_zero", "is_infinite"}),
    date: frozenset({"isoformat", "isoweekday", "toordinal", "weekday"}),
    datetime: frozenset({"date", "isoformat", "isoweekday", "time", "timetz", "toordinal", "utcoffset", "weekday"}),
    time: frozenset({"isoformat", "utcoffset"}),
    timedelta: frozenset({"total_seconds"}),
}
"""Methods whose results depend on the value alone: not on this machine's time zone or language."""

_CALLS: Final[dict[str, Any]] = {
    "Decimal": Decimal,
    "Fraction": Fraction,
    "datetime.date": date,
    "datetime.datetime": datetime,
    "datetime.time": time,
    "datetime.timedelta": timedelta,
    "datetime.timezone": timezone,
}
_LONGEST: Final = 10_000


def standard_value(type_name: str, text: str) -> Any | None:
    """The value of a type that `text` is the ``repr`` of; None where it can't be made from it."""
    kind = _BY_NAME.get(type_name)
    if kind is None or len(text) > _LONGEST:
        return None
    try:
        found = _made(ast.parse(text, mode="eval").body)
    except (ValueError, TypeError, ArithmeticError, SyntaxError, MemoryError, RecursionError, InvalidOperation):
        return None
    return found if type(found) is kind else None


def _made(node: ast.expr) -> Any:
    name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    if isinstance(node, ast.Call) and name in _CALLS:
        arguments = [_made(argument) for argument in node.args]
        keywords = {keyword.arg: _made(keyword.value) for keyword in node.keywords if keyword.arg is not None}
        return _CALLS[name](*arguments, **keywords)
    if isinstance(node, ast.Attribute) and ast.unparse(node) == "datetime.timezone.utc":
        return UTC
    return ast.literal_eval(node)


def is_unbounded(value: Any) -> bool:
    """Whether a number has so many places that writing it out, or making it an integer, could fill the memory."""
    return type(value) is Decimal and value.is_finite() and abs(value.adjusted()) > 1_000
