"""Methods of str, bytes, numbers and containers that expressions may call: none of them changes anything."""

import string
from collections import Counter, OrderedDict, deque
from typing import Any, Final

from tttui.navigation import standard_values
from tttui.navigation.builtin_functions import attribute_of
from tttui.navigation.expression_errors import ExpressionError, NeedsCheckpoint, TooMuch
from tttui.navigation.operands import (
    LARGEST,
    MAPPINGS,
    VIEWS,
    Box,
    Known,
    Lambda,
    Lazy,
    Made,
    Operand,
    Recorded,
    Session,
    has_attribute,
    is_uncertain,
    plain,
)
from tttui.navigation.operations import boxed, item, iterate
from tttui.navigation.standard_values import STANDARD
from tttui.navigation.texts import exact_text, formatted, plain_text, type_name

_SHARED: Final = frozenset(
    {
        "capitalize", "center", "count", "endswith", "expandtabs", "find", "index", "isalnum", "isalpha", "isascii", "isdigit", "islower",
        "isspace", "istitle", "isupper", "join", "ljust", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace",
        "rfind", "rindex", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title",
        "upper", "zfill",
    }
)  # fmt: skip
_SETS: Final = frozenset(["copy", "difference", "intersection", "isdisjoint", "issubset", "issuperset", "symmetric_difference", "union"])
METHODS: Final[dict[type, frozenset[str]]] = {
    str: _SHARED | {"casefold", "encode", "format", "isdecimal", "isidentifier", "isnumeric", "isprintable", "translate"},
    bytes: _SHARED | {"decode", "hex"},
    int: frozenset({"as_integer_ratio", "bit_count", "bit_length", "conjugate", "to_bytes"}),
    bool: frozenset({"as_integer_ratio", "bit_count", "bit_length", "conjugate"}),
    float: frozenset({"as_integer_ratio", "conjugate", "hex", "is_integer"}),
    complex: frozenset({"conjugate"}),
    range: frozenset({"count", "index"}),
    list: frozenset({"copy", "count", "index"}),
    tuple: frozenset({"count", "index"}),
    deque: frozenset({"copy", "count", "index"}),
    dict: frozenset({"copy", "get", "items", "keys", "values"}),
    OrderedDict: frozenset({"copy", "get", "items", "keys", "values"}),
    Counter: frozenset({"copy", "get", "items", "keys", "most_common", "total", "values"}),
    set: _SETS,
    frozenset: _SETS,
}
"""What may be called, by type."""

ENCODINGS: Final = frozenset({"ascii", "latin-1", "latin1", "iso-8859-1", "utf-8", "utf8", "utf-16", "utf-32", "cp1252"})


def call_method(of: Operand, name: str, arguments: list[Operand], keywords: dict[str, Operand], session: Session) -> Operand:
    """``of.name(*arguments, **keywords)``."""
    session.charge()
    if isinstance(of, Recorded) and not of.is_container:
        if of.value.badge == "redacted" or (of.value.type in ("str", "bytes") and of.value.badge == "cut"):
            of.cut()
        raise NeedsCheckpoint(f"calls {of.value.type}.{name}()")
    if isinstance(of, Known | Lazy | Lambda):
        raise NeedsCheckpoint(f"calls {type_name(of)}.{name}()")
    if isinstance(of, Recorded) and name == "get" and of.value.type in MAPPINGS:
        return _get(of, *arguments)
    held = plain(of)
    if type(held) in STANDARD:
        if name not in standard_values.METHODS.get(type(held), ()) or arguments or keywords:
            raise NeedsCheckpoint(f"calls {type_name(of)}.{name}()")
        return boxed(getattr(held, name)(), session)
    if name not in METHODS.get(type(held), ()):
        if has_attribute(held, name):
            raise ExpressionError(f"{type_name(of)}.{name}() isn't for expressions: it changes the object, or is not supported")
        raise AttributeError(f"{type_name(of)!r} object has no attribute {name!r}")
    if type(held) in (str, bytes):
        return _text_method(held, name, arguments, keywords, session)
    return _container_method(of, held, name, arguments, keywords, session)


def _get(mapping: Recorded, key: Operand, default: Operand = None) -> Operand:
    if mapping.has_key(key):
        return mapping.item(key)
    return default


