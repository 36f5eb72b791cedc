"""`/` in each pane: rows as they are typed, the locals filtered, and from the source the whole run."""

from pathlib import Path

import pytest

from tui.conftest import Record
from tui.viewer import Viewer, drive


def test_a_text_is_found_in_a_pane_as_it_is_typed(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        app = viewer.app
        app.activate_by_name("output")
        await viewer.settle()
        await viewer.press("g", "slash")
        start = app.output.cursor
        await viewer.type("Traceb")
        assert "Traceback" in app.output.text_of(app.output.cursor)
        await viewer.press("escape")
        assert app.output.cursor == start
        await viewer.press("slash")
        await viewer.type("month")
        await viewer.press("enter")
        found = [app.output.cursor]
        for key in ("full_stop", "full_stop", "comma"):
            await viewer.press(key)
            found.append(app.output.cursor)
        assert found[0] < found[1] < found[2]
        assert found[3] == found[1]
        assert all("month" in app.output.text_of(index) for index in found)
        await viewer.press("slash")
        await viewer.type("nowhere")
        await viewer.press("enter")
        assert "not in this pane" in viewer.status

    drive(billing, script, size=(120, 40))


@pytest.mark.parametrize("name", ["stack", "calls"])
def test_rows_of_other_panes_are_found(billing: Path, name: str) -> None:
    async def script(viewer: Viewer) -> None:
        pane = viewer.app.panes[name]
        viewer.app.activate_by_name(name)
        await viewer.settle()
        await viewer.press("G", "slash")
        await viewer.type("main")
        await viewer.press("enter")
        assert "main" in pane.text_of(pane.cursor)
        assert viewer.app.results.results == []

    drive(billing, script, size=(120, 40))


def test_from_the_source_the_file_is_searched_while_typing_and_the_run_with_enter(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        app = viewer.app
        before = app.source.cursor_line
        await viewer.press("slash")
        await viewer.type("def main")
        assert app.source.cursor_text.startswith("def main")
        await viewer.press("escape")
        assert app.source.cursor_line == before
        await viewer.press("slash")
        await viewer.type("company")
        await viewer.press("enter")
        assert app.active is app.results
        assert any("company" in result.text for result in app.results.results)
        assert viewer.position == 186, "looking moves nothing"

    drive(billing, script)


def test_a_text_is_found_at_the_end_of_a_long_source(recorded: Record) -> None:
    program = "x = 1\n" + "# a line\n" * 20_000 + "# the needle\ny = 2\n"

    async def script(viewer: Viewer) -> None:
        await viewer.press("slash")
        await viewer.type("the needle")
        assert viewer.app.source.cursor_line == 20_002
        assert "# the needle" in viewer.text
        await viewer.press("enter")
        assert viewer.status == "'the needle' is in no value, output or exception of the run"

    drive(recorded(program), script, at="first")


def test_a_text_is_in_no_pane_that_is_empty(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        for name in ("results", "stops", "calls", "output", "threads", "timeline", "stack"):
            viewer.app.activate_by_name(name)
            await viewer.settle()
            await viewer.press("slash")
            await viewer.type("zz")
            await viewer.press("enter")
            assert viewer.app.failed_with is None, name
            assert "'zz' is not in this pane" in viewer.status, name

    drive(recorded(""), script, at="first")
