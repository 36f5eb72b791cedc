"""What is longer than its place can be read all the same; and what is closed leads back to where it was asked for."""

from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style

from tttui.tui.exact import _Pen
from tttui.tui.lines import wrapped
from tui.conftest import Record
from tui.viewer import Viewer, drive

LONG = """
def given(text):
    result = text.upper()
    return result
title = "from the beginning " * 8 + "to the end"
print(given(title), flush=True)
wide = 1
"""
PRINTING = """
for number in range(2000):
    print("number", number, flush=True)
done = True
"""
COMPILED_AWAY = """
total = 0
def add(amount):
    "Adds to the total."
    global total
    rest: int
    total += amount
    return total
    total = 0
add(3)
"""
UNSTARTED = "def f(:\n    pass\n"


def test_a_text_is_parted_at_blanks_and_loses_nothing() -> None:
    for text in (
        "",
        "one",
        "one two three four",
        "x" * 50,
        "日本語 " * 9,
        "  indented text",
        "a" + " " * 30 + "b",
        "e\u0301" * 20,
        "日" * 7,
    ):
        for width in (2, 3, 7, 20):
            pieces = wrapped(text, width)
            assert all(cell_len(piece) <= width for piece in pieces)
            assert "".join(pieces).replace(" ", "") == text.replace(" ", "")
    assert wrapped("one two three", 8) == ["one two", "three"]


