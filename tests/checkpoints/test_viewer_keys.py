"""The viewer's keys for checkpoints."""

from pathlib import Path

from tui.viewer import Viewer, drive

from checkpoints.keeping import kept

PROGRAM = """
class Thing:
    def __repr__(self):
        return "<the real repr>"


def fail():
    raise LookupError("on purpose")


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
        assert "  entered  " in viewer.screen()[0]
        await viewer.type(":eval thing")
        await viewer.press("enter")
        assert "<the real repr>" in viewer.text
        await viewer.type(":eval nothing")
        await viewer.press("enter")
        assert (viewer.status, viewer.app.status.is_problem) == ("NameError: name 'nothing' is not defined", True)
        await viewer.type(":eval print('first') or fail()")
        await viewer.press("enter")
        assert viewer.status == "LookupError: on purpose"
        assert next(row.text for row in viewer.app.results.results) == "first"
        assert any("in fail" in row.text for row in viewer.app.results.results)
        await viewer.press("escape")
        await viewer.type(":exec -k thing = 5")
        await viewer.press("enter")
        assert "  changed  " in viewer.screen()[0]
        await viewer.press("N")
        assert f"  changed at {here:,}" in viewer.screen()[0]
        await viewer.press("J")
        assert f"left event {here:,}" in viewer.status
        assert not any(word in viewer.screen()[0] for word in ("entered", "changed"))
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


GOES_ON = """
limit = 1000
total = 0
for number in range(100_000):
    total += number
if total > limit:
    print("much")
    raise ValueError("too much")
print("little")
"""


def test_checkpoints_stand_in_the_timeline_and_in_a_list(tmp_path: Path) -> None:
    async def script(viewer: Viewer) -> None:
        kept_at = [each.event for each in found.checkpoints.list()]
        assert list(viewer.app.desk.checkpoints) == kept_at
        signs = viewer.screen()[viewer.app.timeline.region.bottom - 1]
        assert "◆" in signs
        columns = {viewer.app.timeline.column_of(event, 80) for event in kept_at}
        here = viewer.app.timeline.column_of(viewer.position, 80)
        assert {x for x, character in enumerate(signs) if character == "◆"} == columns - {here}
        await viewer.press("U")
        rows = [result for result in viewer.app.results.results if result.lead.startswith("◆")]
        assert [row.event for row in rows] == kept_at
        await viewer.press("g", "enter")
        assert viewer.position == kept_at[0]

    with kept(tmp_path, PROGRAM) as found:
        drive(found.run.path, script, at="last")


def test_another_universe_stands_beside_the_first_one(tmp_path: Path) -> None:
    async def script(viewer: Viewer) -> None:
        app = viewer.app
        at = found.event_at("if total > limit")
        await viewer.type(f":{at}")
        await viewer.press("enter")
        await viewer.type(":whatif limit = 10**12")
        await viewer.press("enter")
        assert "another universe" in viewer.text
        [universe] = app.desk.universes
        assert (universe.event, universe.change, universe.ended, universe.failed) == (at, "limit = 10**12", "exit code 0", False)
        await viewer.press("escape")
        app.activate_by_name("threads")
        await viewer.settle()
        line = next(line for line in viewer.screen() if "universe 1" in line)
        assert "limit = 10**12 · exit code 0" in line
        await viewer.press("U")
        assert "limit = 10**12 · exit code 0" in viewer.text
        assert "ran line 8" in viewer.text or "limit" in viewer.text
        rows = app.results.results
        app.results.cursor = next(index for index, row in enumerate(rows) if row.lead == "universe 1")
        assert any(row.event is not None and row.event >= at for row in rows[app.results.cursor + 1 :]), "where they part"
        await viewer.press("enter")
        assert app.goes_on == (universe.path, at)

    async def there(viewer: Viewer) -> None:
        app = viewer.app
        assert "another universe from event" in app.header.state
        [first] = app.desk.universes
        assert first.is_first
        assert any("the first" in line and "└" in line for line in viewer.screen()[-6:]), "its lane, in a terminal without room for others"
        app.activate_by_name("threads")
        await viewer.settle()
        await viewer.press("G")
        assert "the first one" in viewer.text
        assert "ValueError('too much')" in viewer.text
        await viewer.press("enter")
        assert app.goes_on == (found.run.path, first.event)

    with kept(tmp_path, GOES_ON) as found:
        drive(found.run.path, script, at="last", size=(200, 50))
        drive(next(tmp_path.glob("*-universe-1.db")), there, at="last", size=(120, 40))
