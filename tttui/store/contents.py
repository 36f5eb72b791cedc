"""What an object contained: the stream's object records, applied one after the other.

What the recorder left out (`--max-items`) stays known as so many entries that are not known, at their place.
What a record says that can't be right (a position behind the end) is taken as far as it goes, and the object
is marked as unchecked from there on.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from tttui.store.stream import (
    OB_DELKEY,
    OB_NEW,
    OB_RESIZE,
    OB_SETKEY,
    OB_SNAPSHOT,
    OB_SPLICE,
    PART_ATTRIBUTES,
    PART_ITEMS,
    PART_PAIRS,
    SHAPE_FROZENSET,
    SHAPE_SET,
    V_BIGINT_CUT,
    V_DEEP,
    V_FROZENSET,
    V_NAMED,
    V_NULLTEXT,
    V_OPAQUE,
    V_REDACTED,
    V_TEXT_CUT,
    V_TUPLE,
    Raw,
)

# Single entries known amid unknown ones: more than this many places are not kept apart.
_MOST_SEGMENTS: Final = 512

Record = tuple[Any, ...]
"""(event, OB_* tag, object, fields ...) as `reader.objects` gives it."""

Segment = list[Raw] | int
"""Known entries, or how many there are that are not known."""


class Entries:
    """The entries of a part in which they have positions."""

    __slots__ = ("length", "segments")

    def __init__(self, length: int = 0, head: Iterable[Raw] = (), tail: Iterable[Raw] = ()) -> None:
        first, last = list(head), list(tail)
        self.length = max(length, len(first) + len(last))
        # The first and the last are known ones, perhaps empty.
        self.segments: list[Segment] = [first]
        if (unknown := self.length - len(first) - len(last)) > 0:
            self.segments += [unknown, last]
        else:
            first += last

    @property
    def whole(self) -> bool:
        """Whether all entries are known."""
        return all(type(segment) is list for segment in self.segments)

    def known(self) -> Iterator[Raw]:
        for segment in self.segments:
            if type(segment) is list:
                yield from segment

    @property
    def entries(self) -> "Entries":
        return self

    def copy(self) -> "Entries":
        copied = Entries()
        copied.segments = [segment if isinstance(segment, int) else segment.copy() for segment in self.segments]
        copied.length = self.length
        return copied

    def splice(self, position: int, deleted: int, inserted: Iterable[Raw]) -> bool:
        """Replace entries; False where the position or the number can't be right."""
        fits = position <= self.length and deleted <= self.length - position
        position = min(position, self.length)
        deleted = min(deleted, self.length - position)
        new = list(inserted)
        grown = len(new) - deleted
        first, last = self.segments[0], self.segments[-1]
        if type(first) is list and position + deleted <= len(first):
            first[position : position + deleted] = new
        elif type(last) is list and position >= self.length - len(last):
            start = position - self.length + len(last)
            last[start : start + deleted] = new
        else:
            stop_index = self._split(position + deleted)
            # Where the split made one segment more, what lies behind it has moved by one.
            count = len(self.segments)
            start_index = self._split(position)
            stop_index += len(self.segments) - count
            self.segments[start_index:stop_index] = [new]
            around = slice(max(start_index - 1, 0), start_index + 2)
            self.segments[around] = _joined(self.segments[around])
            self._tidy()
        self.length += grown
        return fits

    def replace(self, entries: Mapping[int, Raw]) -> None:
        """Replace the entries at some places, all of them below the length: as many splices of one entry would."""
        segments: list[Segment] = []
        places = iter(sorted(entries))
        place = next(places, self.length)
        start = 0
        for segment in self.segments:
            if isinstance(segment, int):
                stop = start + segment
                while place < stop:
                    segments += (place - start, [entries[place]])
                    start = place + 1
                    place = next(places, self.length)
                segments.append(stop - start)
            else:
                stop = start + len(segment)
                while place < stop:
                    segment[place - start] = entries[place]
                    place = next(places, self.length)
                segments.append(segment)
            start = stop
        self.segments = segments
        self.join()

    def _split(self, position: int) -> int:
        """Index of the segment that begins at a position, made so where needed."""
        segments = self.segments
        if position * 2 > self.length:  # most changes are near the end: look from there
            index, start = len(segments), self.length
            while start > position:
                index -= 1
                start -= _size(segments[index])
        else:
            index = start = 0
            while index < len(segments) and start + _size(segments[index]) <= position:
                start += _size(segments[index])
                index += 1
        inside = position - start
        if inside == 0:
            return index
        segment = segments[index]
        if isinstance(segment, int):
            segments[index : index + 1] = [inside, segment - inside]
        else:
            segments[index : index + 1] = [segment[:inside], segment[inside:]]
        return index + 1

    def join(self) -> None:
        """Put neighbours of a kind together; the first and the last segment are known ones, perhaps empty."""
        self.segments = _joined(self.segments)
        self._tidy()

    def _tidy(self) -> None:
        """See that the first and the last segment are known ones, and that they are not too many."""
        segments = self.segments
        if not segments or isinstance(segments[0], int):
            segments.insert(0, [])
        if isinstance(segments[-1], int):
            segments.append([])
        if len(segments) > _MOST_SEGMENTS:
            unknown = sum(map(_size, segments[1:-1]))
            self.segments = [segments[0], unknown, segments[-1]]

    def resize(self, length: int) -> None:
        """The length became another one in ways that were not seen."""
        if length < self.length:
            del self.segments[self._split(length) :]
            self.join()
        elif length > self.length:
            self.segments += [length - self.length, []]
            self.join()
        self.length = length


