"""Any keys, clicks and sizes in any order: the viewer goes on, and its screen stays whole."""

import random
from pathlib import Path

import pytest
from textual.errors import NoWidget
from textual.geometry import Offset
from textual.pilot import OutOfBounds

from tttui.tui.actions import ACTIONS
from tui.conftest import Record
from tui.test_every_key import LEAVING, TASKS
from tui.viewer import Viewer, drive

KEYS = [key for action in ACTIONS if action.name not in LEAVING for key in action.keys]
TYPED = ["x", "self.paid", "1/0", ")(", "漢", "'", ":12", "50%", "goto failure", "billing.py:3", "n > 3", "last x", "99999999999999999999"]
SIZES = [(width, height) for width in (10, 60, 80, 121, 200) for height in (4, 15, 24, 50)]


async def do_anything(viewer: Viewer, chance: random.Random, steps: int) -> None:
    for leaving in ("quit", "suspend_viewer", "edit", "go_on_with"):  # help and palette offer them, too
        setattr(viewer.app, leaving, lambda *_: None)
    for _ in range(steps):
        what = chance.random()
        if what < 0.06:
            width, height = viewer.app.size
            try:
                await viewer.pilot.click(offset=Offset(chance.randrange(width), chance.randrange(height)), times=chance.choice([1, 2]))
            except (OutOfBounds, NoWidget):
                pass  # the size has just changed
        elif what < 0.1:
            await viewer.pilot.resize_terminal(*chance.choice(SIZES))
        elif viewer.app.prompt.question is not None and what < 0.7:
            viewer.app.prompt.value = chance.choice(TYPED)
            await viewer.pilot.press("enter")
        else:
            await viewer.pilot.press(chance.choice([*KEYS, "enter", "escape", "space", "5", "x"]))
        assert viewer.app.failed_with is None


async def check(viewer: Viewer) -> None:
    await viewer.pilot.resize_terminal(80, 24)
    await viewer.press("escape", "escape", "escape", "exclamation_mark")
    assert {len(row) for row in viewer.screen()} <= {80, 79, 78}  # wide characters take two cells
    assert viewer.app.failed_with is None


@pytest.mark.parametrize("seed", range(2))
def test_anything_may_be_pressed(billing: Path, seed: int) -> None:
    async def script(viewer: Viewer) -> None:
        await do_anything(viewer, random.Random(seed), 100)
        await check(viewer)

    drive(billing, script)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_anything_may_be_pressed_for_long(recorded: Record, seed: int) -> None:
    async def script(viewer: Viewer) -> None:
        await do_anything(viewer, random.Random(seed), 500)
        await check(viewer)

    drive(recorded(TASKS), script, at="last")


def test_every_action_can_be_carried_out_where_the_terminal_is_too_small(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        for action in ACTIONS:
            if action.name not in LEAVING:
                viewer.app.perform(action.name)
                viewer.app._letter = ""
                if viewer.app.prompt.question is not None:
                    viewer.app.prompt.action_cancel()
        await viewer.settle()
        assert "too small" in viewer.text
        await viewer.pilot.resize_terminal(80, 24)
        await viewer.press("escape")
        assert "Locals" in viewer.text

    drive(billing, script, size=(30, 8))
