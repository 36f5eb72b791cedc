"""Two recordings of the same program: the first position at which they part.

Events are compared by hashes of what ran and of the values that became visible, thread by thread, a chunk at a time.
Only where those differ are the values themselves looked at.
"""

import hashlib
import posixpath
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from tttui.native import reader
from tttui.navigation.differences import Difference, diff_values, diff_variables
from tttui.navigation.places import Place, place_of
from tttui.store.records import Moment

if TYPE_CHECKING:
    from tttui.store.run import Run

_DEPTH: Final = 3
_WORD: Final = 8
_LOOKED_AT: Final = 50
"""Events with other values that are looked at, until one is found whose values are not the same after all."""


@dataclass(frozen=True, slots=True)
class Parting:
    """Where two recordings part."""

    sort: Literal["control flow", "value", "end"]
    """end: one goes on where the other ends."""
    first: Place | None
    """None: that run has ended."""
    second: Place | None
    what: str
    """One sentence for people."""
    differences: tuple[Difference, ...]
    """`old` is the first run's."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two recordings of the same program."""

    control: Parting | None
    """Where they first ran different code; None: nowhere."""
    value: Parting | None
    """Where they first saw different values; None: nowhere."""

    @property
    def partings(self) -> Sequence[Parting]:
        """Both of them, the earlier one first; or the one that there is, or none."""
        found = [parting for parting in (self.value, self.control) if parting is not None]
        return sorted(found, key=lambda parting: parting.first.event if parting.first is not None else _NEVER)

    @property
    def first(self) -> Parting | None:
        """The earlier one."""
        return next(iter(self.partings), None)


_NEVER: Final = 1 << 62


def compare(first: "Run", second: "Run", *, cancelled: Callable[[], bool] | None = None) -> Comparison:
    """Where two recordings part. Files are matched by name, threads by the order in which they appeared.

    Which object a name refers to is compared by its content; times are not compared.
    """
    runs = (first, second)
    codes = tuple(_codes(run) for run in runs)
    control: list[Parting] = []
    value: list[Parting] = []
    threads = sorted({thread.id for run in runs for thread in run.threads()})
    for thread in threads or [1]:
        parted = _Comparing(runs, codes, thread, cancelled)
        parted.run()
        control += parted.control
        value += parted.value
    for event in _beginnings(runs):
        if all(_event_of(parting) >= event for parting in control + value):
            value += _begun(runs, event)
    return Comparison(min(control, key=_event_of, default=None), min(value, key=_event_of, default=None))


def _beginnings(runs: tuple["Run", "Run"]) -> Iterator[int]:
    """The first events of what are other universes."""
    for run in runs:
        parted = run.meta.get("universe_event")
        if isinstance(parted, int) and parted + 1 < min(each.events for each in runs):
            yield parted + 1


def _begun(runs: tuple["Run", "Run"], event: int) -> Iterator[Parting]:
    """What a universe was begun with. All is stated anew there, and what is only stated anew is left out of the hashes."""
    differences = _differences(runs, (event, event))
    if differences:
        places = place_of(runs[0], event), place_of(runs[1], event)
        yield Parting("value", *places, f"{differences[0].path} is another", differences)


def _event_of(parting: Parting) -> int:
    return parting.first.event if parting.first is not None else _NEVER


def _codes(run: "Run") -> bytes:
    """A number for each code object that is the same in another run."""
    numbers: list[int] = [0]
    for code in run.codes():
        numbers += [0] * (code.id + 1 - len(numbers))
        # A generated file has no name of its own (`<string>`); directories may be others.
        name = f"{posixpath.basename(run.file_path(code.file))}\0{code.qualname}\0{code.first_line}"
        numbers[code.id] = int.from_bytes(hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=_WORD).digest(), "little")
    return b"".join(number.to_bytes(_WORD, "little") for number in numbers)


@dataclass(slots=True)
class _Side:
    """The events of one run, a stretch at a time."""

    chunks: Iterator[tuple[bytes, bytes, bytes]]
    events: memoryview = field(default_factory=lambda: memoryview(b""))
    control: memoryview = field(default_factory=lambda: memoryview(b""))
    values: memoryview = field(default_factory=lambda: memoryview(b""))

    def fill(self) -> bool:
        """Whether there is anything (more) to compare."""
        while not self.events:
            stretch = next(self.chunks, None)
            if stretch is None:
                return False
            self.events, self.control, self.values = (memoryview(part) for part in stretch)
        return True

    def event(self, index: int) -> int:
        return int(self.events.cast("Q")[index])

    def drop(self, count: int) -> None:
        self.events, self.control, self.values = (part[count * _WORD :] for part in (self.events, self.control, self.values))


