"""Every key does what the table of actions says."""

from pathlib import Path
from unittest import mock

import pytest
from textual.events import Key

from tttui.errors import TttuiError
from tttui.tui import keymaps
from tttui.tui.actions import ACTIONS, BY_NAME
from tui.viewer import Viewer, drive


def test_it_opens_at_the_failure(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        screen = viewer.screen()
        assert "billing.py:45 in Books.close_month" in screen[0]
        assert any(line.startswith(" >  45") and "raise BillingError" in line for line in screen)
        assert "BillingError('month 3: Linus would get 41 back')" in viewer.status
        assert len(screen) == 24
        assert all(len(line) == 80 for line in screen)

    drive(billing, script)


@pytest.mark.parametrize(
    ("there", "back"),
    [
        ("n", "N"),
        ("s", "S"),
        ("f", "F"),
        ("e", "E"),
        ("full_stop", "comma"),
        ("right_curly_bracket", "left_curly_bracket"),
        ("c", "C"),
        ("t", "T"),
    ],
)
def test_a_small_letter_goes_on_and_its_capital_back(billing: Path, there: str, back: str) -> None:
    async def script(viewer: Viewer) -> None:
        start = viewer.position
        await viewer.press(there)
        assert viewer.position > start or viewer.status
        moved = viewer.position
        await viewer.press(back)
        assert viewer.position < moved or viewer.status

    drive(billing, script, at="61")


def test_step_back_undoes_step(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        for key in "nsf":
            start = viewer.position
            await viewer.press(key)
            assert viewer.position > start
            await viewer.press(key.upper())
            assert viewer.position == start

    drive(billing, script, at="61")


def test_a_key_right_behind_an_answer_is_not_lost(billing: Path) -> None:
    """Typed ahead, as in a terminal that is slow: the prompt has the focus still."""

    async def script(viewer: Viewer) -> None:
        await viewer.type(":180")
        await viewer.press("enter", "S")
        wanted = viewer.position
        await viewer.type(":180")
        for key in ("enter", "S"):
            viewer.app.post_message(Key(key, None if key == "enter" else key))
        await viewer.settle()
        assert viewer.position == wanted
        assert viewer.app.prompt.value == "180"

    drive(billing, script)


def test_a_count_repeats(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        for _ in range(12):
            await viewer.press("S")
        wanted = viewer.position
        await viewer.press("greater_than_sign", "less_than_sign", "greater_than_sign")
        await viewer.type(":186")
        await viewer.press("enter")
        assert viewer.position == 186
        await viewer.press("1", "2", "S")
        assert viewer.position == wanted

    drive(billing, script)


def test_a_single_digit_goes_to_a_pane(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.press("2")
        await viewer.pilot.pause(0.7)
        assert viewer.app.active.id == "locals"
        await viewer.press("5")
        await viewer.pilot.pause(0.7)
        await viewer.settle()
        assert viewer.app.active.id == "calls"
        assert "21 calls" in viewer.text

    drive(billing, script)


def test_ends_are_said(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.press("less_than_sign")
        assert viewer.position == 0
        await viewer.press("N")
        assert "begins here" in viewer.status
        await viewer.press("greater_than_sign")
        assert viewer.position == 189
        await viewer.press("n")
        assert viewer.status

    drive(billing, script)


def test_who_set_it(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        viewer.app.activate(viewer.app.locals)
        viewer.app.locals.select("paid")
        await viewer.press("W")
        assert viewer.position < 186
        assert "paid" in viewer.status
        assert viewer.status == "paid was set here: -41"
        assert viewer.app.desk.view.frame is not None
        assert viewer.app.desk.view.frame.line == 42

    drive(billing, script)


def test_why(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        viewer.app.activate(viewer.app.locals)
        viewer.app.locals.select("paid")
        await viewer.press("y")
        assert viewer.app.active is viewer.app.results
        assert viewer.app.results.results
        await viewer.press("enter")
        assert viewer.position <= 186

    drive(billing, script)


def test_print_over_all_hits(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        viewer.app.source.jump_to_line(43)
        await viewer.press("P")
        viewer.app.prompt.value = "paid"
        await viewer.press("enter")
        assert [result.text for result in viewer.app.results.results] == ["9", "99", "29", "99", "9", "99", "29", "99", "-41"]
        await viewer.press("g", "enter")
        assert viewer.position == viewer.app.results.results[0].event
        await viewer.press("full_stop")
        assert viewer.position == viewer.app.results.results[1].event

    drive(billing, script)


def test_breakpoints_stop_both_ways_and_are_kept(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        viewer.app.source.jump_to_line(36)
        await viewer.press("b")
        assert any(line.startswith("*   36") for line in viewer.screen())
        await viewer.press("C")
        frame = viewer.app.desk.view.frame
        assert frame is not None
        assert frame.line == 36

    drive(billing, script)

    async def again(viewer: Viewer) -> None:
        assert len(viewer.app.stops.all()) == 1
        await viewer.press("C", "B", "space")
        assert "[ ]" in viewer.text
        await viewer.press("delete")
        assert not viewer.app.stops.all()

    drive(billing, again)


def test_marks_are_saved_beside_the_recording(billing: Path) -> None:
    before = billing.read_bytes()

    async def script(viewer: Viewer) -> None:
        await viewer.press("m", "a")
        await viewer.type("here it goes wrong")
        await viewer.press("enter", "less_than_sign")
        assert viewer.position == 0
        await viewer.press("apostrophe", "a")
        assert viewer.position == 186
        assert viewer.status == "here it goes wrong"

    drive(billing, script)
    assert billing.read_bytes() == before

    async def again(viewer: Viewer) -> None:
        await viewer.press("M")
        assert "here it goes wrong" in viewer.text
        await viewer.press("enter")
        assert viewer.position == 186

    drive(billing, again, at="first")


def test_watches_show_and_are_kept(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.press("x")
        viewer.app.prompt.value = "self.income + 1"
        await viewer.press("enter", "B")
        assert "self.income + 1  432" in viewer.text

    drive(billing, script)
    drive(billing, script, size=(120, 40))


def test_the_command_line_takes_what_the_shell_takes(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        for command, position in ((":12", 12), (":+3", 15), (":50%", 94), (":goto 100", 100), (":3 step", None)):
            await viewer.type(command)
            await viewer.press("enter")
            if position is not None:
                assert abs(viewer.position - position) <= 1, command
        await viewer.type(":goto failure")
        await viewer.press("enter")
        await viewer.type(":p account")
        await viewer.press("enter")
        assert "'balance': -41" in viewer.status
        await viewer.type(":nonsense")
        await viewer.press("enter")
        assert viewer.app.status.is_problem
        assert "nonsense" in viewer.status

    drive(billing, script)


PLACES_THAT_ARE_NOT = [
    "190", "27005", "-200", "+9999", "101%", "nowhere.py:3", "billing.py:9999", "goto nowhere", "99999999999999999999", "step x"
]  # fmt: skip


def test_a_place_that_is_not_there_is_told_and_the_viewer_goes_on(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        for place in PLACES_THAT_ARE_NOT:
            before = viewer.position
            await viewer.type(f":{place}")
            await viewer.press("enter")
            assert viewer.app.failed_with is None, place
            assert viewer.status or viewer.position in (0, 189), place
            assert viewer.position in (before, 0, 189), place
            await viewer.press("greater_than_sign", "S")
            assert viewer.position < 189, place

    drive(billing, script)


def test_a_problem_in_a_click_is_told_and_the_viewer_goes_on(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        def enter() -> None:
            raise TttuiError("the recording is damaged", "here")

        with mock.patch.object(viewer.app.stack, "enter", enter):
            await viewer.click(viewer.find("<module>"), times=2)
        assert (viewer.status, viewer.app.status.is_problem) == ("the recording is damaged: here", True)
        await viewer.press("N")
        assert viewer.position == 185

    drive(billing, script)


def test_a_prompt_closes_without_doing_anything(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        for key in ("escape", "ctrl+c", "backspace"):
            await viewer.press("colon")
            assert viewer.app.prompt.display
            await viewer.press(key)
            assert not viewer.app.prompt.display
        await viewer.press("N")
        assert viewer.position != 186

    drive(billing, script)


def test_help_and_palette_name_every_action(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.press("question_mark")
        shown = " ".join(result.text for result in viewer.app.results.results)
        for action in ACTIONS:
            assert action.help in shown or not action.keys
        await viewer.press("escape", "ctrl+p")
        await viewer.type("start of the run")
        assert len(viewer.app.results.results) == 1
        await viewer.press("enter")
        assert viewer.position == 0

    drive(billing, script)


def test_undo_and_redo_of_jumps(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.press("less_than_sign")
        await viewer.press("backspace")
        assert viewer.position == 186
        await viewer.press("backslash")
        assert viewer.position == 0

    drive(billing, script)


def test_no_two_actions_have_one_key() -> None:
    found, problems = keymaps.keys()
    assert not problems
    owners: dict[str, str] = {}
    for name, keys in found.items():
        assert keys == BY_NAME[name].keys
        for key in keys:
            assert owners.setdefault(key, name) == name


def test_a_clash_in_a_users_own_keys_is_told() -> None:
    found, problems = keymaps.keys("default", {"next": "z", "maximise": "z", "nothing": "y"})
    assert found["next"] == ("z",)
    assert found["maximise"] == ()
    assert len(problems) == 2


def test_keys_may_be_given_as_people_write_them() -> None:
    found, problems = keymaps.keys("default", {"next": "] Ctrl+X N F10 PgDn Shift+← +", "watch": "x"})
    wanted = ("right_square_bracket", "ctrl+x", "N", "shift+n", "f10", "pagedown", "shift+left", "plus")
    assert found["next"] == wanted
    assert "next_checkpoint has no key any more: next has right_square_bracket" in problems
    assert not any("watch" in problem for problem in problems)


@pytest.mark.parametrize("preset", keymaps.PRESETS)
def test_presets_have_no_clashes(preset: str) -> None:
    assert keymaps.keys(preset)[1] == []


def test_what_is_typed_takes_the_place_of_what_a_prompt_begins_with(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.press("x")
        assert viewer.app.prompt.value == "month"
        await viewer.type("paid+1")
        await viewer.press("enter")
        assert [watched.text for watched in viewer.app.desk.view.watches] == ["paid+1"]
        await viewer.press("x", "end")
        await viewer.type("+2")
        assert viewer.app.prompt.value == "month+2"
        await viewer.press("enter", "x", "enter")
        assert [watched.text for watched in viewer.app.desk.view.watches] == ["paid+1", "month+2", "month"]

    drive(billing, script)


@pytest.mark.parametrize("enter", ["\r", "\n"], ids=["as a key", "as a line of the terminal"])
def test_a_command_that_was_typed_before_there_was_anything_to_see_is_carried_out(billing: Path, enter: str) -> None:
    async def script(viewer: Viewer) -> None:
        assert viewer.position == 61
        assert viewer.app.prompt.question is None
        await viewer.press("n")
        assert viewer.position > 61

    drive(billing, script, typed_ahead=f":goto 61{enter}")
