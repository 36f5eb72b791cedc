"""A viewer on a recording, without a terminal, driven by keys."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from unittest import mock

from textual.geometry import Offset, Region
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from tttui.report.opening import open_run
from tttui.report.show import event_at
from tttui.tui import moments
from tttui.tui import theme as themes
from tttui.tui.app import Debugger
from tttui.tui.memory import Memory

Size = tuple[int, int]
SMALL: Size = (80, 24)
_ALIKE = 2
_MOST_PAUSES = 10_000
_PAUSE = 0.002
"""Seconds, until what is waiting has had its turn."""
_A_DIGIT_WAITS = 0.1
"""Seconds after which a digit is the number of a pane. (Behind another key comes the next at once.)"""


_LOOK_SECONDS = 120.0


async def _at_once(*_: float) -> None:
    """In place of Textual's own waiting, which takes 20 ms and more at each key, and ends when the process uses little time:
    on a busy machine it also does while it is waiting for its turn.
    """
    await asyncio.sleep(0)


class Viewer:
    """What a test does with a viewer."""

    def __init__(self, app: Debugger, pilot: "Pilot[int]") -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        for place, key in enumerate(keys, 1):
            await self.pilot.press(key)
            if not key.isdigit() or place == len(keys):
                await self.settle()  # not within a count: it would be taken for the number of a pane

    async def go_to_pane(self, number: int) -> None:
        """By its digit, which might have been the beginning of a count."""
        await self.pilot.press(str(number))
        while self.app._digit is not None:
            await asyncio.sleep(_PAUSE)
        await self.settle()

    async def settle(self) -> None:
        """Until nothing is waiting any more: no question, no message, nothing to be drawn or found, and the screen stays."""
        with suppress(WorkerCancelled):  # another question takes its place
            await self.app.workers.wait_for_complete()
        seen: list[list[str]] = []
        for _ in range(_MOST_PAUSES):
            await self.pilot.pause()
            if self._is_still():
                seen.append(self.screen())
                if len(seen) >= _ALIKE and seen[-1] == seen[-_ALIKE]:
                    return
            else:
                await asyncio.sleep(_PAUSE)
        raise AssertionError("the screen doesn't come to rest")

    def _is_still(self) -> bool:
        screen = self.app.screen
        waiting = screen._layout_required or screen._repaint_required or screen._dirty_widgets or screen._callbacks
        return not waiting and not self.app.is_behind and self._has_taken_sizes()

    def _has_taken_sizes(self) -> bool:
        return all(len(strips._rows) == strips.size.height for strips in self.app._strips if strips.display and strips.size)

    async def type(self, text: str) -> None:
        await self.press(*("space" if character == " " else character for character in text))

    def screen(self) -> list[str]:
        """What stands on the screen."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        return "\n".join(self.screen())

    def regions(self) -> dict[str, Region]:
        """Where each pane stands that is shown."""
        return {name: pane.region for name, pane in self.app.panes.items() if pane.display}

    def find(self, text: str) -> Offset:
        """Where a text stands on the screen."""
        for y, line in enumerate(self.screen()):
            if text in line:
                return Offset(line.index(text), y)
        raise AssertionError(f"{text!r} is not on the screen:\n{self.text}")

    async def drag(self, start: Offset, stop: Offset) -> None:
        """Move the mouse with its button held down."""
        await self.pilot.mouse_down(offset=start)
        await self.pilot.hover(offset=Offset((start.x + stop.x) // 2, (start.y + stop.y) // 2))
        await self.pilot.hover(offset=stop)
        await self.pilot.mouse_up(offset=stop)
        await self.settle()

    async def click(self, place: Offset, times: int = 1) -> None:
        await self.pilot.click(offset=place, times=times)
        await self.settle()

    @property
    def position(self) -> int:
        return self.app.desk.navigator.position

    @property
    def status(self) -> str:
        return self.app.status.text


def drive(
    recording: Path,
    script: Callable[[Viewer], Awaitable[None]],
    *,
    at: str = "exception",
    size: Size = SMALL,
    theme: str = "night",
    memory: Path | None = None,
    ascii_only: bool = False,
    typed_ahead: str = "",
) -> None:
    """Open a recording in a viewer and have a script press its keys."""
    look = moments.look

    def look_and_tell(app: Debugger) -> None:
        """What checkpoints and universes there are, a worker asks behind the first paint."""
        look(app)
        looked.set()

    looked = asyncio.Event()

    async def run() -> None:
        with open_run(recording) as opened:
            position = event_at(opened, at) if opened.events else 0
            app = Debugger(opened, position, themes.load(theme), memory=Memory(memory), ascii_only=ascii_only)
            app.typed_ahead = typed_ahead
            async with app.run_test(size=size) as pilot:
                viewer = Viewer(app, pilot)
                await asyncio.wait_for(looked.wait(), _LOOK_SECONDS)
                await app.workers.wait_for_complete()
                await viewer.settle()
                await script(viewer)

    with (
        mock.patch("tttui.tui.moments.look", look_and_tell),
        mock.patch("textual.app.wait_for_idle", _at_once),
        mock.patch("textual.pilot.wait_for_idle", _at_once),
        mock.patch("tttui.tui.counting._DIGIT_WAITS", _A_DIGIT_WAITS),
    ):
        asyncio.run(run())
