"""The decoder of recordings, and the writer's end of the ring (C). See stream.h and ring.h."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, final

FORMAT: Final[int]
KINDS: Final[tuple[str, ...]]
"""Event kinds by number: line, call, return, yield, resume, throw, raise, reraise, handled, unwind."""

class StreamError(ValueError):
    """The bytes are not a well-formed stream (damaged or hostile)."""

@final
class Ring:
    """The consumer's side of a ring file (mapped read-write)."""

    def __init__(self, path: str) -> None: ...
    # every number of RingHeader as an attribute; those that the writer or the launcher owns can be set
    capacity: int
    head: int
    events: int
    calls: int
    chunks: int
    start_clock: int
    start_wall: int
    program_pid: int
    attached: int
    python_hex: int
    forks: int
    waits: int
    abandoned: int
    tail: int
    writer_pid: int
    writer_beat: int
    stop: int
    ended: int
    wait_status: int
    cut: tuple[int, ...]
    checkpoints: int
    checkpoint_ns: int
    checkpoints_not: tuple[int, ...]
    checkpoints_off: int
    checkpoint_memory: int
    inputs_until: int
    main_thread: int
    hash_secret: bytes
    paused: int
    resumed: int
    def chunk_start(self, number: int) -> int: ...
    output_head: int
    output_tail: int
    output_seen: int
    def outputs(self, start: int) -> tuple[int, list[tuple[int, int, bytes]]]:
        """What was written to stdout and stderr, from a position of the output area on: (position to go on from,
        [(the last event before it, fd, bytes), ...]).
        """
    def inputs(self, start: int, stop: int) -> tuple[int, bytes]:
        """What the program got to know from outside, between two positions of the output area: (number, records)."""
    def read(self, start: int, stop: int) -> bytes:
        """The published bytes [start, stop), positions as in ring.h."""
    def close(self) -> None: ...

def create_ring(path: str, capacity: int, options: str) -> None:
    """Make a ring file (mode 0600, must not exist), its pages allocated; OSError where there is no room."""

def keep_room(descriptor: int, start: int, size: int) -> None:
    """Allocate the bytes [start, start + size) of a file without making it longer; OSError where there is no room, or
    where the file system can't do that.
    """

def scan(chunk: bytes) -> dict[str, Any]:
    """One pass over a chunk (or its published beginning), for the writer. Keys:

    first_event, events, first_call, calls, first_object, objects: int (the first_* count what was before)
    start_ns, end_ns: int, since the start of the run
    kinds: tuple[int, ...]              events by kind, in the order of KINDS
    types: list[(id, module, qualname, shape)]
    files: list[(id, path, source)]     sources: list[(file, bytes)] pieces in order
    codes: list[(id, file, name, qualname, first_line, flags, argcount, posonly, kwonly,
                 slots: tuple[(name, kind), ...], linetable: bytes, statements: tuple[int, ...])]
    names: list[(id, str)]
    first_text: int                     id of the first long text defined in this chunk (0: none)
    threads: list[(id, native, name)]   tasks: list[(id, name)]
    outputs: list[(event, fd, bytes)]   event: the last event before it was written
    gaps: list[(event, reason, count)]
    index: bytes                        postings of this chunk, for the index_* functions below
    hits: list[(code, line, count)]     line events by place
    entries: list[(code, count)]        calls by code
    summary: as summary() gives it
    last_raise: tuple[int, ...] | None  (event, thread, code) of the last raise that left a thread's outermost recorded frame
    """

def index_lookup(index: bytes, what: str, *key: int) -> bool:
    """Whether a chunk's postings hold: "line" (code, line) of a line event, "code" (code) with an event of any kind,
    "variable" (code, slot) that changed, "object" (id) with a record, "thread" (id) or "task" (id) with an event,
    "raise" () any event of an exception, "output" (), "loose" () an ST_LOOSE.

    An object is left out of the chunk in which it was first seen: that is known by its id (chunk.first_object).
    StreamError where `index` isn't one, ValueError where there is no such `what`.
    """

def index_objects(index: bytes, ids: list[int]) -> list[int]:
    """Which of the ids (from 1 on, in ascending order) `index_lookup` finds as "object"."""

