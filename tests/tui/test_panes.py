"""What the panes show, at three sizes, of real recordings."""

from pathlib import Path

import pytest

from tttui.tui.layouts import SMALLEST, arrange
from tui.conftest import Record
from tui.viewer import Viewer, drive

DEEP = """
def fall(n):
    return fall(n - 1) if n else 0
tree = {"a": [1, {"b": (2, [3, "end"])}]}
fall(200)
print("done")
"""
THREADS = """
import threading
def work():
    total = 0
    for number in range(50):
        total += number
threads = [threading.Thread(target=work, name=f"worker-{n}") for n in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


@pytest.mark.parametrize("width", range(SMALLEST[0], 240, 9))
@pytest.mark.parametrize("wide", ["", "calls", "output", "results", "stops", "threads"])
def test_panes_cover_the_screen_and_do_not_overlap(width: int, wide: str) -> None:
    for height in range(SMALLEST[1], 60):
        for maximised in ("", "locals", "timeline"):
            layout = arrange(width, height, wide, maximised)
            cells = sum(region.area for region in layout.regions.values())
            assert cells == width * height, (height, layout.regions)
            regions = list(layout.regions.values())
            assert all(not a.overlaps(b) for index, a in enumerate(regions) for b in regions[:index])
            assert not wide or maximised or wide in layout.regions


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50), (60, 15)])
def test_every_row_is_as_wide_as_the_screen(billing: Path, size: tuple[int, int]) -> None:
    async def script(viewer: Viewer) -> None:
        assert {len(line) for line in viewer.screen()} == {size[0]}
        assert "Locals" in viewer.text
        assert "Stack" in viewer.text

    drive(billing, script, size=size)


def test_locals_unfold_as_deep_as_was_recorded(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        viewer.app.activate(viewer.app.locals)
        viewer.app.locals.select("tree")
        for path in ('tree["a"]', 'tree["a"][1]', 'tree["a"][1]["b"]', 'tree["a"][1]["b"][1]'):
            await viewer.press("l")
            viewer.app.locals.select(path.replace('"', "'"))
        await viewer.press("space", "j", "j")
        assert viewer.app.locals.selected() == "tree['a'][1]['b'][1][1]"
        assert "'end'" in viewer.text

    drive(recorded(DEEP), script, at="last", size=(120, 40))


def test_locals_mark_what_changed(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.type(":billing.py:43")
        await viewer.press("enter", "n")
        await viewer.press("N")
        await viewer.press("n")
        assert viewer.app.desk.view.frame is not None

    drive(billing, script, at="first")


def test_output_goes_to_the_moment(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.press("o")
        assert "month 1: income 236" in viewer.text
        await viewer.press("g", "enter")
        frame = viewer.app.desk.view.frame
        assert frame is not None
        assert frame.line == 56

    drive(billing, script)


def test_a_deep_recursion_in_the_call_tree(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.type(":to call fall")
        await viewer.press("enter")
        await viewer.type(":150 to call fall")
        await viewer.press("enter", "5")
        await viewer.pilot.pause(0.7)
        await viewer.settle()
        assert "fall(n=" in viewer.text
        await viewer.press("k", "enter")
        assert viewer.app.desk.view.frame is not None

    drive(recorded(DEEP), script, at="first", size=(120, 40))


def test_scrubbing_moves_all_panes(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        viewer.app.activate(viewer.app.timeline)
        before = viewer.position
        await viewer.press("left")
        assert viewer.position < before
        await viewer.press("shift+left")
        await viewer.press("plus", "plus")
        start, stop = viewer.app.timeline.shown
        assert start <= viewer.position < stop
        assert stop - start < 190
        await viewer.press("0")
        assert viewer.app.timeline.shown == (0, 190)
        await viewer.pilot.click("#timeline", offset=(10, 1))
        await viewer.settle()
        assert viewer.position < 40
        assert f"step {viewer.position} /" in viewer.text

    drive(billing, script)


def test_threads_are_lanes(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        viewer.app.activate_by_name("threads")
        await viewer.settle()
        for name in ("MainThread", "worker-0", "worker-2"):
            assert name in viewer.text
        await viewer.press("G", "enter")
        assert viewer.app.desk.view.moment is not None
        assert viewer.app.desk.view.moment.thread.name.startswith("worker")

    drive(recorded(THREADS), script, at="first")


def test_no_results_yet_say_what_gives_some(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.go_to_pane(8)
        assert "/ find, y why this value" in viewer.text
        await viewer.press("l", "j", "enter", "delete")
        assert viewer.position == 186

    drive(billing, script)


def test_a_program_without_a_line_says_so_and_takes_all_keys(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        assert "This file is empty." in viewer.text
        for key in ("n", "N", "C", "W", "y", "P", "escape", "b", "o", "5", "greater_than_sign", "plus", "left"):
            await viewer.press(key)
        await viewer.press("escape")

    drive(recorded(""), script, at="last")
