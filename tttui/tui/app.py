"""The application: puts the panes on the screen, takes keys to actions, and has the present moment shown."""

import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from rich.console import RenderableType
from textual._compositor import CompositorUpdate, LayoutUpdate
from textual._xterm_parser import XTermParser
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.events import AppBlur, AppFocus, Key, Resize
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from tttui.errors import TttuiError
from tttui.tui import keymaps, moments
from tttui.tui.actions import ACTIONS, BY_NAME, FOOTER, shown_keys
from tttui.tui.arranging import Arranging
from tttui.tui.asking import Asking
from tttui.tui.bars import Footer, Header, Hint, Notice, Status
from tttui.tui.counting import Counting
from tttui.tui.desk import Desk
from tttui.tui.dressing import Dressing
from tttui.tui.exact import exact
from tttui.tui.garbage import Garbage
from tttui.tui.guard import is_terminal_gone
from tttui.tui.hits import Hits
from tttui.tui.interrupting import AttentiveDriver, Interruption
from tttui.tui.memory import Memory
from tttui.tui.moving import Moving
from tttui.tui.panes.base import Pane, Strips
from tttui.tui.panes.calls import CallsPane
from tttui.tui.panes.locals import LocalsPane
from tttui.tui.panes.output import OutputPane
from tttui.tui.panes.results import ResultsPane
from tttui.tui.panes.source import SourcePane
from tttui.tui.panes.stack import StackPane
from tttui.tui.panes.stops import StopsPane
from tttui.tui.panes.threads import ThreadsPane
from tttui.tui.panes.timeline import GRAPHS, TimelinePane
from tttui.tui.prompt import Prompt
from tttui.tui.spare import FIRST, LATER
from tttui.tui.stops import Stops
from tttui.tui.telling import Telling
from tttui.tui.theme import Theme
from tttui.tui.truths import Truths
from tttui.tui.unbroken import Unbroken

_FOLLOW_EVERY: Final = 1.0
_IN_BRACES: Final = re.compile(r"\{(\w+)\}")
_SOON: Final = 0.005
_TRIES: Final = 400
"""How often it is looked, so many seconds apart, whether all panes have their rows, before the first screen is sent."""


