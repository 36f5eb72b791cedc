"""What a shell has while it runs: the recording, where it is, what is displayed, where it has been."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from rich.text import Text

from tttui.errors import TttuiError
from tttui.navigation.expressions import EvaluationError, Expression, Result, compile_expression
from tttui.navigation.names import Names
from tttui.navigation.navigator import Navigator
from tttui.navigation.objects import Pins
from tttui.navigation.targets import Target, target_at, target_of_object
from tttui.report.show import moment_json, source_line
from tttui.safe import safe
from tttui.shell.answers import FOUND, NOTHING, Answer

if TYPE_CHECKING:
    from tttui.checkpoints.client import Entered, Evaluated
    from tttui.navigation.stops import Stop
    from tttui.store.records import Frame, Moment, Value
    from tttui.store.run import Run


_COMMIT_SECONDS: Final = 5.0
_ASIDE: Final = 6
"""Moments that are kept after they were left."""


def _leads_to(moment: "Entered | None", event: int) -> "TypeGuard[Entered]":
    if moment is None or moment.has_ended or moment.event > event:
        return False
    return moment.verified and not moment.changed and not moment.look_only


def _event_of(moment: "Entered") -> int:
    return moment.event


@dataclass(frozen=True, slots=True)
class Displayed:
    """One expression that is shown after every move."""

    number: int
    expression: str
    value: "Value | None"
    """None: it has none here, and `error` says why."""
    error: str = ""

    def text(self) -> Text:
        """For a person."""
        shown = self.value.text if self.value is not None else self.error
        return Text.assemble((f"{self.number}: {safe(self.expression)}", "cyan"), (" = ", "dim"), safe(shown))

    def to_json(self) -> dict[str, Any]:
        """For a program."""
        found = {"value": self.value.to_json()} if self.value is not None else {"error": self.error}
        return {"number": self.number, "expression": self.expression, **found}


class Session:
    """One shell over one recording."""

    def __init__(self, run: "Run", position: int) -> None:
        self.run = run
        self.navigator = Navigator(run, position)
        self.pins = Pins(run)
        self.navigator.breakpoints.pinned = self.pins
        self.wants_json = True
        """Whether answers are for programs, too; else moves leave out what only those would see: all values of the stack."""
        self.displays: dict[int, Expression] = {}
        self.next_display = 1
        self.listed: tuple[int, int] | None = None
        """(file, the first line that `list` has not shown yet)."""

        self._entered: Entered | None = None
        self._aside: list[Entered] = []
        self._said_where = -1
        self.live = False
        """Whether this was opened where the program stops, by whoever started it: then it waits for this to end."""
        self.stops_ahead = 0
        """How many stops it is to go on to then: 1 is the next one, 0 none, it goes on to its end."""
        self._interrupted_at = -1
        """The event at which what was carried out in the program itself was ended by a key; -1: none was."""

    # -- the program itself

    def carry_out_live(self, text: str) -> "Evaluated":
        """An expression or statements in the program itself, where it stops; then here is where that left it.

        Raises `TttuiError` where it doesn't stop, or where another moment is shown.
        """
        from tttui.checkpoints.client import Checkpoints

        with Checkpoints.of(self.run) as checkpoints:
            paused = checkpoints.paused()
            if paused is None:
                raise TttuiError("the program isn't paused", hint="-b FILE:LINE, before it starts, pauses it there")
            self.run.refresh()
            last = self.run.events - 1
            if self.navigator.position != last:
                raise TttuiError("this moment is past", f"the program is paused at event {last:,}", "end goes there")
            try:
                found = checkpoints.evaluate_live(text, self.navigator.frame_index)
            except BaseException as ended:
                if not isinstance(ended, Exception):
                    self._interrupted_at = last
                    if not isinstance(ended, KeyboardInterrupt):  # a key of the viewer's, of which the program got to know nothing
                        os.kill(paused.pid, signal.SIGINT)
                raise
        self._follow(last)
        return found

    def interrupted(self) -> str:
        """What there is to say of a key that has just ended something, besides that; empty for nothing.

        Where that was carried out in the program itself, here is then where that left it.
        """
        last, self._interrupted_at = self._interrupted_at, -1
        if last >= 0:
            self._follow(last)
            return f"in the program itself: noted at event {self.navigator.position:,}"
        return self._entered.left if self._entered is not None and self._entered.has_ended else ""

    def _follow(self, last: int) -> None:
        give_up = time.monotonic() + _COMMIT_SECONDS
        while self.run.events - 1 == last and time.monotonic() < give_up:
            time.sleep(0.01)
            self.run.refresh()
        frame = self.navigator.frame_index
        self.leave()
        self.navigator.goto(self.run.events - 1)
        if frame:
            self.navigator.up(frame)

    def changed_live(self, event: int) -> Iterator[str]:
        """What the user had carried out in the program right before an event."""
        return (f"changed by the debugger: {change.text}" for change in self.run.live_changes() if change.event == event)

    # -- the real objects

    @property
    def entered(self) -> "Entered | None":
        """The moment whose real objects eval and exec work on."""
        if self._entered is not None and self._entered.has_ended:
            self._entered = None
        return self._entered

    def enter(self, event: int | None = None) -> "Entered":
        """A moment, where we are unless it is another one, entered if it isn't already; then we are there.

        Raises `TttuiError` where that isn't possible: then we are where we were.
        """
        event = self.navigator.position if event is None else event
        entered = self.entered
        if entered is not None and entered.event == event:
            moment = entered
        elif entered is not None and entered.changed:
            hint = f"uup leaves it; goto {entered.event} goes back to it"
            raise TttuiError(f"event {entered.event:,} has been entered and changed", hint=hint)
        else:
            moment = self.enter_anew(event)
            self._put_aside()
            self._entered = moment
        if self.navigator.position != event:
            self.navigator.goto(event)
        return moment

    def enter_anew(self, event: int) -> "Entered":
        """A moment for whoever asks alone: to be closed by them."""
        from tttui.checkpoints.client import Checkpoints

        near = max((moment for moment in (*self._aside, self.entered) if _leads_to(moment, event)), key=_event_of, default=None)
        with Checkpoints.of(self.run) as checkpoints:
            nearer = (each for each in checkpoints.list() if not each.look_only or each.event == event)
            if near is not None and not any(near.event < each.event <= event for each in nearer):
                moment = near.go_on(event)
            else:
                moment = checkpoints.enter(self.run, event)
        if moment.difference:
            moment.close()
            raise TttuiError("this moment can't be entered", moment.badge, f"moments up to event {max(moment.event - 1, 0):,} can be")
        return moment

    def say_where(self) -> None:
        """Have copies come closer together here first, where there are any: whoever rests at a moment may want to enter it."""
        if self.navigator.position != self._said_where:
            from tttui.checkpoints.client import Checkpoints

            self._said_where = self.navigator.position
            with contextlib.suppress(TttuiError), Checkpoints.of(self.run) as checkpoints:
                checkpoints.look(self._said_where)

    def _put_aside(self) -> None:
        """Moments that have been entered are good places to go on from: the last ones are kept."""
        if self.entered is not None and not self.entered.changed:
            self._aside.append(self.entered)
        elif self.entered is not None:
            self.entered.close()
        self._entered = None
        while len(self._aside) > _ASIDE:
            self._aside.pop(0).close()

    def leave(self) -> None:
        """Leave the moment that was entered, if one was; what was changed in it is gone."""
        self._put_aside()

    def close(self) -> None:
        """Let go of all moments."""
        self.leave()
        while self._aside:
            self._aside.pop().close()

    # -- where we are

    @property
    def frame_index(self) -> int:
        """The selected frame as an index into the stack: -1 is the innermost."""
        return -1 - self.navigator.frame_index

    def frame(self, depth: int = 6) -> "Frame | None":
        """The selected frame with its values."""
        return self.navigator.frame(depth=depth)

    def current_file(self) -> str | None:
        """Path of the file that the selected frame is in."""
        frame = self.frame(depth=0)
        return None if frame is None else frame.file

    # -- values

    def names(self) -> Names:
        """What names stand for in the selected frame."""
        return Names(self.run, self.navigator.position, frame=self.frame_index, pinned=self.pins)

    def evaluate(self, expression: Expression) -> Result:
        """An expression in the selected frame; raises `EvaluationError`."""
        names = self.names()
        return expression.evaluate(names.lookup, names.expand, names.python)

    def value(self, text: str) -> "Value":
        """What an expression is in the selected frame."""
        return self.evaluate(compile_expression(text)).value

    def target(self, text: str, *, content: bool = False) -> Target:
        """What a variable, attribute or item is in the selected frame; `content`: the object that an expression is."""
        if content:
            where = self.navigator.position
            return Target("object", text, object=target_of_object(self.run, where, text, frame=self.frame_index, pinned=self.pins))
        return target_at(self.run, self.navigator.position, text, frame=self.frame_index, pinned=self.pins)

    # -- showing where we are

    def arrived(self, stop: "Stop") -> Answer:
        """The answer of a command that moves: where we are now, and why."""
        self.listed = None
        json: dict[str, Any] = {"stop": stop.to_json()}
        if self.run.events and self.wants_json:
            json |= moment_json(self.run, self.navigator.moment())
            json["frame"] = self.navigator.frame_index
        displays = self.displayed()
        if displays:
            json["displays"] = [display.to_json() for display in displays]
        return Answer(json, self._arrived_texts(stop, displays), status=FOUND if stop.found else NOTHING)

    def _arrived_texts(self, stop: "Stop", displays: "Sequence[Displayed]") -> Iterator[Text]:
        for event, hit in stop.logs:
            yield Text.assemble((f"{event:>10,} ", "dim"), safe(f"{hit.description}: {hit.log}"))
        for hit in stop.hits:
            yield Text(safe(f"breakpoint {hit.number}: {hit.description}"), "bold yellow")
            if hit.old is not None or hit.new is not None:
                yield Text(safe(f"  {hit.old if hit.old is not None else '(nothing)'} → {hit.new if hit.new is not None else '(gone)'}"))
            if hit.problem is not None:
                yield Text(safe(f"  {hit.problem}"), "bold yellow")
        if stop.message and not stop.hits:
            yield Text(safe(stop.message), "yellow")
        if self.run.events:
            yield from self.here_texts()
        for display in displays:
            yield display.text()

    def displayed(self) -> "Sequence[Displayed]":
        """What `display` shows after every move."""
        found = []
        for number, expression in self.displays.items():
            try:
                found.append(Displayed(number, expression.text, self.evaluate(expression).value))
            except EvaluationError as error:
                found.append(Displayed(number, expression.text, None, error.title))
        return found

    def here_texts(self) -> Iterator[Text]:
        """Where we are: event, function and line, and what is handed out or raised there."""
        moment = self.navigator.moment(depth=2)
        index = self.frame_index
        if not -len(moment.stack) <= index < len(moment.stack):
            return
        frame = moment.stack[index]
        place = Text(f"{moment.event:,} ", "bold")
        place.append(f"{moment.kind} ", "yellow")
        place.append(f"{safe(frame.function)} ", "bold")
        place.append(f"{safe(frame.file)}:{frame.line}", "dim")
        if moment.thread.id != 1 or len(self.run.threads()) > 1:
            place.append(f" · {safe(moment.thread.name or f'thread {moment.thread.id}')}", "dim")
        if moment.task is not None:
            place.append(f" · {safe(moment.task.name or f'task {moment.task.id}')}", "dim")
        if index != -1:
            place.append(f" · frame {-1 - index}", "dim")
        yield place
        source = source_line(self.run, frame)
        if source is not None:
            yield Text.assemble((f"> {frame.line:>4} ", "bold yellow"), safe(source, tab_size=4))
        yield from _carried(moment)
        for text in self.changed_live(moment.event):
            yield Text(f"  {safe(text)}", "bold magenta")


def _carried(moment: "Moment") -> Iterator[Text]:
    if moment.returned is not None:
        yield Text(safe(f"  {'yields' if moment.kind == 'yield' else 'returns'} {moment.returned.text}"), "green")
    if moment.exception is not None:
        yield Text(safe(f"  exception {moment.exception.text}"), "bold red")
