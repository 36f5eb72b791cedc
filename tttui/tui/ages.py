"""When each variable last changed: found a little at a time, so that no key waits for it."""

from dataclasses import dataclass
from typing import Any, Final

from tttui.errors import TttuiError
from tttui.navigation.targets import target_at
from tttui.navigation.writes import raw_writes
from tttui.store.records import Value
from tttui.tui.spare import SpareTime

_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Written:
    """The last write of a variable before a position."""

    event: int
    """At which it is visible; -1: there was none."""
    line: int = 0
    """The line of the variable's own call that did it, 0: none did (it is an argument)."""


class Ages:
    """The last writes of variables before a position."""

    def __init__(self, run: Any, spare: SpareTime) -> None:
        self._run = run
        self._spare = spare
        self._known: dict[tuple[int, str], tuple[int, int, Written]] = {}
        """(call, name) → (first, last, write): from event `first` to `last`, that is the last one."""

    def last_change(self, position: int, frame: int, call: int, name: str, value: Value) -> int | None:
        """The event of a variable's last change up to a position, that of what it holds included; None: not known (yet).

        `frame` is the frame's index in the stack at the position, -1 the innermost.
        """
        written = self.last_write(position, frame, call, name)
        if written is None:
            return None
        found = max(written.event, value.version if value.version is not None and value.version <= position else -1)
        return found if found >= 0 else None

    def last_write(self, position: int, frame: int, call: int, name: str) -> Written | None:
        """The last write of a variable up to a position; None: not looked up yet."""
        known = self._known.get((call, name))
        if known is not None and known[0] <= position <= known[1]:
            return known[2]
        if not self._spare.allows():
            return None
        after = known is not None and position > known[1]
        start = known[1] + 1 if known is not None and after else 0
        with self._spare.spend():
            try:
                target = target_at(self._run, position, name, frame=frame)
                raw = next(iter(raw_writes(self._run, target, start, position + 1, backwards=True)), None)
            except TttuiError:
                raw = None
        if raw is not None:
            found = (raw.event, position, Written(raw.event, raw.by_line if raw.by_call == call else 0))
        elif known is not None and after:
            found = (known[0], position, known[2])
        else:
            found = (position, position, Written(-1))
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[call, name] = found
        return found[2]


def age(steps: int) -> str:
    """How long ago, in few words: exact where it is near, and else such that it seldom changes."""
    if steps <= 0:
        return "this step"
    if steps == 1:
        return "1 step ago"
    if steps < 20:
        return f"{steps} steps ago"
    digits = len(str(steps)) - 2
    rounded = steps // 10**digits * 10**digits
    if rounded < 10_000:
        return f"{rounded:,} steps ago"
    unit, size = ("k", 1_000) if rounded < 1_000_000 else ("M", 1_000_000)
    return f"{rounded / size:g}{unit} steps ago"
