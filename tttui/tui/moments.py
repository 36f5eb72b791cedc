"""Checkpoints by keys: enter the moment shown, leave it, list them and the other universes, go from one to the next."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from textual.worker import get_current_worker

from tttui.errors import TttuiError
from tttui.tui import universes
from tttui.tui.panes.results import Result
from tttui.tui.sources import short
from tttui.tui.universes import Universe

if TYPE_CHECKING:
    from tttui.checkpoints.client import Checkpoint
    from tttui.tui.app import Debugger

_GROUP: Final = "checkpoints"


def enter(app: "Debugger") -> None:
    """A copy of the program runs forward to this moment; :eval and :exec then work on its objects."""
    try:
        moment = app.interruptible(app.desk.session.enter)
    except TttuiError as error:
        app.problem(error)
        return
    if moment is not None:
        app.say(f"{moment.badge} · :eval EXPRESSION, :exec STATEMENTS, :whatif STATEMENTS; {app.key_for('leave_moment')} leaves")
    app.paint()


def leave(app: "Debugger") -> None:
    session = app.desk.session
    left = session.entered
    session.close()
    app.say("no moment has been entered" if left is None else f"left event {left.event:,}")
    app.paint()


def paused(app: "Debugger") -> str:
    """What there is to say where the program is paused."""
    from tttui.checkpoints.client import Checkpoints

    remark = ""
    try:
        with Checkpoints.of(app.desk.run) as checkpoints:
            found = checkpoints.paused()
            remark = f" ({found.remark})" if found is not None and found.remark else ""
    except TttuiError:
        pass  # then there is nothing more to say
    return f"{paused_here(app, remark)} · {app.key_for('quit')} lets it run to its end · :exec -l STATEMENTS changes the program itself"


def paused_here(app: "Debugger", remark: str = "") -> str:
    """That, and the key that ends it."""
    return f"paused live{remark} · {app.key_for('resume')} goes on"


def resume(app: "Debugger", stops: int) -> None:
    """The program goes on to its next stop, or for so many: this viewer makes room for it on the terminal."""
    if not app.live:
        app.say("the program isn't paused here: tttui -b FILE:LINE SCRIPT pauses it there")
        return
    app.desk.session.stops_ahead = stops
    app.quit()


def look(app: "Debugger") -> None:
    """Find out which checkpoints and universes there are: behind the first paint, and beside everything else."""
    path, more = app.desk.run.path, tuple(app.desk.notebook.universes)

    def work() -> None:
        from tttui.checkpoints.client import Checkpoints
        from tttui.report.opening import open_run

        events: tuple[int, ...] = ()
        with open_run(path) as run:
            found = universes.universes(run, more)
            try:
                with Checkpoints.of(run) as checkpoints:
                    events = tuple(each.event for each in checkpoints.list())
            except TttuiError:
                pass  # there are none, or they have ended
        if not get_current_worker().is_cancelled:
            app.call_from_thread(_found, app, events, found)

    app.run_worker(work, thread=True, exclusive=True, group=_GROUP, exit_on_error=False)


def _found(app: "Debugger", events: tuple[int, ...], found: tuple[Universe, ...]) -> None:
    if (events, found) != (app.desk.checkpoints, app.desk.universes):
        app.desk.checkpoints, app.desk.universes = events, found
        app.arrange_again()


def show(app: "Debugger") -> None:
    """The list of checkpoints and of other universes, with where they part from this one."""
    from tttui.checkpoints.client import Checkpoints

    rows: list[Result] = []
    problem: TttuiError | None = None
    try:
        with Checkpoints.of(app.desk.run) as checkpoints:
            rows = [_row(app, each) for each in checkpoints.list()]
    except TttuiError as error:
        problem = error
    entered = app.desk.session.entered
    if entered is not None:
        rows.append(Result(entered.badge, entered.event, "entered", "value"))
    more = tuple(app.desk.notebook.universes)
    others = universes.universes(app.desk.run, more)
    if problem is not None and not others and entered is None:
        app.problem(problem)
        return
    if problem is not None:
        rows.append(Result(str(problem), style="muted"))

    def find(run: Any, cancelled: Callable[[], bool]) -> Iterator[Result]:
        yield from rows
        for universe in others:
            words = " · ".join(part for part in (universe.change, universe.ended, f"parted at event {universe.event:,}") if part)
            yield Result(f"{words} · Enter opens it", lead=universe.name, action=partial(open_universe, app, universe))
            alike = True
            for text, event in universes.parting(run, universe, cancelled):
                alike = False
                yield Result(text, event, style="muted")
            if alike:
                yield Result("nothing that was recorded is different in it", style="muted")

    app.gather("Checkpoints and universes", find, "there are no checkpoints")
    look(app)


def open_universe(app: "Debugger", universe: Universe) -> None:
    """Look at another universe, where it parted from this one; or, from there, at the first one again."""
    app.go_on_with(universe.path, min(universe.event, max(universe.events - 1, 0)))


def _row(app: "Debugger", each: "Checkpoint") -> Result:
    try:
        place = app.desk.place(each.event)
        where = f"{short(place.file)}:{place.line} {place.function}"
    except TttuiError:
        where = ""
    size = f"{each.memory / 1e6:.1f} MB" if each.memory else ""
    return Result(" · ".join(part for part in (where, size, *each.notes) if part), each.event, lead=f"◆ {each.number}")


def go(app: "Debugger", count: int, *, back: bool) -> None:
    """To the next checkpoint, or the one before."""
    from tttui.checkpoints.client import Checkpoints

    here = app.desk.navigator.position
    try:
        with Checkpoints.of(app.desk.run) as checkpoints:
            events = [each.event for each in checkpoints.list()]
    except TttuiError as error:
        app.problem(error)
        return
    found = [event for event in reversed(events) if event < here] if back else [event for event in events if event > here]
    if not found:
        app.say("there is no checkpoint before this moment" if back else "there is no checkpoint behind this moment")
        return
    wanted = found[min(count, len(found)) - 1]
    app.move(lambda navigator: navigator.goto(wanted))
