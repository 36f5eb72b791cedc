"""Find texts in values, names, output and messages, and objects by identity. Results are positions, and come as they are found.

Chunk by chunk: the native reader gives each value of a chunk once, those that match are then looked up with all the
places at which they occur. So a text is matched as often as it is different, not as often as it is there.
"""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from tttui.native import reader
from tttui.navigation.filters import RAISE, THROW, YIELD
from tttui.navigation.looking import UNBOUND, entry_of
from tttui.navigation.namespaces import namespaces
from tttui.navigation.patterns import Pattern, Span
from tttui.navigation.targets import Target
from tttui.navigation.writes import raw_writes, same_raw
from tttui.store.records import Chunk
from tttui.store.stream import (
    EVENTS,
    PART_ATTRIBUTES,
    PART_CELL,
    PART_ITEMS,
    PART_PAIRS,
    V_TEXT,
    V_TEXT_CUT,
    Raw,
    object_of,
)

if TYPE_CHECKING:
    from tttui.store.run import Run

Where = Literal["value", "name", "function", "output", "exception", "object"]
EVERYWHERE: Final[frozenset[Where]] = frozenset({"value", "name", "function", "output", "exception"})

_LONGEST: Final = 200
"""Characters of a text that are given around a match."""
_IN_VARIABLE, _IN_ENTRY, _AS_KEY, _IN_EVENT, _NAMED_VARIABLE, _NAMED_ATTRIBUTE, _IN_SNAPSHOT = 0, 1, 2, 3, 4, 5, 8
"""Roles, as `reader.occurrences` has them."""


@dataclass(frozen=True, slots=True)
class Found:
    """One result."""

    event: int
    where: Where
    what: str
    """The variable, attribute, item or function that it is about; "stdout", "stderr"; the type of an exception."""
    text: str
    """The text that matches, in bounded length."""
    start: int
    """Where in it the match begins,"""
    stop: int
    """and ends."""
    function: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is, in events."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Alias:
    """A way to an object from a frame: ``accounts["ann"]``."""

    path: str
    depth: int
    """Index of the frame in the stack, outermost first; of the thread's own stack."""
    function: str


@dataclass(frozen=True, slots=True)
class Together:
    """A stretch in which two targets are one object."""

    start: int
    stop: int
    """The first event at which they aren't any more; the number of events of the run where they stay so."""
    object: int