def state(chunk: bytes, event: int, innermost: int = ..., /) -> dict[str, Any]:
    """Everything but objects' contents at an event of this chunk; of each stack `innermost` frames at most. Keys:

    event, kind (number), time_ns, thread, task
    threads: dict[thread, list[FRAME]]   each thread's stack, outermost first; FRAME is a tuple
        (call, code, line, caller_lasti or -1, namespace object, lasti or -1, ((slot, RAW), ...))
        lasti: of the innermost frame, where the event carries it; caller_lasti: where its caller stood
    depth: int                           how many frames the stack of `thread` has, all of them
    value: RAW | None                    what a return, yield, throw, raise ... event carries
    loose: int                           the last event in this chunk before or at which ST_LOOSE stood, -1 none
    foreign: int                         the same of ST_FOREIGN
    calls, objects: int                  how many there were so far

    RAW is a decoded value: None, bool, int, float, complex, str, bytes, Ellipsis, NotImplemented, or a tuple whose
    first item is one of the V_* numbers of stream.h and whose rest are its fields: (V_OBJECT, id), (V_TEXT, text),
    (V_TEXT_CUT, text, length), (V_TUPLE or V_FROZENSET, length, (RAW, ...)), (V_NAMED, type, length, (RAW, ...)),
    (V_RANGE or V_SLICE, RAW, RAW, RAW), (V_LABEL or V_REPR, type, str), (V_OPAQUE or V_DEEP, type),
    (V_BIGINT_CUT, 0 or 1 for minus, bits), (V_NULLTEXT, length), (V_UNBOUND,), (V_REDACTED,).
    """

def objects(chunk: bytes, wanted: Sequence[int] | None, event: int) -> list[tuple[Any, ...]]:
    """The OB_* records of the wanted objects (None: of all) up to and including `event`, in order, each
    (event at which it is visible, tag, object, fields ...), values as RAW; entries as tuples.
    NEW/SNAPSHOT: (event, tag, object, type, ((part, length, (head ENTRY, ...), (tail ENTRY, ...)), ...));
    ENTRY is a RAW for items, cells, scalars and arrays, (RAW, RAW) for pairs, (name id, RAW) for attributes.
    SPLICE: (event, tag, object, part, position, deleted, (ENTRY, ...)); SETKEY: (event, tag, object, part, RAW, RAW); ...
    """

def directory(chunk: bytes) -> bytes:
    """Where the records of each object stand in a chunk: with it, `contents` need not read the whole chunk each time.

    It takes some 17 bytes a record, and is good for this chunk, this process and this version alone.
    """

def contents(chunk: bytes, wanted: Sequence[int], event: int, directory: bytes = ..., /) -> dict[int, list[tuple[Any, ...]]]:
    """What makes up the wanted objects at an event, as far as it stands in this chunk: no more records than needed.

    For each object that has any: records as objects() gives them, which applied one after the other to the content at
    the chunk's beginning (to nothing, where the first is a NEW or SNAPSHOT) give what all its records would give. What
    was restated or replaced later is left out, entries inserted or deleted side by side come as one SPLICE, and an event
    is that of the latest of the records that one stands for: so they are not in the order of their events.
    """

def events(chunk: bytes, start: int, stop: int, what: int) -> list[tuple[Any, ...]]:
    """Events [start, stop) of a chunk for expansion into tables. `what` is a bit set: 1 events as
    ("event", event, kind, thread, task, call, code, line, lasti, time_ns, RAW or None), 2 calls as
    ("call", event, call, code, caller call or 0, caller_lasti, thread, task, namespace object) when pushed, 4 variables as
    ("variable", event, call, slot, RAW), 8 objects as ("object",) + the tuples of objects().
    """

Conditions = tuple[
    int, int, int | None, int, int, int, Collection[int], Collection[tuple[int, int]], tuple[int, int] | None, int, bool,
    Mapping[int, bytes] | None, int, int,
]  # fmt: skip
"""The fields of navigation.filters.EventFilter in order. Its `stops` is here a mapping of each code to bytes: native
uint32 numbers, the first 0 where all yields are stops, 1 where none is, 2 + a type's id where those are that hand out an
opaque value of it, then (first, last) line of each statement of several lines, in order, not
overlapping. After it the first and last line that a line event may have (0: any)."""