def _size(segment: Segment) -> int:
    return segment if isinstance(segment, int) else len(segment)


def _joined(segments: Iterable[Segment]) -> list[Segment]:
    """Segments with neighbours of a kind put together, and without empty ones."""
    joined: list[Segment] = []
    for segment in segments:
        if not segment:
            continue
        last = joined[-1] if joined else None
        if type(segment) is list and type(last) is list:
            last += segment
        elif isinstance(segment, int) and isinstance(last, int):
            joined[-1] = last + segment
        else:
            joined.append(segment)
    return joined


class Keyed:
    """The entries of a part in which they have keys: (key, value), in their order."""

    __slots__ = ("_places", "entries")

    def __init__(self, length: int = 0, head: Iterable[tuple[Raw, Raw]] = (), tail: Iterable[tuple[Raw, Raw]] = ()) -> None:
        self.entries = Entries(length, head, tail)
        # Where each known key stands: (segment, index in it). None: to be made when it is next needed.
        self._places: dict[Any, tuple[int, int]] | None = None

    @property
    def length(self) -> int:
        return self.entries.length

    @property
    def segments(self) -> list[Segment]:
        return self.entries.segments

    @property
    def whole(self) -> bool:
        return self.entries.whole

    def known(self) -> Iterator[tuple[Raw, Raw]]:
        return self.entries.known()

    def copy(self) -> "Keyed":
        copied = Keyed()
        copied.entries = self.entries.copy()
        return copied

    def get(self, key: Raw) -> tuple[Raw, Raw] | None:
        place = self._place(key)
        pair: tuple[Raw, Raw] | None = None if place is None else self._known_segment(place[0])[place[1]]
        return pair

    def set(self, key: Raw, value: Raw) -> None:
        """A key that isn't known is a new one, at the end; where entries are not known it is one of them."""
        place = self._place(key)
        if place is not None:
            segment = self._known_segment(place[0])
            segment[place[1]] = (segment[place[1]][0], value)
            return
        if not self.whole:
            self._forget_one()
        self.entries.splice(self.length, 0, [(key, value)])
        if self._places is not None:
            last = len(self.segments) - 1
            self._places[_identity(key)] = last, len(self._known_segment(last)) - 1

    def delete(self, key: Raw) -> bool:
        """False where there can't be such a key."""
        place = self._place(key)
        if place is None:
            if self.whole:
                return False
            self._forget_one()
            return True
        segment = self._known_segment(place[0])
        del segment[place[1]]
        self.entries.length -= 1
        if self._places is not None and place[1] == len(segment):
            del self._places[_identity(key)]
        else:
            self._places = None
        return True

    def splice(self, position: int, deleted: int, inserted: Iterable[tuple[Raw, Raw]]) -> bool:
        last = self.segments[-1]
        if self._places is None or deleted or position != self.length or isinstance(last, int):
            self._places = None
            return self.entries.splice(position, deleted, inserted)
        # Nothing has moved where entries are added at the end.
        before = len(last)
        last += inserted
        self.entries.length += len(last) - before
        for index in range(before, len(last)):
            self._places[_identity(last[index][0])] = len(self.segments) - 1, index
        return True

    def resize(self, length: int) -> None:
        self._places = None
        self.entries.resize(length)

    def _known_segment(self, index: int) -> list[Raw]:
        segment = self.segments[index]
        assert isinstance(segment, list)
        return segment

    def _forget_one(self) -> None:
        """One entry fewer that isn't known."""
        for index, segment in enumerate(self.segments):
            if isinstance(segment, int):
                self.segments[index] = segment - 1
                break
        self.entries.length -= 1
        self.entries.join()
        self._places = None

    def _place(self, key: Raw) -> tuple[int, int] | None:
        if self._places is None:
            self._places = {
                _identity(pair[0]): (number, index)
                for number, segment in enumerate(self.segments)
                if isinstance(segment, list)
                for index, pair in enumerate(segment)
            }
        return self._places.get(_identity(key))


