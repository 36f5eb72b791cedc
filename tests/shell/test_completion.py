"""What Tab offers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shell.conftest import Do
from tttui.errors import TttuiError
from tttui.shell.answers import Answer
from tttui.shell.completion import complete
from tttui.shell.lines import execute
from tttui.shell.session import Session
from tttui.shell.table import names


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("rev", "reverse-step"),
        ("20 rev", "reverse-next"),
        ("p bas", "basket"),
        ("p 1 + bas", "basket"),
        ("p basket.ow", "basket.owner"),
        ("print-all 5 bas", "basket"),
        ("last pri", "prices"),
        ("b Bas", "Basket.add"),
        ("b shop", "shopping.py:"),
        ("source tot", "total"),
        ("help wh", "whynot"),
        ("goto f", "failure"),
        ("catch Key", "KeyError"),
        ("info s", "sources"),
        ("to ex", "exception"),
        ("set th", "threads"),
        ("p $", "$1"),
        ("condition ", "1"),
    ],
)
def test_it_offers_what_could_follow(line: str, expected: str, session: Session, do: Do) -> None:
    do("rt exception KeyError")
    do("pin basket")
    do("b total")
    assert expected in complete(session, line)


def test_there_is_nothing_to_offer_for_nonsense(session: Session) -> None:
    for line in ("nonsense x", "p nothing.x", "quit x", "p basket.items[0].", "b zzz"):
        assert complete(session, line) == []


ARGUMENTS = st.lists(
    st.sampled_from(
        [
            "x",
            "1",
            "2",
            "99999",
            "0",
            "-1",
            "-b",
            "-o",
            "-r",
            "*",
            "(",
            "[",
            "'\"'",
            "'",
            '"',
            "$1",
            "$",
            "basket",
            "items",
            "basket.items",
            "prices['tea']",
            "shopping.py:22",
            ":22",
            "22",
            "total",
            "Basket.add",
            "if",
            "log",
            "start",
            "end",
            "50%",
            "1s",
            "+3",
            "-3",
            ".",
            "here",
            "exception",
            "uncaught",
            "KeyError",
            "line",
            "call",
            "thread",
            "task",
            "all",
            "ann",
            "é",
            "\x1b",
            "\x00",
            "1,5",
            "==",
            "None",
        ]
    ),
    max_size=4,
).map(" ".join)


@settings(max_examples=300)
@given(
    command=st.sampled_from([name for name in names() if name not in ("find", "diff")]),
    arguments=ARGUMENTS,
    count=st.sampled_from(["", "2 ", "9" * 30 + " "]),
)
def test_whatever_is_typed_is_answered(command: str, arguments: str, count: str, session: Session) -> None:
    answer = execute(session, f"{count}{command} {arguments}")
    assert isinstance(answer, Answer)
    assert answer.status in (0, 1, 2)
    try:
        for text in answer.texts:
            assert text.plain.isprintable() or "\n" in text.plain
        for row, _ in zip(answer.rows or (), range(50), strict=False):
            assert "\x1b" not in row.text.plain
    except TttuiError:
        pass  # the printer tells it
    complete(session, f"{count}{command} {arguments}")


@given(st.text(max_size=30))
def test_a_line_of_anything_is_answered(session: Session, line: str) -> None:
    answer = execute(session, line)
    if answer is not None:
        assert answer.status in (0, 1, 2)
        list(answer.texts)
