"""The list of recordings to choose one from."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.events import AppBlur, AppFocus, Click, Resize
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tttui.errors import TttuiError
from tttui.report.listing import Listed, listing
from tttui.tui import guard
from tttui.tui.exact import exact
from tttui.tui.leaving import TidyDriver
from tttui.tui.lines import Line, differences
from tttui.tui.memory import Memory
from tttui.tui.start import Looks, ask_for_background, background_of, chosen_theme
from tttui.tui.theme import Theme

_HEADING: Final = 2


class Recordings(Widget, can_focus=True):
    """One row for each recording, newest first."""

    def __init__(self, listed: Sequence[Listed], theme: Theme) -> None:
        super().__init__()
        self.listed = listed
        self.looks = theme
        self.cursor = 0
        self.top = 0
        self._rows: list[Strip] = []

    def show(self) -> None:
        width, height = self.size
        body = max(1, height - _HEADING - 1)
        if not self.top <= self.cursor < self.top + body:
            self.top = max(0, self.cursor - body // 3)
        text = self.looks["text"]
        rows = [
            Line().add(" tttui ", self.looks["header_name"]).add(f" {len(self.listed)} recordings, the newest first", self.looks["muted"])
        ]
        rows.append(Line().add("─" * width, self.looks["rule"]))
        for index in range(self.top, min(len(self.listed), self.top + body)):
            line = self._row(self.listed[index], width)
            if index == self.cursor:
                line.exactly(width, text).over(self.looks["selected"])
            rows.append(line)
        rows += [Line()] * (height - len(rows) - 1)
        rows.append(
            Line()
            .add(" Enter", self.looks["key"])
            .add(" open  ", self.looks["hint"])
            .add("j/k", self.looks["key"])
            .add(" choose  ", self.looks["hint"])
            .add("q", self.looks["key"])
            .add(" quit", self.looks["hint"])
        )
        before, self._rows = self._rows, [row.strip(width, text) for row in rows]
        if len(before) != len(self._rows) or before[0].cell_length != width:
            self.refresh()
            return
        regions: list[Region] = [region for y, row in enumerate(self._rows) for region in differences(before[y], row, y)]
        if regions:
            self.refresh(*regions)

    def _row(self, listed: Listed, width: int) -> Line:
        facts = listed.json
        line = Line().add(f" {listed.modified:%Y-%m-%d %H:%M}  ", self.looks["muted"])
        if "error" in facts:
            return line.cut(f"{Path(facts['path']).name}  {facts['error']}", self.looks["problem"], width - line.width)
        command = facts.get("command") or ()
        words = [str(word) for word in command] if isinstance(command, (list, tuple)) else [str(command)]
        shown = " ".join(os.path.basename(word) if index == 0 else word for index, word in enumerate(words))
        exception = facts.get("exception")
        ended = str(exception.get("type", "")) if isinstance(exception, dict) else str(facts.get("ended") or "")
        if ended == "exit":
            ended = f"exit {facts.get('exit_code')}"
        line.column(f"{facts.get('events') or 0:>13,} events  ", self.looks["text"], 23)
        line.column(ended, self.looks["exception" if exception else "muted"], 18).add(" ", self.looks["text"])
        if facts.get("universe_of"):
            line.add("another universe: ", self.looks["muted"])
            shown = str(facts.get("universe_change") or shown)
        return line.cut(shown, self.looks["text"], width - line.width)

    def render_line(self, y: int) -> Strip:
        return self._rows[y] if y < len(self._rows) else Strip.blank(self.size.width, self.looks["text"])

    def on_resize(self, event: Resize) -> None:
        self.show()
        self.app.call_after_refresh(self.app.screen.refresh)  # what was on its way to a larger screen stands on this one

    def on_click(self, event: Click) -> None:
        index = self.top + event.y - _HEADING
        if event.y >= _HEADING and index < len(self.listed):
            self.cursor = index
            self.show()
            if event.chain > 1 and isinstance(self.app, Chooser):
                self.app.action_choose()


class Chooser(App[str]):
    """Chooses a recording."""

    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "go(1)", "down", show=False),
        Binding("up,k", "go(-1)", "up", show=False),
        Binding("pagedown,ctrl+d", "go(10)", "page down", show=False),
        Binding("pageup,ctrl+u", "go(-10)", "page up", show=False),
        Binding("g,home", "go(-1000000)", "first", show=False),
        Binding("G,shift+g,end", "go(1000000)", "last", show=False),
        Binding("enter,space", "choose", "open", show=False),
        Binding("q,escape,ctrl+c,ctrl+q", "leave", "quit", show=False, priority=True),
    ]

    def __init__(self, listed: Sequence[Listed], theme: Theme) -> None:
        super().__init__(ansi_color=theme.ansi or None)
        self.animation_level = "none"
        self.driver_class = TidyDriver
        self.listed = listed
        self.recordings = Recordings(listed, theme)

    def compose(self) -> ComposeResult:
        yield self.recordings

    def on_mount(self) -> None:
        background = self.recordings.looks.colors["background"]
        if not self.recordings.looks.ansi:
            self.recordings.styles.background = background
        self.recordings.focus()

    def action_go(self, step: int) -> None:
        self.recordings.cursor = min(max(self.recordings.cursor + step, 0), max(len(self.listed) - 1, 0))
        self.recordings.show()

    def action_choose(self) -> None:
        if self.listed:
            self.exit(self.listed[self.recordings.cursor].json["path"])

    def action_leave(self) -> None:
        self.exit(None)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, exact(renderable) if isinstance(renderable, CompositorUpdate) else renderable)

    def on_app_focus(self, event: AppFocus) -> None:
        event.prevent_default()

    def on_app_blur(self, event: AppBlur) -> None:
        event.prevent_default()


def chosen(wishes: Looks) -> Path | None:
    """Show the list; the recording that was chosen, None where none was. TttuiError where there is none to choose."""
    found = listing()
    if not found:
        raise TttuiError("No recording yet", "", "tttui script.py records a program, then opens it")
    with tempfile.TemporaryDirectory(prefix="tttui-") as directory:
        answer = Path(directory, "chosen")

        def ask() -> int:
            memory = Memory.of_the_user()
            light, _ = background_of(ask_for_background(wishes.theme, memory))
            theme, _ = chosen_theme(wishes.theme, memory, light=light)
            path = Chooser(found, theme).run(mouse=wishes.mouse)
            if path:
                answer.write_bytes(os.fsencode(path))
            return 0

        guard.run(ask)
        return Path(os.fsdecode(answer.read_bytes())) if answer.exists() else None
