"""What a copy that runs forward is compared with; and what was different where it did something else than the program."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from tttui.checkpoints.protocol import Message
from tttui.checkpoints.suspects import FAINT, SIGNAL, alike, because, of_a_call, suspects_in
from tttui.errors import TttuiError
from tttui.native import reader
from tttui.safe import safe
from tttui.store.stream import OB_SETKEY

if TYPE_CHECKING:
    from tttui.store.run import Run

_EVENTS: Final = 1
_CALLS: Final = 2
_VARIABLES: Final = 4
_OBJECTS: Final = 8
_SMALLEST_TOLD: Final = 1 << 24
"""Smaller numbers in a content may be places, or numbers of objects."""


def write_stream(run: "Run", position: int, first: int, last: int, descriptor: int) -> int:
    """Write what was recorded from a position in the stream, at or before the chunk of event `first`'s end, up to the end
    of the chunk that holds event `last`; gives the number of bytes.
    """
    length = 0
    for chunk in run.chunks()[run.chunk_of(first).id : run.chunk_of(last).id + 1]:
        skipped = max(position - run.chunk_position(chunk), 0)
        length += write_all(descriptor, memoryview(run.chunk_bytes(chunk))[skipped:])
    return length


def write_all(descriptor: int, data: "bytes | memoryview[int]") -> int:
    """Write bytes to a file in memory; gives their number."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    return len(data)


def describe(run: "Run", answer: Message) -> str:
    """One line: what the copy did at the event, what stands in the recording, and what is known of why."""
    position, _, length, _ = answer.numbers
    instead, suspected = answer.text[:length], list(suspects_in(answer.text[length:].decode("utf-8", "replace")))
    here, there = _rows(run, answer.event, position, instead), _rows(run, answer.event, position, None)
    words, cause = "here something else happened than there", ""
    if here is not None and there is not None:
        words, cause = _first_difference(run, answer.event, here, there)
    firm = [each for each in suspected if each.sort not in FAINT]
    if not cause or all(each.sort != SIGNAL for each in firm):  # a signal only came near: what the values tell is surer
        cause = because(firm, answer.event) or cause
    cause = cause or because(suspected, answer.event)
    return f"{words}, likely because {cause}" if cause else words


_Rows = dict[tuple[Any, ...], Any]


def _first_difference(run: "Run", event: int, here: _Rows, there: _Rows) -> tuple[str, str]:
    """(here what, there what; what that itself tells of the cause)"""
    for kind, ours in here.items():
        theirs = there.get(kind)
        if ours != theirs:
            leaves = _first_leaves(ours, theirs) if kind[0] == "content" else None
            if leaves is not None:
                return f"here an object holds {_value(run, leaves[0])}, there {_value(run, leaves[1])}", alike(*leaves)
            return f"here {_shown(run, event, kind, ours)}, there {_shown(run, event, kind, theirs)}", _told(run, kind, ours, theirs)
    for kind, theirs in there.items():
        if kind not in here:
            return f"here nothing like it, there {_shown(run, event, kind, theirs)}", _told(run, kind, None, theirs)
    return "here an object changed in another way than there", ""


def _first_leaves(ours: Any, theirs: Any) -> tuple[Any, Any] | None:
    """The first two values, of as many in the same places, that are not the same; None where the contents are built in another way."""
    if not isinstance(ours, tuple) or not isinstance(theirs, tuple):
        small = isinstance(ours, int) and isinstance(theirs, int) and max(abs(ours), abs(theirs)) < _SMALLEST_TOLD
        return None if type(ours) is not type(theirs) or small else (ours, theirs)
    if len(ours) != len(theirs):
        return None
    return next((_first_leaves(one, other) for one, other in zip(ours, theirs, strict=True) if one != other), None)


def _told(run: "Run", kind: Sequence[Any], ours: Any, theirs: Any) -> str:
    if kind[0] != "event":
        return alike(ours, theirs)
    if theirs is not None and reader.KINDS[theirs[0]] == "call" and (ours is None or ours[:5] != theirs[:5]):
        return of_a_call(run.code(theirs[4]).qualname)
    return alike(ours[7], theirs[7]) if ours is not None and theirs is not None and ours[:6] == theirs[:6] else ""


def _rows(run: "Run", event: int, position: int, instead: bytes | None) -> dict[tuple[Any, ...], Any] | None:
    """What happened at an event, by what it is about; with other bytes for its records, if some are given."""
    chunk = run.chunk_of(event)
    data = run.chunk_bytes(chunk)
    if instead is not None:
        data = data[: max(position - run.chunk_position(chunk), 0)] + instead
    try:
        rows = reader.events(data, event, event + 1, _EVENTS | _CALLS | _VARIABLES | _OBJECTS)
    except ValueError:
        return None
    named: dict[tuple[Any, ...], Any] = {}
    for row in rows:
        if row[0] == "event":
            named["event", event] = (*row[2:9], row[10])
        elif row[0] == "variable":
            named["variable", row[2], row[3]] = row[4]
        elif row[2] == OB_SETKEY:
            named["entry", row[3], row[5]] = row[6]
        else:
            named["content", row[3], row[2]] = row[4:]
    return dict(sorted(named.items(), key=lambda item: item[0][0] != "event"))


def _shown(run: "Run", event: int, kind: Sequence[Any], content: Any) -> str:
    if content is None:
        return "nothing"
    if kind[0] == "event":
        code = run.code(content[4])
        value = "" if content[7] is None else f" with {_value(run, content[7])}"
        return f"{reader.KINDS[content[0]]} in {safe(code.qualname)}, line {content[5]}{value}"
    if kind[0] == "variable":
        return f"{_variable(run, event, kind[1], kind[2])} is {_value(run, content)}"
    if kind[0] == "entry":
        return f"{safe(str(kind[2]))} is {_value(run, content)}"
    return f"the content of an object, {_value(run, content[-1])}"


def _variable(run: "Run", event: int, call: int, slot: int) -> str:
    """Its name, where the call is on the stack."""
    try:
        for frame in run.moment(max(event - 1, 0), depth=0).stack:
            if frame.call == call and slot < len(frame.code.slots):
                return safe(frame.code.slots[slot][0])
    except TttuiError:
        pass  # a number says something, too
    return f"variable {slot}"


def _value(run: "Run", raw: Any) -> str:
    if isinstance(raw, tuple):
        return "another object" if len(raw) < 2 else safe(str(raw[1]))[:80]
    return safe(repr(raw))[:80]
