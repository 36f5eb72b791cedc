"""The viewer's keys for checkpoints."""

from pathlib import Path

from tui.viewer import Viewer, drive

from checkpoints.keeping import kept

PROGRAM = """
class Thing:
    def __repr__(self):
        return "<the real repr>"

thing = Thing()
total = 0
for number in range(100_000):
    total += number
last = 1
"""


def test_a_moment_is_entered_asked_and_left(tmp_path: Path) -> None:
    async def script(viewer: Viewer) -> None:
        here = viewer.position
        await viewer.press("K")
        assert f"verified to event {here:,}" in viewer.status
        await viewer.type(":eval thing")
        await viewer.press("enter")
        assert "<the real repr>" in viewer.text
        await viewer.press("J")
        assert f"left event {here:,}" in viewer.status
        await viewer.press("left_square_bracket")
        assert viewer.position < here
        at = viewer.position
        await viewer.press("K")
        assert f"verified to event {at:,}" in viewer.status
        await viewer.press("U")
        assert "◆" in viewer.text
        await viewer.press("J")

    with kept(tmp_path, PROGRAM) as found:
        drive(found.run.path, script, at="last")


def test_without_checkpoints_a_key_says_so(tmp_path: Path) -> None:
    async def script(viewer: Viewer) -> None:
        for key in "KU":
            await viewer.press(key)
            assert "checkpoints" in viewer.status
        await viewer.press("J")
        assert "no moment has been entered" in viewer.status

    with kept(tmp_path, PROGRAM) as found:
        found.let_go()
        drive(found.run.path, script, at="last")


def test_letting_effects_out_is_asked_for_first(tmp_path: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.type(":whatif -l total = 5")
        await viewer.press("enter")
        assert "really be used" in viewer.text
        await viewer.type("no")
        await viewer.press("enter")
        assert "nothing was done" in viewer.status
        assert not list(tmp_path.glob("*universe*"))

    with kept(tmp_path, PROGRAM) as found:
        drive(found.run.path, script, at="last")


def test_a_key_lets_the_program_go_on_only_where_it_is_paused(tmp_path: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.press("r")
        assert "isn't paused here" in viewer.status

    with kept(tmp_path, PROGRAM) as found:
        drive(found.run.path, script, at="last")