class _Comparing:
    """One thread of both runs."""

    def __init__(self, runs: tuple["Run", "Run"], codes: tuple[bytes, ...], thread: int, cancelled: Callable[[], bool] | None) -> None:
        self._runs = runs
        self._thread = thread
        self._cancelled = cancelled
        self._sides = tuple(_Side(self._stretches(run, own)) for run, own in zip(runs, codes, strict=True))
        self._looked_at = 0
        self._last: tuple[int, int] | None = None
        self.control: list[Parting] = []
        self.value: list[Parting] = []

    def _stretches(self, run: "Run", codes: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
        for chunk in run.chunks():
            if self._cancelled is not None and self._cancelled():
                return
            if run.has(chunk, "thread", self._thread):
                yield run.decode(chunk, reader.fingerprints, codes, self._thread)

    def run(self) -> None:
        """Find where the thread parts."""
        one, other = self._sides
        while True:
            more = one.fill(), other.fill()
            if self._cancelled is not None and self._cancelled():
                return
            if not all(more):
                if any(more):
                    self._end(more[0])
                return
            count = min(len(one.events), len(other.events)) // _WORD
            parted = _first_difference(one.control, other.control, count)
            if not self.value:
                self._values(count if parted is None else parted)
            if parted is not None:
                self._control(parted)
                return
            self._last = one.event(count - 1), other.event(count - 1)
            one.drop(count)
            other.drop(count)

    def _values(self, count: int) -> None:
        """The first event with other values among so many."""
        one, other = self._sides
        at = 0
        while at < count and self._looked_at < _LOOKED_AT:
            index = _first_difference(one.values[at * _WORD :], other.values[at * _WORD :], count - at)
            if index is None:
                return
            at += index
            events = one.event(at), other.event(at)
            differences = _differences(self._runs, events)
            self._looked_at += 1
            # What differs may lie deeper than what is looked at: after some tries the hashes are believed.
            if differences or self._looked_at == _LOOKED_AT:
                what = f"{differences[0].path} is another" if differences else "something that is not visible in the frame is another"
                self.value.append(Parting("value", *self._places(events), what, differences))
                return
            at += 1

    def _control(self, index: int) -> None:
        one, other = self._sides
        events = one.event(index), other.event(index)
        first, second = self._places(events)
        what = f"{_told(first)} in the first run, {_told(second)} in the second"
        before = (one.event(index - 1), other.event(index - 1)) if index else self._last
        differences = _differences(self._runs, before) if before is not None else ()
        self.control.append(Parting("control flow", first, second, what, differences))

    def _end(self, first_goes_on: bool) -> None:
        run, side = (self._runs[0], self._sides[0]) if first_goes_on else (self._runs[1], self._sides[1])
        place = place_of(run, side.event(0))
        what = f"the {'first' if first_goes_on else 'second'} run goes on with {_told(place)}, the other has ended"
        self.control.append(Parting("end", place if first_goes_on else None, None if first_goes_on else place, what, ()))

    def _places(self, events: tuple[int, int]) -> tuple[Place, Place]:
        return place_of(self._runs[0], events[0]), place_of(self._runs[1], events[1])


def _differences(runs: tuple["Run", "Run"], events: tuple[int, int]) -> tuple[Difference, ...]:
    """Differences of the innermost frames, and of what the events carry; else of the frames around them."""
    one, other = (run.moment(event, depth=_DEPTH) for run, event in zip(runs, events, strict=True))
    found = [*_carried(one, other)]
    for old, new in zip(reversed(one.stack), reversed(other.stack), strict=False):
        found += diff_variables(old.locals, new.locals, identity=False)
        if found:
            break
    return tuple(found)


def _carried(one: Moment, other: Moment) -> Iterator[Difference]:
    yield from diff_values(one.returned, other.returned, "the result", identity=False)
    yield from diff_values(one.exception, other.exception, "the exception", identity=False)


def _told(place: Place) -> str:
    return f"{place.kind} at line {place.line} of {place.function}"


def _first_difference(one: memoryview, other: memoryview, count: int) -> int | None:
    """The first of so many words that is another one."""
    if one[: count * _WORD] == other[: count * _WORD]:
        return None
    low, high = 0, count
    # The words before `low` are equal, there is a difference before `high`.
    while high - low > 1:
        middle = (low + high) // 2
        if one[low * _WORD : middle * _WORD] == other[low * _WORD : middle * _WORD]:
            low = middle
        else:
            high = middle
    return low
