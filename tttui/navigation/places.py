"""Where an event is in the program: what every answer points at."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from tttui.native import reader
from tttui.store.records import Kind

if TYPE_CHECKING:
    from tttui.store.run import Run


@dataclass(frozen=True, slots=True)
class Place:
    """An event, and the line that it is at."""

    event: int
    kind: Kind
    call: int
    """Number of the call whose frame it is in."""
    function: str
    """Qualified name."""
    file: str
    line: int
    thread: int
    task: int
    """0: no task."""
    time_ns: int
    """Since the start of the run."""


def place_of(run: "Run", event: int) -> Place:
    """The place of an event; TttuiError where there is no such event."""
    state = run.state(event)
    frame = state["threads"][state["thread"]][-1]
    code = run.code(frame[1])
    return Place(
        event,
        cast(Kind, reader.KINDS[state["kind"]]),
        frame[0],
        code.qualname,
        run.file_path(code.file),
        frame[2],
        state["thread"],
        state["task"],
        state["time_ns"],
    )
