"""The source pane: the code around the position, as it was recorded."""

from collections.abc import Mapping
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.strip import Strip

from tttui.navigation.filters import LINE, EventFilter
from tttui.navigation.search import Search
from tttui.store.records import Frame
from tttui.tui.desk import Desk
from tttui.tui.lines import Line, shortened, wrapped
from tttui.tui.panes.base import Pane
from tttui.tui.sources import File, short
from tttui.tui.spare import SpareTime

_INLINE_GAP: Final = 2
_GUTTER: Final = 2
_RAN: Final = "▎"
_RAN_ASCII: Final = "|"
"""In the gutter of lines that ran in this call."""
_NARROW: Final = 66
"""Columns below which the hit counts give way to the text."""
_LINES_AT_A_TIME: Final = 60
_MOST_CALLS: Final = 32
_AROUND: Final = 3


class RanLines:
    """When each line of a call ran for the first time: so whether it has run by any moment of the call."""

    def __init__(self, search: Search, spare: SpareTime) -> None:
        self._search = search
        self._spare = spare
        self._first: dict[tuple[int, int], int] = {}
        self._not_before: dict[tuple[int, int], int] = {}
        """Up to which event it is known that a line has not run."""

    def has_run(self, frame: Frame, line: int, position: int) -> bool:
        """Whether a line of a frame's call ran before a position. False, too, while that isn't known yet."""
        key = (frame.call, line)
        first = self._first.get(key)
        if first is not None:
            return first < position
        known = self._not_before.get(key)
        if known is not None and position <= known:
            return False
        if len(self._first) + len(self._not_before) > _LINES_AT_A_TIME * _MOST_CALLS:
            self._first.clear()
            self._not_before.clear()
            known = None
        if not self._spare.allows():
            return False
        with self._spare.spend():
            return self._look_up(frame, line, position, known)

    def _look_up(self, frame: Frame, line: int, position: int, known: int | None) -> bool:
        key = (frame.call, line)
        if known is None:
            born = self._search.birth(frame.call)
            known = born.number if born is not None else 0
        wanted = EventFilter(kinds=1 << LINE, call=frame.call, codes=frozenset({frame.code.id}), lines=frozenset({(frame.code.id, line)}))
        found = self._search.after(wanted, known - 1, stop=position)
        if found is None:
            self._not_before[key] = position
            return False
        self._not_before.pop(key, None)
        self._first[key] = found.number
        return True