def _container_method(
    of: Operand, held: Any, name: str, arguments: list[Operand], keywords: dict[str, Operand], session: Session
) -> Operand:
    if keywords and name != "to_bytes":
        raise ExpressionError(f"{name}() of a {type_name(of)} takes no keywords")
    if name in ("index", "count"):
        _no_doubts(held, arguments, session)
        if isinstance(held, range) and arguments and type(arguments[0]) not in (int, bool):
            raise ValueError("value is not in range")
        if not isinstance(held, range):
            session.charge(len(held))
        return getattr(held, name)(*arguments)
    if name in ("items", "values") and not arguments:
        view = VIEWS[f"{'o' if type(held) is OrderedDict else ''}dict_{name}"]
        return session.made(view(held.values() if name == "values" else (Made(pair, session) for pair in held.items())))
    if name == "most_common":
        limit = plain(arguments[0]) if arguments else None
        return session.made([Made(pair, session) for pair in held.most_common(limit)])
    if name == "to_bytes":
        if any(isinstance(plain(argument), int) and plain(argument) > LARGEST for argument in [*arguments, *keywords.values()]):
            raise TooMuch(f"more than {LARGEST:,} bytes")
        return boxed(held.to_bytes(*arguments, **keywords), session)
    if name == "get":
        if arguments and is_uncertain(arguments[0]) and arguments[0] not in held:
            raise NeedsCheckpoint("code of the program may say which keys are equal")
        return held.get(*arguments)
    if isinstance(held, set | frozenset):
        sets = [set(iterate(argument, session, any_order=True)) for argument in arguments]
        _no_doubts(held, [entry for one in sets for entry in one], session)
        return boxed(getattr(held, name)(*sets), session)
    result = getattr(held, name)(*arguments)
    return boxed(result, session)


def _no_doubts(held: Any, others: list[Operand], session: Session) -> None:
    """Refuse to look for what code of the program may call equal: a set or an index would be wrong in silence."""
    if isinstance(held, set | frozenset) and (any(map(is_uncertain, held)) or any(map(is_uncertain, others))):
        raise NeedsCheckpoint("code of the program may say what is equal")
    session.charge(len(others))


def _text_method(held: Any, name: str, arguments: list[Operand], keywords: dict[str, Operand], session: Session) -> Operand:
    if name == "format":
        return _Formatter(session).vformat(held, arguments, keywords)
    if name == "join":
        return _join(held, arguments, session)
    if name == "translate":
        table = plain(arguments[0])
        widest = max((len(entry) for entry in table.values() if type(entry) is str), default=1) if isinstance(table, dict) else 1
        session.hold(len(held) * max(1, widest))
        return boxed(held.translate(table), session)
    if any(isinstance(argument, Box) for argument in arguments):
        arguments = [plain(argument) for argument in arguments]
    for text in (held, *arguments):
        if type(text) is str:
            session.refuse_characters(text)
    if name == "replace" and "count" in keywords:
        if session.python < (3, 13):
            raise TypeError(f"{type(held).__name__}.replace() takes no keyword arguments")
        arguments, keywords = [*arguments, keywords["count"]], {key: one for key, one in keywords.items() if key != "count"}
    numbers = [argument for argument in arguments if isinstance(argument, int)]
    if name in ("center", "ljust", "rjust", "zfill", "expandtabs"):
        number = max([*numbers, *(entry for entry in keywords.values() if isinstance(entry, int)), 8])
        tabs = held.count("\t" if isinstance(held, str) else b"\t") if name == "expandtabs" else 1
        session.hold(len(held) + number * tabs)
    elif name == "replace" and len(arguments) >= 2 and type(arguments[1]) is type(held) and type(arguments[0]) is type(held):
        session.hold(len(held) + (held.count(arguments[0]) if arguments[0] else len(held) + 1) * len(arguments[1]))
    elif name in ("encode", "decode"):
        encoding = next((entry for entry in [*arguments[:1], keywords.get("encoding")] if entry is not None), "utf-8")
        if type(encoding) is not str or encoding.lower().replace("_", "-") not in ENCODINGS:
            raise ExpressionError(f"only these encodings are for expressions: {', '.join(sorted(ENCODINGS))}")
        session.hold(4 * len(held) + 4)
    else:
        session.charge(1 + len(held) // 16)
    result = getattr(held, name)(*arguments, **keywords)
    return boxed(result, session)


def _join(separator: Any, arguments: list[Operand], session: Session) -> Operand:
    if len(arguments) != 1:
        raise TypeError(f"join() takes exactly one argument ({len(arguments)} given)")
    pieces = []
    size = 0
    for index, piece in enumerate(iterate(arguments[0], session)):
        if isinstance(piece, Recorded):
            plain(piece)
        if type(piece) is not type(separator):
            raise TypeError(f"sequence item {index}: expected {type(separator).__name__} instance, {type_name(piece)} found")
        size += len(piece) + len(separator)
        if size > LARGEST:
            raise TooMuch(f"a text of more than {LARGEST:,} characters")
        pieces.append(piece)
    return boxed(separator.join(pieces), session)


class _Formatter(string.Formatter):
    """``str.format`` over operands: fields lead to recorded attributes and items, never to those of real objects."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        from _string import formatter_field_name_split  # type: ignore[import-not-found, unused-ignore]  # no stubs

        first, rest = formatter_field_name_split(field_name)
        found = self.get_value(first, args, kwargs)
        for is_attribute, name in rest:
            found = attribute_of(found, name) if is_attribute else item(found, name, self._session)
        return found, first

    def format_field(self, value: Any, format_spec: str) -> str:
        return formatted(value, format_spec, self._session)

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        if conversion is None:
            return value
        text = plain_text(value, self._session) if conversion == "s" else exact_text(value, self._session)
        return text.encode("ascii", "backslashreplace").decode("ascii") if conversion == "a" else text
