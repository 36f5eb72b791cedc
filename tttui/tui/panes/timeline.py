"""The timeline: the whole run, or a stretch of it, at a glance; to scrub in by keys and by mouse."""

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.style import Style
from textual.events import Click, MouseDown, MouseMove, MouseScrollDown, MouseScrollUp, MouseUp

from tttui.navigation.tracks import Column, Lane, Sort, Tracks
from tttui.tui.desk import Desk
from tttui.tui.layouts import PANES
from tttui.tui.lines import Line
from tttui.tui.panes.base import Pane
from tttui.tui.universes import lane as lane_of_universe

BLOCKS: Final = "▁▂▃▄▅▆▇█"
ASCII_BLOCKS: Final = "_.-=+*%#"
SIGNS: Final = {"here": "▲", "exception": "✖", "breakpoint": "●", "output": "·", "checkpoint": "◆"}
ASCII_SIGNS: Final = {"here": "^", "exception": "!", "breakpoint": "*", "output": ".", "checkpoint": "#"}
"""Marks stand there as the letters that they are."""
REVERSED: Final = Style(reverse=True)
"""Over the looks of what is here: of a sign at the position of something that happened there."""
_SMALLEST: Final = 16
"""Events below which the timeline is not zoomed in any further."""
_LANE_NAMES: Final = 14
SORTS: Final[tuple[Sort, ...]] = ("thread", "task")
"""Of lanes, in their order."""
GRAPHS: Final = ("depth", "calls", "density")
"""What the height shows: the depth of the stack, how many of the events are calls, events in a stretch of time."""
_WORDS: Final = {"depth": "depth of the stack", "calls": "calls", "density": "events per second"}


