"""What all panes have in common: rows that are kept, of which only those that changed are drawn again."""

from typing import TYPE_CHECKING, ClassVar, Final

from textual.events import Click, MouseDown, MouseScrollDown, MouseScrollUp, MouseUp, Resize
from textual.strip import Strip
from textual.widget import Widget

from tttui.tui.layouts import PANES
from tttui.tui.lines import Line, differences
from tttui.tui.theme import Theme
from tttui.tui.unbroken import Unbroken

if TYPE_CHECKING:
    from tttui.tui.app import Debugger
    from tttui.tui.desk import Desk

_WHEEL: Final = 3
_SHIFT: Final = 8
_WIDEST: Final = 400


class Strips(Unbroken, Widget):
    """A widget whose rows are strips: `show` asks for all of them, and has those drawn that are others than before."""

    def __init__(self, desk: "Desk", name: str) -> None:
        super().__init__(id=name)
        self.desk = desk
        self._rows: list[Strip] = []

    @property
    def theme(self) -> Theme:
        return self.desk.theme

    @property
    def debugger(self) -> "Debugger":
        """The application, by its own type."""
        from tttui.tui.app import Debugger

        assert isinstance(self.app, Debugger)
        return self.app

    @property
    def is_filled(self) -> bool:
        """Whether it has the rows of its present size."""
        return len(self._rows) == self.size.height > 0

    def lines(self, width: int, height: int) -> list[Line]:
        """At most so many rows."""
        raise NotImplementedError

    def show(self) -> None:
        """Bring the rows up to date."""
        width, height = self.size
        if not self.display or not width or not height:
            return
        base = self.theme["text"]
        rows = [line.strip(width, base) for line in self.lines(width, height)[:height]]
        rows += [Line().strip(width, base)] * (height - len(rows))
        before = self._rows
        self._rows = rows
        if len(before) != len(rows) or (before and before[0].cell_length != width):
            self.refresh()
            return
        regions = [region for y, row in enumerate(rows) for region in differences(before[y], row, y)]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        # May be asked for before the first `show`, or after a resize.
        return self._rows[y] if y < len(self._rows) else Strip.blank(self.size.width, self.theme["text"])

    def on_resize(self, event: Resize) -> None:
        self.show()

    def repaint(self) -> None:
        """Draw all rows again: for another theme."""
        self._rows = []
        self.show()
        self.refresh()


