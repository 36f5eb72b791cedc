"""The rows above and below the panes: where we are, what was said, what can be done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from textual._compositor import LayoutUpdate
from textual.events import Click
from textual.geometry import Region

from tttui.tui.desk import Desk
from tttui.tui.exact import exact
from tttui.tui.lines import Line, ending, wrapped
from tttui.tui.panes.base import Strips

_APART: Final = 3
"""Columns between where we are and what the recording is."""
_NAME: Final = 8
"""Columns below which the name of the recording says nothing."""


class Header(Strips):
    """The recording, the place, the step; below it a rule."""

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(desk, name)
        self._junctions: tuple[int, ...] = ()
        self.is_old_source = False
        """Whether the file that is shown is another one on disk by now."""
        self.state = ""
        """What there is to say about the recording: that it grows, that it was cut short."""

    def set_junctions(self, columns: tuple[int, ...]) -> None:
        """Where separators of the panes below meet the rule."""
        self._junctions = columns

    def lines(self, width: int, height: int) -> list[Line]:
        view = self.desk.view
        theme = self.theme
        step = f"step {view.position:,} / {max(view.events - 1, 0):,} "
        if width >= 150 and view.events > 1:
            step = f"{step} {view.position / (view.events - 1):.1%} "
        right = Line()
        if self.state and width >= 100:
            right.add(f"{self.state}   ", theme["muted"])
        if width >= 150 and view.moment is not None:
            right.add(f"{view.moment.time_ns / 1e9:.4f} s   ", theme["muted"])
        right.add(step, theme["header"])
        room = max(0, width - right.width - _APART)
        left = Line().add(" tttui ", theme["header_name"]).add(" ", theme["text"])
        badges = self._entered() + ("  the file has changed since" if self.is_old_source else "")
        # Where we are matters more than what the recording is called.
        for_name = min(room - left.width - cell_len(view.place) - cell_len(badges) - 2, max(room // 3, _NAME))
        if for_name >= _NAME:
            # Its end tells more than its beginning, which is the day.
            left.add(ending(self.desk.run.path.name, for_name), theme["muted"]).add("  ", theme["text"])
        left.cut(view.place, theme["header"], room - left.width)
        left.cut(badges, theme["badge"], room - left.width)
        if width >= 120 and view.moment is not None:
            left.cut(f"   {view.moment.kind}", theme["muted"], room - left.width)
        rule = "".join("┬" if column in self._junctions else "─" for column in range(width))
        return [left.to(width - right.width, theme["text"]).join(right), Line().add(rule, theme["rule"])]

    def _entered(self) -> str:
        """The moment whose real objects there are, empty where there is none."""
        moment = self.desk.session.entered
        if moment is None:
            return ""
        where = "" if moment.event == self.desk.view.position else f" at {moment.event:,}"
        return f"  {'changed' if moment.changed else 'entered'}{where}"


class Status(Strips):
    """What the last move says; or a problem. What there is no room for stands in the last row, in place of the keys."""

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(desk, name)
        self._text = ""
        self._problem = False
        self._rest = ""
        self.told: Callable[[], None] | None = None
        """Told when there may be another text, or another rest of it."""

    @property
    def text(self) -> str:
        return self._text

    @property
    def is_problem(self) -> bool:
        return self._problem

    @property
    def rest(self) -> str:
        """What there was no room for, empty where there is none."""
        return self._rest if self.display else ""

    @property
    def role(self) -> str:
        return "problem" if self._problem else "status"

    def say(self, text: str, *, problem: bool = False) -> None:
        self._text, self._problem, self._rest = text, problem, ""
        self.show()
        if self.told is not None:
            self.told()

    def show(self) -> None:
        before = self._rest
        super().show()
        if self.told is not None and self._rest != before:
            self.told()  # as soon as it has its size, be that later than its text

    def lines(self, width: int, height: int) -> list[Line]:
        shown, *more = wrapped(self._text[: 4 * width], width - 2)
        self._rest = " ".join(more)
        return [self._line(shown, self.role, width)]

    def _line(self, text: str, role: str, width: int) -> Line:
        return Line().add(" ", self.theme["text"]).cut(text, self.theme[role], width - 2)

    def draw_at_once(self, text: str) -> None:
        """Straight onto the terminal, in any thread, where the screen isn't drawn meanwhile; `repaint` puts the right text there again."""
        width, height = self.app.size
        row = self._line(text, "status", width).strip(width, self.theme["text"])
        drawn = exact(LayoutUpdate([[row]], Region(0, height - 2, width, 1))).render_segments(self.app.console)
        driver = self.app._driver
        if driver is not None:
            driver.write(drawn)
            driver.flush()


@dataclass(frozen=True)
class Hint:
    """An action, and the same backwards, with their keys."""

    action: str
    key: str
    back: str
    back_key: str
    text: str


class Footer(Strips):
    """Keys and what they do, as many as there is room for; what can't be done here is grey. A click does it.

    Instead of them the rest of a long message, until the next key; or what Tab offers.
    """

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(desk, name)
        self._hints: Sequence[Hint] = ()
        self._offered: Sequence[str] = ()
        self._clickable: list[tuple[int, int, str]] = []
        """(first column, column behind the last, action)"""

    def set_hints(self, hints: Sequence[Hint]) -> None:
        self._hints = hints
        self.show()

    def offer(self, words: Sequence[str]) -> None:
        """Show what a word that is typed could become, instead of the keys; nothing: the keys again."""
        self._offered = words
        self.show()

    def lines(self, width: int, height: int) -> list[Line]:
        theme = self.theme
        can = self.debugger.can
        line = Line().add(" ", theme["text"])
        self._clickable = []
        if self._offered:
            return [line.cut("  ".join(self._offered), theme["hint"], width - 2)]
        status = self.debugger.status
        if status.rest:
            return [line.cut(status.rest, theme[status.role], width - 2)]
        end = "? help "
        for hint in self._hints:
            keys = f"{hint.key}/{hint.back_key}" if hint.back_key else hint.key
            if line.width + len(keys) + len(hint.text) + 3 + len(end) > width:
                break
            start = line.width
            line.add(hint.key, theme["key" if can(hint.action) else "faint"])
            if hint.back_key:
                line.add("/", theme["hint"])
                self._clickable.append((line.width, line.width + len(hint.back_key), hint.back))
                line.add(hint.back_key, theme["key" if can(hint.back) else "faint"])
            line.add(f" {hint.text}  ", theme["hint"])
            self._clickable.append((start, line.width - 1, hint.action))
        line.to(width - len(end), theme["text"])
        self._clickable.append((line.width, width, "help"))
        return [line.add("?", theme["key"]).add(" help ", theme["hint"])]

    def on_click(self, event: Click) -> None:
        for start, stop, action in self._clickable:
            if start <= event.x < stop:
                self.debugger.perform(action)
                return


class Notice(Strips):
    """Instead of everything: that the terminal is too small."""

    def lines(self, width: int, height: int) -> list[Line]:
        texts = ("This terminal is too small.", f"It has {width}×{height}; tttui needs 60×15.", "Make it larger, or press q.")
        return [Line().cut(text, self.theme["text"], width) for text in texts]
