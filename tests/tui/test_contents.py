"""What the panes say is true: values beside their lines, ages, hits, recursion, output, lanes, themes that are tried."""

import re
from contextlib import ExitStack
from pathlib import Path
from unittest import mock

from textual.geometry import Offset

from tttui.navigation.breakpoints import LineBreakpoint
from tttui.tui.ages import age
from tttui.tui.memory import Memory
from tui.conftest import Record
from tui.viewer import Viewer, drive

STEPS = """
def work(items):
    total = 0
    for item in items:
        total += item
        if item > 2:
            total = -total
    unused = None
    return total
print("before")
work([1, 2, 3])
print("after")
if False:
    print("never")
"""
MUTUAL = """
import sys
sys.setrecursionlimit(9000)
def down(n):
    return 0 if not n else down(n - 1)
def even(n):
    return True if not n else odd(n - 1)
def odd(n):
    return False if not n else even(n - 1)
down(3000)
even(400)
"""


async def go_to(viewer: Viewer, line: int, hit: int = 1) -> None:
    await viewer.press("less_than_sign")
    await viewer.type(f":program.py:{line}")
    await viewer.press("enter")
    for _ in range(hit - 1):
        await viewer.press("full_stop")
    frame = viewer.app.desk.view.frame
    assert frame is not None
    assert frame.line == line


def row_of(viewer: Viewer, line: int) -> str:
    return next(row for row in viewer.screen() if re.match(rf".{{2}}(\s+\d* )?\s*{line} ", row))[:80]


LIBRARIES = """
import json
from textwrap import dedent
def own(text):
    return len(text)
found = json.loads("[1]")
shown = dedent("  x")
size = own(shown)
again = False and own(shown)
own(json.dumps(found)) if size else None
again = json.dumps(found)
"""
COUNTING = """
total = 0
for number in range(3000):
    total += number
"""


