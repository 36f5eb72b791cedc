"""The viewer as a person meets it: what it shows, what it sends, and how it leaves the terminal."""

import os
import re
import shutil
import signal
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from tui.conftest import EXAMPLE, Record

from terminal.screen import Screen

STEP_BYTES = {(80, 24): 1600, (200, 50): 2000}
OPEN_BYTES = {(80, 24): 22_000, (200, 50): 65_000}


def test_script_failure_who_set_it_quit(tmp_path: Path) -> None:
    """The whole story: `tttui script.py`, the failure is shown, W goes to the line that set the wrong value, q leaves."""
    shutil.copy(EXAMPLE, tmp_path)
    with Screen(["billing.py"], tmp_path) as screen:
        screen.wait_for("raise BillingError(f")
        screen.wait_for("? help")
        screen.press("2")
        screen.settle(0.8)
        for _ in range(5):
            screen.press("j")
        screen.press("W")
        screen.wait_for("→ -41")
        screen.wait_for("billing.py:42 in Books.close_month")
        screen.press("q")
        assert screen.end() == 1  # the program's own
        assert screen.received.rstrip().endswith(b"\x1b[?25h") or b"\x1b[?1049l" in screen.received
        assert termios.tcgetattr(screen.master) == screen.settings


@pytest.mark.parametrize("size", STEP_BYTES)
def test_a_step_sends_little(billing: Path, size: tuple[int, int]) -> None:
    with Screen(["open", str(billing), "--at", "130"], billing.parent, size) as screen:
        screen.wait_for("? help")
        screen.settle(1.0)
        assert len(screen.received) <= OPEN_BYTES[size]
        sent = {key: len(screen.press(key)) for key in "nNnN"}
        for key in "nNnN":
            data = screen.press(key)
            assert len(data) <= STEP_BYTES[size], (key, len(data), sent)
        assert screen.settle(3.0) == b""  # idle: nothing at all
        screen.press("q")
        assert screen.end() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
def test_the_terminal_is_restored_whatever_kills_the_viewer(billing: Path, number: signal.Signals) -> None:
    with Screen(["open", str(billing)], billing.parent) as screen:
        screen.wait_for("? help")
        screen.settle()
        os.kill(screen.viewer(), number)
        screen.end()
        tail = screen.received[-400:]
        for sequence in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[<u"):
            assert sequence in tail, sequence
        assert termios.tcgetattr(screen.master) == screen.settings


def test_the_terminal_is_restored_when_the_guard_is_told_to_end(billing: Path) -> None:
    with Screen(["open", str(billing)], billing.parent) as screen:
        screen.wait_for("? help")
        screen.settle()
        os.kill(screen.pid, signal.SIGTERM)
        screen.end()
        assert b"\x1b[?1049l" in screen.received[-400:]
        assert termios.tcgetattr(screen.master) == screen.settings


HOSTILE = """
title = "\\x1b]0;owned\\x07\\x1b[2J\\x9b31m[red]bold[/red]"
link = "\\x1bP+q544e\\x1b\\\\"
class Odd(Exception): pass
print(title, link, flush=True)
names = {title: [link, "\\u202e\\u200b\\ud800"]}
raise Odd(title)
"""


def test_nothing_recorded_reaches_the_terminal_unescaped(recorded: Record) -> None:
    recording = recorded(HOSTILE)
    with Screen(["open", str(recording)], recording.parent, (120, 40)) as screen:
        screen.wait_for("? help")
        for keys in ("2", "j", "j", " ", "o", "B", "?", "\x1b", "y", "\x10", "\x03", ":p names\r", "/owned\r", "N", "n", "E", "5", "6"):
            screen.press(keys)
        screen.wait_for("owned")
        screen.press("q")
        screen.end()
    assert b"\x1b]0;" not in screen.received
    assert b"\x1bP+q544e" not in screen.received
    assert b"\x9b" not in re.sub(rb"[\xc2-\xf4][\x80-\xbf]+", b"", screen.received)
    assert "\x9b" not in screen.received.decode("utf-8", "replace")
    assert "\u202e" not in screen.received.decode("utf-8", "replace")
    assert b"[red]bold[/red]" in screen.received or "owned" in screen.text


def test_too_small_a_terminal_says_so_and_recovers(billing: Path) -> None:
    with Screen(["open", str(billing)], billing.parent) as screen:
        screen.wait_for("? help")
        screen.resize(50, 12)
        screen.wait_for("too small")
        for size in ((80, 24), (200, 50), (60, 15), (120, 40), (80, 24)):
            screen.resize(*size)
        screen.settle(0.6)
        screen.wait_for("raise BillingError")
        screen.press("q")
        assert screen.end() == 0


def test_without_a_terminal_a_plain_report(tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path)
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    plain = subprocess.run([sys.executable, "billing.py"], cwd=tmp_path, capture_output=True, check=False, timeout=180)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tttui", "billing.py"], cwd=tmp_path, env=environment, capture_output=True, check=False, timeout=180
    )
    assert done.returncode == plain.returncode == 1
    assert done.stdout == plain.stdout
    assert b"BillingError" in done.stderr
    assert b"in Books.close_month" in done.stderr
    assert b"look at it with: tttui open" in done.stderr


def test_alone_it_lists_the_recordings(tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path)
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    subprocess.run(
        [sys.executable, "-P", "-m", "tttui", "record", "billing.py"], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    with Screen([], tmp_path) as screen:
        screen.wait_for("BillingError")
        screen.press("\r")
        screen.wait_for("in Books.close_month")
        screen.press("q")
        assert screen.end() == 0


@pytest.mark.parametrize(("term", "environment"), [("xterm-256color", {"NO_COLOR": "1"}), ("linux", {"COLORTERM": ""})])
def test_no_true_colours_where_they_are_not_wanted(billing: Path, term: str, environment: dict[str, str]) -> None:
    with Screen(["open", str(billing)], billing.parent, environment={"TERM": term, **environment}) as screen:
        screen.wait_for("? help")
        screen.settle()
        screen.press("N")
        screen.press("q")
        assert screen.end() == 0
    assert b"38;2;" not in screen.received
    assert b"48;2;" not in screen.received
    if "NO_COLOR" in environment:
        assert not re.search(rb"\x1b\[[0-9;]*(3[0-7]|4[0-7]|9[0-7])m", screen.received)