class Pane(Strips, can_focus=True):
    """A list with a title row, a selected row and vi's motions. Where it doesn't stand at the left edge, its first column is a rule."""

    TOP: ClassVar[int] = 2
    """The first row below the header."""
    LOOKED_AT: ClassVar[int] = 5_000
    """Rows in which a text is looked for at once: they may have to be made for it."""
    TITLE: ClassVar[str] = ""
    HELP: ClassVar[str] = ""
    """What can be done in it, for `?`: keys as the names of their actions, in braces."""

    TITLE_ROWS: ClassVar[int] = 1

    def __init__(self, desk: "Desk", name: str) -> None:
        super().__init__(desk, name)
        self.top = 0
        self.cursor = 0
        self.shift = 0
        """Columns of its texts that stand left of the pane."""
        self.sought = ""
        """The text that was looked for in it last."""
        self._grip = ""
        """What the mouse has hold of: the rule at the left, or the row at the top."""

    # -- what it shows

    def count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def row(self, index: int, width: int) -> Line:
        """One of them."""
        raise NotImplementedError

    def note(self) -> str:
        """What stands at the right of the title."""
        return ""

    def update_rows(self) -> None:
        """Called before the rows are asked for: the place to gather them."""

    # -- drawing

    @property
    def body_height(self) -> int:
        return max(1, self.size.height - self.TITLE_ROWS)

    @property
    def is_active(self) -> bool:
        return self.debugger.active is self

    def lines(self, width: int, height: int) -> list[Line]:
        self.update_rows()
        left = self._left()
        inner = width - left
        count = self.count()
        self.cursor = min(max(self.cursor, 0), max(count - 1, 0))
        self._keep_in_view(count)
        rows = [self._separator(left).join(self.title_line(inner).exactly(inner, self.theme["text"]))]
        for index in range(self.top, min(count, self.top + self.body_height)):
            line = self.row(index, inner)
            if index == self.cursor and self.is_active:
                line.exactly(inner, self.theme["text"]).over(self.theme["selected"])
            rows.append(self._separator(left).join(line.exactly(inner, self.theme["text"])))
        while left and len(rows) < height:
            rows.append(self._separator(left))
        return rows

    def _left(self) -> int:
        return 1 if self.region.x > 0 else 0

    def _separator(self, left: int) -> Line:
        return Line().add("│", self.theme["rule"]) if left else Line()

    def title_line(self, width: int) -> Line:
        return self._titled(self.TITLE, self.note(), width)

    def _titled(self, title: str, note: str, width: int) -> Line:
        """A title, and a note at the right; a rule between them where the pane reaches the left edge."""
        style = self.theme["title_focused" if self.is_active else "title"]
        filler = "─" if self.region.x == 0 and self.region.y > self.TOP else " "
        shown = Line().cut(note, self.theme["muted"], max(0, width - 14) if note else 0)
        line = Line()
        if filler != " ":
            line.add(filler, self.theme["rule"]).add(" ", self.theme["text"])
        if self.id in PANES:
            line.add(f"{PANES.index(self.id) + 1} ", self.theme["faint"])  # the key that goes to it
        line.cut(title, style, width - line.width - shown.width - 2)
        line.add(" ", self.theme["text"]).add(filler * max(0, width - line.width - shown.width - 1), self.theme["rule"])
        return line.to(width - shown.width, self.theme["text"]).join(shown) if note else line

    def _keep_in_view(self, count: int) -> None:
        height = self.body_height
        if self.cursor < self.top or self.cursor >= self.top + height:
            self.top = self.cursor - height // 3
        self.top = max(0, min(self.top, count - height))

    # -- moving in it

    def motion(self, name: str, count: int) -> None:
        """One of vi's motions: up, down, page_up, page_down, first, last."""
        half = max(1, self.body_height // 2)
        steps = {"up": -count, "down": count, "page_up": -half * count, "page_down": half * count}
        if name == "first":
            self.cursor = 0
        elif name == "last":
            self.cursor = max(self.count() - 1, 0)
        elif name in steps:
            before = self.cursor
            self.cursor = min(max(self.cursor + steps[name], 0), max(self.count() - 1, 0))
            if self.cursor == before and self.count():
                self.debugger.say("the first row" if steps[name] < 0 else "the last row")
        self.show()

    def text_of(self, index: int) -> str:
        """What a row says, however wide the pane is."""
        return self.row(index, _WIDEST).text

    def find(self, text: str, *, back: bool = False, stay: bool = False) -> bool:
        """Select the next row (with `stay` this one, too) that says a text, going round at the ends; whether there is one."""
        count = self.count()
        wanted = text.lower()
        for step in range(0 if stay else 1, min(count, self.LOOKED_AT) + 1 if count else 0):
            index = (self.cursor + (-step if back else step)) % count
            if wanted in self.text_of(index).lower():
                self.cursor = index
                self.show()
                return True
        return False

    def enter(self) -> None:
        """Do what the selected row is for."""

    def toggle(self) -> None:
        """Fold or unfold the selected row; where there is nothing to fold, the same as `enter`."""
        self.enter()

    def fold(self, count: int) -> None:
        """H and ←: what is cut off at the left."""
        self._shift_to(self.shift - _SHIFT * count)

    def unfold(self, count: int) -> None:
        """L and →: what is cut off at the right."""
        self._shift_to(self.shift + _SHIFT * count)

    def length_of(self, index: int) -> int:
        """Columns of a row's text that can be shifted; 0 where it can't."""
        return 0

    def _shift_to(self, column: int) -> None:
        rows = range(self.top, min(self.count(), self.top + self.body_height))
        self.shift = max(0, min(column, max(map(self.length_of, rows), default=0) - _SHIFT))
        self.show()

    # -- mouse

    def on_mouse_down(self, event: MouseDown) -> None:
        if self._left() and event.x == 0:
            self._grip = "left"
        elif self.TITLE_ROWS and event.y == 0 and self.region.y > self.TOP:
            self._grip = "top"
        if self._grip:
            self.capture_mouse()

    def on_mouse_up(self, event: MouseUp) -> None:
        """What was taken hold of goes to where the mouse was let go: the pane is larger or smaller by so much."""
        grip, self._grip = self._grip, ""
        if not grip:
            return
        self.release_mouse()
        wider = self.region.x - event.screen_x if grip == "left" else 0
        taller = self.region.y - event.screen_y if grip == "top" else 0
        if wider or taller:
            self.debugger.resize_by(self.id or "", wider, taller)

    def on_click(self, event: Click) -> None:
        self.debugger.activate(self)
        index = self.top + event.y - self.TITLE_ROWS
        if event.y < self.TITLE_ROWS:
            if event.chain > 1:
                self.debugger.maximise()
        elif index < self.count():
            self.cursor = index
            self.show()
            if event.chain > 1:
                self.enter()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        self.motion("down", _WHEEL)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self.motion("up", _WHEEL)
