"""``==`` of operands, as the program would have it; where only its code could tell, that is said."""

from ast import literal_eval
from typing import Any

from tttui.navigation.expression_errors import NeedsCheckpoint, NotRecorded
from tttui.navigation.operands import PLAIN_IDENTITY, Box, Known, Operand, Recorded, Session, plain
from tttui.store.records import Value


def equal(one: Operand, two: Operand, session: Session) -> bool:
    """``==`` as the program would have it; raises where only it could tell."""
    session.charge()
    if isinstance(one, Recorded) or isinstance(two, Recorded):
        known = _equal_recorded(one, two, session)
        if known is not None:
            return known
    if isinstance(one, Box) or isinstance(two, Box):
        one, two = plain(one), plain(two)
        session.charge(1 + min(_size(one), _size(two)))
    return bool(one == two)


def _equal_recorded(one: Operand, two: Operand, session: Session) -> bool | None:
    """What identities and what was kept of texts tell about ``==``; None: compare contents."""
    first, second = (operand.value if isinstance(operand, Recorded) else None for operand in (one, two))
    if first is not None and second is not None and first.id is not None and first.id == second.id:
        return True
    for operand, value, other in ((one, first, two), (two, second, one)):
        if value is None or operand.is_container:
            continue
        if value.badge == "redacted":
            operand.cut()
        if value.type in ("str", "bytes", "int") and value.badge == "cut":
            return _equal_cut(operand, value, other)
        if value.type in PLAIN_IDENTITY:
            if isinstance(other, Recorded) and other.uncertain:
                continue
            if isinstance(other, Recorded) and (value.id is None or other.value.id is None) and other.value.type == value.type:
                if value.text != other.value.text:
                    return False
                raise NotRecorded(f"whether two {value.type}s of one name are the same")
            if isinstance(other, Known):
                return other.is_type and value.type == "type" and value.text == f"<class '{other.name}'>"
            return False
        raise NeedsCheckpoint(f"only code of the program knows what a {value.type or 'value'} equals")
    return None


def _equal_cut(operand: Recorded, value: Value, other: Operand) -> bool:
    """False where the length or the beginning of a value that was cut says so; else it can't be told."""
    if _may_equal_cut(operand, value, other):
        operand.cut()
    return False


def _may_equal_cut(operand: Recorded, value: Value, other: Operand) -> bool:
    if isinstance(other, Recorded):
        if other.uncertain and not (other.value.type in ("str", "bytes", "int") and other.value.badge == "cut"):
            raise NeedsCheckpoint(f"only code of the program knows what a {other.value.type} equals")
        return other.value.type == value.type and value.length == other.value.length
    if value.type == "int":
        return type(other) in (int, bool, float, complex)
    if type(other).__name__ != value.type or (value.length is not None and len(other) != value.length):
        return False
    try:
        kept = literal_eval(value.text.removesuffix("…"))
    except (ValueError, SyntaxError):
        return True
    return type(kept) is not type(other) or bool(other.startswith(kept))


def _size(held: Any) -> int:
    return len(held) if hasattr(held, "__len__") else 1
