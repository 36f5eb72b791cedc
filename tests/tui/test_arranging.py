"""Panes are hidden, moved, resized and maximised, by keys and by the mouse, and stay so."""

import json
from pathlib import Path

import pytest
from textual.geometry import Offset

from tttui.tui.layouts import CLASSES, PANES, Wishes, arrange, exchanged, hidden, resized, size_class
from tttui.tui.memory import Memory
from tui.viewer import Viewer, drive

SIZES = ((80, 24), (80, 50), (120, 40), (200, 50))


@pytest.mark.parametrize("size", SIZES)
def test_each_size_has_a_class_of_its_own(size: tuple[int, int]) -> None:
    assert size_class(*size) == CLASSES[SIZES.index(size)]


@pytest.mark.parametrize("size", SIZES)
def test_whatever_is_wished_the_panes_cover_the_screen(size: tuple[int, int]) -> None:
    width, height = size
    wishes = Wishes()
    for step, name in enumerate(PANES * 3):
        layout = arrange(width, height, "", "", wishes)
        shown = [pane for pane in layout.slots if pane in layout.regions]
        if step % 3 == 0:
            wishes = hidden(wishes, name, hide=step % 2 == 0)
        elif step % 3 == 1:
            wishes = exchanged(layout, wishes, shown[0], shown[-1])
        elif name in layout.regions:
            wishes = resized(layout, wishes, name, 7 - step, step - 9)
        for wide in ("", "results", "output"):
            layout = arrange(width, height, wide, "", wishes)
            regions = list(layout.regions.values())
            assert sum(region.area for region in regions) == width * height, (step, layout.regions)
            assert all(not a.overlaps(b) for index, a in enumerate(regions) for b in regions[:index])
            assert all(region.width > 0 and region.height > 0 for region in regions)


@pytest.mark.parametrize("size", SIZES)
def test_a_pane_that_is_made_larger_is_larger(size: tuple[int, int]) -> None:
    before = arrange(*size)
    for name in ("locals", "stack", "source"):
        for wider, taller in ((4, 0), (-4, 0), (0, 2), (0, -1)):
            after = arrange(*size, "", "", resized(before, Wishes(), name, wider, taller)).regions[name]
            region = before.regions[name]
            assert after.width == region.width + wider
            if len(before.columns[0]) > 1 or name != "source" or before.below:
                assert abs(after.height - region.height - taller) <= (1 if name == "source" and before.below else 0), (name, taller)


def test_hiding_and_showing(billing: Path, tmp_path: Path) -> None:
    memory = tmp_path / "viewer.json"

    async def script(viewer: Viewer) -> None:
        viewer.app.activate(viewer.app.stack)
        await viewer.press("Z")
        assert "stack" not in viewer.regions()
        assert "│Stack" not in viewer.text
        assert "3 shows it again" in viewer.status
        assert viewer.app.active.display
        assert viewer.regions()["locals"].bottom == viewer.regions()["source"].bottom

    drive(billing, script, memory=memory)

    async def again(viewer: Viewer) -> None:
        assert "stack" not in viewer.regions()  # remembered
        await viewer.press("3")
        await viewer.pilot.pause(0.7)
        await viewer.settle()
        assert "Stack" in viewer.text

    drive(billing, again, memory=memory)

    async def shown(viewer: Viewer) -> None:
        assert "stack" in viewer.regions()

    drive(billing, shown, memory=memory)


def test_exchanging(billing: Path, tmp_path: Path) -> None:
    memory = tmp_path / "viewer.json"

    async def script(viewer: Viewer) -> None:
        before = viewer.regions()
        viewer.app.activate(viewer.app.locals)
        await viewer.press("ctrl+x")
        assert viewer.regions()["stack"] == before["locals"]
        assert viewer.regions()["locals"] == before["stack"]
        viewer.app.activate(viewer.app.source)
        await viewer.press("ctrl+x")
        assert viewer.regions()["source"].x > 0
        # What it shows is whole, with a rule at its left.
        assert "│" in viewer.text
        assert "raise BillingErr" in viewer.text
        assert all(len(line) == 120 for line in viewer.screen())

    drive(billing, script, memory=memory, size=(120, 40))

    async def again(viewer: Viewer) -> None:
        assert viewer.regions()["source"].x > 0
        viewer.app.perform("reset_layout")
        await viewer.settle()
        assert viewer.regions()["source"].x == 0

    drive(billing, again, memory=memory, size=(120, 40))