def test_of_a_recording_with_a_long_name_the_end_is_told(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        assert "…-023312-orders.db  billing.py:45 in Books.close_month   " in viewer.screen()[0]

    long = billing.with_name("2026-11-26-023312-orders.db")
    billing.rename(long)
    drive(long, script)


def test_a_long_message_takes_the_place_of_the_keys_until_the_next_one(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        assert "? help" in viewer.screen()[-1]
        viewer.app.say("word " * 25 + "end")
        await viewer.settle()
        assert viewer.screen()[-2].startswith(" word word")
        assert viewer.screen()[-1].rstrip().endswith("word end")
        await viewer.press("N")
        assert "? help" in viewer.screen()[-1]
        viewer.app.say("word " * 25 + "end")
        await viewer.press("colon")
        assert "? help" in viewer.screen()[-1]
        await viewer.type("p 1")
        await viewer.press("enter")
        assert viewer.screen()[-2].rstrip() == " 1 = 1"
        assert "? help" in viewer.screen()[-1]

    drive(recorded(LONG), script, at="last")


def test_a_long_value_is_printed_whole(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.press("p")
        await viewer.type("title")
        await viewer.press("enter")
        assert viewer.status.endswith("to the end'") or "print title" in viewer.text
        await viewer.press("p")
        await viewer.type("title*2")
        await viewer.press("enter")
        assert "print title*2" in viewer.text
        rows = " ".join(result.text for result in viewer.app.results.results)
        assert rows.count("to the end") == 2
        assert "to the end'" in viewer.text
        await viewer.press("escape")
        assert "print title*2" not in viewer.text
        await viewer.go_to_pane(2)
        viewer.app.locals.select("title")
        await viewer.press("enter")
        assert "to the end'" in viewer.text  # there is nothing to unfold in it: it is shown whole

    drive(recorded(LONG), script, at="last")


def test_what_is_cut_off_in_the_output_can_be_shifted_into_view(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.press("o")
        assert "TO THE END" not in viewer.text
        for _ in range(15):
            await viewer.press("l")
        assert "TO THE END" in viewer.text
        for _ in range(15):
            await viewer.press("h")
        assert "  FROM THE BEGINNING" in viewer.text

    drive(recorded(LONG), script, at="last")


def test_the_output_goes_on_beyond_what_is_kept_of_it(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        position = viewer.position
        await viewer.press("o")
        await viewer.press("g")
        assert "number 0 " in viewer.text
        assert "you are here" not in viewer.text
        await viewer.press("5", "0", "0", "j")  # more rows than are kept of it at once
        assert "number 500 " in viewer.text
        await viewer.press("k")
        assert "number 499 " in viewer.text
        assert viewer.position == position
        await viewer.press("enter")
        assert viewer.app.desk.evaluate("number").text == "499"
        assert "you are here" in viewer.text
        await viewer.press("G")
        assert "number 1999 " in viewer.text
        await viewer.press("g", "ctrl+u")
        assert viewer.status == "the first row"

    drive(recorded(PRINTING), script, at="last")


def test_help_is_wrapped_and_closed_at_once(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.go_to_pane(2)
        await viewer.press("question_mark")
        assert not any("…" in row for row in viewer.screen()[2:19])
        assert "source" not in viewer.regions()  # there is room for it alone
        await viewer.press("escape")
        assert "source" in viewer.regions()
        assert viewer.app.active is viewer.app.locals
        await viewer.press("question_mark")
        await viewer.go_to_pane(1)
        assert {"source", "locals"} <= set(viewer.regions())

    drive(billing, script)


def test_what_was_asked_for_from_a_pane_leads_back_to_it(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.go_to_pane(2)
        await viewer.press("j", "y")
        assert viewer.app.active.id == "results"
        await viewer.press("escape")
        assert viewer.app.active.id == "locals"

    drive(billing, script)


def test_why_on_the_line_that_is_about_to_write_is_about_what_it_writes(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.go_to_pane(2)
        await viewer.press("G", "W", "y")
        hops = [result.text for result in viewer.app.results.results]
        assert "returned by Books.bill" in hops
        await viewer.press("escape", "N", "n")
        await viewer.go_to_pane(1)
        viewer.app._found_write = (-1, 0, "", 0)
        await viewer.press("y")
        assert [result.text for result in viewer.app.results.results] == hops  # it isn't set yet, and this line sets it

    drive(billing, script)


def test_what_a_line_is_about_to_bind_is_what_is_asked_about(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        while viewer.app.desk.view.place != "program.py:3 in work":
            await viewer.press("s")
        await viewer.press("w")  # the one that this line makes is where we are
        assert viewer.status == "total changed here: 6 → 7"
        await viewer.press("W")
        assert viewer.status == "total was set here: 6"

    drive(
        recorded("def work(items):\n    pass\n    total = sum(item for item in items)\n    total += 1\nwork([1, 2, 3])\n"),
        script,
        at="first",
    )


def test_a_mark_can_be_forgotten(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        for letter in "ab":
            await viewer.press("N", "m", letter, "enter")
        await viewer.press("M", "delete")
        assert viewer.status == "mark b is forgotten"
        assert list(viewer.app.desk.notebook.marks) == ["a"]
        await viewer.press("delete")
        assert not viewer.app.desk.notebook.marks
        assert "Notebook" not in viewer.text

    drive(billing, script)


def test_what_only_the_compiler_reads_is_not_said_never_to_have_run(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        def row(text: str) -> str:
            return next(line for line in viewer.screen() if text in line)

        for text in ("global total", "rest: int", '"Adds'):
            assert " - " not in row(text)[:6]
        assert " - " in row("    total = 0")[:6]

    drive(recorded(COMPILED_AWAY), script, at="last")


def test_a_program_that_never_started_shows_what_it_printed(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        assert "SyntaxError" in viewer.text
        assert viewer.status.startswith("exit 1")
        await viewer.press("P")
        assert viewer.app.prompt.question is None

    drive(recorded(UNSTARTED), script, at="last")


def test_tab_completes_what_is_typed_and_keeps_the_prompt(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.press("colon")
        await viewer.type("catch-")
        await viewer.press("tab")
        assert viewer.app.prompt.value == "catch-output"
        viewer.app.prompt.value = ""
        await viewer.type("catch Ari")
        await viewer.press("tab")
        assert viewer.app.prompt.value == "catch ArithmeticError"
        await viewer.press("escape", "p")
        await viewer.type("len(acc")
        await viewer.press("tab")
        assert viewer.app.prompt.value == "len(account"
        viewer.app.prompt.value = ""
        await viewer.type("m")
        await viewer.press("tab", "tab")
        assert viewer.app.prompt.value == "month"
        viewer.app.prompt.value = ""
        await viewer.press("tab")
        assert "month  name  paid" in viewer.screen()[-1]  # what there is
        await viewer.press("tab", "tab")
        assert viewer.app.prompt.value == "month"
        await viewer.press("shift+tab", "shift+tab")
        assert viewer.app.prompt.value == "self"
        await viewer.press("tab", "tab")
        await viewer.type("+1")
        assert "? help" in viewer.screen()[-1]
        await viewer.press("enter")
        assert viewer.status == "month+1 = 4"
        assert "? help" in viewer.screen()[-1]

    drive(billing, script)


def test_a_name_that_a_terminal_would_obey_is_not_typed_into_a_prompt(recorded: Record) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.go_to_pane(2)
        viewer.app.locals.select("thing")
        await viewer.press("space", "j", "p")
        assert viewer.app.prompt.value == "thing.␛]0;owned␇"
        viewer.app.prompt.value = "thing."
        await viewer.press("end", "tab")
        assert viewer.app.prompt.value == "thing.plain"

    text = "class Thing: pass\nthing = Thing()\nsetattr(thing, '\\x1b]0;owned\\x07', 1)\nthing.plain = 2\nlast = 3\n"
    drive(recorded(text), script, at="last")


def test_whoever_forgets_it_nothing_is_sent_that_a_terminal_obeys() -> None:
    sent = _Pen(Console(color_system="truecolor")).write([Segment("plain \x1b]0;owned\x07", Style()), Segment("日本", Style(bold=True))])
    assert sent == "plain ␛]0;owned␇\x1b[1m日本"


def test_a_hit_is_told_once_and_a_watch_can_be_a_stop(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        viewer.app.source.jump_to_line(35)
        await viewer.press("b", "C")
        assert viewer.status == "breakpoint 1: billing.py:35"
        await viewer.press("x")
        await viewer.type("due")
        await viewer.press("enter", "B")
        await viewer.press("g", "b")
        assert viewer.status.startswith("watchpoint 2")
        await viewer.press("C", "c")
        assert viewer.status == "breakpoint 1: billing.py:35; watchpoint 2: due: 9 → -41"

    drive(billing, script)


def test_continuing_without_a_breakpoint_says_so(billing: Path) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.press("c")
        assert "no breakpoint is on" in viewer.status
        await viewer.press("C", "b", "c")
        assert "no breakpoint is on" not in viewer.status

    drive(billing, script)