def search(chunk: bytes, conditions: Conditions, start: int, stop: int, limit: int, values: bool, /) -> list[tuple[Any, ...]]:
    """Events start .. stop-1 of a chunk that satisfy the conditions, the first `limit` of them (below 0: the last -limit),
    in order: (event, kind, thread, task, call, code, line, depth, time_ns); with `values` two more: RAW or None, and with
    the condition `fresh` whether no event of its thread stands before it in the chunk (then it isn't known to be fresh).
    """

def columns(
    chunk: bytes,
    conditions: Conditions,
    start: int,
    stop: int,
    slots: Sequence[int | tuple[int, tuple[int, ...], bool]],
    scalars: bool,
    containers: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], dict[Any, int], Any, dict[tuple[int, int], Any]],
    test: tuple[Any, ...] | None,
    raising: bool,
    /,
) -> tuple[
    list[int],
    list[tuple[Any, ...]],
    list[tuple[int, tuple[Any, ...]]],
    list[tuple[int, tuple[Any, ...], tuple[Any, ...]]],
    dict[tuple[int, int], Any],
]:
    """What variables, and attributes, items and lengths of what they hold, were at the events start .. stop-1 that satisfy the
    conditions: (events, rows, others, partial rows, values at the end). At most 64 columns, each a slot or (slot, names,
    whether it may be anything): the names lead from what the variable holds to the column, at most 8 of them. Each is the id
    of an attribute, what `keys` gives an item, or at the end 1 << 62 for the length.

    A row has the scalars (int, float, str, bool, None) of the columns, `...` for something else where that may be, and
    `missing` for an item that isn't there. The others, all events without `scalars`, are those at which one of them isn't
    bound, holds something else, or isn't told by the records of the chunk: (event, FRAME as state() gives it, of the slots'
    values alone). A partial row is (event, such a FRAME, row), with (object, name) for each that is what it was at the
    chunk's beginning, where `known` doesn't have that; (object, name, 0) is only on the way to the column. The values behind
    the last record that was read are by (object, name): as in rows, (id,) for an object where columns go through it,
    NotImplemented where it isn't told; absent is what wasn't written.

    `containers` is (types whose length is told, types whose items are by key, and by index, {key: name of its item}, missing,
    known). Events at which `test` certainly fails are left out of all but the values at the end: nested tuples, ("column",
    index), ("constant", scalar), ("unknown",), or an operator of Python's and its operands (Test in scalar_predicates.py).
    With `raising` those at which it certainly raises are among the others.
    """

def marks(chunk: bytes, /) -> tuple[bytes, bytes]:
    """(events of the chunk at which an ST_LOOSE stands, those at which an ST_FOREIGN does), as native uint64, in order."""

def stack(chunk: bytes, event: int, /) -> tuple[tuple[int, int, int], ...]:
    """The stack of the event's thread, (call, code, line) each, outermost first."""

def above(chunk: bytes, call: int, /) -> tuple[int, int] | None:
    """(call, code) of what stands on the stack above a call where the chunk begins; (0, 0): nothing; None: the call is on
    no stack (it has ended, is suspended, or wasn't made yet).
    """

def text(chunk: bytes, id: int) -> tuple[int, bytes] | None:
    """A long text that this chunk defines: (0 str as UTF-8 "surrogatepass" or 1 bytes, its bytes); None: not here."""

def calls(chunk: bytes) -> tuple[bytes, bytes]:
    """The calls of a chunk, as rows of 12 uint64 in the machine's byte order: (older calls by number, new ones by number).

    An older one is on a stack at the chunk's start, or came back in it. The columns: call, caller's call (0: none), code,
    1 + first event (0: older), 1 + last event (0: not in this chunk), outcome (0 running, 1 returned, 2 raised, 3 suspended),
    calls made here while it was on the stack, calls it made itself here, thread, ns of the first and of the last event,
    caller's lasti + 1.
    """

def summary(chunk: bytes) -> tuple[bytes, bytes, bytes]:
    """What overviews and searches need of a chunk: (profile, calls, touched), all of uint64 in the machine's byte order.

    profile: 1, events in a bin, bins in a group, groups, bins, then the BIN of the whole chunk, those of the groups,
    and the bins, one behind the other. BIN: ns of the last event, events, calls, raises (not counting where they only pass
    through a frame), least and greatest depth, sum of depths, t, t * (thread, events), k, k * (task, events).
    calls: 1, number of new calls without a caller, then the rows of older calls as in calls().
    touched: what touches() and touches_variable() ask.
    """

