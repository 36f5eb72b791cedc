"""Sequences and mappings of which the parts are made when they are asked for.

A moment may have thousands of frames, and its containers thousands of entries: a view shows some twenty of them.
What was made is kept. They compare and hash as the tuple or dict of all that is in them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar, overload

Item = TypeVar("Item", covariant=True)


class Later(Sequence[Item]):
    """A sequence that is compared as a tuple."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, Later | tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


class InOrder(Later[Item]):
    """Items made one after the other, as far as they are wanted."""

    __slots__ = ("_failed", "_made", "_rest")

    def __init__(self, items: Iterator[Item]) -> None:
        self._made: list[Item] = []
        self._rest: Iterator[Item] | None = items
        self._failed: BaseException | None = None

    def _make(self, count: int | None = None) -> list[Item]:
        """All that was made, at least so many (None: all) where there are."""
        made = self._made
        if self._failed is not None:
            raise self._failed
        try:
            while self._rest is not None and (count is None or len(made) < count):
                made.append(next(self._rest))
        except StopIteration:
            self._rest = None
        except BaseException as error:
            # An iterator that has failed says next time that it is at its end, as if this were all.
            self._failed = error
            raise
        return made

    def __len__(self) -> int:
        return len(self._make())

    def __bool__(self) -> bool:
        return len(self._make(1)) > 0

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | Sequence[Item]:
        if isinstance(index, slice):
            return tuple(self._make()[index])
        return self._make(index + 1 if index >= 0 else None)[index]

    def __iter__(self) -> Iterator[Item]:
        index = 0
        while len(made := self._make(index + 1)) > index:
            yield made[index]
            index += 1


class ByIndex(Later[Item]):
    """So many items, each made by itself."""

    __slots__ = ("_made", "_make")

    def __init__(self, count: int, make: Callable[[int], Item]) -> None:
        self._made: list[Item | None] = [None] * count
        self._make = make

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | Sequence[Item]:
        places = range(len(self._made))
        if isinstance(index, slice):
            return tuple(self[place] for place in places[index])
        place = places[index]
        item = self._made[place]
        if item is None:
            item = self._made[place] = self._make(place)
        return item


class Named(Mapping[str, Item]):
    """A mapping that is made whole when any of it is asked for."""

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], dict[str, Item]]) -> None:
        self._made: dict[str, Item] | None = None
        self._make: Callable[[], dict[str, Item]] | None = make

    def _all(self) -> dict[str, Item]:
        if self._made is None:
            assert self._make is not None
            self._made = self._make()
            self._make = None  # it may hold much that isn't needed any more
        return self._made

    def __getitem__(self, name: str) -> Item:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return repr(self._all())
