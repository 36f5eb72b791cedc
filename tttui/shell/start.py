"""Where a shell begins: at the failure, else at the end."""

from typing import TYPE_CHECKING

from tttui.navigation.failure import find_failure
from tttui.report.show import event_at
from tttui.shell.session import Session

if TYPE_CHECKING:
    from tttui.store.run import Run


def start_session(run: "Run", at: str = "") -> Session:
    """A session at an event as ``--at`` names it; without one at the exception that ended the program, else at the last event."""
    if at:
        return Session(run, event_at(run, at))
    failure = find_failure(run)
    return Session(run, failure.raised if failure is not None else max(run.events - 1, 0))
