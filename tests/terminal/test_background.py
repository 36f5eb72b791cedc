"""Light terminals: asked for their background, whatever they answer, and whenever."""

import os
import re
import termios
from pathlib import Path

import pytest

from terminal.screen import Screen
from tttui.tui.background import LateAnswers, light, worth_asking

ANSWERS = (b"\x1b]11;rgb:%s\x1b\\", b"\x1b]11;rgb:%s\x07")
ATTRIBUTES = b"\x1b[?62;22c"
QUESTION = b"\x1b]11;?"
LIGHT, DARK = b"fcfc/fcfc/f8f8", b"1e1e/1e1e/1e1e"
DAY, NIGHT = b"48;2;251;251;248", b"48;2;20;24;29"


def opened(recording: Path, directory: Path, environment: dict[str, str] | None = None) -> Screen:
    return Screen(["open", str(recording)], directory, environment=environment)


def asked(screen: Screen) -> None:
    """Until the terminal has been asked."""
    while QUESTION not in screen.received:
        assert screen._read(30), "it was not asked"


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize(("color", "background"), [(LIGHT, DAY), (DARK, NIGHT)])
def test_a_terminal_that_answers_gets_a_fitting_theme(
    billing: Path, tmp_path: Path, answer: bytes, color: bytes, background: bytes
) -> None:
    with opened(billing, tmp_path) as screen:
        asked(screen)
        os.write(screen.master, answer % color + ATTRIBUTES)
        screen.wait_for("? help")
        assert background in screen.received
        assert (DAY if background == NIGHT else NIGHT) not in screen.received
        screen.press("q")
        assert screen.end() == 0
        assert termios.tcgetattr(screen.master) == screen.settings


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_comes_late_is_no_key(billing: Path, tmp_path: Path, answer: bytes) -> None:
    """In one piece, and cut anywhere: `1` and `/` and `f` of it would all do something."""
    with opened(billing, tmp_path) as screen:
        asked(screen)
        screen.wait_for("? help")
        screen.settle()
        before = screen.text
        whole = answer % LIGHT + ATTRIBUTES
        os.write(screen.master, whole)
        assert screen.settle(1.0) == b""
        for cut in (3, 4, 9, len(whole) - 3):
            os.write(screen.master, whole[:cut])
            assert screen.settle() == b""
            os.write(screen.master, whole[cut:])
            assert screen.settle(1.0) == b""
        assert screen.text == before
        assert b"step 185" not in screen.received
        screen.press("N")
        assert "step 185" in screen.text
        screen.press("q")
        assert screen.end() == 0


def test_what_is_typed_meanwhile_is_not_lost(billing: Path, tmp_path: Path) -> None:
    with opened(billing, tmp_path) as screen:
        asked(screen)
        os.write(screen.master, b"N" + ANSWERS[0] % LIGHT + b"N" + ATTRIBUTES)
        screen.wait_for("step 184 ")
        assert DAY in screen.received
        screen.press("q")
        assert screen.end() == 0


@pytest.mark.parametrize(
    ("environment", "background"),
    [
        ({"TMUX": "/tmp/tmux-0/default,1,0"}, NIGHT),
        ({"TERM": "screen-256color"}, NIGHT),
        ({"COLORFGBG": "0;15"}, DAY),
        ({"COLORFGBG": "15;0"}, NIGHT),
        ({"TTTUI_THEME": "night"}, NIGHT),
    ],
)
def test_it_is_not_asked_where_it_may_not_answer_or_is_known(
    billing: Path, tmp_path: Path, environment: dict[str, str], background: bytes
) -> None:
    with opened(billing, tmp_path, environment) as screen:
        screen.wait_for("? help")
        assert QUESTION not in screen.received
        assert background in screen.received
        screen.press("q")
        assert screen.end() == 0


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ("\x1b]11;rgb:ffff/ffff/ffff\x07", True),
        ("\x1b]11;rgb:0/0/0\x1b\\", False),
        ("\x1b]11;rgba:ff/ff/f0/ff\x1b\\", True),
        ("\x1b]11;rgb:28/2c/34\x07", False),
        ("\x1b]11;white\x07", None),
        ("nonsense", None),
    ],
)
def test_a_background_is_light_or_dark(answer: str, wanted: bool | None) -> None:
    assert light(answer) is wanted


@pytest.mark.parametrize("term", ["dumb", "linux", "screen", "tmux-256color", "vt100", ""])
def test_terminals_that_are_never_asked(term: str) -> None:
    assert not worth_asking({"TERM": term})
    assert worth_asking({"TERM": "xterm-256color"})


def test_late_answers_are_left_out_wherever_they_are_cut() -> None:
    answer = (ANSWERS[0] % LIGHT + ATTRIBUTES).decode()
    text = f"ab{answer}cd\x1b[A"
    for first in range(len(text)):
        for second in range(first, len(text), 5):
            late = LateAnswers()
            found = "".join(late.filtered(piece) for piece in (text[:first], text[first:second], text[second:]) if piece)
            # An escape is passed on at once, for it may be the key.
            assert re.sub(r"\x1b(?!\[A)", "", found) in ("abcd\x1b[A", "abcd[A"), (first, second, found)
