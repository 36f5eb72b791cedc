"""Every key carries out its action, and every action can be carried out anywhere, at any size."""

from contextlib import suppress
from pathlib import Path

import pytest
from textual.worker import WorkerFailed

from tttui.tui.actions import ACTIONS, BY_NAME
from tttui.tui.keymaps import PRESETS, keys
from tttui.tui.layouts import PANES
from tui.conftest import Record
from tui.viewer import Viewer, drive

LEAVING = ("quit", "suspend", "editor")
TASKS = """
import asyncio, threading
def work(n):
    if n == 2:
        raise ValueError(n)
    return [n, {"n": n}]
async def child(n):
    await asyncio.sleep(0)
    return work(n)
async def main():
    print(await asyncio.gather(*(asyncio.create_task(child(n), name=f"child-{n}") for n in range(3)), return_exceptions=True))
thread = threading.Thread(target=work, args=(1,), name="other")
thread.start(); thread.join()
asyncio.run(main())
"""


def test_every_key_carries_out_its_action(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        done: list[str] = []
        viewer.app.perform = done.append  # type: ignore[method-assign,assignment]
        for action in ACTIONS:
            for key in action.keys:
                if key == "0":
                    continue  # behind a digit it is one
                done.clear()
                await viewer.press(key)
                assert done == [action.name], key
        await viewer.press("0")
        assert done[-1] == "zoom_fit"

    drive(billing, script)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_leaves_no_action_without_a_key(preset: str) -> None:
    found, problems = keys(preset)
    assert not problems
    for name, given in found.items():
        assert given or not BY_NAME[name].keys, name


@pytest.mark.parametrize(("size", "at"), [((60, 15), "first"), ((80, 24), "40"), ((200, 50), "last")])
def test_every_action_can_be_carried_out_anywhere(recorded: Record, size: tuple[int, int], at: str) -> None:
    """In a program with threads, tasks and exceptions, from each pane: it moves, or says why it doesn't, and the screen stays whole."""

    async def script(viewer: Viewer) -> None:
        for name in PANES:
            viewer.app.activate_by_name(name)
            await viewer.settle()
            for action in ACTIONS:
                if action.name in LEAVING:
                    continue
                viewer.app.perform(action.name)
                viewer.app._letter = ""
                if viewer.app.prompt.question is not None:
                    viewer.app.prompt.action_cancel()
            viewer.app._maximised = ""
            viewer.app.reset_layout()
            await viewer.settle()
            assert {len(line) for line in viewer.screen()} == {size[0]}

    drive(recorded(TASKS), script, at=at, size=size)


def test_the_footer_greys_out_what_cannot_be_done(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        def styles() -> dict[str, object]:
            line = viewer.app.footer._rows[0]
            return {text: style for text, style, _ in line}

        faint, key = viewer.app.desk.theme["faint"], viewer.app.desk.theme["key"]
        assert styles()["N"] == styles()["n"] == key
        await viewer.press("less_than_sign")
        assert styles()["N"] == faint
        assert styles()["n"] == key
        await viewer.press("greater_than_sign")
        assert styles()["N"] == key
        assert styles()["n"] == faint
        for name, can in (("undo", True), ("redo", False), ("up", False), ("down", False)):
            assert viewer.app.can(name) is can, name

    drive(billing, script)


def test_what_cannot_be_done_is_grey_in_the_palette_too(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.press("less_than_sign", "ctrl+p")
        await viewer.type("over backwards")
        assert [result.style for result in viewer.app.results.results] == ["faint"]

    drive(billing, script)


def test_a_key_held_down_is_painted_once(billing: Path) -> None:
    """Two hundred steps that wait already: the moments between are passed over."""

    async def script(viewer: Viewer) -> None:
        looks: list[int] = []
        look = viewer.app.desk.look

        def counted() -> object:
            looks.append(viewer.position)
            return look()

        viewer.app.desk.look = counted  # type: ignore[method-assign,assignment]
        for _ in range(200):
            viewer.app.perform("step")
        await viewer.settle()
        assert viewer.position > 150
        assert looks == [viewer.position]

    drive(billing, script, at="first")


def test_a_question_that_fails_is_said_and_the_rest_goes_on(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        def broken(run: object, cancelled: object) -> object:
            raise RuntimeError("out of luck")

        viewer.app.gather("broken", broken)  # type: ignore[arg-type]
        with suppress(WorkerFailed):
            await viewer.settle()
        await viewer.settle()
        assert viewer.app.status.is_problem
        assert "out of luck" in viewer.status
        assert "failed" in viewer.text
        await viewer.press("N")
        assert viewer.position == 185

    drive(billing, script)


def test_what_is_said_of_keys_is_true_of_those_that_there_are(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        app = viewer.app
        assert "w W next, last write" in app.keyed(app.locals.HELP)
        app.key_map, _ = keys("gdb", {"why": ""})
        assert "r R next, last write; why this value" in app.keyed(app.locals.HELP)
        for pane in app.panes.values():
            assert "{" not in app.keyed(pane.HELP).replace("} {", "")
        await viewer.go_to_pane(2)
        assert "r R next, last write" in viewer.status

    drive(billing, script)
