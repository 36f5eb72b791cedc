"""Finds what objects contained at an event: in which chunks they were written, and what was written.

From the chunk of the event the way leads back through the chunks whose postings name the object, to the
last one that restates it whole (NEW or SNAPSHOT), at the latest to the chunk in which it was first seen.
"""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Generic, Protocol, TypeVar

from tttui.store.contents import Content, Record, Vocabulary
from tttui.store.records import Chunk
from tttui.store.stream import OB_NEW, OB_SNAPSHOT, OB_SPLICE

_RESTATES: Final = (OB_NEW, OB_SNAPSHOT)
_MOST_RECORDS: Final = 200_000
"""Entries of records of past chunks that are kept (each takes 8 bytes, and its value),"""
_MOST_ENTRIES: Final = 500_000
"""and entries of contents at the beginnings of chunks."""


class Stream(Protocol):
    """Where the chunks come from."""

    def chunks(self) -> Sequence[Chunk]: ...
    def chunk_of(self, event: int, /) -> Chunk: ...
    def written_in(self, chunk: Chunk, ids: list[int], /) -> list[int]: ...
    def contents_of(self, chunk: Chunk, wanted: Sequence[int], event: int, /) -> Mapping[int, list[Record]]: ...


class Objects:
    """The contents of a run's objects."""

    def __init__(self, stream: Stream, vocabulary: Vocabulary) -> None:
        self._stream = stream
        self._vocabulary = vocabulary
        # By (chunk, object): what its records in the whole of a chunk come to. Only of chunks that don't grow any more.
        self._records = _Kept[list[Record]](_MOST_RECORDS)
        # By (chunk, object): the content at the chunk's beginning, never changed; None where there is none.
        self._beginnings = _Kept[Content | None](_MOST_ENTRIES)

    def at(self, wanted: Iterable[int], event: int) -> dict[int, Content]:
        """The content of each of the wanted objects at an event; those that nothing was recorded of are absent.

        The contents are not to be changed.
        """
        chunk = self._stream.chunk_of(event)
        ids = sorted({id_ for id_ in wanted if 0 < id_ <= chunk.first_object + chunk.objects})
        written = self._stream.contents_of(chunk, self._perhaps_in(chunk, ids), event)
        found: dict[int, Content] = {}
        early: list[int] = []
        for id_ in ids:
            records = written.get(id_)
            if records and records[0][1] in _RESTATES:
                content = found[id_] = Content(self._vocabulary)
                content.apply_all(records, 0, len(records))
            elif id_ <= chunk.first_object:
                early.append(id_)
        for id_, content in self._at_beginning(chunk, early).items():
            records = written.get(id_)
            if records:
                content = content.copy()
                content.apply_all(records, 0, len(records))
            found[id_] = content
        return found

    def _at_beginning(self, chunk: Chunk, wanted: Sequence[int]) -> dict[int, Content]:
        """The contents of objects, given in order, at the beginning of a chunk."""
        found: dict[int, Content] = {}
        missing: list[int] = []
        for id_ in wanted:
            if (chunk.id, id_) not in self._beginnings:
                missing.append(id_)
            elif (known := self._beginnings.get((chunk.id, id_))) is not None:
                found[id_] = known
        # What was written since the content that is known, the latest chunk first.
        since: dict[int, list[list[Record]]] = {id_: [] for id_ in missing}
        starts: dict[int, Content] = {}
        searched = list(missing)
        for number in range(chunk.id - 1, -1, -1):
            if not searched:
                break
            earlier = self._stream.chunks()[number]
            found_whole: set[int] = set()
            for id_, records in self._written_in(earlier, searched).items():
                since[id_].append(records)
                if records[0][1] in _RESTATES:
                    found_whole.add(id_)
                elif (start := self._beginnings.get((number, id_))) is not None:
                    starts[id_] = start
                    found_whole.add(id_)
            if found_whole:
                searched = [id_ for id_ in searched if id_ not in found_whole]
            del searched[bisect_right(searched, earlier.first_object) :]
        for id_ in missing:
            content = self._rebuilt(starts.get(id_), since[id_])
            self._beginnings.put((chunk.id, id_), content, content.weight() if content is not None else 1)
            if content is not None:
                found[id_] = content
        return found

    def _rebuilt(self, start: Content | None, since: Sequence[list[Record]]) -> Content | None:
        """The content behind all these records; None where they don't begin with the whole of it."""
        content = start.copy() if start is not None else None
        for records in reversed(since):
            if records[0][1] in _RESTATES:
                content = Content(self._vocabulary)
            if content is not None:
                content.apply_all(records, 0, len(records))
        return content

    def _perhaps_in(self, chunk: Chunk, wanted: list[int]) -> list[int]:
        """Which of the objects, given in order, are written in a chunk, as far as its postings know."""
        first_of_its_own = bisect_right(wanted, chunk.first_object)
        return self._stream.written_in(chunk, wanted[:first_of_its_own]) + wanted[first_of_its_own:]

    def _written_in(self, chunk: Chunk, wanted: list[int]) -> dict[int, list[Record]]:
        """What the records in a whole chunk come to, of those of the wanted objects that have any."""
        found: dict[int, list[Record]] = {}
        unread: list[int] = []
        for id_ in self._perhaps_in(chunk, wanted):
            known = self._records.get((chunk.id, id_))
            if known is None:
                unread.append(id_)
            else:
                found[id_] = known
        if unread:
            read = self._stream.contents_of(chunk, unread, chunk.first_event + chunk.events - 1)
            for id_, records in read.items():
                self._records.put((chunk.id, id_), records, sum(map(_weight, records)))
            found |= read
        return found


def _weight(record: Record) -> int:
    """About how many entries a record holds."""
    if record[1] == OB_SPLICE:
        return 4 + len(record[6])
    if record[1] in _RESTATES:
        return 8 + sum(len(head) + len(tail) for _, _, head, tail in record[4])
    return 6


_Item = TypeVar("_Item")


class _Kept(Generic[_Item]):
    """Keeps what was used last by (chunk, object), up to a total weight."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._weight = 0
        self._items: OrderedDict[tuple[int, int], tuple[_Item, int]] = OrderedDict()

    def __contains__(self, key: tuple[int, int]) -> bool:
        return key in self._items

    def get(self, key: tuple[int, int]) -> _Item | None:
        found = self._items.get(key)
        if found is None:
            return None
        self._items.move_to_end(key)
        return found[0]

    def put(self, key: tuple[int, int], item: _Item, weight: int) -> None:
        self._items[key] = item, weight
        self._weight += weight
        while self._weight > self._most and len(self._items) > 1:
            _, (_, dropped) = self._items.popitem(last=False)
            self._weight -= dropped