class Debugger(Unbroken, Asking, Arranging, Moving, Counting, Telling, Dressing, App[int]):
    """One recording on the screen."""

    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False
    CSS: ClassVar[str] = """
    Screen { background: $background; overflow: hidden; layers: base; }
    Screen > * { position: absolute; background: $background; }
    #prompt { border: none; padding: 0; height: 1; color: $foreground; }
    #prompt .input--selection { background: $background 0%; text-style: reverse; }
    #prompt:focus { border: none; background-tint: $background 0%; }
    """
    ESCAPE_TO_MINIMIZE: ClassVar[bool] = False

    def __init__(
        self, run: Any, position: int, theme: Theme, *, notice: str = "", ascii_only: bool = False,
        preset: str = "default", own_keys: dict[str, str] | None = None, memory: Memory | None = None, live: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.animation_level = "none"
        self.desk = Desk(run, position, theme, ascii_only=ascii_only)
        self.live = live
        """Whether the program of the recording is paused, and waits for this viewer to end."""
        self.desk.session.live = live
        self.driver_class = AttentiveDriver
        self.interruption = Interruption()
        self._key = ""
        """The one that was pressed last."""
        self.stops = Stops(self.desk)
        self.hits = Hits(self.desk, self.stops)
        self.truths = Truths(self)
        self.key_map, self._problems = keymaps.keys(preset, own_keys)
        self._notice = notice
        self._painting = False
        self._catching_up = False
        self.desk.spare.told = self._fall_behind
        self._code_lines: dict[int, frozenset[int]] = {}
        self._code_lines_at = -1
        """Of a recording of so many events."""
        self.memory = memory or Memory()
        self._opening = True
        self.goes_on: tuple[Path, int] | None = None
        """The recording that is looked at next, and where."""
        self.typed_ahead = ""
        """What was typed before there was anything to see."""
        self._guard = 0
        self._garbage = Garbage()
        self._paints = 0
        desk = self.desk
        self.header = Header(desk, "header")
        self.status = Status(desk, "status")
        self.footer = Footer(desk, "footer")
        self.notice = Notice(desk, "notice")
        self.prompt = Prompt()
        self.prompt_sign = Status(desk, "sign")
        self.source = SourcePane(desk, "source")
        self.locals = LocalsPane(desk, "locals")
        self.stack = StackPane(desk, "stack")
        self.timeline: TimelinePane = TimelinePane(desk, "timeline")
        self.calls = CallsPane(desk, "calls")
        self.output = OutputPane(desk, "output")
        self.stops_pane = StopsPane(desk, "stops")
        self.results = ResultsPane(desk, "results")
        self.threads = ThreadsPane(desk, "threads")
        self.panes: dict[str, Pane] = {
            "source": self.source, "locals": self.locals, "stack": self.stack, "timeline": self.timeline, "calls": self.calls,
            "output": self.output, "stops": self.stops_pane, "results": self.results, "threads": self.threads,
        }  # fmt: skip
        self.status.told = self.footer.show
        self.prompt.offers = self.footer.offer
        self._strips: tuple[Strips, ...] = (self.header, *self.panes.values(), self.status, self.footer, self.notice)
        self.active: Pane = self.source
        self.wear(theme)
        self._bindings.key_to_bindings.clear()  # Textual has some of its own
        for action in ACTIONS:
            for key in self.key_map[action.name]:
                self._bindings.key_to_bindings.setdefault(key, []).append(
                    Binding(key, f"perform('{action.name}')", action.short, show=False, priority=True, id=action.name)
                )
        self.footer.set_hints(self._hints())
        if self.memory.graph in GRAPHS:
            self.timeline.graph = self.memory.graph
        self.locals.by_age = self.memory.by_age

    # -- start

    def leave_with_parent(self) -> None:
        """Leave when the parent that guards the terminal is gone."""
        self._guard = os.getppid()
        self.interruption.listen()

    def widgets(self) -> Iterator[Widget]:
        """Everything that has a place on the screen."""
        yield from (*self._strips, self.prompt_sign, self.prompt)

    def compose(self) -> ComposeResult:
        yield from self.widgets()

    def on_mount(self) -> None:
        self._begin_batch()
        self.desk.look()
        if not self.desk.run.events and next(self.desk.run.outputs(), None) is not None:
            self._wide = "output"  # all that there is to see
        self.arrange()
        self.active = self.source
        self.give_keys_to(self.active)
        self.header.state = self.state_of_recording()
        self.say(self.first_words())
        self.call_after_refresh(self._when_all_is_there, _TRIES)
        if self._guard:
            self.set_interval(_FOLLOW_EVERY, self._look_around)
        if self.desk.run.meta.get("state") == "recording":
            self.set_interval(_FOLLOW_EVERY, self.follow)

    def _when_all_is_there(self, tries: int) -> None:
        """Send the first screen once every pane has its size and its rows: as a whole, and once."""
        if tries and any(strips.display and not strips.is_filled for strips in self._strips):
            self.set_timer(_SOON, partial(self._when_all_is_there, tries - 1))
        else:
            self._end_batch()
            self.screen.refresh()
            if self._guard:
                self.call_after_refresh(self._garbage.begin)
            self.call_after_refresh(moments.look, self)
            self._take_what_was_typed()

    def _take_what_was_typed(self) -> None:
        if self.typed_ahead:
            parser = XTermParser()
            for event in [*parser.feed(self.typed_ahead), *parser.tick()]:
                self.post_message(event)

    def _look_around(self) -> None:
        """Every second: whether the parent and the terminal are there, whether there is time for the garbage, and where we have come to."""
        if os.getppid() != self._guard or is_terminal_gone():
            self.exit(1)
        self.desk.session.say_where()
        self._garbage.pause(self._paints)

    def on_resize(self, event: Resize) -> None:
        self.arrange(event.size)
        self.call_after_refresh(self.paint)
        if not self.is_opening:
            # What was on its way to a larger screen came to stand on the smaller one: nothing on it is known any more.
            self.call_after_refresh(self.redraw)

    # -- painting

    def look_again(self) -> None:
        """Take in the present moment and show it, once what is waiting was done: a key held down paints the latest alone."""
        if not self._painting:
            self._painting = True
            self.call_later(self._look)

    def _look(self) -> None:
        self._painting = False
        try:
            self.desk.look()
        except TttuiError as error:
            self.problem(error)
        self.paint()

    def paint(self, budget: float = FIRST) -> None:
        """Have all panes show what changed."""
        self._paints += 1
        self.desk.spare.begin(budget)
        self.header.is_old_source = self.source.differs_on_disk()
        for strips in self._strips:
            if strips.display:
                try:
                    strips.show()
                except TttuiError as error:
                    if strips is not self.status:
                        self.problem(error)

    @property
    def is_opening(self) -> bool:
        """Whether nothing has been shown yet."""
        return self._opening

    @property
    def is_behind(self) -> bool:
        """Whether something is still to be found and shown."""
        return self._catching_up or self._painting

    def _fall_behind(self) -> None:
        """What takes longer is found between the keys, once what there is stands on the screen."""
        if not self._catching_up:
            self._catching_up = True
            self.call_after_refresh(self._catch_up)

    def _catch_up(self) -> None:
        self._catching_up = False
        if not self._painting:
            self.paint(LATER)

    def say(self, text: str) -> None:
        """A word on the status line."""
        self.status.say(text)

    def problem(self, error: TttuiError) -> None:
        """What went wrong, on the status line; all the rest goes on."""
        self.status.say(str(error).rstrip("."), problem=True)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if self._opening and renderable is not None and not self._batch_count:
            # Textual sends the first screen twice: as parts, then as a whole.
            if type(renderable) is not LayoutUpdate:
                return
            self._opening = False
        super()._display(screen, exact(renderable) if isinstance(renderable, CompositorUpdate) else renderable)

    # -- what is shown

    def next_graph(self) -> None:
        """Another measure in the timeline, from now on."""
        self.timeline.next_graph()
        self.memory.graph = self.timeline.graph
        self.memory.save()
        self.say(f"the timeline's height: {self.timeline.graph_in_words}")

    def sort_locals(self) -> None:
        """The variables by when they changed, or as they come; from now on."""
        self.memory.by_age = self.locals.by_age = not self.locals.by_age
        self.memory.save()
        self.desk.spare.begin()
        self.locals.show()
        self.say("the locals: what changed last comes first" if self.locals.by_age else "the locals: in the order in which they were bound")

    # -- what panes ask

    def lines_of_code(self, code: int) -> frozenset[int]:
        """The lines of a code object that ran at some time; while it is being recorded those that may have, for it isn't counted yet."""
        run = self.desk.run
        if self.desk.is_growing:
            return self.desk.sources.file(run.code(code).file).statements
        if self._code_lines_at != run.events:
            self._code_lines_at = run.events
            found: dict[int, set[int]] = {}
            for id_, line, hits in run.line_hits():
                if hits:
                    found.setdefault(id_, set()).add(line)
            self._code_lines = {id_: frozenset(lines) for id_, lines in found.items()}
        return self._code_lines.get(code, frozenset())

    # -- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "perform" and self.prompt.question is not None:
            return False  # what is typed goes to the prompt
        return not (action == "perform" and self.awaits_letter)

    async def on_event(self, event: Any) -> None:
        if isinstance(event, Key):
            if self.interruption.is_spent(event):
                return
            self._key = event.key
        if isinstance(event, Key) and not event.is_forwarded and self.prompt.question is None and self.takes(event):
            return
        await super().on_event(event)

    def action_perform(self, name: str) -> None:
        """Carry out the action of a key, so many times as was typed before it."""
        self.perform(name)

    def perform(self, name: str) -> None:
        count = self.counted()
        self.desk.spare.begin()
        action = BY_NAME[name]
        view = self.desk.view
        if action.moves == "back" and view.moment is not None and view.position == 0 and not self._painting:
            self.say("the recording begins here")
            return
        try:
            action.run(self, count)
        except TttuiError as error:
            self.problem(error)

    def close_top(self) -> None:
        """Escape: first the count, then a search, then what covers the rest."""
        if self.is_counting:
            self.forget_count()
            self.say("")
        elif self.searching:
            self.stop_searching()
        elif self.active is self.locals and self.locals.filter:
            self.locals.filter = ""
            self.locals.show()
            self.say("")
        elif not self.close_pane():
            self.say("")

    def show_here(self) -> None:
        frame = self.desk.view.frame
        if frame is not None:
            self.source.jump_to_line(frame.line)

    def remove_row(self) -> None:
        if self.active is self.stops_pane:
            self.stops_pane.remove_row()
            return
        if self.active is self.results:
            self.results.remove_row()
            return
        entry = self.stops.at(self.source.file_path, self.source.cursor_line)
        if entry is None:
            self.say("there is no breakpoint on the cursor line")
        else:
            self.stops.remove(entry)
            self.say(f"breakpoint {entry.number} removed")
            self.paint()

    # -- the prompt

    def give_keys_to(self, widget: Widget) -> None:
        """At once: `Widget.focus` does it later, and takes the keys away again from a prompt that was opened meanwhile."""
        self.screen.set_focus(widget, scroll_visible=False)

    def on_prompt_closed(self, event: Prompt.Closed) -> None:
        if self.prompt.question is None:
            self.footer.offer(())
            self.arrange()
            self.give_keys_to(self.active)
            self.call_after_refresh(self.paint)

    # -- looks

    def key_for(self, name: str) -> str:
        """The first key of an action, empty where it has none."""
        return shown_keys(BY_NAME[name], self.key_map[name][:1])

    def keyed(self, text: str) -> str:
        """A text of ours, with the keys of the actions that it names in braces."""
        return _IN_BRACES.sub(lambda match: self.key_for(match[1]) or BY_NAME[match[1]].short, text)

    def _hints(self) -> list[Hint]:
        def key(name: str) -> str:
            return self.key_for(name) if name else ""

        return [Hint(name, key(name), back := BY_NAME[name].back, key(back), BY_NAME[name].short) for name in FOOTER if key(name)]

    def can(self, name: str) -> bool:
        """Whether an action can do anything here."""
        action, view = BY_NAME[name], self.desk.view
        if action.moves:
            return view.moment is not None and (view.position > 0 if action.moves == "back" else view.position < view.events - 1)
        history = self.desk.navigator.history
        if name in ("up", "down"):
            outer = len(view.moment.stack) - 1 if view.moment is not None else 0
            return view.frame_index < outer if name == "up" else view.frame_index > 0
        if name in ("undo", "redo"):
            return history.at > 0 if name == "undo" else history.at < len(history.jumps) - 1
        return True

    # -- what goes wrong

    def _handle_exception(self, error: Exception) -> None:
        """A mistake of ours ends the viewer. Textual would print a traceback with all variables: recorded text among them."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    @property
    def failed_with(self) -> Exception | None:
        """What ended the viewer, where that was a mistake of ours."""
        return self._exception

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A question that fails is said; all the rest goes on."""
        if event.state is WorkerState.ERROR:
            error = event.worker.error
            self.problem(TttuiError("this can't be answered", f"{type(error).__name__}: {error}"))
            self.results.finish("failed")
            self.results.show()

    # -- session

    def on_app_focus(self, event: AppFocus) -> None:
        event.prevent_default()  # nothing is to be drawn again

    def on_app_blur(self, event: AppBlur) -> None:
        event.prevent_default()

    def redraw(self) -> None:
        for strips in self._strips:
            strips.repaint()
        self.screen.refresh()

    def suspend_viewer(self) -> None:
        self.action_suspend_process()

    def on_unmount(self) -> None:
        self.desk.close()

    def go_on_with(self, path: Path, event: int) -> None:
        """Leave, to look at another recording."""
        self.goes_on = path, event
        self.exit(0)

    def quit(self) -> None:
        self.exit(0)
