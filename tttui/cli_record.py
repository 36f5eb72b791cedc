"""The command `record`, and what follows it: the program is recorded, then shown where somebody wants to look."""

from contextlib import nullcontext
from pathlib import Path
from typing import NoReturn

from tttui import config
from tttui.console import report
from tttui.errors import TttuiError, say
from tttui.orderly import ending_in_order, undisturbed
from tttui.record import launch
from tttui.record.options import Invocation
from tttui.record.summary import summary


def record(invocation: Invocation, *, look: bool) -> NoReturn:
    """Record, say what was recorded, let somebody look at it if that was wished, and end as the program ended."""
    shell = "shell" in invocation.given
    settings = config.load(invocation.given)
    show = _look_in_shell if shell else _look if look else None
    if settings.stops and show is None:
        hint = "tttui SCRIPT opens the viewer there, tttui record --shell the shell"
        raise TttuiError("--break: there is nobody to look around", hint=hint)
    if settings.stops and (settings.no_checkpoints or not settings.checkpoints):
        raise TttuiError("--break needs checkpoints", "and they are turned off")
    outcome = launch.record(invocation, settings, keep=show is not None, look=show)
    with ending_in_order():
        try:
            if outcome.recording is not None:
                say(summary(outcome.recording))
                if show is not None:
                    _show(show, outcome)
        finally:
            if outcome.keeper is not None:
                with undisturbed():
                    outcome.keeper.stop()
    launch.end_like(outcome.wait_status)


def _show(show: launch.Look, outcome: launch.Outcome) -> None:
    from tttui.checkpoints.closer import bringing_closer

    assert outcome.recording is not None
    with bringing_closer(outcome.recording) if outcome.keeper is not None else nullcontext():
        show(outcome.recording, None)


def _look(recording: Path, paused: int | None) -> int:
    """Open the viewer, or report in plain lines where there is no terminal; that this fails must not change how we end.

    `paused` is the event at which the program waits. Gives how many stops it is to go on to: 0 to its end.
    """
    from tttui.tui import plain, start

    try:
        if start.can_show():
            if paused is not None:
                return start.view_paused(recording, paused, start.looks())
            start.view(recording, "", start.looks())
        else:
            plain.report(recording)
    except TttuiError as error:
        report(error)
    except OSError as error:
        say(str(error))
    return 0


def _look_in_shell(recording: Path, paused: int | None) -> int:
    """The shell, its commands from standard input; otherwise as `_look`."""
    from tttui.report.opening import open_run
    from tttui.shell.loop import run_shell
    from tttui.shell.start import start_session

    try:
        if paused is not None:
            say(f"the program is paused at event {paused:,}: resume lets it go on to its next stop, quit to its end")
        with open_run(str(recording)) as run:
            session = start_session(run, "" if paused is None else str(paused))
            session.live = paused is not None
            run_shell(session, (), json=False, interactive=True)
            return session.stops_ahead
    except TttuiError as error:
        report(error)
    return 0
