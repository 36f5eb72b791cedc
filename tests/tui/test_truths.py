"""When watches became true, and the locals by age."""

from pathlib import Path

import pytest

from tttui.tui import truths
from tui.conftest import Record
from tui.viewer import Viewer, drive

COUNTING = """
def count():
    total = 0
    limit = 30
    other = "x"
    for number in range(10):
        total += number
    return total
count()
"""


def names(viewer: Viewer) -> list[str]:
    return [row.label for row in viewer.app.locals._rows_of]


async def to_return(viewer: Viewer) -> None:
    viewer.app.source.jump_to_line(8)
    await viewer.press("comma")
    assert viewer.app.desk.view.place.endswith(":8 in count")


def event_where(viewer: Viewer, total: str) -> int:
    """The first event at which total is something."""
    moments = (viewer.app.desk.run.moment(event) for event in range(viewer.app.desk.run.events))
    for moment in moments:
        if any("total" in frame.locals and frame.locals["total"].text == total for frame in moment.stack):
            return int(moment.event)
    raise LookupError(total)


def test_a_watch_says_when_it_became_true(recorded: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truths, "PAUSE", 0.01)

    async def script(viewer: Viewer) -> None:
        await to_return(viewer)
        for text in ("total > limit", "total > 1000", "total"):
            await viewer.press("x")
            viewer.app.prompt.value = text
            await viewer.press("enter")
        await viewer.pilot.pause(0.1)
        await viewer.settle()
        wanted = event_where(viewer, "36")
        lines = [line for line in viewer.screen() if "total > " in line]
        assert f"(first true at {wanted:,})" in lines[0]
        assert "(never true)" in lines[1]
        assert "first" not in next(line for line in viewer.screen() if "│ total  45" in line or "│ total   45" in line)
        viewer.app.activate_by_name("stops")
        await viewer.press("g", "i")
        assert viewer.position == wanted
        assert "total > limit is true here for the first time" in viewer.status
        await viewer.press("j", "i")
        assert viewer.position == wanted
        assert "never true" in viewer.status

    drive(recorded(COUNTING), script, at="last", size=(200, 50))


def test_an_expression_is_asked_for_where_no_watch_is_selected(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        await to_return(viewer)
        await viewer.press("i")
        viewer.app.prompt.value = "number % 4 == 3"
        await viewer.press("enter")
        assert viewer.app.desk.view.frame is not None
        assert viewer.app.desk.view.frame.locals["number"].text == "3"
        await viewer.press("i")
        viewer.app.prompt.value = "1 +"
        await viewer.press("enter")
        assert viewer.app.status.is_problem

    drive(recorded(COUNTING), script, at="last")


def test_all_turns_of_an_expression_are_listed(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        await to_return(viewer)
        viewer.app.perform("turns")
        await viewer.settle()
        viewer.app.prompt.value = "number % 4 == 3"
        await viewer.press("enter")
        rows = viewer.app.results.results
        assert [row.text for row in rows if row.text in ("true", "not true")] == ["not true", *["true", "not true"] * 2]
        await viewer.press("G", "enter")
        assert viewer.position == rows[-1].event

    drive(recorded(COUNTING), script, at="last")


def test_what_changed_last_comes_first(recorded: Record, tmp_path: Path) -> None:
    recording, memory = recorded(COUNTING), tmp_path / "viewer.json"

    async def script(viewer: Viewer) -> None:
        await to_return(viewer)
        assert names(viewer) == ["total", "limit", "other", "number"]
        await viewer.press("a")
        assert names(viewer) == ["total", "number", "other", "limit"]
        assert "by age" in viewer.text
        await viewer.press("N", "N")
        assert names(viewer)[:2] == ["number", "total"], "number was set after total"

    async def again(viewer: Viewer) -> None:
        await to_return(viewer)
        assert names(viewer) == ["total", "number", "other", "limit"], "it is remembered"
        await viewer.press("a")
        assert names(viewer) == ["total", "limit", "other", "number"]

    drive(recording, script, at="last", memory=memory)
    drive(recording, again, at="last", memory=memory)
