"""What a call did before: its last event before another one, however far back that is."""

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from tttui.native import reader

if TYPE_CHECKING:
    from tttui.store.records import Chunk
    from tttui.store.run import Run

_SUSPENDABLE: Final = 0x20 | 0x80 | 0x100 | 0x200
"""co_flags of generators and coroutines."""


def chunk_of_call(run: "Run", call: int) -> "Chunk | None":
    """The chunk in which a call begins; None where there is no such call."""
    chunks = run.chunks()
    number = bisect_left(chunks, call, key=lambda chunk: chunk.first_call + chunk.calls)
    return chunks[number] if call > 0 and number < len(chunks) else None


def last_event(run: "Run", call: int, code: int, before: int) -> int | None:
    """The last event of a call before event `before`; None where it had none."""
    start = chunk_of_call(run, call)
    first = start.id if start is not None else 0
    if before <= 0 or not run.events:
        return None
    number = run.chunk_of(min(before, run.events) - 1).id
    chunks = run.chunks()
    while number >= first:
        chunk = chunks[number]
        event, _, above = run.decode(chunk, reader.last_in_call, call, before)
        if event >= 0:
            return event
        number -= 1
        if above > 0:
            # It waits for the call above it since that began: there is nothing of it in between.
            earlier = _beginning(run, above)
            if earlier is not None and first <= earlier <= number:
                number = earlier
            continue
        while number >= first and not run.has(chunks[number], "code", code):
            number -= 1
    return None


def _beginning(run: "Run", call: int) -> int | None:
    """Number of the chunk in which a call came onto its stack; None where it may have done so more than once."""
    chunk = chunk_of_call(run, call)
    if chunk is None:
        return None
    _, begun = run.decode(chunk, reader.calls)
    columns = memoryview(begun).cast("Q")
    at = (call - chunk.first_call - 1) * 12
    if at + 2 >= len(columns) or columns[at] != call:
        return None
    return None if run.code(columns[at + 2]).flags & _SUSPENDABLE else chunk.id
