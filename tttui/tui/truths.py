"""When watches became true for the first time: found in a worker, once nothing has moved for a while."""

from typing import TYPE_CHECKING, Any, Final

from textual.timer import Timer
from textual.worker import get_current_worker

from tttui.errors import TttuiError
from tttui.tui.desk import Watched

if TYPE_CHECKING:
    from tttui.tui.app import Debugger

PAUSE: Final = 0.3
"""Seconds without a move before it is looked for."""
_MOST: Final = 1_000
NEVER: Final = -1
_GROUP: Final = "truths"


class Truths:
    """The events at which expressions became true for the first time, each in a call."""

    def __init__(self, app: "Debugger") -> None:
        self._app = app
        self._known: dict[tuple[str, int, int], int] = {}
        """(expression, call of the selected frame, events of the recording) → event"""
        self._wanted: dict[str, None] = {}
        self._timer: Timer | None = None

    def first(self, watched: Watched) -> int | None:
        """The event at which a watch that is true or false became true, NEVER if it never did; None: not known yet, or nothing to know."""
        if watched.value is None or watched.value.type != "bool":
            return None
        found = self._known.get(self._key(watched.text))
        if found is None:
            self._wanted[watched.text] = None
            if self._timer is None:
                self._timer = self._app.set_timer(PAUSE, self._look)
            else:
                self._timer.reset()
        return found

    def _key(self, text: str) -> tuple[str, int, int]:
        view = self._app.desk.view
        return text, view.frame.call if view.frame is not None else 0, view.events

    def _look(self) -> None:
        self._timer = None
        wanted, self._wanted = [text for text in self._wanted if self._key(text) not in self._known], {}
        if not wanted:
            return
        app = self._app
        path, position, frame = app.desk.run.path, app.desk.view.position, app.desk.view.frame_index
        keys = {text: self._key(text) for text in wanted}

        def work() -> None:
            from tttui.report.opening import open_run

            worker = get_current_worker()
            with open_run(path) as run:
                for text in wanted:
                    if worker.is_cancelled:
                        return
                    found = _first(run, text, position, frame)
                    app.call_from_thread(self._found, keys[text], found)

        app.run_worker(work, thread=True, exclusive=True, group=_GROUP, exit_on_error=False)

    def _found(self, key: tuple[str, int, int], event: int) -> None:
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = event
        self._app.stops_pane.show()


def _first(run: Any, text: str, position: int, frame: int) -> int:
    from tttui.navigation.search import Search
    from tttui.navigation.truth import truth_of

    try:
        found = truth_of(Search(run), text, position, frame=frame).first()
    except TttuiError:
        found = None
    return NEVER if found is None else found
