"""What the store answers with: frozen facts about a run, free of SQLite and of the stream's encoding.

All text in them is as it was recorded: whoever shows it on a terminal sends it through `tttui.safe` first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from tttui.store.stream import SLOT_HIDDEN

PythonVersion = tuple[int, int]
"""Major and minor."""

Badge = Literal["cut", "unchecked", "opaque", "redacted"]
"""Why a value is not exact and whole: cut by a limit of the recorder; perhaps changed since it was last
looked at; not looked into; a secret."""

Kind = Literal["call", "line", "return", "yield", "resume", "throw", "raise", "reraise", "handled", "unwind"]


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it was at one event.

    `items`, `entries` and `attributes` are None where a value of this kind has none, or where they were not
    expanded (an object that encloses itself, or one beyond the depth asked for). Where the recorder left out
    the middle of `items` or `entries`, a value with an empty `type`, the badge "cut" and `length` = how many
    were left out stands in its place.

    What they hold is made when it is first asked for, while the run is open.
    """

    type: str
    """Name of the type as a traceback shows it: the module is left out for builtins and __main__."""
    text: str
    """Short text in the form that repr() has, put together from what was recorded."""
    id: int | None = None
    """Identity within the run, for what has one."""
    version: int | None = None
    """Number of the event at which its content was last written, for what has an id."""
    length: int | None = None
    """True length, whatever was cut: entries of a container, characters of a str that was cut, bytes."""
    items: Sequence["Value"] | None = None
    entries: Sequence[tuple["Value", "Value"]] | None = None
    attributes: Mapping[str, "Value"] | None = None
    badge: Badge | None = None

    def to_json(self) -> dict[str, Any]:
        """The value in the form of the JSON contract: what is None is left out."""
        result: dict[str, Any] = {"type": self.type, "text": self.text}
        if self.id is not None:
            result["id"] = self.id
        if self.version is not None:
            result["version"] = self.version
        if self.length is not None:
            result["length"] = self.length
        if self.items is not None:
            result["items"] = [item.to_json() for item in self.items]
        if self.entries is not None:
            result["entries"] = [[key.to_json(), value.to_json()] for key, value in self.entries]
        if self.attributes is not None:
            result["attributes"] = {name: value.to_json() for name, value in self.attributes.items()}
        if self.badge is not None:
            result["badge"] = self.badge
        return result


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A source file, as it was when its first code ran."""

    id: int
    path: str
    source: bytes | None
    """Raw bytes, or None where they could not be had."""
    origin: int
    """0 not known, 1 read from the file, 2 given to compile()."""


_CO_OPTIMIZED: Final = 0x01


@dataclass(frozen=True, slots=True)
class Code:
    """A code object."""

    id: int
    file: int
    name: str
    qualname: str
    first_line: int
    flags: int
    argcount: int
    posonly: int
    kwonly: int
    slots: tuple[tuple[str, int], ...]
    """(name, SLOT_*) of each fast local."""
    linetable: bytes
    calls: int
    """How often it was called in the whole run."""

    def argument_count(self) -> int:
        """How many of the first slots are arguments (*args and **kwargs included)."""
        return self.argcount + self.kwonly + bool(self.flags & 0x04) + bool(self.flags & 0x08)

    def hides(self, name: str) -> bool:
        """Whether a name means a variable of the call even where that isn't bound. In a module or a class one that only an
        inlined comprehension has (3.12+) doesn't: anywhere else it means a name of that.
        """
        return bool(self.flags & _CO_OPTIMIZED) and any(own == name and kind != SLOT_HIDDEN for own, kind in self.slots)


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread: `native` is the operating system's id of it."""

    id: int
    native: int
    name: str


@dataclass(frozen=True, slots=True)
class Task:
    """An asyncio task (or another root of an await chain)."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a stack at one event."""

    call: int
    """Call number: counts all calls of the run from 1."""
    code: Code
    function: str
    """Qualified name."""
    file: str
    """Path as co_filename has it."""
    line: int
    column: int | None
    """0-based, in UTF-8 bytes as in PEP 657, of the expression that is being evaluated; None where not known."""
    end_line: int | None
    end_column: int | None
    locals: Mapping[str, Value]
    """Names that are bound, in the order of the code's slots (or of the namespace); deleted ones are absent.
    Made when it is first asked for, while the run is open."""
    arguments: tuple[str, ...] = ()
    """Which of `locals` are arguments."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything to show at one event."""

    event: int
    events: int
    """Number of events in the run."""
    kind: Kind
    time_ns: int
    """Since the start of the run."""
    thread: Thread
    task: Task | None
    stack: Sequence[Frame]
    """The stack of the thread, innermost frame last. A frame is made when it is first asked for, while the run is open."""
    returned: Value | None = None
    """What a return or yield event hands out."""
    exception: Value | None = None
    """The exception of a throw, raise, reraise, handled or unwind event."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of the event stream: the row, without its bytes."""

    id: int
    first_event: int
    events: int
    first_call: int
    calls: int
    first_object: int
    objects: int
    start_ns: int
    end_ns: int
    codec: str
    size: int
    """Bytes when decompressed."""
    checksum: int

    def holds(self, event: int) -> bool:
        return self.first_event <= event < self.first_event + self.events


@dataclass(frozen=True, slots=True)
class Output:
    """Bytes that the program wrote: `event` is the last event before it."""

    id: int
    event: int
    fd: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Gap:
    """Where something was not recorded: `reason` is one of GAP_* of stream.h."""

    id: int
    event: int
    reason: int
    count: int


@dataclass(frozen=True, slots=True)
class Change:
    """A variable, attribute or item got a new value (None: was deleted)."""

    event: int
    call: int
    name: str
    value: Value | None
    object: int | None = None
    """The object whose content changed; None for a variable of the call."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The `meta` table: `values` holds numbers and texts, JSON columns already read."""

    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, key: str, default: str = "") -> str:
        value = self.values.get(key)
        return value if isinstance(value, str) else default

    def number(self, key: str, default: int = 0) -> int:
        value = self.values.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else default
