"""Where an event is: the thread, the call and the line, without any values."""

from typing import NamedTuple

from tttui.native import reader


class Event(NamedTuple):
    """An event, as a search finds it: its number is its position."""

    number: int
    kind: int
    """Number in `reader.KINDS`."""
    thread: int
    task: int
    """0: none."""
    call: int
    code: int
    line: int
    depth: int
    """Frames on the thread's stack, this one included."""
    time_ns: int
    """Since the start of the run."""

    @property
    def kind_name(self) -> str:
        return reader.KINDS[self.kind]


class StackEntry(NamedTuple):
    """One frame of a stack."""

    call: int
    code: int
    line: int
