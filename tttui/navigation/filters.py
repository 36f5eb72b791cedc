"""What a search looks for: conditions on events that the native reader checks without making objects."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from tttui.native import reader

LINE, CALL, RETURN, YIELD, RESUME, THROW, RAISE, RERAISE, HANDLED, UNWIND = range(len(reader.KINDS))
"""Numbers of the kinds of events, as in `reader.KINDS`."""

ALL_KINDS: Final = (1 << len(reader.KINDS)) - 1
EXCEPTION_KINDS: Final = 1 << THROW | 1 << RAISE | 1 << RERAISE | 1 << HANDLED | 1 << UNWIND
STOP_KINDS: Final = 1 << LINE | 1 << RETURN | 1 << YIELD | 1 << RAISE | 1 << RERAISE
"""Kinds of events at which moves stop: lines, returns (yields included), raises."""
END_KINDS: Final = 1 << RETURN | 1 << UNWIND
"""Kinds of events that end a call."""
ANY_TASK_BUT_NONE: Final = -(1 << 62)

StopsBy = Literal["", "statement", "line"]


def kinds(*names: str) -> int:
    """Bit set of kinds by their names ("line", "call" ...)."""
    return sum(1 << reader.KINDS.index(name) for name in names)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """All conditions must hold; a condition left at its default always does."""

    kinds: int = ALL_KINDS
    """Bit set of kinds (1 << LINE ...)."""
    thread: int = 0
    """In this thread; -thread: in any other."""
    task: int | None = None
    """In this task (0: in none); -task: in any other, but not in none."""
    call: int = 0
    """An event of this very call: the innermost frame is that call's."""
    caller: int = 0
    """An event of a call made by this call."""
    depth: int = 0
    """At most so many frames are on the stack."""
    codes: frozenset[int] = frozenset()
    """An event of a call of one of these code objects."""
    lines: frozenset[tuple[int, int]] = frozenset()
    """Of line events only those at one of these places: (code, line)."""
    variable: tuple[int, int] | None = None
    """The first event that shows a new value of a variable: (code, slot); with `call`, of that call alone. The other
    conditions then don't apply."""
    object: int = 0
    """The first event that shows new content of this object; the other conditions then don't apply."""
    fresh: bool = False
    """Of raises only those where an exception sets out, not where it passes into the caller."""
    stops: StopsBy = ""
    """Of yields none by which a coroutine waits; "statement": of lines only those where a statement begins."""
    first_line: int = 0
    last_line: int = 0
    """Of line events only those between these two; 0: no bound."""

    def conditions(self, stop_tables: Mapping[int, bytes] | None) -> "reader.Conditions":
        """The filter in the form that the native reader takes; `stop_tables` for `stops`."""
        return (
            self.kinds, self.thread, self.task, self.call, self.caller, self.depth, tuple(self.codes), tuple(self.lines),
            self.variable, self.object, self.fresh, stop_tables if self.stops else None, self.first_line, self.last_line,
        )  # fmt: skip


def lines(places: Iterable[tuple[int, int]]) -> EventFilter:
    """Hits of lines: (code, line) each."""
    return EventFilter(kinds=1 << LINE, lines=frozenset(places))


def calls(codes: Iterable[int]) -> EventFilter:
    """Calls of functions."""
    return EventFilter(kinds=1 << CALL, codes=frozenset(codes))


def raises() -> EventFilter:
    """Where exceptions set out."""
    return EventFilter(kinds=1 << RAISE, fresh=True)
