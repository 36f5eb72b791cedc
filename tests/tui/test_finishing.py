"""A bar while a recording is finished, only where it takes long and where there is a terminal."""

import io
import time

from tttui.tui.finishing import wait


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_what_takes_long_has_a_bar_that_goes_away() -> None:
    terminal = Terminal()
    shares = iter([0.0, 0.25, 0.5])
    wait(lambda: time.sleep(1.2), lambda: next(shares, 1.0), "finishing run\x1b.db", terminal)
    text = terminal.getvalue()
    assert "finishing run␛.db [" in text
    assert "[######..................]  25%" in text
    assert "Ctrl-C leaves" in text
    assert text.endswith("\r")
    assert not text.rstrip("\r").rpartition("\r")[2].strip()


def test_what_is_done_at_once_says_nothing() -> None:
    terminal = Terminal()
    wait(lambda: None, lambda: 0.0, "finishing", terminal)
    assert terminal.getvalue() == ""


def test_without_a_terminal_nothing_is_drawn() -> None:
    stream = io.StringIO()
    wait(lambda: time.sleep(0.7), lambda: 0.5, "finishing", stream)
    assert stream.getvalue() == ""