def find(
    run: "Run",
    pattern: str,
    *,
    regex: bool = False,
    ignore_case: bool = False,
    where: frozenset[Where] = EVERYWHERE,
    start: int = 0,
    stop: int | None = None,
    backwards: bool = False,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[Found]:
    """Everything that holds a text, or matches a regular expression, at events start .. stop - 1, in order.

    TttuiError where the regular expression is none, or takes too long.
    """
    looked_for = Pattern(pattern, regex=regex, ignore_case=ignore_case)
    return _Finding(run, looked_for, where, 0).results(start, run.events if stop is None else stop, backwards, progress, cancelled)


def find_object(
    run: "Run",
    object: int,
    *,
    start: int = 0,
    stop: int | None = None,
    backwards: bool = False,
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[Found]:
    """Every place at which a variable, attribute, item, argument or result came to be an object."""
    finding = _Finding(run, None, frozenset({"object"}), object)
    return finding.results(start, run.events if stop is None else stop, backwards, None, cancelled)


class _Finding:
    def __init__(self, run: "Run", pattern: Pattern | None, where: frozenset[Where], object: int) -> None:
        self._run = run
        self._pattern = pattern
        self._where = where
        self._object = object
        # Of the chunk that is looked through: the values that match.
        self._spans: dict[tuple[str, Raw], tuple[str, Span]] = {}
        self._slots: dict[tuple[int, int], Span] = {}
        self._names: dict[int, Span] = {}
        self._functions: dict[int, Span] = {}
        self._owners: dict[int, tuple[str, int | None]] = {}

    def results(
        self,
        start: int,
        stop: int,
        backwards: bool,
        progress: Callable[[Progress], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> Iterator[Found]:
        try:
            self._prepare()
            start, stop = max(0, start), min(stop, self._run.events)
            chunks = self._run.chunks()
            printed = _Pushed(self._output(start, stop, backwards)) if "output" in self._where else None
            for chunk in reversed(chunks) if backwards else chunks:
                first, last = max(start, chunk.first_event), min(stop, chunk.first_event + chunk.events)
                if first >= last:
                    continue
                if cancelled is not None and cancelled():
                    return
                found = list(self._in_chunk(chunk, first, last))
                if printed is not None:
                    found += printed.until(first, last, backwards)
                yield from sorted(found, key=lambda one: one.event, reverse=backwards)
                if progress is not None:
                    progress(Progress(stop - first if backwards else last - start, stop - start))
        finally:
            if self._pattern is not None:
                self._pattern.close()

    def _prepare(self) -> None:
        """Names that match: of variables, attributes, functions."""
        run = self._run
        if "name" in self._where:
            for code in run.codes():
                for slot, span in enumerate(self._matches([name for name, _ in code.slots])):
                    if span is not None:
                        self._slots[code.id, slot] = span
            names = run.names_by_id()
            for id_, span in zip(names, self._matches(list(names.values())), strict=True):
                if span is not None:
                    self._names[id_] = span
        if "function" in self._where:
            codes = run.codes()
            for code, span in zip(codes, self._matches([code.qualname for code in codes]), strict=True):
                if span is not None:
                    self._functions[code.id] = span

    def _matches(self, texts: list[str]) -> list[Span | None]:
        return self._pattern.search_all(texts) if self._pattern is not None else [None] * len(texts)

    def _in_chunk(self, chunk: Chunk, start: int, stop: int) -> Iterator[Found]:
        self._owners = {}
        if self._where & {"value", "name", "object"}:
            yield from self._values(chunk, start, stop)
        if self._functions and any(self._run.has(chunk, "code", code) for code in self._functions):
            yield from self._calls(chunk, start, stop)
        if "exception" in self._where and self._run.has(chunk, "raise"):
            yield from self._exceptions(chunk, start, stop)

    # -- values and names

    def _values(self, chunk: Chunk, start: int, stop: int) -> Iterator[Found]:
        run = self._run
        hashes = array("Q")
        if self._pattern is not None:
            distinct = run.decode(chunk, reader.distinct, start, stop, self._pattern.needle)
            spans = self._matches([self._text(raw) for _, raw in distinct])
            self._spans = {}
            for (hash_, raw), span in zip(distinct, spans, strict=True):
                if span is not None:
                    self._spans[_typed(raw)] = _excerpt(self._text(raw), span)
                    hashes.append(hash_)
        slots = array("Q", [number for key in self._slots for number in key])
        names = array("Q", self._names)
        if not hashes and not slots and not names and not self._object:
            return
        rows = run.decode(chunk, reader.occurrences, hashes.tobytes(), slots.tobytes(), names.tobytes(), self._object, start, stop)
        seen: set[tuple[Any, ...]] = set()
        for event, call, code, line, role, owner, key, raw in rows:
            result = self._result(event, code, line, role, owner, key, raw)
            if result is not None and (identity := (event, result.where, result.what, result.text, call)) not in seen:
                seen.add(identity)
                yield result

    def _text(self, raw: Raw) -> str:
        """The text that is searched in a value: of a str the str itself, of others what repr() shows."""
        if type(raw) is str:
            return raw
        if type(raw) is not tuple:
            return repr(raw) if type(raw) is not int or raw.bit_length() < 2000 else hex(raw)
        if raw[0] in (V_TEXT, V_TEXT_CUT):
            whole = self._run.text(raw[1])
            return whole if isinstance(whole, str) else repr(whole)
        return str(raw[-1]) if isinstance(raw[-1], str) else ""

    def _result(self, event: int, code: int, line: int, role: int, owner: int, key: Any, raw: Raw) -> Found | None:
        run = self._run
        kind = role & ~_IN_SNAPSHOT
        if role & _IN_SNAPSHOT and not self._is_new(event, kind, owner, key, raw):
            return None
        where: Where
        if kind in (_NAMED_VARIABLE, _NAMED_ATTRIBUTE):
            span = self._slots.get((code, key)) if kind == _NAMED_VARIABLE else self._names.get(key)
            name = run.code(code).slots[key][0] if kind == _NAMED_VARIABLE else run.name(key)
            if span is None:
                return None
            value = run.value(raw, event, depth=0)
            what = f"{name} = {value.text if value is not None else 'deleted'}"
            return self._found(event, "name", name, what[:_LONGEST], span, code, line)
        if self._object:
            shown = run.value(raw, event, depth=0)
            text = shown.text if shown is not None else ""
            return self._found(event, "object", self._what(event, kind, code, owner, key), text[:_LONGEST], (0, 0), code, line)
        match = self._spans.get(_typed(raw))
        if match is None:
            return None
        where = "value"
        if kind == _AS_KEY and self._is_namespace(owner):
            where = "name"
        if where not in self._where:
            return None
        return self._found(event, where, self._what(event, kind, code, owner, key), *match, code, line)

    def _found(self, event: int, where: Where, what: str, text: str, span: Span, code: int, line: int) -> Found:
        known = self._run.code(code)
        return Found(event, where, what, text, span[0], span[1], known.qualname, self._run.file_path(known.file), line)

    def _what(self, event: int, kind: int, code: int, owner: int, key: Any) -> str:
        """What holds a value."""
        if kind == _IN_VARIABLE:
            slots = self._run.code(code).slots
            return slots[key][0] if key < len(slots) else ""
        if kind == _IN_EVENT:
            return {YIELD: "yielded", THROW: "thrown", RAISE: "raised"}.get(key, "returned")
        name, part = self._owner(owner, event)
        if type(key) is not tuple:
            return f"{name}[{key}]"
        inner = key[0]
        if part == PART_ATTRIBUTES and type(inner) is int:
            return f"{name}.{self._run.name(inner)}"
        if self._is_namespace(owner) and type(inner) is str:
            return inner
        shown = self._run.value(inner, event, depth=0)
        return f"{name}[{shown.text if shown is not None else '?'}]"

    def _owner(self, object: int, event: int) -> tuple[str, int | None]:
        """(the type of an object, what it mostly holds), looked up once in a chunk."""
        if object not in self._owners:
            content = self._run.contents([object], event).get(object)
            parts = content.parts if content is not None else ()
            part = next((part for part in (PART_PAIRS, PART_ATTRIBUTES, PART_ITEMS, PART_CELL) if part in parts), None)
            self._owners[object] = self._run.object_at(object, event, depth=0).type, part
        return self._owners[object]

    def _is_namespace(self, object: int) -> bool:
        return object in namespaces(self._run)

    def _is_new(self, event: int, kind: int, owner: int, key: Any, raw: Raw) -> bool:
        """Whether what a snapshot says was otherwise before."""
        if event == 0:
            return True
        name = key if kind == _NAMED_ATTRIBUTE else key[0] if type(key) is tuple else key
        content = self._run.contents([owner], event - 1).get(owner)
        if content is None:
            return True
        name = raw if content.is_set else name
        attribute = kind == _NAMED_ATTRIBUTE or (type(key) is tuple and type(name) is int and PART_ATTRIBUTES in content.parts)
        target = (
            Target("attribute", "", object=owner, key=self._run.name(name)) if attribute else Target("item", "", object=owner, key=name)
        )
        before = entry_of(content, target)
        if kind == _AS_KEY:
            return bool(before == UNBOUND)
        return not (same_raw(before, raw) or _holds(before, raw))

    # -- functions, exceptions, output

    def _calls(self, chunk: Chunk, start: int, stop: int) -> Iterator[Found]:
        _, begun = self._run.decode(chunk, reader.calls)
        rows = memoryview(begun).cast("Q")
        for at in range(0, len(rows), 12):
            code, event = rows[at + 2], rows[at + 3] - 1
            span = self._functions.get(code)
            if span is not None and start <= event < stop:
                known = self._run.code(code)
                yield self._found(event, "function", known.qualname, known.qualname, span, code, known.first_line)

    def _exceptions(self, chunk: Chunk, start: int, stop: int) -> Iterator[Found]:
        told: set[int] = set()
        for row in self._run.rows_of(chunk, EVENTS, start, stop):
            _, event, kind, _, _, _, code, line, _, _, raw = row
            if kind != RAISE or object_of(raw) in told:
                continue
            told.add(object_of(raw))
            value = self._run.value(raw, event, depth=1)
            if value is None:
                continue
            span = self._matches([value.text])[0]
            if span is not None:
                yield self._found(event, "exception", value.type, *_excerpt(value.text, span), code, line)

    def _output(self, start: int, stop: int, backwards: bool) -> Iterator[Found]:
        """Matches in lines of output, however many pieces a line was written in; at the event of the piece in which they begin."""
        lines: dict[int, list[tuple[int, str]]] = {}
        for output in self._run.outputs_between(start or -1, stop, back=backwards):
            pieces = output.data.decode("utf-8", "replace").splitlines(keepends=True)
            for piece in reversed(pieces) if backwards else pieces:
                pending = lines.setdefault(output.fd, [])
                if backwards and piece.endswith("\n") and pending:
                    yield from self._in_line(output.fd, pending[::-1])
                    pending.clear()
                pending.append((output.event, piece))
                if not backwards and piece.endswith("\n"):
                    yield from self._in_line(output.fd, pending)
                    pending.clear()
        for fd, pending in lines.items():
            yield from self._in_line(fd, pending[::-1] if backwards else pending)

    def _in_line(self, fd: int, pieces: list[tuple[int, str]]) -> Iterator[Found]:
        text = "".join(piece for _, piece in pieces).rstrip("\n")
        span = self._matches([text])[0] if text else None
        if span is None:
            return
        at = 0
        event = 0
        for when, piece in pieces:
            event = max(0, when)
            at += len(piece)
            if at > span[0]:
                break
        state = self._run.state(event)
        frame = state["threads"][state["thread"]][-1]
        yield self._found(event, "output", "stdout" if fd == 1 else "stderr", *_excerpt(text, span), frame[1], frame[2])


class _Pushed:
    """Results that come in order, taken up to a stretch of events."""

    def __init__(self, results: Iterator[Found]) -> None:
        self._results = results
        self._head = next(results, None)

    def until(self, start: int, stop: int, backwards: bool) -> Iterator[Found]:
        """Those up to the end of a stretch (`backwards`: down to its start)."""
        while self._head is not None and (self._head.event >= start if backwards else self._head.event < stop):
            yield self._head
            self._head = next(self._results, None)


def _typed(raw: Raw) -> tuple[str, Raw]:
    """A key that tells 1 from True and 1.0, and 0.0 from -0.0."""
    return type(raw).__name__, repr(raw) if type(raw) is float else raw


def _holds(value: Raw, raw: Raw) -> bool:
    """Whether a tuple has a value in it."""
    return type(value) is tuple and any(same_raw(one, raw) or _holds(one, raw) for one in value[1:])


def _excerpt(text: str, span: Span) -> tuple[str, Span]:
    """The text around a match, and where the match is in it."""
    if len(text) <= _LONGEST:
        return text, span
    start = max(0, min(span[0] - _LONGEST // 4, len(text) - _LONGEST))
    return text[start : start + _LONGEST], (span[0] - start, min(span[1] - start, _LONGEST))


# -- identity


def aliases(run: "Run", event: int, object: int, *, most: int = 100) -> tuple[Alias, ...]:
    """The ways to an object from the frames of an event's stack, shortest first."""
    state = run.state(event)
    stack = state["threads"][state["thread"]]
    found: list[Alias] = []
    # (path, depth, function, object): a breadth-first walk meets the shortest ways first.
    level: list[tuple[str, int, str, int]] = []
    for depth, frame in enumerate(stack):
        code = run.code(frame[1])
        named = [(code.slots[slot][0], raw) for slot, raw in frame[6] if slot < len(code.slots)]
        content = run.contents([frame[4]], event).get(frame[4]) if frame[4] else None
        part = content.parts.get(PART_PAIRS) if content is not None else None
        named += [(key, value) for key, value in part.known() if isinstance(key, str)] if part is not None else []  # type: ignore[misc, unused-ignore]
        for name, raw in named:
            for path, id_ in _references(name, raw):
                level.append((path, depth, code.qualname, id_))
    seen: set[tuple[int, int]] = set()
    for _ in range(_DEEPEST_ALIAS):
        following: list[tuple[str, int, str, int]] = []
        for path, depth, function, id_ in level:
            if id_ == object:
                found.append(Alias(path, depth, function))
                if len(found) >= most:
                    return tuple(found)
            if (depth, id_) in seen or len(seen) > _MOST_SEEN:
                continue
            seen.add((depth, id_))
            following += [(inner, depth, function, to) for inner, to in _inside(run, event, path, id_)]
        level = following
        if not level:
            break
    return tuple(found)


_DEEPEST_ALIAS: Final = 8
_MOST_SEEN: Final = 20_000


def _references(path: str, raw: Raw) -> Iterator[tuple[str, int]]:
    """The objects that a value is or holds, with the ways to them."""
    if object_of(raw):
        yield path, object_of(raw)
    elif type(raw) is tuple and isinstance(raw[-1], tuple):
        for index, inner in enumerate(raw[-1]):
            yield from _references(f"{path}[{index}]", inner)


def _inside(run: "Run", event: int, path: str, object: int) -> Iterator[tuple[str, int]]:
    content = run.contents([object], event).get(object)
    if content is None:
        return
    for number, part in list(content.parts.items()):
        index = 0
        for segment in list(part.segments):
            if isinstance(segment, int):
                index += segment
                continue
            for entry in segment:
                if number == PART_ATTRIBUTES:
                    yield from _references(f"{path}.{entry[0]}", entry[1])
                elif number == PART_PAIRS:
                    key = run.value(entry[0], event, depth=1)
                    yield from _references(f"{path}[{key.text if key is not None else '?'}]", entry[1])
                elif number == PART_CELL:
                    # A closure's cell is not in the way: the name stands for what it holds.
                    yield from _references(path, entry)
                elif number == PART_ITEMS:
                    yield from _references(path + ("{…}" if content.is_set else f"[{index}]"), entry[0] if content.is_set else entry)
                index += 1


def together(run: "Run", first: Target, second: Target, *, start: int = 0, stop: int | None = None) -> Iterator[Together]:
    """Where two targets are the same object."""
    stop = run.events if stop is None else min(stop, run.events)
    sides = [_values_over(run, target, start, stop) for target in (first, second)]
    heads = [next(side, None) for side in sides]
    current: list[int] = [0, 0]
    since = start
    while True:
        events = [head[0] for head in heads if head is not None]
        now = min(events, default=stop)
        if current[0] and current[0] == current[1] and since < now:
            yield Together(since, now, current[0])
        if not events:
            return
        for side, head in enumerate(heads):
            if head is not None and head[0] == now:
                current[side] = head[1]
                heads[side] = next(sides[side], None)
        since = now


def _values_over(run: "Run", target: Target, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """(event, object) of each write of a target, the value at the start first."""
    if target.sort == "object":
        yield start, target.object
        return
    before = next(raw_writes(run, target, 0, start + 1, backwards=True), None)
    if before is not None:
        yield start, object_of(before.new)
    for write in raw_writes(run, target, start + 1, stop):
        yield write.event, object_of(write.new)


__all__ = ["EVERYWHERE", "Alias", "Found", "Progress", "Together", "Where", "aliases", "find", "find_object", "together"]
