"""Overviews of a run: depth, density, exceptions, output, threads and tasks over any range, at any resolution.

The time this takes depends on the number of columns, not on the length of the range: each chunk has a summary
in bins of 1024 events, in groups of them, and as a whole, made while recording; above the chunks there are coarser
levels, made of those the first time. Where a column has fewer events than a bin, the few chunks are looked into.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from tttui.errors import TttuiError
from tttui.native import reader
from tttui.store.records import Chunk

if TYPE_CHECKING:
    from tttui.store.run import Run

Axis = Literal["event", "time"]
Sort = Literal["thread", "task"]

_OTHERS: Final = "others"
"""Name of the lane of those that are too many to be told apart."""
_FORMAT: Final = 1
_HEAD: Final = 5
_BIN_EVENTS: Final = 1024
_FACTOR: Final = 8
"""Bins of one level that the next coarser one puts together."""
_BINS_PER_COLUMN: Final = 8
"""A column is put together from at least so many bins, where there are such fine ones."""
_CHUNKS_KEPT: Final = 512
_CHUNKS_LOOKED_INTO: Final = 6
"""Ranges of no more chunks than this are counted event by event where the bins are too coarse."""


@dataclass(frozen=True, slots=True)
class Column:
    """A stretch of a range."""

    start: int
    stop: int
    """Events start .. stop - 1."""
    start_ns: int
    stop_ns: int
    events: int
    calls: int
    exceptions: int
    """Raises; not where an exception only passes through a frame."""
    outputs: int
    """Pieces of output written."""
    depth_min: int
    depth_max: int
    depth_mean: float


@dataclass(frozen=True, slots=True)
class Lane:
    """The share that a thread or a task has in each column, in events."""

    sort: Sort
    id: int
    name: str
    events: tuple[int, ...]


@dataclass(slots=True)
class _Bin:
    """A stretch of events, counted."""

    start: int
    start_ns: int
    end_ns: int = 0
    events: int = 0
    calls: int = 0
    raises: int = 0
    depth_min: int = 0
    depth_max: int = 0
    depth_sum: int = 0
    shares: dict[Sort, dict[int, int]] = field(default_factory=lambda: {"thread": {}, "task": {}})

    @property
    def stop(self) -> int:
        return self.start + self.events

    def add(self, other: "_Bin") -> None:
        if not other.events:
            return
        self.depth_min = min(self.depth_min, other.depth_min) if self.events else other.depth_min
        self.depth_max = max(self.depth_max, other.depth_max)
        self.end_ns = max(self.end_ns, other.end_ns)
        self.events += other.events
        self.calls += other.calls
        self.raises += other.raises
        self.depth_sum += other.depth_sum
        for sort, shares in other.shares.items():
            mine = self.shares[sort]
            for id_, events in shares.items():
                mine[id_] = mine.get(id_, 0) + events


class Tracks:
    """Overviews of one run."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        # Level 0 has a bin for each chunk, the next one for each eight, and so on.
        self._levels: list[list[_Bin]] = []
        self._size = (-1, -1)
        self._fine: dict[tuple[int, int, bool], list[_Bin]] = {}

    def columns(self, start: int, stop: int, count: int, *, axis: Axis = "event") -> tuple[Column, ...]:
        """Events start .. stop - 1 in (at most) so many columns of equal width, in events or in time.

        Sums over all columns are exact. What stands at an edge may be counted in the column beside it: the
        bins it is put together from are at most an eighth of a column, and exact where a column has fewer than 1024 events.
        """
        edges, times = self._edges(start, stop, count, axis)
        bins = self._binned(edges)
        outputs = [self._run.outputs_before(edge) for edge in edges]
        return tuple(
            Column(
                edges[index],
                edges[index + 1],
                times[index],
                times[index + 1],
                bin_.events,
                bin_.calls,
                bin_.raises,
                outputs[index + 1] - outputs[index],
                bin_.depth_min,
                bin_.depth_max,
                bin_.depth_sum / bin_.events if bin_.events else 0.0,
            )
            for index, bin_ in enumerate(bins)
        )

    def lanes(self, start: int, stop: int, count: int, *, axis: Axis = "event", sort: Sort = "thread") -> tuple[Lane, ...]:
        """The same stretch by thread, or by task, those that did anything in it."""
        edges, _ = self._edges(start, stop, count, axis)
        bins = self._binned(edges)
        ids = sorted({id_ for bin_ in bins for id_ in bin_.shares[sort]})
        names = {task.id: task.name for task in self._run.tasks()} if sort == "task" else {}
        return tuple(
            Lane(
                sort,
                id_,
                _OTHERS if not id_ else names.get(id_, "") if sort == "task" else self._run.thread(id_).name,
                tuple(bin_.shares[sort].get(id_, 0) for bin_ in bins),
            )
            for id_ in ids
        )

    # -- edges

    def _edges(self, start: int, stop: int, count: int, axis: Axis) -> tuple[list[int], list[int]]:
        """(events, times) of the columns' edges."""
        start, stop = max(0, start), min(stop, self._run.events)
        if start >= stop or count < 1:
            return [start], [0]
        fine = self._needs_bins((stop - start) / count)
        if axis == "event":
            count = min(count, stop - start)
            # Rounded up: so event e is in column (e - start) * count // (stop - start).
            edges = [start + -(-(stop - start) * index // count) for index in range(count + 1)]
            return edges, [self._time_of(edge, fine) for edge in edges]
        first, last = self._time_of(start, True), self._time_of(stop, True)
        if first >= last:
            return [start, stop], [first, last]
        times = [first + (last - first) * index // count for index in range(count + 1)]
        inner = [min(stop, max(start, self._event_at(time, fine))) for time in times[1:-1]]
        return [start, *inner, stop], times

    def _time_of(self, event: int, fine: bool) -> int:
        """About the time of an event: exact for those that begin a bin of a chunk."""
        chunks = self._run.chunks()
        if event >= self._run.events:
            return chunks[-1].end_ns if chunks else 0
        chunk = self._run.chunk_of(event)
        bins = self._bins_of(chunk, fine)
        bin_ = bins[bisect_right(bins, event, key=lambda one: one.start) - 1]
        return bin_.start_ns + (bin_.end_ns - bin_.start_ns) * (event - bin_.start) // max(1, bin_.events)

    def _event_at(self, time: int, fine: bool) -> int:
        """About the first event at or behind a time: exact where few events are between two edges."""
        chunks = self._run.chunks()
        number = bisect_left(chunks, time, key=lambda chunk: chunk.end_ns)
        if number >= len(chunks):
            return self._run.events
        chunk = chunks[number]
        bins = self._bins_of(chunk, fine)
        place = bisect_left(bins, time, key=lambda one: one.end_ns)
        if place >= len(bins):
            return chunk.first_event + chunk.events
        bin_ = bins[place]
        span = bin_.end_ns - bin_.start_ns
        return bin_.start + (bin_.events * max(0, time - bin_.start_ns) // span if span else 0)

    # -- bins

    def _binned(self, edges: Sequence[int]) -> list[_Bin]:
        """One bin between each two edges."""
        result = [_Bin(edge, 0) for edge in edges[:-1]]
        if not result:
            return result
        start, stop = edges[0], edges[-1]
        width = (stop - start) / len(result)
        first, last = self._run.chunk_of(start).id, self._run.chunk_of(stop - 1).id
        if width < _BIN_EVENTS * _BINS_PER_COLUMN and last - first < _CHUNKS_LOOKED_INTO:
            return self._counted(edges, first, last)
        for piece in self._pieces(start, stop, width):
            # By its middle: so all of it is counted, and once.
            middle = min(max(piece.start + piece.events // 2, start), stop - 1)
            result[bisect_right(edges, middle) - 1].add(piece)
        return result

    def _counted(self, edges: Sequence[int], first: int, last: int) -> list[_Bin]:
        """The same, event by event."""
        result = [_Bin(edge, 0) for edge in edges[:-1]]
        for chunk in self._run.chunks()[first : last + 1]:
            stop = chunk.first_event + chunk.events
            inner = [min(max(edge, chunk.first_event), stop) for edge in edges]
            counted = _parsed(self._run.decode(chunk, reader.profile, inner), len(result), chunk)
            for bin_, more in zip(result, counted, strict=True):
                bin_.add(more)
        return result

    def _pieces(self, start: int, stop: int, width: float) -> Iterator[_Bin]:
        """Bins that make up a range, none much larger than an eighth of a column; the ends are cut exactly."""
        levels = self._coarse()
        level = 0
        average = self._run.events / max(1, len(self._run.chunks()))
        while level + 1 < len(levels) and average * _FACTOR ** (level + 1) * _BINS_PER_COLUMN <= width:
            level += 1
        yield from self._level(levels, level, start, stop, width)

    def _level(self, levels: list[list[_Bin]], level: int, start: int, stop: int, width: float) -> Iterator[_Bin]:
        bins = levels[level]
        first = bisect_right(bins, start, key=lambda one: one.start) - 1
        for index in range(first, len(bins)):
            bin_ = bins[index]
            if bin_.start >= stop:
                return
            inside = start <= bin_.start and bin_.stop <= stop
            if inside and (bin_.events * _BINS_PER_COLUMN <= width or (level == 0 and bin_.events <= _BIN_EVENTS)):
                yield bin_
            elif level:
                yield from self._level(levels, level - 1, max(start, bin_.start), min(stop, bin_.stop), width)
            else:
                yield from self._within(self._run.chunks()[index], start, stop, width)

    def _within(self, chunk: Chunk, start: int, stop: int, width: float) -> Iterator[_Bin]:
        """Bins of one chunk."""
        for bin_ in self._bins_of(chunk, self._needs_bins(width)):
            if bin_.stop <= start or bin_.start >= stop:
                continue
            if start <= bin_.start and bin_.stop <= stop:
                yield bin_
            else:
                edges = [max(start, bin_.start), min(stop, bin_.stop)]
                yield from _parsed(self._run.decode(chunk, reader.profile, edges), 1, chunk, edges[0])

    @staticmethod
    def _needs_bins(width: float) -> bool:
        """Whether groups of bins are too coarse for columns of so many events."""
        return width < _BIN_EVENTS * _FACTOR * _BINS_PER_COLUMN

    def _bins_of(self, chunk: Chunk, fine: bool) -> list[_Bin]:
        """The bins of a chunk, or its groups of bins."""
        key = (chunk.id, chunk.events, fine)
        known = self._fine.get(key)
        if known is None:
            data = self._run.summary(chunk, 0)
            numbers = memoryview(data[: len(data) // 8 * 8]).cast("Q")
            if len(numbers) < _HEAD or numbers[0] != _FORMAT or numbers[3] + numbers[4] > len(numbers):
                raise TttuiError("the recording is damaged", f"the summary of chunk {chunk.id} is none")
            groups = 1 + numbers[3]
            known = _parsed(data[_HEAD * 8 :], groups + (numbers[4] if fine else 0), chunk)[groups if fine else 1 :]
            start, start_ns = chunk.first_event, chunk.start_ns
            for bin_ in known:
                bin_.start, bin_.start_ns = start, start_ns
                start, start_ns = bin_.stop, bin_.end_ns
            if len(self._fine) > _CHUNKS_KEPT:
                self._fine.pop(next(iter(self._fine)))
            self._fine[key] = known
        return known

    def _coarse(self) -> list[list[_Bin]]:
        """The levels above the chunks, made when they are first wanted."""
        chunks = self._run.chunks()
        size = (len(chunks), self._run.events)
        if self._size == size:
            return self._levels
        known = self._levels[0][:-1] if self._levels else []
        for chunk in chunks[len(known) :]:
            head = self._run.summary(chunk, 0)
            (total,) = _parsed(head[_HEAD * 8 :], 1, chunk)
            known.append(total)
        self._levels = [known]
        while len(self._levels[-1]) > _FACTOR:
            finer = self._levels[-1]
            self._levels.append([_merged(finer[index : index + _FACTOR]) for index in range(0, len(finer), _FACTOR)])
        self._size = size
        return self._levels


def _merged(bins: Iterable[_Bin]) -> _Bin:
    first, *rest = bins
    merged = _Bin(first.start, first.start_ns)
    for bin_ in (first, *rest):
        merged.add(bin_)
    return merged


def _parsed(data: bytes, count: int, chunk: Chunk, start: int | None = None) -> list[_Bin]:
    """The first bins of what the native reader gives."""
    numbers = memoryview(data[: len(data) // 8 * 8]).cast("Q").tolist()
    bins: list[_Bin] = []
    at = 0
    begin = chunk.first_event if start is None else start
    try:
        for _ in range(count):
            end_ns, events, calls, raises, low, high, total, threads = numbers[at : at + 8]
            at += 8
            shares: dict[Sort, dict[int, int]] = {"thread": _shares(numbers, at, threads)}
            at += threads * 2
            tasks = numbers[at]
            shares["task"] = _shares(numbers, at + 1, tasks)
            at += 1 + tasks * 2
            bins.append(_Bin(begin, chunk.start_ns, end_ns, events, calls, raises, low, high, total, shares))
    except (ValueError, IndexError):
        raise TttuiError("the recording is damaged", f"the summary of chunk {chunk.id} is none") from None
    return bins


def _shares(numbers: list[int], at: int, count: int) -> dict[int, int]:
    pairs = numbers[at : at + count * 2]
    return dict(zip(pairs[::2], pairs[1::2], strict=True))
