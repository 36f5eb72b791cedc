"""What is different: a value, a frame or all that is visible at two positions."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tttui.errors import TttuiError
from tttui.navigation.looking import UNBOUND, Look, parse_path
from tttui.store.records import Frame, Value

if TYPE_CHECKING:
    from tttui.store.run import Run

MOST: Final = 10_000
"""Differences that are told of one pair of values."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is another one, or is on one side only."""

    path: str
    """``accounts["ann"].balance``"""
    old: Value | None
    new: Value | None
    identity: bool = False
    """Whether it is another object with an equal content, as far as that was recorded."""


@dataclass(frozen=True, slots=True)
class FrameDifference:
    """A frame that is on both sides, or on one."""

    function: str
    call: int
    old_line: int | None
    """None: it was not there."""
    new_line: int | None
    """None: it is gone."""
    variables: tuple[Difference, ...]


def diff_values(old: Value | None, new: Value | None, path: str = "", *, identity: bool = True) -> Iterator[Difference]:
    """Differences of two expanded values; `identity`: whether another object with an equal content is one, too."""
    left = MOST
    for difference in _differences(old, new, path, identity):
        if not left:
            return
        left -= 1
        yield difference


def diff_at(
    run: "Run", text: str, old: int, new: int, *, frame: int = -1, depth: int = 6, pinned: Mapping[str, int] | None = None
) -> tuple[Difference, ...]:
    """Differences of what an expression (a name, attribute or item) is at two events; TttuiError where it names nothing at either."""
    node = parse_path(text)

    def value(event: int) -> Value | None:
        raw = Look(run, event, frame, pinned).value(node)
        return None if raw == UNBOUND else run.value(raw, event, depth=depth)

    before, after = value(old), value(new)
    if before is None and after is None:
        raise TttuiError(f"{text!r} names nothing at event {old}, nor at event {new}")
    return tuple(diff_values(before, after, text.strip()))


def diff_frames(run: "Run", old: int, new: int, *, depth: int = 6) -> tuple[FrameDifference, ...]:
    """Differences of all that is visible at two events: the stacks of their threads, outermost frame first.

    Frames in which nothing is different are left out.
    """
    before, after = run.stacks(old, depth=depth), run.stacks(new, depth=depth)
    found: list[FrameDifference] = []
    for thread in sorted(before.keys() | after.keys()):
        olds = {frame.call: frame for frame in before.get(thread, ())}
        news = {frame.call: frame for frame in after.get(thread, ())}
        for call in [*olds, *(call for call in news if call not in olds)]:
            difference = _of_frame(olds.get(call), news.get(call))
            if difference is not None:
                found.append(difference)
    return tuple(found)


def diff_variables(old: Mapping[str, Value], new: Mapping[str, Value], *, identity: bool = True) -> tuple[Difference, ...]:
    """Differences of the variables of two frames."""
    names = [*old, *(name for name in new if name not in old)]
    return tuple(difference for name in names for difference in diff_values(old.get(name), new.get(name), name, identity=identity))


def _of_frame(old: Frame | None, new: Frame | None) -> FrameDifference | None:
    frame = old or new
    assert frame is not None
    variables = diff_variables(old.locals if old is not None else {}, new.locals if new is not None else {})
    old_line, new_line = (old.line if old is not None else None), (new.line if new is not None else None)
    if old_line == new_line and not variables:
        return None
    return FrameDifference(frame.function, frame.call, old_line, new_line, variables)


_UNCHECKED: Final = "unchecked"
"""The badge of what may have changed since it was looked at."""
_OF_THE_SYSTEM: Final = frozenset({"_ident", "_native_id"})
"""Attributes of a `threading.Thread`."""


def _differences(old: Value | None, new: Value | None, path: str, identity: bool) -> Iterator[Difference]:
    if old is None or new is None:
        if old is not new:
            yield Difference(path, old, new)
        return
    if not identity and old.type == new.type and (old.badge == _UNCHECKED) != (new.badge == _UNCHECKED):
        return  # of two runs one has looked at it more lately: a universe looks at everything where it begins
    parts = list(_parts(old, new, path, identity))
    if old.type != new.type or (not parts and not _has_parts(old, new) and _own_text(old) != _own_text(new)):
        yield Difference(path, old, new)
        return
    if identity and old.id != new.id and not parts:
        # An equal content in another object: what is written to the one doesn't show in the other.
        yield Difference(path, old, new, identity=True)
        return
    yield from parts


def _has_parts(old: Value, new: Value) -> bool:
    return any(getattr(old, name) is not None and getattr(new, name) is not None for name in ("items", "entries", "attributes"))


def _own_text(value: Value) -> str:
    """The text, without the number of an object: it is told by the identity."""
    return f"<{value.type}>" if value.id is not None and value.text == f"<{value.type.rpartition('.')[2]} {value.id}>" else value.text


def _parts(old: Value, new: Value, path: str, identity: bool) -> Iterator[Difference]:
    if old.attributes is not None and new.attributes is not None:
        names = dict.fromkeys([*old.attributes, *new.attributes])
        # Between two runs only the numbers of threads differ that the system gave them.
        left_out = _OF_THE_SYSTEM if not identity and names.keys() >= _OF_THE_SYSTEM else ()
        for name in names:
            if name in left_out:
                continue
            yield from _differences(old.attributes.get(name), new.attributes.get(name), f"{path}.{name}", identity)
    if old.entries is not None and new.entries is not None:
        olds = {key.text: value for key, value in old.entries}
        news = {key.text: value for key, value in new.entries}
        for key in [*olds, *(key for key in news if key not in olds)]:
            yield from _differences(olds.get(key), news.get(key), f"{path}[{key}]", identity)
        common = [key for key in olds if key in news]
        if common != [key for key in news if key in olds]:
            yield Difference(f"{path} (order)", old, new)
    if old.items is not None and new.items is not None:
        if "set" in old.type:
            yield from _of_sets(old.items, new.items, path)
        else:
            yield from _of_sequences(old.items, new.items, path, identity)


def _of_sets(old: Sequence[Value], new: Sequence[Value], path: str) -> Iterator[Difference]:
    olds, news = Counter(value.text for value in old), Counter(value.text for value in new)
    for value in old:
        if news[value.text] < olds[value.text]:
            yield Difference(f"{path}{{{value.text}}}", value, None)
    for value in new:
        if olds[value.text] < news[value.text]:
            yield Difference(f"{path}{{{value.text}}}", None, value)


def _of_sequences(old: Sequence[Value], new: Sequence[Value], path: str, identity: bool) -> Iterator[Difference]:
    """By index; where the length is another one, what was put in or taken out in the middle is told as such."""
    start, behind = 0, 0
    if len(old) != len(new):
        shorter = min(len(old), len(new))
        while start < shorter and _alike(old[start], new[start]):
            start += 1
        while behind < shorter - start and _alike(old[-1 - behind], new[-1 - behind]):
            behind += 1
    for index in range(max(len(old), len(new)) - behind):
        before = old[index] if index < len(old) - behind else None
        after = new[index] if index < len(new) - behind else None
        yield from _differences(before, after, f"{path}[{index}]", identity)
    for back in range(behind, 0, -1):
        yield from _differences(old[-back], new[-back], f"{path}[{len(new) - back}]", identity)


def _alike(old: Value, new: Value) -> bool:
    return old.type == new.type and (old.id == new.id if old.id is not None else old.text == new.text)