def test_a_value_stands_beside_the_line_that_gave_it(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        await go_to(viewer, 4, 2)  # of the second item: the first has been added
        assert "# total = 1" in row_of(viewer, 5)
        assert "total" not in row_of(viewer, 3).partition("#")[2]
        await go_to(viewer, 8)
        assert "# total = -6" in row_of(viewer, 7)
        assert "#" not in row_of(viewer, 3)
        assert "#" not in row_of(viewer, 5)
        assert "# items = [1, 2, 3]" in row_of(viewer, 2)

    drive(recorded(STEPS), script, at="first", size=(120, 40))


def test_lines_that_ran_and_lines_that_never_did_are_marked(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        await go_to(viewer, 5)
        marks = {line: row_of(viewer, line)[1] for line in range(2, 15)}
        assert {line for line, mark in marks.items() if mark == "|"} == {3, 4}
        assert marks[5] == ">"
        assert marks[14] == "-"  # in the whole run
        assert marks[7] == " "  # it will run
        assert "    3    4" in row_of(viewer, 4) or " 4    4 " in row_of(viewer, 4)  # how often, and its number

    drive(recorded(STEPS), script, at="first", size=(120, 40), ascii_only=True)


def test_the_call_that_is_being_made_is_marked_in_its_line(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.type(":to call work")
        await viewer.press("enter", "u")
        y = next(y for y, row in enumerate(viewer.screen()) if row.startswith(" >"))
        marked = [text for text, style, _ in viewer.app.source._rows[y - 2] if style is not None and style.underline]
        assert "".join(marked) == "work(3)"

    drive(recorded("def work(n):\n    return n\nx = [1, work(3)]\n"), script, at="first")


def test_how_long_ago_a_variable_changed(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        await go_to(viewer, 8)
        assert re.search(r"total .*1 step ago", viewer.text)
        await viewer.press("n")
        assert re.search(r"total .*2 steps ago", viewer.text)
        assert re.search(r"~ ?unused .*this step", viewer.text)
        await viewer.press("N", "N")
        assert re.search(r"total .*this step", viewer.text)

    drive(recorded(STEPS), script, at="first", size=(200, 50))


def test_ages_are_told_in_few_words() -> None:
    assert [age(steps) for steps in (0, 1, 2, 19, 123, 4_567, 45_678, 1_234_567)] == [
        "this step", "1 step ago", "2 steps ago", "19 steps ago", "120 steps ago", "4,500 steps ago", "45k steps ago", "1.2M steps ago",
    ]  # fmt: skip


def test_what_changed_is_counted_and_shown(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        await go_to(viewer, 4)
        await viewer.press("n", "n")
        assert re.search(r"Locals +1 changed of 3", viewer.text)
        assert re.search(r"~ total +0 → 1", viewer.text)

    drive(recorded(STEPS), script, at="first")


def test_variables_that_are_not_set_yet_are_counted_among_those_that_changed(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        await go_to(viewer, 8)
        await viewer.press("N", "N", "N", "N", "N", "N", "N", "N", "N", "N", "N", "N")
        await viewer.press("less_than_sign")
        shown = len(viewer.app.locals._rows_of)
        assert viewer.app.locals.note() in (f"{shown} changed of {shown}", f"{shown}")
        await viewer.press("greater_than_sign", "less_than_sign")
        assert viewer.text.count("(not set yet)") == 1
        assert re.search(r"Locals +1 changed of 1\b", viewer.text)

    drive(recorded(STEPS), script, at="first", size=(120, 40))


def test_long_values_are_shown_from_where_they_differ(recorded: Record) -> None:
    program = "def f():\n    d = {'first': 'x' * 20, 'second': 'y' * 20, 'last': 1}\n    d['last'] = 2\n    return d\nf()\n"

    async def script(viewer: Viewer) -> None:
        await go_to(viewer, 3)
        await viewer.press("n")
        assert "…'last': 1} → …'last': 2}" in viewer.text

    drive(recorded(program), script, at="first", size=(120, 40))


def test_recursion_is_one_row_of_the_call_tree(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.type(":2500 to call down")
        await viewer.press("enter", "5")
        await viewer.pilot.pause(0.7)
        await viewer.settle()
        assert "more calls of down, one in the other" in viewer.text
        calls = viewer.app.calls
        assert calls.count() < 40
        fold = next(index for index, row in enumerate(calls._rows_of) if row.fold is not None)
        hidden = len(calls._rows_of[fold].fold.calls)  # type: ignore[union-attr]
        assert hidden > 2400
        before = calls.count()
        calls.cursor = fold
        await viewer.press("space")
        assert calls.count() > before + 30
        await viewer.press("G", "enter")
        assert viewer.app.desk.view.frame is not None
        await viewer.press("greater_than_sign")
        await viewer.type(":300 to call odd back")
        await viewer.press("enter")
        await viewer.type(":to call odd")
        await viewer.press("enter")
        assert calls.count() < 120
        assert viewer.text.count(">") >= 1

    drive(recorded(MUTUAL), script, at="first", size=(120, 40))


def test_the_call_tree_says_what_went_in_and_what_came_out(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        viewer.app.activate_by_name("calls")
        await viewer.settle()
        await viewer.press("z")
        assert "Books.bill(self=<Books 13>, name='Linus') → -41" in viewer.text
        assert "! BillingError('month 3" in viewer.text
        assert re.search(r"Books.grant_voucher.*(µs|ms|ns)", viewer.text)

    drive(billing, script, at="181", size=(120, 40))


def test_breakpoints_say_where_they_were_hit_and_will_be(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        viewer.app.source.jump_to_line(42)
        await viewer.press("b")
        entry = viewer.app.stops.all()[0]
        assert isinstance(entry, LineBreakpoint)
        assert viewer.app.stops.total(entry) == 9
        events: list[int] = []
        await viewer.press("less_than_sign")
        for _ in range(10):
            before, after = viewer.app.stops.around(entry)
            assert before == (events[-1] if events and viewer.position == events[-1] + 1 else events[-2] if len(events) > 1 else None)
            if after is None:
                break
            await viewer.press("c")
            assert viewer.position == after
            events.append(after)
        assert len(events) == 9
        assert re.search(r"\[x\] billing.py:42 +9 hits +← [\d,]+", viewer.text)
        await viewer.press("C")
        assert re.search(r"\[x\] billing.py:42 +9 hits +← [\d,]+ +[\d,]+ →", viewer.text)
        viewer.app.activate(viewer.app.stops_pane)
        await viewer.press("enter")
        assert [result.event for result in viewer.app.results.results] == events
        await viewer.press("g", "enter")
        assert viewer.position == events[0]
        viewer.app.activate(viewer.app.stops_pane)
        await viewer.press("full_stop", "full_stop", "comma")
        assert viewer.position == events[1]

    drive(billing, script, size=(200, 50))


def test_b_again_sets_condition_count_and_log(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        viewer.app.source.jump_to_line(43)
        await viewer.press("b", "b")
        await viewer.type("paid == 99 every 2 log name")
        await viewer.press("enter")
        entry = viewer.app.stops.all()[0]
        assert (entry.condition, entry.every, entry.log) == ("paid == 99", 2, "name")
        await viewer.press("b")
        assert viewer.app.prompt.value == "paid == 99 every 2 log name"
        viewer.app.prompt.value = "paid <"
        await viewer.press("enter")
        assert viewer.app.status.is_problem
        assert entry.condition == "paid == 99"
        await viewer.press("b")
        viewer.app.prompt.value = "paid < 0"
        await viewer.press("enter", "less_than_sign", "c")
        frame = viewer.app.desk.view.frame
        assert frame is not None
        assert frame.locals["paid"].text == "-41"
        await viewer.press("delete")
        assert not viewer.app.stops.all()

    drive(billing, script)


def test_output_shows_where_we_are(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        await go_to(viewer, 8)
        viewer.app.activate_by_name("output")
        await viewer.settle()
        rows = [row for row in viewer.screen() if "before" in row or "you are here" in row or re.search(r"\d  after", row)]
        assert [word for row in rows for word in ("before", "here", "after") if word in row and "print" not in row] == [
            "before",
            "here",
            "after",
        ]
        await viewer.press("j", "enter")
        frame = viewer.app.desk.view.frame
        assert frame is not None
        assert frame.line == 12

    drive(recorded(STEPS), script, at="first", size=(200, 50))


def test_hits_are_marked_all_along_the_timeline(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        viewer.app.source.jump_to_line(4)
        await viewer.press("b")
        assert viewer.screen()[-3].count("●") > 70  # of 80 columns, whatever stands in front of it
        await viewer.press("b")
        await viewer.type("number == 2999")
        await viewer.press("enter")
        assert "●" not in viewer.text  # where that is hit isn't known without evaluating it

    drive(recorded(COUNTING), script, at="last")


def test_of_too_many_values_those_around_now_are_shown(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        viewer.app.command("3,000")
        await viewer.settle()
        viewer.app.source.jump_to_line(4)
        viewer.app.print_all("number")
        await viewer.settle()
        rows = [int(row.text) for row in viewer.app.results.results]
        assert len(rows) == 1000
        assert rows == list(range(rows[0], rows[0] + 1000))
        assert rows[0] < int(viewer.app.desk.evaluate("number").text) < rows[-1]
        assert "showing 1,000 of more" in viewer.text

    with ExitStack() as patches:
        for module in ("asking_values", "gathering", "panes.results"):
            patches.enter_context(mock.patch(f"tttui.tui.{module}.MOST", 1000))
        drive(recorded(COUNTING), script, at="last")


def test_scrubbing_is_one_jump_and_shows_the_latest(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        timeline = viewer.regions()["timeline"]
        before = len(viewer.app.desk.navigator.history.jumps)
        await viewer.drag(Offset(70, timeline.y + 1), Offset(10, timeline.y + 1))
        assert abs(viewer.position - 190 * 10 // 80) <= 3
        assert len(viewer.app.desk.navigator.history.jumps) == before + 1
        await viewer.press("backspace")
        assert viewer.position == 186

    drive(billing, script)


def test_the_wheel_zooms_where_the_mouse_is(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        from textual.events import MouseScrollUp

        timeline = viewer.app.timeline
        for _ in range(2):
            timeline.post_message(MouseScrollUp(timeline, 20, 1, 0, 0, 0, False, False, False, 20, 21))
            await viewer.settle()
        start, stop = timeline.shown
        assert stop - start < 60
        assert start <= 190 * 20 // 80 < stop
        await viewer.press("0")
        assert timeline.shown == (0, 190)

    drive(billing, script)


def test_the_timeline_has_lanes_of_threads_and_tasks(recorded: Record) -> None:
    program = """
import asyncio, threading
async def child():
    for _ in range(5): await asyncio.sleep(0)
async def other():
    await asyncio.gather(child(), child())
thread = threading.Thread(target=lambda: sum(range(9)), name="worker")
thread.start(); thread.join()
asyncio.run(other())
"""

    async def script(viewer: Viewer) -> None:
        viewer.app.activate(viewer.app.timeline)
        await viewer.press("z")
        for name in ("MainThread", "worker", "other", "child"):
            assert any(row.startswith(f"{name} ") for row in viewer.screen()), name
        here = next(row for row in viewer.screen() if row.lstrip().startswith("▲"))
        assert here.index("▲") == 14  # everything is to the right of the names
        assert "▲ here" in viewer.text
        await viewer.press("v")
        assert "calls" in viewer.status
        assert "height: calls" in viewer.text

    drive(recorded(program), script, at="first", size=(100, 40))


def test_a_theme_is_tried_while_choosing_and_kept_with_enter(billing: Path, tmp_path: Path) -> None:
    memory = tmp_path / "viewer.json"

    async def script(viewer: Viewer) -> None:
        await viewer.press("ctrl+t")
        assert viewer.app.desk.theme.name == "night"
        await viewer.press("j")
        tried = viewer.app.desk.theme.name
        assert tried != "night"
        await viewer.press("escape")
        assert viewer.app.desk.theme.name == "night"
        await viewer.press("ctrl+t", "k", "enter")
        assert viewer.app.desk.theme.name not in ("night", tried)
        assert Memory(memory).theme == viewer.app.desk.theme.name

    drive(billing, script, memory=memory)


def test_a_filter_narrows_the_locals(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        viewer.app.activate(viewer.app.locals)
        await viewer.press("slash")
        await viewer.type("pa")
        await viewer.press("enter")
        assert [row.label for row in viewer.app.locals._rows_of] == ["exception", "paid"]
        assert "/pa" in viewer.text
        await viewer.press("slash", "escape")
        assert len(viewer.app.locals._rows_of) == 6

    drive(billing, script)


def test_stepping_over_what_was_not_recorded_says_so(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        said = []
        for _ in range(40):
            await viewer.press("s")
            if viewer.status:
                said.append(viewer.status)
        over = "over {}: not in the scope of what was recorded".format
        assert said[:3] == [over("json.loads"), over("dedent"), over("json.dumps")]

    drive(recorded(LIBRARIES), script, at="first")


def test_escape_ends_a_filter(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.go_to_pane(2)
        await viewer.press("slash")
        await viewer.type("tot")
        await viewer.press("enter")
        assert viewer.app.locals.count() == 1
        await viewer.press("escape")
        assert viewer.app.locals.count() == 2

    drive(recorded(COUNTING), script, at="20")


def test_the_data_of_a_module_stands_before_its_definitions_and_in_one_column(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        rows = [viewer.app.locals.row(index, 60).text for index in range(viewer.app.locals.count())]
        values = [row for row in rows if "returns" not in row]
        assert [row.split()[0] for row in values] == ["number", "of_any_length", "sys", "function"]
        assert len({row.index(value) for row, value in zip(values, ("1", "2", "<", "<"), strict=True)}) == 1

    drive(recorded("import sys\ndef function(): pass\nnumber = 1\nof_any_length = 2\n"), script, at="last")


def test_find_and_diff_answer_in_rows(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.press("slash")
        await viewer.type("Barbara")
        await viewer.press("enter")
        assert viewer.app.results.results
        assert "Barbara" in viewer.text
        await viewer.press("escape", "m", "a", "enter")
        await viewer.type(":100")
        await viewer.press("enter", "D")
        viewer.app.prompt.value = "a"
        await viewer.press("enter")
        assert "→" in "".join(result.text for result in viewer.app.results.results)

    drive(billing, script)


def test_long_lines_are_cut_with_a_mark_and_can_be_shifted(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        row = next(row for row in viewer.screen() if row.startswith(" >"))
        assert row[:50].endswith("…")
        assert "would get" not in row
        await viewer.press("4", "l")
        row = next(row for row in viewer.screen() if row.startswith(" >"))
        assert "would get" in row
        assert row.startswith(" >  45 ")
        await viewer.press("1", "0", "h")
        assert "raise BillingError" in viewer.text

    drive(billing, script)


def test_what_happened_here_is_not_hidden_by_the_sign_of_where_we_are(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        timeline = viewer.app.timeline

        def signs() -> dict[int, str]:
            """By their columns, those of the cell in which we are with a star."""
            found, x = {}, 0
            for text, style, _ in timeline._signs(timeline.size.width)._segments:
                for letter in text:
                    found[x] = letter + "*" * bool(style is not None and style.reverse)
                    x += 1
            return {x: sign for x, sign in found.items() if sign.strip()}

        width = timeline.size.width
        assert [timeline.column_of(column.start, width) for column in timeline._columns] == list(range(width))
        here = timeline.column_of(viewer.position, width)
        assert signs()[here] == "✖*"  # it opens at the failure
        await viewer.press("m", "a", "enter")
        assert signs()[here] == "a*"
        await viewer.press("less_than_sign")
        assert signs()[0] == "▲"
        assert signs()[here] == "a"
        viewer.app.desk.checkpoints = (0, 60)
        assert signs()[0] == "◆*"
        assert "◆" in signs().values()

    drive(billing, script)
