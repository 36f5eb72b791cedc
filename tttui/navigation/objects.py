"""``$1``, ``$2``: objects given a name, to ask for at any other time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tttui.navigation.targets import target_of_object
from tttui.navigation.writes import creation
from tttui.store.records import Value

if TYPE_CHECKING:
    from tttui.store.run import Run


@dataclass(frozen=True, slots=True)
class Pin:
    """An object with a name."""

    name: str
    """``$1``"""
    object: int
    label: str
    """What it was called when it was pinned."""
    event: int
    """Where it was pinned."""
    created: int | None
    """The event at which it was seen for the first time."""


class Pins(Mapping[str, int]):
    """The pinned objects: name → object id."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._pins: dict[str, Pin] = {}
        self._given = 0

    def pin(self, event: int, text: str, *, frame: int = -1) -> Pin:
        """Pin the object that an expression (a name, attribute or item) is; the same object keeps its name. TttuiError where it is none."""
        object = target_of_object(self._run, event, text, frame=frame, pinned=self)
        return self.pin_object(object, text.strip(), event)

    def pin_object(self, object: int, label: str, event: int) -> Pin:
        """Pin an object whose id is known."""
        known = next((pin for pin in self._pins.values() if pin.object == object), None)
        if known is not None:
            return known
        born = creation(self._run, object)
        self._given += 1
        name = f"${self._given}"
        self._pins[name] = pin = Pin(name, object, label, event, born.event if born is not None else None)
        return pin

    def unpin(self, name: str) -> None:
        """KeyError where there is no such name. Names are not used again."""
        del self._pins[name]

    def pins(self) -> tuple[Pin, ...]:
        return tuple(self._pins.values())

    def value(self, name: str, event: int, *, depth: int = 6) -> Value | None:
        """The object at an event; None before it was seen for the first time. KeyError where there is no such name."""
        pin = self._pins[name]
        if pin.created is None or event < pin.created:
            return None
        return self._run.object_at(pin.object, event, depth=depth)

    def __getitem__(self, name: str) -> int:
        return self._pins[name].object

    def __iter__(self) -> Iterator[str]:
        return iter(self._pins)

    def __len__(self) -> int:
        return len(self._pins)