class TimelinePane(Pane):
    TITLE: ClassVar[str] = "Timeline"
    HELP: ClassVar[str] = (
        "{fold} {unfold} scrub (Shift ×10), {zoom_in} {zoom_out} zoom, {zoom_fit} the whole run, {graph} what the height shows; "
        "drag and wheel of the mouse"
    )

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(desk, name)
        self._tracks = Tracks(desk.run)
        self._followed = -1
        self._range: tuple[int, int] | None = None
        """The stretch that is shown; None: all of it."""
        self._columns: Sequence[Column] = ()
        self._lanes: Sequence[Lane] = ()
        self._margin = 0
        """Columns at the left that the names of lanes take: everything below each other is of one time."""
        self._made_of: tuple[int, ...] = ()
        self._dragging = False
        self._junctions: tuple[int, ...] = ()
        self.graph = GRAPHS[0]

    def count(self) -> int:
        return 0

    # -- the stretch that is shown

    @property
    def shown(self) -> tuple[int, int]:
        events = max(self.desk.view.events, 1)
        if self._range is None:
            return 0, events
        return self._range[0], min(self._range[1], events)

    @property
    def graph_in_words(self) -> str:
        return _WORDS[self.graph]

    def next_graph(self) -> None:
        """Show another measure."""
        self.graph = GRAPHS[(GRAPHS.index(self.graph) + 1) % len(GRAPHS)]
        self.show()

    def zoom(self, factor: float, around: int | None = None) -> None:
        """Make the stretch so many times as long, the position (or another event) staying where it stands on the screen."""
        events = self.desk.view.events
        start, stop = self.shown
        length = max(_SMALLEST, round((stop - start) * factor))
        if length >= events:
            self.fit()
            return
        position = self.desk.view.position if around is None else around
        share = (position - start) / max(1, stop - start) if start <= position < stop else 0.5
        first = min(max(0, position - round(length * share)), events - length)
        self._range = (first, first + length)
        self.show()

    def fit(self) -> None:
        self._range = None
        self.show()

    def _follow(self) -> None:
        """Keep the position inside the stretch when it moves: it turns like a page."""
        position = self.desk.view.position
        if position == self._followed:
            return
        self._followed = position
        if self._range is None:
            return
        start, stop = self._range
        if not start <= position < stop:
            length = stop - start
            first = min(max(0, position - length // 3), max(0, self.desk.view.events - length))
            self._range = (first, first + length)

    def _load(self, width: int, lanes: bool) -> None:
        start, stop = self.shown
        made_of = (start, stop, width, self.desk.view.events, int(lanes))
        if made_of == self._made_of:
            return
        self._made_of = made_of
        if not self.desk.view.events:
            self._columns = self._lanes = ()
            return
        self._columns = self._tracks.columns(start, stop, width - self._margin)
        count = max(8, width - self._margin)
        self._lanes = tuple(lane for sort in SORTS for lane in self._tracks.lanes(start, stop, count, sort=sort)) if lanes else ()

    def column_of(self, event: int, width: int) -> int:
        """The column on the screen in which an event stands, -1 where it isn't shown."""
        start, stop = self.shown
        if not start <= event < stop:
            return -1
        return self._margin + min(width - self._margin - 1, (event - start) * (width - self._margin) // max(1, stop - start))

    def event_at(self, column: int, width: int) -> int:
        """The first event of a column on the screen."""
        start, stop = self.shown
        column = max(0, column - self._margin)
        return min(max(start, start + -(-column * (stop - start) // max(1, width - self._margin))), max(stop - 1, 0))

    # -- drawing

    def set_junctions(self, columns: tuple[int, ...]) -> None:
        """Where separators of the panes above meet the rule."""
        self._junctions = columns

    def lines(self, width: int, height: int) -> list[Line]:
        self._follow()
        scale = height >= 4
        several = self.desk.lanes > 1
        legend = height >= 6
        graph_rows = 1 if height < 6 or (several and height < 8) else 2 if height < 14 else 4
        lanes = height - 2 - graph_rows - scale - legend if several else 0
        self._margin = _LANE_NAMES if lanes > 0 else 0
        self._load(width, lanes > 0)
        rows = [self._rule(width), *self._graph(width, graph_rows), self._signs(width), *self._lane_rows(width, lanes)]
        if scale:
            rows.append(self._scale(width))
        if legend:
            rows.append(self._legend(max(0, self.desk.lanes - lanes) if several else 0))
        return rows

    def _legend(self, more: int) -> Line:
        """What the signs mean; `more`: lanes that there is no room for."""
        signs = ASCII_SIGNS if self.desk.ascii_only else SIGNS
        line = Line().add(" ", self.theme["text"])
        for name, role, words in (
            ("here", "here", "here"), ("exception", "exception", "exception"), ("breakpoint", "breakpoint", "breakpoint hit"),
            ("checkpoint", "checkpoint", "checkpoint"), ("output", "muted", "output"),
        ):  # fmt: skip
            line.add(signs[name], self.theme[role]).add(f" {words}   ", self.theme["hint"])
        line.add("a", self.theme["mark"]).add(" mark a   ", self.theme["hint"])
        line.add(f"height: {self.graph_in_words}", self.theme["hint"])
        return line.add(f"   {more} more lanes: 9", self.theme["hint"]) if more else line

    def _rule(self, width: int) -> Line:
        text = ["┴" if column in self._junctions else "─" for column in range(width)]
        if self.is_active:
            title = f" {PANES.index('timeline') + 1} {self.TITLE} "
            text[1 : 1 + len(title)] = title
            return (
                Line()
                .add("".join(text[:1]), self.theme["rule"])
                .add(title, self.theme["title_focused"])
                .add("".join(text[1 + len(title) :]), self.theme["rule"])
            )
        return Line().add("".join(text), self.theme["rule"])

    def _graph(self, width: int, height: int) -> list[Line]:
        blocks = ASCII_BLOCKS if self.desk.ascii_only else BLOCKS
        measures = [self._measure(column) for column in self._columns]
        highest = max(measures, default=0.0) or 1.0
        levels = [0] * width
        for column, measure in zip(self._columns, measures, strict=True):
            first = max(0, self.column_of(column.start, width))
            # Up to where the next one begins: there may be fewer events than columns.
            last = self.column_of(column.stop, width) - 1 if self.column_of(column.stop, width) >= 0 else width - 1
            level = max(1, round(measure / highest * 8 * height)) if column.events else 0
            for x in range(first, max(first, last) + 1):
                levels[x] = max(levels[x], level)
        rows = []
        for row in range(height):
            floor = (height - 1 - row) * 8
            text = "".join(" " if level <= floor else blocks[min(8, level - floor) - 1] for level in levels)
            rows.append(Line().add(text, self.theme["graph"]))
        return rows

    def _measure(self, column: Column) -> float:
        if self.graph == "calls":
            return column.calls / max(1, column.events)
        if self.graph == "density":
            return column.events / max(1, column.stop_ns - column.start_ns)
        return column.depth_max

    def _signs(self, width: int) -> Line:
        signs = ASCII_SIGNS if self.desk.ascii_only else SIGNS
        cells: dict[int, tuple[str, str]] = {}
        for column in self._columns:
            x = max(self._margin, self.column_of(column.start, width))
            if column.exceptions:
                cells[x] = (signs["exception"], "exception")
            elif column.outputs:
                cells.setdefault(x, (signs["output"], "muted"))
        for event in self.desk.checkpoints:
            x = self.column_of(event, width)
            if x >= 0 and cells.get(x, ("", ""))[1] != "exception":
                cells[x] = (signs["checkpoint"], "checkpoint")
        for event in self.debugger.hits.shown(*self.shown, max(1, width - self._margin)):
            x = self.column_of(event, width)
            if x >= 0:
                cells[x] = (signs["breakpoint"], "breakpoint")
        for letter, mark in self.desk.notebook.marks.items():
            x = self.column_of(mark.event, width)
            if x >= 0:
                cells[x] = (letter[:1], "mark")
        here = self.column_of(self.desk.view.position, width)
        # What happened here tells more than that we are here, which is then told by its looks alone.
        hides_nothing = cells.get(here, ("", "muted"))[1] == "muted"
        if here >= 0 and hides_nothing:
            cells[here] = (signs["here"], "here")
        line = Line()
        for x in sorted(cells):
            text, role = cells[x]
            line.to(x, self.theme["text"])
            if line.width == x:
                line.add(text, self.theme[role] if x != here or hides_nothing else self.theme["here"] + REVERSED)
        return line

    def _lane_rows(self, width: int, room: int) -> list[Line]:
        blocks = ASCII_BLOCKS if self.desk.ascii_only else BLOCKS
        rows = []
        room_for = width - self._margin
        for universe in self.desk.universes[-room:] if room > 0 else ():  # the last ones, which were made last
            text = lane_of_universe(universe, *self.shown, room_for, ascii_only=self.desk.ascii_only)
            rows.append(Line().column(universe.name, self.theme["muted"], _LANE_NAMES).add(text, self.theme["graph"]))
        room -= len(rows)
        for lane in self._lanes[: max(0, room)]:
            most = max(lane.events, default=0) or 1
            text = stretched("".join(" " if not count else blocks[min(7, count * 8 // (most + 1))] for count in lane.events), room_for)
            rows.append(
                Line().column(lane.name or f"{lane.sort} {lane.id}", self.theme["muted"], _LANE_NAMES).add(text, self.theme["graph"])
            )
        return rows

    def _scale(self, width: int) -> Line:
        start, stop = self.shown
        line = Line()
        ticks = max(2, width // 26)
        for tick in range(ticks):
            x = self._margin + tick * (width - self._margin) // ticks
            text = f"{start + (stop - start) * tick // ticks:,}"
            line.to(x, self.theme["text"]).add(text, self.theme["muted"])
        end = f"{max(stop - 1, 0):,}"
        return line.to(width - len(end), self.theme["text"]).add(end, self.theme["muted"]) if line.width < width - len(end) - 1 else line

    # -- scrubbing

    def fold(self, count: int) -> None:
        self._scrub(-count)

    def unfold(self, count: int) -> None:
        self._scrub(count)

    def _scrub(self, columns: int) -> None:
        width = max(1, self.size.width)
        here = self.desk.view.position
        start, stop = self.shown
        if stop - start <= width:
            wanted = here + columns
        else:
            wanted = self.event_at(min(max(self.column_of(here, width) + columns, 0), width - 1), width)
            if (columns > 0) == (wanted <= here):
                wanted = here + columns * max(1, (stop - start) // width)
        self.debugger.scrub(wanted)

    def motion(self, name: str, count: int) -> None:
        if name in ("first", "last"):
            start, stop = self.shown
            self.debugger.scrub(start if name == "first" else stop - 1)
        elif name in ("up", "down"):
            self.zoom(0.5 if name == "up" else 2.0)
        else:
            self._scrub((-10 if name == "page_up" else 10) * count)

    def enter(self) -> None:
        self.debugger.say(self.debugger.keyed("{fold} {unfold} scrub, {zoom_in} {zoom_out} zoom, {zoom_fit} shows the whole run"))

    # -- mouse

    def on_mouse_down(self, event: MouseDown) -> None:
        event.prevent_default()  # Textual would have the base class handle it once more
        if event.y == 0:
            super().on_mouse_down(event)
            return
        self._dragging = True
        self.capture_mouse()
        self.debugger.scrub(self.event_at(event.x, max(1, self.size.width)))

    def on_mouse_move(self, event: MouseMove) -> None:
        if self._dragging:
            self.debugger.scrub(self.event_at(event.x, max(1, self.size.width)))

    def on_mouse_up(self, event: MouseUp) -> None:
        event.prevent_default()
        super().on_mouse_up(event)
        self._dragging = False
        self.release_mouse()

    def on_click(self, event: Click) -> None:
        event.prevent_default()
        event.stop()
        if event.y == 0:
            self.debugger.activate(self)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.prevent_default()
        self.zoom(2.0, self.event_at(event.x, max(1, self.size.width)))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.prevent_default()
        self.zoom(0.5, self.event_at(event.x, max(1, self.size.width)))


def stretched(text: str, width: int) -> str:
    """A text of fewer columns than there are, each as wide as it has to be."""
    if not text or len(text) >= width:
        return text[:width]
    return "".join(text[column * len(text) // width] for column in range(width))
