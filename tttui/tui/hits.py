"""Where line breakpoints are hit in the stretch that the timeline shows: at most once a column, found as there is time for it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tttui.navigation.breakpoints import LineBreakpoint
from tttui.navigation.filters import lines
from tttui.tui.stops import Stops, stands_in

if TYPE_CHECKING:
    from tttui.tui.desk import Desk


class Hits:
    """The first hit of each column. Breakpoints whose hits have to be told by evaluating something are left out."""

    def __init__(self, desk: "Desk", stops: Stops) -> None:
        self._desk = desk
        self._stops = stops
        self._made_of: tuple[object, ...] = ()
        self._wanted: set[tuple[int, int]] = set()
        """(code, line)"""
        self._found: list[int] = []
        self._next = 0
        """The event from which on it is to be looked for more."""

    def shown(self, start: int, stop: int, columns: int) -> Sequence[int]:
        """Those that are known by now, of the events start .. stop - 1."""
        plain = [
            entry
            for entry in self._stops.all()
            if isinstance(entry, LineBreakpoint) and entry.enabled and not entry.condition and entry.every <= 1
        ]
        made_of = (tuple((entry.file, entry.line) for entry in plain), start, stop, columns)
        if made_of != self._made_of:
            self._made_of = made_of
            run = self._desk.run
            self._wanted = {
                (code, line)
                for code, line, _ in (run.line_hits() if plain else ())
                for entry in plain
                if line == entry.line and stands_in(entry, run.file_path(run.code(code).file))
            }
            self._found, self._next = [], start if self._wanted else stop
        length = max(1, stop - start)
        while self._next < stop and self._desk.spare.allows():
            with self._desk.spare.spend():
                hit = self._desk.navigator.search.after(lines(self._wanted), self._next - 1, stop=stop)
            if hit is None:
                self._next = stop
            else:
                self._found.append(hit.number)
                column = (hit.number - start) * columns // length
                self._next = max(hit.number + 1, start + -(-(column + 1) * length // columns))
        return self._found