Part = Entries | Keyed


class _Unlike:
    """The identity of a key that can't be told from others: equal to itself alone."""

    __slots__ = ()


_NO_IDENTITY: Final = frozenset({V_OPAQUE, V_DEEP, V_TEXT_CUT, V_NULLTEXT, V_BIGINT_CUT, V_REDACTED})


def _identity(key: Raw) -> Any:
    """What a key is found by: the key, unless two different keys may look like it."""
    if type(key) is tuple:
        return key if _is_exact(key) else _Unlike()
    return key


def _is_exact(raw: Raw) -> bool:
    if type(raw) is not tuple:
        return True
    tag = raw[0]
    if tag in (V_TUPLE, V_FROZENSET):
        return raw[1] == len(raw[2]) and all(map(_is_exact, raw[2]))
    if tag == V_NAMED:
        return raw[2] == len(raw[3]) and all(map(_is_exact, raw[3]))
    return tag not in _NO_IDENTITY


class Vocabulary(Protocol):
    """What the ids in a stream stand for."""

    def name(self, id: int, /) -> str:
        """Text of an attribute name."""

    def shape(self, type_: int, /) -> int:
        """SHAPE_* of a type."""


class Content:
    """The content of one object at one event. Attributes are keyed by their names as str."""

    __slots__ = ("dead", "is_set", "parts", "type", "unchecked", "vocabulary", "written")

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.type = 0
        """Type id, 0 where it isn't known."""
        self.is_set = False
        """Its items have no positions."""
        self.parts: dict[int, Part] = {}
        self.written = -1
        """Event of the last record about it, -1: none."""
        self.unchecked = False
        self.dead = False

    def apply_all(self, records: Sequence[Record], start: int, stop: int) -> None:
        """Take in the records start .. stop - 1.

        Does what `apply` does to one after the other, but quickly what most records are: entries replaced, or
        appended in a part that is known whole, and variables of a namespace set over and over.
        """
        index = start
        while index < stop:
            record = records[index]
            tag = record[1]
            if tag == OB_SETKEY and record[3] == PART_PAIRS and type(record[4]) is str:
                index = self._set_all(records, index, stop)
                continue
            if tag != OB_SPLICE:
                self.apply(record)
            elif not self._splice_known(record):
                replaced = self._replace_all(records, index, stop)
                if replaced > index:
                    index = replaced
                    continue
                self.apply(record)
            index += 1

    def _set_all(self, records: Sequence[Record], start: int, stop: int) -> int:
        """Take in the records from `start` that set keys; gives the index of the first that doesn't."""
        latest: dict[str, Raw] = {}
        written = self.written
        index = start
        while index < stop:
            record = records[index]
            if record[1] != OB_SETKEY or record[3] != PART_PAIRS or type(record[4]) is not str:
                break
            latest[record[4]] = record[5]
            # The decoder leaves out all but the last record of a key, and puts that where the first one was.
            if record[0] > written:
                written = record[0]
            index += 1
        part = self._part(PART_PAIRS)
        assert isinstance(part, Keyed)
        for key, value in latest.items():
            part.set(key, value)
        self.written = written
        return index

    def _splice_known(self, record: Record) -> bool:
        """Take in a splice of entries that are all known, or of those at the end; False where it is another one."""
        part = self.parts.get(record[3])
        if type(part) is not Entries:
            return False
        event, _, _, number, position, deleted, inserted = record
        last = part.segments[-1]
        if isinstance(last, int):
            return False
        start = position - part.length + len(last)
        if start < 0 or start + deleted > len(last):
            return False
        before = len(last)
        last[start : start + deleted] = self._entries(number, inserted)
        part.length += len(last) - before
        self.written = max(self.written, event)
        return True

    def _replace_all(self, records: Sequence[Record], start: int, stop: int) -> int:
        """Take in the records from `start` that replace single entries; gives the index of the first that doesn't."""
        number = records[start][3]
        part = self.parts.get(number)
        if type(part) is not Entries:
            return start
        latest: dict[int, Raw] = {}
        index = start
        while index < stop:
            record = records[index]
            if record[1] != OB_SPLICE or record[3] != number or record[5] != 1 or len(record[6]) != 1 or record[4] >= part.length:
                break
            latest[record[4]] = record[6][0]
            self.written = max(self.written, record[0])
            index += 1
        if latest:
            part.replace(latest)
        return index

    def copy(self) -> "Content":
        """An independent copy."""
        copied = Content(self.vocabulary)
        copied.type, copied.is_set, copied.written = self.type, self.is_set, self.written
        copied.unchecked, copied.dead = self.unchecked, self.dead
        copied.parts = {number: part.copy() for number, part in self.parts.items()}
        return copied

    def weight(self) -> int:
        """How many entries it holds, and some more."""
        return 4 + sum(len(segment) for part in self.parts.values() for segment in part.segments if isinstance(segment, list))

    def apply(self, record: Record) -> None:
        """Take in the next record."""
        event, tag = record[0], record[1]
        if tag == OB_SPLICE:
            part, position, deleted, inserted = record[3:]
            if not self._part(part).splice(position, deleted, self._entries(part, inserted)):
                self.unchecked = True
        elif tag == OB_SETKEY:
            part, key, value = record[3:]
            found = self._part(part)
            if isinstance(found, Keyed):
                found.set(self._key(part, key), value)
            else:
                self.unchecked = True
        elif tag == OB_DELKEY:
            part, key = record[3:]
            found = self._part(part)
            if not isinstance(found, Keyed) or not found.delete(self._key(part, key)):
                self.unchecked = True
        elif tag in (OB_NEW, OB_SNAPSHOT):
            self._restate(record[3], record[4])
        elif tag == OB_RESIZE:
            part, length = record[3:]
            self._part(part).resize(length)
            self.unchecked = True
        else:
            self.dead = True
            return
        self.written = max(self.written, event)

    def _restate(self, type_: int, parts: Iterable[tuple[int, int, tuple[Raw, ...], tuple[Raw, ...]]]) -> None:
        self.type, self.unchecked, self.dead = type_, False, False
        self.is_set = self.vocabulary.shape(type_) in (SHAPE_SET, SHAPE_FROZENSET)
        self.parts = {
            part: (Keyed if self._is_keyed(part) else Entries)(length, self._entries(part, head), self._entries(part, tail))
            for part, length, head, tail in parts
        }

    def _is_keyed(self, part: int) -> bool:
        return part in (PART_PAIRS, PART_ATTRIBUTES) or (part == PART_ITEMS and self.is_set)

    def _entries(self, part: int, entries: Iterable[Raw]) -> Iterable[Raw]:
        """Entries in the form that the part holds."""
        if part == PART_ATTRIBUTES:
            return ((self.vocabulary.name(name), value) for name, value in entries)
        if part == PART_ITEMS and self.is_set:
            return ((item, None) for item in entries)
        return entries

    def _key(self, part: int, key: Raw) -> Raw:
        return self.vocabulary.name(key) if part == PART_ATTRIBUTES and type(key) is int else key

    def _part(self, part: int) -> Part:
        found = self.parts.get(part)
        if found is None:
            found = self.parts[part] = Keyed() if self._is_keyed(part) else Entries()
        return found
