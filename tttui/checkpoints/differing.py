"""What a copy that runs forward is compared with; and what was different where it did something else than the program."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from tttui.checkpoints.protocol import Message
from tttui.native import reader
from tttui.safe import safe

if TYPE_CHECKING:
    from tttui.store.run import Run

_EVENTS: Final = 1
_CALLS: Final = 2
_VARIABLES: Final = 4
_OBJECTS: Final = 8


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
    """One line: what the copy did at the event, and what stands in the recording."""
    position, _, _, _ = answer.numbers
    here, there = _rows(run, answer.event, position, answer.text), _rows(run, answer.event, position, None)
    if here is None or there is None:
        return "here something else happened than there"
    for kind, ours in here.items():
        if ours != there.get(kind):
            return f"here {_shown(run, kind, ours)}, there {_shown(run, kind, there.get(kind))}"
    for kind, theirs in there.items():
        if kind not in here:
            return f"here nothing like it, there {_shown(run, kind, theirs)}"
    return "here an object changed in another way than there"


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
        else:
            named[row] = row
    return dict(sorted(named.items(), key=lambda item: item[0][0] != "event"))


def _shown(run: "Run", kind: Sequence[Any], content: Any) -> str:
    if content is None:
        return "nothing"
    if kind[0] == "event":
        code = run.code(content[4])
        value = "" if content[7] is None else f" with {_value(run, content[7])}"
        return f"{reader.KINDS[content[0]]} in {safe(code.qualname)}, line {content[5]}{value}"
    if kind[0] == "variable":
        return f"{_variable(run, kind[1], kind[2])} is {_value(run, content)}"
    return "another change of an object"


def _variable(run: "Run", call: int, slot: int) -> str:
    return f"variable {slot}"


def _value(run: "Run", raw: Any) -> str:
    if isinstance(raw, tuple):
        return "another object" if len(raw) < 2 else safe(str(raw[1]))[:80]
    return safe(repr(raw))[:80]
