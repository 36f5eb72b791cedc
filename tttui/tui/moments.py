"""Checkpoints by keys: enter the moment shown, leave it, list them, go from one to the next."""

from typing import TYPE_CHECKING

from tttui.errors import TttuiError

if TYPE_CHECKING:
    from tttui.tui.app import Debugger


def enter(app: "Debugger") -> None:
    """A copy of the program runs forward to this moment; :eval and :exec then work on its objects."""
    try:
        badge = app.desk.session.enter().badge
    except TttuiError as error:
        app.problem(error)
        return
    app.say(f"{badge} · :eval EXPRESSION, :exec STATEMENTS, :whatif STATEMENTS; J leaves")


def leave(app: "Debugger") -> None:
    session = app.desk.session
    left = session.entered
    session.close()
    app.say("no moment has been entered" if left is None else f"left event {left.event:,}")


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
    return f"{paused_here(app, remark)} · :exec -l STATEMENTS changes the program itself · q lets it run to its end"


def paused_here(app: "Debugger", remark: str = "") -> str:
    """That, and the key that ends it."""
    from tttui.tui.actions import BY_NAME, shown_keys  # which is made of what is here

    return f"paused live{remark} · {shown_keys(BY_NAME['resume'], app.key_map['resume'][:1])} goes on"


def resume(app: "Debugger") -> None:
    """The program goes on to its next stop: this viewer makes room for it on the terminal."""
    if not app.live:
        app.say("the program isn't paused here: tttui -b FILE:LINE SCRIPT pauses it there")
        return
    app.desk.session.goes_on = True
    app.quit()


def show(app: "Debugger") -> None:
    """The list of checkpoints."""
    try:
        app.command("ulist")
    except TttuiError as error:
        app.problem(error)


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
