"""A viewer on a recording, without a terminal, driven by keys."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from textual.geometry import Offset, Region
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from tttui.report.opening import open_run
from tttui.report.show import event_at
from tttui.tui import theme as themes
from tttui.tui.app import Debugger
from tttui.tui.memory import Memory

Size = tuple[int, int]
SMALL: Size = (80, 24)
_ALIKE = 2
_MOST_PAUSES = 1000


class Viewer:
    """What a test does with a viewer."""

    def __init__(self, app: Debugger, pilot: "Pilot[int]") -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self) -> None:
        """Until nothing is waiting any more.

        A pause of Textual's ends when the process uses little time, which on a busy machine it also does while it
        is waiting for its turn. So: until the panes have taken in the sizes that they have, and the screen stays.
        """
        with suppress(WorkerCancelled):  # another question takes its place
            await self.app.workers.wait_for_complete()
        seen: list[list[str]] = []
        while len(seen) < _ALIKE or seen[-1] != seen[-_ALIKE] or not self._has_taken_sizes() or self.app.is_behind:
            await self.pilot.pause()
            seen.append(self.screen())
            assert len(seen) < _MOST_PAUSES, "the screen doesn't come to rest"

    def _has_taken_sizes(self) -> bool:
        return all(len(strips._rows) == strips.size.height for strips in self.app._strips if strips.display and strips.size)

    async def type(self, text: str) -> None:
        await self.pilot.press(*("space" if character == " " else character for character in text))
        await self.settle()

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
) -> None:
    """Open a recording in a viewer and have a script press its keys."""

    async def run() -> None:
        with open_run(recording) as opened:
            position = event_at(opened, at) if opened.events else 0
            app = Debugger(opened, position, themes.load(theme), memory=Memory(memory), ascii_only=ascii_only)
            async with app.run_test(size=size) as pilot:
                viewer = Viewer(app, pilot)
                await viewer.settle()
                await script(viewer)

    asyncio.run(run())
