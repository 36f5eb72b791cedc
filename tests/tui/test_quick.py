"""What a key waits for, and what comes behind it."""

import gc
from pathlib import Path
from typing import Any

import pytest

from tttui.tui.app import Debugger
from tttui.tui.garbage import Garbage
from tttui.tui.spare import FIRST, SpareTime
from tui.conftest import Record
from tui.viewer import Viewer, drive

MANY = """
def leaf(n):
    return n
def parent():
    for n in range(200):
        leaf(n)
parent()
"""


def leave_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that can wait is found for the paint that a key waits for."""
    begin = SpareTime.begin
    monkeypatch.setattr(SpareTime, "begin", lambda self, budget=FIRST: begin(self, -1.0 if budget == FIRST else budget))


def test_what_takes_longer_comes_behind_the_paint_of_a_key(billing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no time at all to spare, the screen is sent first, and what was left out is there in the end."""
    leave_no_time(monkeypatch)
    order: list[str] = []
    display, catch_up = Debugger._display, Debugger._catch_up

    def displayed(self: Debugger, *arguments: Any) -> None:
        order.append("sent")
        display(self, *arguments)

    def caught_up(self: Debugger) -> None:
        order.append("caught up")
        catch_up(self)

    monkeypatch.setattr(Debugger, "_display", displayed)
    monkeypatch.setattr(Debugger, "_catch_up", caught_up)

    async def script(viewer: Viewer) -> None:
        await viewer.press("colon")
        await viewer.type("100")
        order.clear()
        await viewer.press("enter")
        assert "caught up" in order
        assert order.index("sent") < order.index("caught up")
        assert "# paid = 29" in viewer.text

    drive(billing, script, size=(200, 50))


def test_siblings_that_there_was_no_time_for_are_found_later(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        viewer.app.activate_by_name("calls")
        while viewer.app.desk.view.place.split()[-1] != "leaf":
            await viewer.press("s")
        calls = viewer.app.calls
        found = [row.call.call for row in calls._rows_of if row.call is not None and row.call.function == "leaf"]
        assert len(found) == 12 + 1 + 25
        assert found == sorted(found)

    drive(recorded(MANY), script, at="300", size=(200, 50))


def test_what_is_behind_after_a_motion_in_a_pane_comes_too(recorded: Record) -> None:
    """Also where nothing moved: going down the tree of calls shows calls whose arguments are not known yet."""

    async def script(viewer: Viewer) -> None:
        viewer.app.activate_by_name("calls")
        await viewer.press("G")
        assert not viewer.app.is_behind
        assert "(n=" in viewer.text
        shown = [line for line in viewer.screen() if "leaf" in line and "µs" in line]
        assert shown
        assert all("(n=" in line for line in shown)

    drive(recorded(MANY), script, at="300", size=(200, 50))


def test_the_garbage_is_collected_in_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[int] = []
    frozen: list[bool] = []
    thresholds: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda generation=2: collected.append(generation))
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(True))
    monkeypatch.setattr(gc, "set_threshold", lambda *given: thresholds.extend(given))
    garbage = Garbage()
    garbage.begin()
    assert (collected, frozen) == ([2], [True])
    assert thresholds[1] >= 1000
    garbage.pause(5)
    assert collected == [2], "something was painted just now"
    garbage.pause(5)
    garbage.pause(5)
    assert collected == [2, 1], "once for a pause"
    garbage.pause(6)
    garbage.pause(6)
    assert collected == [2, 1, 1]


def test_the_present_call_stays_in_view_when_siblings_are_found_later(recorded: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    leave_no_time(monkeypatch)

    async def script(viewer: Viewer) -> None:
        while viewer.app.desk.view.place.split()[-1] != "leaf":
            await viewer.press("s")
        calls = viewer.app.calls
        row = calls._rows_of[calls.cursor]
        assert row.call is not None
        assert row.call.call == calls._current
        assert any(line.split("│")[-1].startswith(">") and "leaf" in line for line in viewer.screen())

    drive(recorded(MANY), script, at="700", size=(200, 50))
