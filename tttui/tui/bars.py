"""The rows above and below the panes: where we are, what was said, what can be done."""

from collections.abc import Sequence

from tttui.tui.desk import Desk
from tttui.tui.lines import Line
from tttui.tui.panes.base import Strips


class Header(Strips):
    """The recording, the place, the step; below it a rule."""

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(desk, name)
        self._junctions: tuple[int, ...] = ()
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
        room = max(0, width - right.width - 1)
        left = Line().add(" tttui ", theme["header_name"]).cut(f" {self.desk.run.path.name}  ", theme["muted"], max(0, room // 3))
        left.cut(view.place, theme["header"], room - left.width)
        if width >= 120 and view.moment is not None:
            left.cut(f"   {view.moment.kind}", theme["muted"], room - left.width)
        rule = "".join("┬" if column in self._junctions else "─" for column in range(width))
        return [left.to(width - right.width, theme["text"]).extend(right.strip(right.width)), Line().add(rule, theme["rule"])]


class Status(Strips):
    """What the last move says; or a problem."""

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(desk, name)
        self._text = ""
        self._problem = False

    @property
    def text(self) -> str:
        return self._text

    @property
    def is_problem(self) -> bool:
        return self._problem

    def say(self, text: str, *, problem: bool = False) -> None:
        self._text, self._problem = text, problem
        self.show()

    def lines(self, width: int, height: int) -> list[Line]:
        return [Line().add(" ", self.theme["text"]).cut(self._text, self.theme["problem" if self._problem else "status"], width - 2)]


class Footer(Strips):
    """Keys and what they do, as many as there is room for."""

    def __init__(self, desk: Desk, name: str, hints: Sequence[tuple[str, str]]) -> None:
        super().__init__(desk, name)
        self._hints = hints

    def set_hints(self, hints: Sequence[tuple[str, str]]) -> None:
        self._hints = hints
        self.show()

    def lines(self, width: int, height: int) -> list[Line]:
        line = Line().add(" ", self.theme["text"])
        end = "? help "
        for keys, text in self._hints:
            if line.width + len(keys) + len(text) + 3 + len(end) > width:
                break
            line.add(keys, self.theme["key"]).add(f" {text}  ", self.theme["hint"])
        line.to(width - len(end), self.theme["text"])
        return [line.add("?", self.theme["key"]).add(" help ", self.theme["hint"])]


class Notice(Strips):
    """Instead of everything: that the terminal is too small."""

    def lines(self, width: int, height: int) -> list[Line]:
        texts = ("This terminal is too small.", f"It has {width}×{height}; tttui needs 60×15.", "Make it larger, or press q.")
        return [Line().cut(text, self.theme["text"], width) for text in texts]