def touches(touched: bytes, object: int, key: tuple[Any] | None, name: int, index: int, /) -> int:
    """What a chunk did to a key of an object that is older than the chunk; the arguments as of object_writes().

    0: nothing. 1: perhaps something. From 2 on: it only stated its value, which is what it was before or not: two
    chunks that stated it without anything in between changed nothing if they give the same number.
    StreamError where `touched` isn't what summary() gave.
    """

def touches_variable(touched: bytes, call: int, slot: int, /) -> int:
    """The same of a variable of a call that is older than the chunk: 0 or 1."""

def profile(chunk: bytes, edges: Sequence[int]) -> bytes:
    """The events between each two edges (event numbers, ascending) as a BIN of summary()."""

def times(chunk: bytes) -> bytes:
    """The time of each event in ns, as uint64."""

def variable_writes(
    chunk: bytes, code: int, slot: int, call: int, first: int, last: int, newest: bool, at_most: int, /
) -> list[tuple[int, int, int, int, int, int, Any, Any]]:
    """Writes of a variable (of one call, 0: of all) visible at the events first .. last; the first ones or the newest.

    (event, by, its call, its code, its line, call, old RAW, new RAW): by is the event of the line that did it, -1 where
    that is before this chunk (then call, code and line are known) or was no recorded code (call 0).
    """

def object_writes(
    chunk: bytes,
    object: int,
    part: int,
    key: tuple[Any] | None,
    name: int,
    index: int,
    first: int,
    last: int,
    newest: bool,
    at_most: int,
    /,
) -> list[tuple[int, int, int, int, int, tuple[Any, ...]]]:
    """Records that may have written to a part of an object (-1: to any), as variable_writes gives them.

    Of a key where it is in a tuple (`name`: its id as the name of an attribute), of an item where `index` isn't -1.
    (event, by, its call, its code, its line, record as objects() gives it).
    """

def last_in_call(chunk: bytes, call: int, before: int, /) -> tuple[int, int, int]:
    """(last event of a call before another event in this chunk or -1, its line, the call on top of it at the chunk's
    start: 0 none, -1 it is on no stack then).
    """

def distinct(chunk: bytes, start: int, stop: int, needle: bytes, /) -> list[tuple[int, Any]]:
    """(hash, RAW) of every value that is new at the events start .. stop - 1 and holds no others, each once.

    Short strings and integers only where their text holds the needle (UTF-8; b"": all).
    """

def occurrences(
    chunk: bytes, hashes: bytes, slots: bytes, names: bytes, object: int, start: int, stop: int, /
) -> list[tuple[int, int, int, int, int, int, Any, Any]]:
    """Where some values occur: those of some hashes (uint64, as distinct() gives them), an object (0: none); and every
    value of variables (pairs of code and slot) and of attributes (ids of names) of some names.

    (event, its call, its code, its line, role, owner, key, RAW). Role: 0 a variable's value (owner: call, key: slot),
    1 an entry's value (owner: object; key: index, or in a tuple the key or the id of an attribute's name), 2 an entry's key,
    3 the value of an event (owner: call, key: its kind), 4 a variable of one of the names, 5 an attribute of one;
    8 more where a snapshot says so, which may have been so before.
    """

def hits(
    chunk: bytes, code: int, line: int, slots: tuple[int, ...], start: int, stop: int, events: list[int] | None, /
) -> list[tuple[int, int, tuple[Any, ...]]]:
    """(event, time_ns, FRAME as state() gives it, with some of its variables) of each hit of a line at the events start .. stop - 1:
    of those alone that are in `events`, which are in order, where that isn't None.
    """

def fingerprints(chunk: bytes, codes: bytes, thread: int, /) -> tuple[bytes, bytes, bytes]:
    """(number, hash of what ran, hash of the values that became visible) of each event of a thread, as uint64.

    `codes` has a number for each code object, by its id: what is the same in two runs is to have the same number.
    """

def nearest(data: bytes, start: int, words: tuple[bytes, ...]) -> tuple[int, int]:
    """(where the first of some words stands, bits set over those that stand there), from `start` on, in capitals or not; the words
    (at most 64) are in small letters. (-1, 0) where there is none.
    """

def crc32c(data: bytes) -> int: ...
