"""The views for people: what they say, and that nothing recorded reaches the terminal as it is."""

import io
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.text import Text

from report.building import HOSTILE
from tttui.report.info import exception_text
from tttui.report.render import count, duration, how_it_ended, print_texts, size, value_texts
from tttui.store.records import Value


def printed(texts: Iterable[Text], *, terminal: bool = True, width: int = 100) -> str:
    out = io.StringIO()
    print_texts(Console(file=out, force_terminal=terminal, width=width, no_color=True, markup=False, highlight=False), iter(texts))
    return out.getvalue()


def tree(value: Value) -> list[str]:
    return [text.plain for text in value_texts("x", value, indent="")]


def test_a_scalar_takes_one_line() -> None:
    assert tree(Value("int", "5")) == ["x = 5"]


def test_a_container_that_is_shown_whole_takes_one_line() -> None:
    items = (Value("int", "1"), Value("int", "2"))
    assert tree(Value("list", "[1, 2]", id=3, version=9, length=2, items=items)) == ["x = [1, 2]  list[2] #3"]


def test_an_object_opens_into_its_attributes() -> None:
    inner = Value("list", "[...]", id=4, length=1, items=(Value("int", "7"),))
    lines = tree(Value("Box", "<Box 3>", id=3, attributes={"a": Value("str", "'q'"), "b": inner}))
    assert lines == ["x = <Box 3>", "    .a = 'q'", "    .b = [...]  list[1] #4", "        [0] = 7"]


def test_what_was_cut_says_so() -> None:
    items = (Value("int", "1"), Value("", "", length=998, badge="cut"), Value("int", "9"))
    lines = tree(Value("list", "[1, … 9]", id=3, length=1000, items=items, badge="cut"))
    assert lines == ["x = [1, … 9]  list[1,000] #3  (cut)", "    [0] = 1", "    … 998 left out", "    [999] = 9"]


def test_many_children_are_counted_instead_of_shown() -> None:
    lines = tree(Value("list", "[…]", id=3, length=40, items=tuple(Value("int", str(number)) for number in range(40))))
    assert len(lines) == 14
    assert lines[-1] == "    … 28 more"


def test_deep_values_end_in_the_line_of_the_deepest_level() -> None:
    value = Value("int", "1")
    for number in range(10, 20):
        value = Value("Box", "<Box>", id=number, attributes={"inner": value})
    assert len(tree(value)) == 4


def test_hostile_text_is_shown_by_pictures_and_markup_is_text() -> None:
    value = Value(
        HOSTILE, HOSTILE, id=1, attributes={HOSTILE: Value("str", HOSTILE)}, entries=((Value("str", HOSTILE), Value("str", "1")),)
    )
    text = printed(value_texts(HOSTILE, value, indent=""), terminal=False)
    assert (
        not set(text) & set(HOSTILE.replace("\n", "")) & {chr(code) for code in [*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2028, 0xD800]}
    )
    assert "[red]bold[/red]" in text
    assert "␛]52;c;aGk=␇␛[2J\\x9b31m␡\\u202e" in text


def test_lines_are_cut_at_the_edge_of_a_terminal_and_nowhere_else() -> None:
    long = Text("x" * 300)
    assert printed([long], width=80).rstrip("\n") == "x" * 79 + "…"
    assert printed([long], terminal=False, width=80).rstrip("\n") == "x" * 300


def test_phrases() -> None:
    assert count(1, "event") == "1 event"
    assert count(1234, "event") == "1,234 events"
    assert [size(number) for number in (5, 2048, 5 << 20, 3 << 30)] == ["5 B", "2.0 KiB", "5.0 MiB", "3.0 GiB"]
    seconds = (0, 2e-5, 0.0125, 2.5, 125, 7300)
    assert [duration(number) for number in seconds] == [
        "0 µs",
        "20 µs",
        "12.5 ms",
        "2.50 s",
        "2 min 05 s",
        "2 h 01 min",
    ]


def test_how_it_ended() -> None:
    def said(**facts: Any) -> str:
        return how_it_ended(facts).plain

    assert said(ended="exit", exit_code=3) == "exit code 3"
    assert said(ended="signal", signal=11) == "signal SIGSEGV"
    assert said(ended="killed", signal=None) == "killed"
    assert said(ended="recording") == "still being recorded"
    assert (
        said(ended="exception", exception={"type": "KeyError", "text": "KeyError('k')", "file": "/a/b.py", "line": 3})
        == "exception KeyError('k') at b.py:3"
    )
    assert exception_text(None) == ""