def test_resizing_by_keys_and_by_mouse(billing: Path, tmp_path: Path) -> None:
    memory = tmp_path / "viewer.json"

    async def script(viewer: Viewer) -> None:
        viewer.app.activate(viewer.app.locals)
        width, height = viewer.regions()["locals"].size
        await viewer.press("right_parenthesis", "ctrl+down")
        assert viewer.regions()["locals"].size == (width + 4, height - 2)
        await viewer.press("left_parenthesis", "circumflex_accent")
        assert viewer.regions()["locals"].size == (width, height)
        edge = viewer.regions()["locals"]
        await viewer.drag(Offset(edge.x, edge.y + 2), Offset(edge.x - 9, edge.y + 2))
        assert viewer.regions()["locals"].width == width + 9
        top = viewer.regions()["stack"]
        await viewer.drag(Offset(top.x + 3, top.y), Offset(top.x + 3, top.y - 3))
        assert viewer.regions()["stack"].height == top.height + 3
        timeline = viewer.regions()["timeline"]
        await viewer.drag(Offset(5, timeline.y), Offset(5, timeline.y - 4))
        assert viewer.regions()["timeline"].height == timeline.height + 4

    drive(billing, script, memory=memory, size=(120, 40))

    async def again(viewer: Viewer) -> None:
        # Sizes are kept, for terminals of this class.
        assert viewer.regions()["timeline"].height == 8

    drive(billing, again, memory=memory, size=(124, 40))

    async def other(viewer: Viewer) -> None:
        assert viewer.regions()["timeline"].height == 3

    drive(billing, other, memory=memory, size=(80, 24))


@pytest.mark.parametrize("name", PANES)
def test_each_pane_can_be_alone(billing: Path, name: str) -> None:
    async def script(viewer: Viewer) -> None:
        viewer.app.activate_by_name(name)
        await viewer.settle()
        await viewer.press("z")
        region = viewer.regions()[name]
        assert region.width == 80
        assert region.height >= 11
        assert all(len(line) == 80 for line in viewer.screen())
        await viewer.press("z")
        assert "source" in viewer.regions()

    drive(billing, script)


def test_a_click_on_a_title_goes_to_the_pane_and_two_maximise_it(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.click(viewer.find("Stack"))
        assert viewer.app.active is viewer.app.stack
        await viewer.click(viewer.find("Stack"), times=2)
        assert set(viewer.regions()) == {"stack", "timeline"}

    drive(billing, script)


def test_the_mouse_can_do_what_the_keys_do(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.click(viewer.find("/N step") + Offset(1, 0))
        assert viewer.position == 185
        await viewer.click(viewer.find("n/N step"))
        assert viewer.position == 186
        gutter = viewer.find("  43")
        await viewer.click(Offset(0, gutter.y))
        assert viewer.screen()[gutter.y].startswith("*")
        await viewer.click(viewer.find("main           billing.py:55"), times=2)
        assert viewer.app.desk.view.frame is not None
        assert viewer.app.desk.view.frame.function == "main"
        await viewer.click(viewer.find("? help"))
        assert "Help" in viewer.text
        row = viewer.find("over, backwards")
        await viewer.click(row, times=2)
        assert viewer.position == 170  # once, in the frame that is selected

    drive(billing, script)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        '{"format": 2}',
        '{"format": 1, "layouts": 3, "theme": 4}',
        json.dumps({"format": 1, "layouts": {"narrow": {"hidden": 1, "places": [], "shares": {"below": "x", "turn": 1e999}}}}),
        json.dumps({"format": 1, "layouts": {"narrow": {"hidden": [[], "stack"], "places": {"locals": "stack", "stack": "stack"}}}}),
        "[" * 100_000,
    ],
)
def test_a_memory_that_makes_no_sense_is_none(billing: Path, tmp_path: Path, content: str) -> None:
    memory = tmp_path / "viewer.json"
    memory.write_text(content)

    async def script(viewer: Viewer) -> None:
        assert "Locals" in viewer.text

    drive(billing, script, memory=memory)


def test_a_memory_that_cannot_be_kept_disturbs_nobody(billing: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    async def script(viewer: Viewer) -> None:
        viewer.app.activate(viewer.app.stack)
        await viewer.press("Z")
        assert "stack" not in viewer.regions()

    drive(billing, script, memory=tmp_path / "file" / "viewer.json")
    memory = Memory(tmp_path / "new" / "viewer.json")
    memory.theme = "nord"
    memory.save()
    assert Memory(tmp_path / "new" / "viewer.json").theme == "nord"