class SourcePane(Pane):
    """The current line, the very call in it, what ran and what never did, and the values that lines gave."""

    LOOKED_AT: ClassVar[int] = 1_000_000
    TITLE: ClassVar[str] = "Source"
    HELP: ClassVar[str] = (
        "{row_down} {row_up} move the cursor line, {fold} {unfold} what is seen of long ones; {until} {back_until} run to it; "
        "{next_hit} {back_hit} to its next and previous run; {breakpoint} breakpoint; {print_all} values at all its runs; "
        "{why_not} why it did not run"
    )

    TITLE_ROWS: ClassVar[int] = 0

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(desk, name)
        self._file: File | None = None
        self._file_id = 0
        self._shown: tuple[int, int, int] | None = None
        """(position, frame, file) for which the cursor line was set."""
        self._ran = RanLines(desk.navigator.search, desk.spare)
        self._highlighted: Mapping[int, list[Segment]] = {}
        self._hits: Mapping[int, int] = {}
        self._stops: Mapping[int, bool] = {}
        self.show_hits = True

    # -- what others ask

    @property
    def file_path(self) -> str:
        return self._file.path if self._file is not None else ""

    @property
    def cursor_line(self) -> int:
        return self.cursor + 1

    @property
    def cursor_text(self) -> str:
        return self._file.line(self.cursor_line).strip() if self._file is not None else ""

    def differs_on_disk(self) -> bool:
        """Whether the file that is shown has changed since it was recorded."""
        frame = self.desk.view.frame
        return frame is not None and self.desk.sources.file(frame.code.file).differs_on_disk

    def jump_to_line(self, line: int) -> None:
        self.cursor = max(0, line - 1)
        self.show()

    def text_of(self, index: int) -> str:
        return self._file.line(index + 1) if self._file is not None else ""

    # -- rows

    def count(self) -> int:
        return len(self._file.lines) if self._file is not None else 0

    def lines(self, width: int, height: int) -> list[Line]:
        left = self._left()
        rows = self._body(width - left, height)
        if not left:
            return rows
        rows += [Line()] * (height - len(rows))
        return [self._separator(left).join(row.exactly(width - left, self.theme["text"])) for row in rows]

    def _body(self, width: int, height: int) -> list[Line]:
        self.update_rows()
        if self._file is None:
            return self._nothing(width)
        if not self._file.lines:
            return self._without_source(width)
        self.cursor = min(max(self.cursor, 0), self.count() - 1)
        self._keep_in_view(self.count())
        self._highlighted = self._file.highlighted(self.top + 1, self.top + height, self.theme)
        return [self.row(index, width) for index in range(self.top, min(self.count(), self.top + height))]

    def update_rows(self) -> None:
        view = self.desk.view
        frame = view.frame
        if frame is None:
            self._file = None
            return
        here = (view.position, frame.call, frame.code.file)
        if here != self._shown:
            if self._shown is None or here[1:] != self._shown[1:]:
                self._keep_around(frame.line)
            self._shown = here
            self._file_id = frame.code.file
            self._file = self.desk.sources.file(frame.code.file)
            self.cursor = max(0, frame.line - 1)
        self._hits = self.desk.sources.hits(self._file_id)
        self._stops = self.debugger.stops.lines_of(self._file_id)

    def _keep_around(self, line: int) -> None:
        """In another frame, its line doesn't stand at the very edge: what is around it is of interest there."""
        height = self.body_height
        if not self.top + _AROUND < line <= self.top + height - _AROUND:
            self.top = max(0, line - 1 - height // 3)

    def row(self, index: int, width: int) -> Line:
        assert self._file is not None
        number = index + 1
        theme = self.theme
        frame = self.desk.view.frame
        current = frame is not None and frame.line == number
        never = number in self._file.statements and not self._hits.get(number) and not self.desk.is_growing
        line = Line()
        stop = self._stops.get(number)
        if stop is None:
            line.add(" ", theme["text"])
        else:
            line.add("*" if stop else "o", theme["breakpoint" if stop else "breakpoint_off"])
        ran = not current and not never and frame is not None and self._ran_here(frame, number)
        if current or never or not ran:
            line.add(">" if current else "-" if never else " ", theme["pointer" if current else "faint"])
        else:
            line.add(_RAN_ASCII if self.desk.ascii_only else _RAN, theme["ran"])
        if self.show_hits and width >= _NARROW:
            hits = self._hits.get(number)
            line.add(f"{_short_number(hits) if hits else '':>5} ", theme["faint"])
        # Only the gutter of the current line is lit: to light the whole row costs a kilobyte at each step.
        line.add(f"{number:>4}", theme["current" if current else "number_never" if never else "number"]).add(" ", theme["text"])
        text = self._text(number, never)
        if current and frame is not None:
            text = _marked(text, frame, self._file.line(number), theme["range"])
        if self.shift:
            text = list(Strip(text).crop(self.shift))
        line.extend(text)
        if line.width > width:
            line.exactly(width - 1, theme["text"]).add("…", theme["faint"])
        self._inline(line, number, frame, width)
        if index == self.cursor and self.is_active and not current:
            line.exactly(width, theme["text"]).over(theme["selected"])
        return line

    def _text(self, number: int, never: bool) -> list[Segment]:
        segments = self._highlighted.get(number, [])
        return [Segment(segment.text, self.theme["never"]) for segment in segments] if never else segments

    def _inline(self, line: Line, number: int, frame: Frame | None, width: int) -> None:
        """The values of what a line binds, at its end, where it ran in this call."""
        room = width - line.width - _INLINE_GAP
        if frame is None or self._file is None or room < 8:
            return
        if not self._is_of(frame, number):
            return
        names = [name for name in self._file.stores(number) if name in frame.locals and self._is_owner(frame, number, name)]
        if not names:
            return
        changed = self.desk.view.changed
        shown = ", ".join(f"{name} = {frame.locals[name].text}" for name in names)
        style = self.theme["inline_changed" if any(name in changed for name in names) else "inline"]
        line.add(" " * _INLINE_GAP, self.theme["text"]).add(shortened(f"# {shown}", room), style)

    def _is_owner(self, frame: Frame, number: int, name: str) -> bool:
        """Whether the value that a variable has now was given to it by a line: a value never stands beside another one's line."""
        assert self._file is not None
        first = frame.code.first_line
        if number == first and name not in frame.arguments:
            return False
        write = self.desk.ages.last_write(self.desk.view.position, self.desk.stack_index, frame.call, name)
        if write is None or write.event < 0:
            return False
        if not write.line:
            return number == first
        return number <= write.line and self._file.last_store(name, write.line) == number

    def _ran_here(self, frame: Frame, number: int) -> bool:
        """Whether a line ran in the frame's call, up to now."""
        if frame.code.file != self._file_id or number not in self.debugger.lines_of_code(frame.code.id):
            return False
        return self._ran.has_run(frame, number, self.desk.view.position)

    def _is_of(self, frame: Frame, number: int) -> bool:
        """Whether a line is of the frame's own code: it ran there, or begins it."""
        return number == frame.code.first_line or number in self.debugger.lines_of_code(frame.code.id)

    def _nothing(self, width: int) -> list[Line]:
        texts = ["Nothing of the program's own code ran.", ""]
        if next(self.desk.run.outputs(), None) is not None:
            texts += ["What it printed is in the output: 6", ""]
        texts.append("If other code is meant: recorded with --all, or with --include, there is more of it.")
        return [Line().add(piece, self.theme["text"]) for text in texts for piece in wrapped(text, width)]

    def _without_source(self, width: int) -> list[Line]:
        frame = self.desk.view.frame
        assert frame is not None
        assert self._file is not None
        why = "The source of this file was not recorded." if self._file.text is None else "This file is empty."
        return [
            Line().cut(f"{short(frame.file)}:{frame.line} in {frame.function}", self.theme["text"], width),
            Line(),
            Line().cut(why, self.theme["muted"], width),
        ]

    # -- moving

    def length_of(self, index: int) -> int:
        return len(self.text_of(index))

    def enter(self) -> None:
        self.debugger.perform("here")

    def on_click(self, event: Click) -> None:
        event.prevent_default()  # Textual would have the base class handle it once more
        super().on_click(event)
        if self._left() <= event.x < self._left() + _GUTTER and self.top + event.y < self.count() and event.chain == 1:
            self.debugger.perform("breakpoint")


def _marked(segments: list[Segment], frame: Frame, source: str, style: Style) -> list[Segment]:
    """Lay a style over the expression that is being evaluated: PEP 657 columns count bytes of UTF-8."""
    if frame.column is None or frame.end_column is None:
        return segments
    data = source.encode("utf-8", "surrogatepass")
    same_line = frame.end_line is None or frame.end_line == frame.line
    start = len(data[: frame.column].decode("utf-8", "ignore"))
    stop = len(data[: frame.end_column].decode("utf-8", "ignore")) if same_line else len(source)
    if not start < stop or (start <= len(source) - len(source.lstrip()) and stop >= len(source.rstrip())):
        return segments  # the whole line: the marker says as much
    if not source.isprintable():
        return segments  # pictures of characters shift the columns
    found: list[Segment] = []
    at = 0
    for segment in segments:
        text, own = segment.text, segment.style or Style()
        end = at + len(text)
        for low, high, inside in ((at, start, False), (max(at, start), min(end, stop), True), (max(at, stop), end, False)):
            low, high = max(low, at), min(high, end)
            if low < high:
                found.append(Segment(text[low - at : high - at], own + style if inside else own))
        at = end
    return found


def _short_number(number: int) -> str:
    """At most five characters: 12, 4.1k, 210k, 12M."""
    if number < 10_000:
        return str(number)
    for unit, size in (("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000)):
        if number < size * 1000:
            return f"{number / size:.0f}{unit}" if number >= size * 100 else f"{number / size:.1f}{unit}"
    return "many"
