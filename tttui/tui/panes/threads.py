"""Threads and tasks as lanes over the stretch that the timeline shows."""

from typing import ClassVar, Final

from tttui.navigation.filters import EventFilter
from tttui.navigation.tracks import Lane, Tracks
from tttui.tui import moments
from tttui.tui.desk import Desk
from tttui.tui.lines import Line
from tttui.tui.panes.base import Pane
from tttui.tui.panes.timeline import ASCII_BLOCKS, BLOCKS, SORTS, stretched
from tttui.tui.universes import Universe
from tttui.tui.universes import lane as lane_of_universe

_NAMES: Final = 18


class ThreadsPane(Pane):
    TITLE: ClassVar[str] = "Threads and tasks"
    HELP: ClassVar[str] = (
        "{enter} goes to the nearest moment of a thread or task at or after now, else before it; it opens another universe"
    )

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(desk, name)
        self._tracks = Tracks(desk.run)
        self._lanes: tuple[Lane, ...] = ()
        self._made_of: tuple[int, ...] = ()

    def update_rows(self) -> None:
        start, stop = self.debugger.timeline.shown
        made_of = (start, stop, self.size.width, self.desk.view.events)
        if made_of == self._made_of:
            return
        self._made_of = made_of
        if not self.desk.view.events:
            self._lanes = ()
            return
        count = max(8, self.size.width - _NAMES - 2)
        self._lanes = tuple(lane for sort in SORTS for lane in self._tracks.lanes(start, stop, count, sort=sort))

    def count(self) -> int:
        return len(self._lanes) + len(self.desk.universes)

    def row(self, index: int, width: int) -> Line:
        if index >= len(self._lanes):
            return self._universe(self.desk.universes[index - len(self._lanes)], width)
        lane = self._lanes[index]
        moment = self.desk.view.moment
        here = moment is not None and (
            lane.id == moment.thread.id if lane.sort == "thread" else moment.task is not None and lane.id == moment.task.id
        )
        blocks = ASCII_BLOCKS if self.desk.ascii_only else BLOCKS
        most = max(lane.events, default=0) or 1
        text = "".join(" " if not count else blocks[min(7, count * 8 // (most + 1))] for count in lane.events)
        line = Line().add(">" if here else " ", self.theme["pointer"])
        line.column(lane.name or f"{lane.sort} {lane.id}", self.theme["name"], _NAMES)
        return line.add(stretched(text, width - line.width), self.theme["graph"])

    def _universe(self, universe: Universe, width: int) -> Line:
        line = Line().add(" ", self.theme["text"]).column(universe.name, self.theme["name"], _NAMES)
        room = width - line.width
        text = lane_of_universe(universe, *self.debugger.timeline.shown, room, ascii_only=self.desk.ascii_only)
        words = " · ".join(part for part in (universe.change, universe.ended) if part)
        free = len(text) - len(text.lstrip())
        if len(words) <= free:  # before it parted there is room for them
            return line.column(words, self.theme["muted"], free).add(text[free:], self.theme["graph"])
        return line.add(text, self.theme["graph"]).cut(f"  {words}", self.theme["muted"], room - len(text))

    def enter(self) -> None:
        if self.cursor >= len(self._lanes):
            others = self.desk.universes[self.cursor - len(self._lanes) :]
            if others:
                moments.open_universe(self.debugger, others[0])
            return
        lane = self._lanes[self.cursor]
        wanted = EventFilter(thread=lane.id) if lane.sort == "thread" else EventFilter(task=lane.id)
        search = self.desk.navigator.search
        position = self.desk.view.position
        found = search.after(wanted, position - 1) or search.before(wanted, position)
        if found is None:
            self.debugger.say("it did nothing that was recorded")
            return
        event = found.number
        self.debugger.move(lambda navigator: navigator.goto(event))
