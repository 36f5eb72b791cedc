"""`Moments`: everything at one event: the stack, its variables, and what objects contained."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, cast

from tttui.native import reader
from tttui.store.contents import Content
from tttui.store.later import ByIndex, Named
from tttui.store.objects import Objects
from tttui.store.opening import damaged
from tttui.store.outside import Outside
from tttui.store.positions import NOWHERE, Position, position_of
from tttui.store.records import Code, Frame, Kind, Moment, Value
from tttui.store.stream import SLOT_CELL, SLOT_FREE, V_OBJECT, V_UNBOUND, Raw
from tttui.store.values import Values

_FRAMES_AT_ONCE: Final = 64
"""Frames of a stack that are decoded for a moment, before others are asked for."""
_RETURNING: Final = ("return", "yield")
_RAISING: Final = ("throw", "raise", "reraise", "handled", "unwind")
# Names that a module or a class body has without its code having set them.
_GIVEN_NAMES: Final = frozenset(
    {
        "__name__", "__doc__", "__package__", "__loader__", "__spec__", "__annotations__", "__builtins__", "__file__", "__cached__",
        "__path__", "__module__", "__qualname__", "__firstlineno__", "__static_attributes__", "__annotate__", "__annotate_func__",
        "__classdict__", "__conditional_annotations__", "__warningregistry__",
    }
)  # fmt: skip  # fmt: skip


class Moments(Outside):
    """What was at an event."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._positions: dict[tuple[int, int], Position] = {}
        self._objects = Objects(self, self)

    def contents(self, wanted: Iterable[int], event: int) -> Mapping[int, Content]:
        """The contents of objects at an event, those that nothing is known of left out. Good until the next call."""
        return self._objects.at(wanted, event)

    def moment(self, event: int, *, depth: int = 6) -> Moment:
        """Everything at one event; objects are expanded `depth` levels deep."""
        state = self.decode(self.chunk_of(event), reader.state, event, _FRAMES_AT_ONCE)
        values = self._values(event, state["loose"])
        stack = ByIndex(state["depth"], self._frames(state, event, values, depth))
        if state["depth"]:
            len(stack[-1].locals)  # what a view shows first is made here: what can't be read is told here
        kind = cast(Kind, reader.KINDS[state["kind"]])
        carried = values.value(state["value"], depth) if kind in _RETURNING or kind in _RAISING else None
        return Moment(
            event=event,
            events=self.events,
            kind=kind,
            time_ns=state["time_ns"],
            thread=self.thread(state["thread"]),
            task=self.task(state["task"]),
            stack=stack,
            returned=carried if kind in _RETURNING else None,
            exception=carried if kind in _RAISING else None,
        )

    def _frames(self, state: Mapping[str, Any], event: int, values: Values, depth: int) -> Callable[[int], Frame]:
        """Makes frames of the stack of a state's thread, which has the innermost ones, by their index in the whole of it."""
        count = state["depth"]
        frames = state["threads"].get(state["thread"], [])

        def make(index: int) -> Frame:
            nonlocal frames
            outwards = count - 1 - index
            if outwards >= len(frames):
                frames = self.state(event)["threads"][state["thread"]]
            return self._frame(frames[-1 - outwards], frames[-outwards][3] if outwards else frames[-1][5], values, depth)

        return make

    def stacks(self, event: int, *, depth: int = 0) -> Mapping[int, tuple[Frame, ...]]:
        """The stack of every thread at an event, innermost frame last."""
        state = self.state(event)
        values = self._values(event, state["loose"])
        stacks = state["threads"]
        return {
            thread: tuple(
                self._frame(frame, stack[index + 1][3] if index + 1 < len(stack) else frame[5], values, depth)
                for index, frame in enumerate(stack)
            )
            for thread, stack in stacks.items()
        }

    def value(self, raw: Raw, event: int, *, depth: int = 6) -> Value | None:
        """A RAW value of the native reader as it was at an event; None for V_UNBOUND."""
        values = self._values(event)
        return values.value(raw, depth)

    def object_at(self, id: int, event: int, *, depth: int = 6) -> Value:
        """An object's content at an event."""
        value = self.value((V_OBJECT, id), event, depth=depth)
        assert value is not None
        return value

    def _values(self, event: int, loose: int | None = None) -> Values:
        """Makes values of an event; `loose`: what `reader.state` says of it, where that is known."""
        latest, number = loose, self.chunk_of(event).id

        def loose_since(written: int) -> bool:
            nonlocal latest, number
            if latest is None:
                latest = self._marked(event, 0)
            while latest < 0 and number > 0 and self._chunks[number].first_event > written:
                number -= 1
                latest = self._loose_in(self._chunks[number])
            return latest > written

        here = self.chunk_of(event)
        foreign: int | None = None

        def foreign_since(written: int) -> bool:
            # Hardly a chunk is without code that isn't recorded: earlier ones needn't be asked.
            nonlocal foreign
            if foreign is None:
                foreign = self._marked(event, 1)
            return written < here.first_event or foreign > written

        return Values(self, lambda ids: self._objects.at(ids, event), loose_since, foreign_since)

    def _frame(self, frame: tuple[Any, ...], lasti: int, values: Values, depth: int) -> Frame:
        call, code_id, line, _, namespace, _, slots = frame
        code = self.code(code_id)
        position = self._position(code, lasti)
        file = self.file_path(code.file)
        raws = dict(slots)
        if raws and max(raws) >= len(code.slots):
            raise damaged(self.path, f"code object {code.id} has no variable {max(raws)}")

        def held(slot: int) -> Raw:
            """What a variable is bound to."""
            raw = raws.get(slot, (V_UNBOUND,))
            return values.cell_content(raw)[1] if code.slots[slot][1] in (SLOT_CELL, SLOT_FREE) else raw

        def variables() -> dict[str, Value]:
            values.prepare([*raws.values(), (V_OBJECT, namespace)])
            bound = [(code.slots[slot][0], held(slot)) for slot in raws]
            known = {name for name, raw in bound if raw != (V_UNBOUND,)} | _GIVEN_NAMES
            bound += [(key, raw) for key, raw in values.pairs(namespace) if isinstance(key, str) and key not in known]
            values.prepare(raw for _, raw in bound)
            made = ((name, values.value(raw, depth)) for name, raw in bound)
            return {name: value for name, value in made if value is not None}

        arguments = tuple(code.slots[slot][0] for slot in range(min(code.argument_count(), len(code.slots))) if held(slot) != (V_UNBOUND,))
        if position.line is not None:
            line = position.line
        column, end_line, end_column = position.column, position.end_line, position.end_column
        return Frame(call, code, code.qualname, file, line, column, end_line, end_column, Named(variables), arguments)

    def _position(self, code: Code, lasti: int) -> Position:
        if lasti < 0:
            return NOWHERE
        known = self._positions.get((code.id, lasti))
        if known is None:
            known = self._positions[code.id, lasti] = position_of(code.linetable, code.first_line, lasti)
        return known
