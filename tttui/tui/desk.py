"""`Desk`: what a viewer has on its desk. The recording, where we are in it, and what all panes show of that."""

import os
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tttui.navigation.expressions import EvaluationError, Expression, ExpressionError, compile_expression
from tttui.navigation.names import Names
from tttui.navigation.navigator import Navigator
from tttui.navigation.places import Place, place_of
from tttui.navigation.targets import Target, target_at
from tttui.store.records import Frame, Moment, Value
from tttui.tui.ages import Ages
from tttui.tui.notebook import Notebook
from tttui.tui.sources import Sources
from tttui.tui.spare import SpareTime
from tttui.tui.theme import Theme
from tttui.tui.universes import Universe

if TYPE_CHECKING:
    from tttui.shell.session import Session

_DEPTH: Final = 1
_REMEMBERED_CALLS: Final = 64


@dataclass(frozen=True, slots=True)
class Was:
    """What a variable was when its call was last looked at."""

    value: Value | None
    """None: it was not there."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A watch at this moment."""

    text: str
    value: Value | None
    error: str
    changed: bool


@dataclass(frozen=True)
class View:
    """Everything that the panes show of one moment."""

    position: int
    events: int
    moment: Moment | None
    """None in a recording without events."""
    frame_index: int
    """The selected frame, counted outwards."""
    changed: Mapping[str, Was] = field(default_factory=dict)
    """Variables of the selected frame that are not what they were, and what that was."""
    watches: tuple[Watched, ...] = ()
    backwards: bool = False
    """Whether what was looked at before is later."""

    @property
    def frame(self) -> Frame | None:
        if self.moment is None or not self.moment.stack:
            return None
        return self.moment.stack[max(0, len(self.moment.stack) - 1 - self.frame_index)]

    @property
    def place(self) -> str:
        """``orders.py:86 in total``"""
        frame = self.frame
        return "" if frame is None else f"{os.path.basename(frame.file)}:{frame.line} in {frame.function}"


class Desk:
    """The model of the user interface. It knows no widgets; whoever changes it has them shown again."""

    def __init__(self, run: Any, position: int, theme: Theme, *, ascii_only: bool = False) -> None:
        self.run = run
        self.navigator = Navigator(run, position)
        self.theme = theme
        self.ascii_only = ascii_only
        self.sources = Sources(run)
        self.spare = SpareTime()
        self.ages = Ages(run, self.spare)
        self.notebook = Notebook.beside(run.path)
        self._seen: OrderedDict[int, Mapping[str, Value]] = OrderedDict()
        self._watched: dict[str, str] = {}
        self._session: Session | None = None
        self._watches: dict[str, Expression] = {}
        self.view = View(0, 0, None, 0)
        self.checkpoints: tuple[int, ...] = ()
        """Events at which copies of the program wait,"""
        self.universes: tuple[Universe, ...] = ()
        """and how it went on from a change; both as they were when last looked for."""
        for text in self.notebook.watches:
            self._compile(text)

    @property
    def session(self) -> "Session":
        """What the commands of `tttui shell` work on: the same place in the same recording."""
        if self._session is None:
            from tttui.shell.session import Session

            self._session = Session(self.run, self.navigator.position)
            self._session.navigator = self.navigator
        return self._session

    @property
    def is_growing(self) -> bool:
        """Whether it is still being recorded."""
        return bool(self.run.meta.get("state") == "recording")

    @property
    def lanes(self) -> int:
        """How many threads, tasks and other universes there are."""
        return len(self.run.threads()) + len(self.run.tasks()) + len(self.universes)

    def close(self) -> None:
        """Let go of the moments that were entered."""
        if self._session is not None:
            self._session.close()

    # -- looking

    def look(self) -> View:
        """Take in the present moment."""
        navigator = self.navigator
        if not self.run.events:
            self.view = View(0, 0, None, 0)
            return self.view
        moment = navigator.moment(depth=_DEPTH)
        view = View(navigator.position, self.run.events, moment, navigator.frame_index)
        changed: dict[str, Was] = {}
        frame = view.frame
        if frame is not None:
            changed = self._changes(frame)
        shown = self.view
        backwards = view.position < shown.position or (view.position == shown.position and shown.backwards)
        self.view = View(view.position, view.events, moment, view.frame_index, changed, self._look_at_watches(), backwards)
        return self.view

    def _changes(self, frame: Frame) -> dict[str, Was]:
        before = self._seen.get(frame.call)
        shown = self.view.frame
        if before is not None and self.view.position == self.navigator.position and shown is not None and shown.call == frame.call:
            return dict(self.view.changed)  # looked at again: nothing moved
        self._seen[frame.call] = frame.locals
        self._seen.move_to_end(frame.call)
        if len(self._seen) > _REMEMBERED_CALLS:
            self._seen.popitem(last=False)
        if before is None:
            return {}
        found = {name: Was(before.get(name)) for name, value in frame.locals.items() if differs(before.get(name), value)}
        found.update({name: Was(value) for name, value in before.items() if name not in frame.locals})
        return found

    def place(self, event: int) -> Place:
        """Where an event is."""
        return place_of(self.run, event)

    # -- values

    @property
    def stack_index(self) -> int:
        """The selected frame as an index into the stack: -1 is the innermost."""
        return -1 - self.navigator.frame_index

    def target(self, text: str) -> Target:
        """What a variable, attribute or item is in the selected frame."""
        pins = self._session.pins if self._session is not None else None
        return target_at(self.run, self.navigator.position, text, frame=self.stack_index, pinned=pins)

    def evaluate(self, text: str) -> Value:
        """The value of an expression here; ExpressionError or EvaluationError."""
        return self._evaluated(compile_expression(text))

    def _evaluated(self, expression: Expression) -> Value:
        names = Names(self.run, self.navigator.position, frame=self.stack_index)
        return expression.evaluate(names.lookup, names.expand, names.python).value

    def expanded(self, value: Value) -> Value:
        """A value with what it holds, one level deep."""
        if value.id is None or value.items is not None or value.entries is not None or value.attributes is not None:
            return value
        found: Value = self.run.object_at(value.id, self.view.position, depth=1)
        return found

    # -- watches

    def watch(self, text: str) -> None:
        """Add a watch; ExpressionError where it is no expression."""
        self._watches[text] = compile_expression(text)
        if text not in self.notebook.watches:
            self.notebook.watches.append(text)
            self.notebook.save()

    def unwatch(self, text: str) -> None:
        self._watches.pop(text, None)
        if text in self.notebook.watches:
            self.notebook.watches.remove(text)
            self.notebook.save()

    def _compile(self, text: str) -> None:
        try:
            self._watches[text] = compile_expression(text)
        except ExpressionError:
            pass  # a notebook from elsewhere: what isn't an expression is left out

    def _look_at_watches(self) -> tuple[Watched, ...]:
        found = []
        for text, expression in self._watches.items():
            try:
                value, error = self._evaluated(expression), ""
            except EvaluationError as problem:
                value, error = None, problem.title
            shown = value.text if value is not None else error
            found.append(Watched(text, value, error, self._watched.get(text, shown) != shown))
            self._watched[text] = shown
        return tuple(found)


def differs(old: Value | None, new: Value) -> bool:
    """Whether a variable is another value than before, as far as was recorded."""
    return old is None or (old.text, old.id, old.version, old.type) != (new.text, new.id, new.version, new.type)
