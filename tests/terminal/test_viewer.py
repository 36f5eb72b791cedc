"""The viewer as a person meets it: what it shows, what it sends, and how it leaves the terminal."""

import os
import re
import shutil
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from tui.conftest import EXAMPLE, Record

from terminal.screen import Screen

STEP_BYTES = {(80, 24): 1600, (200, 50): 2000}
OPEN_BYTES = {(80, 24): 22_000, (200, 50): 65_000}
"""The budgets; what is sent today is a quarter of them."""


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
        screen.wait_for("paid was set here: -41")
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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP, signal.SIGSEGV])
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
thing = Odd()
setattr(thing, title, 1)
setattr(thing, title + link, 2)
raise Odd(title)
"""


def test_nothing_recorded_reaches_the_terminal_unescaped(recorded: Record) -> None:
    recording = recorded(HOSTILE)
    with Screen(["open", str(recording)], recording.parent, (120, 40)) as screen:
        screen.wait_for("? help")
        for keys in ("2", "j", "j", " ", "o", "B", "?", "\x1b", "y", "\x10", "\x03", ":p names\r", "/owned\r", "N", "n", "E", "5", "6"):
            screen.press(keys)
        for keys in (":p thing.\t", "\t", "\t", "\x03", "2"):
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


def test_nothing_recorded_reaches_the_terminal_unescaped_in_plain_mode(recorded: Record) -> None:
    recording = recorded(HOSTILE)
    with Screen(["open", "--plain", str(recording)], recording.parent, (120, 40)) as screen:
        screen.wait_for("step ")
        for keys in ("N", "S", "n", "y", "\x1b", ":p names\r", "/owned\r", "j", "o", "k", "B", "?"):
            screen.press(keys)
        screen.wait_for("owned")
        screen.press("q")
        screen.end()
    assert b"\x1b" not in screen.received
    assert "\x9b" not in screen.received.decode("utf-8", "replace")
    assert "\u202e" not in screen.received.decode("utf-8", "replace")


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


def test_a_held_key_over_a_slow_line_settles(billing: Path) -> None:
    """Thirty presses are at most a second's worth of a line of 20 kB/s, and three hundred are not ten times as much."""
    with Screen(["open", str(billing), "--at", "61"], billing.parent, (200, 50)) as screen:
        screen.wait_for("? help")
        screen.settle(1.0)
        sent = 0
        for key in "n" * 15 + "N" * 15:
            sent += len(screen.press(key))
        assert sent <= 20_000
        assert len(screen.press("n" * 150 + "N" * 150)) <= sent
        screen.press("q")
        assert screen.end() == 0


def test_what_is_sent_in_parts_is_what_stands_on_the_screen(billing: Path) -> None:
    """After many partial updates, drawing everything again changes nothing that can be seen."""
    with Screen(["open", str(billing)], billing.parent, (120, 40)) as screen:
        screen.wait_for("? help")
        for keys in (
            "N",
            "S",
            "S",
            "F",
            "u",
            "5",
            "j",
            "B",
            "o",
            "\x1b",
            "W",
            "+",
            "+",
            "v",
            "0",
            "x",
            "month\r",
            "y",
            "\x1b",
            "z",
            "z",
            "Z",
            "3",
        ):
            screen.press(keys)
        screen.settle(0.8)
        before, styles = screen.text, _styles(screen)
        screen.press("\x0c")
        assert screen.text == before
        assert _styles(screen) == styles
        screen.press("q")
        assert screen.end() == 0


def _styles(screen: Screen) -> list[tuple[object, ...]]:
    """What can be seen of each cell: of a blank one only its background."""
    found: list[tuple[object, ...]] = []
    for y in range(screen.rows):
        for x in range(screen.columns):
            cell = screen.emulator.buffer[y][x]
            plain = cell.data == " " and not cell.reverse and not cell.underscore
            found.append((cell.data, cell.bg, cell.reverse) if plain else tuple(cell))
    return found


@pytest.mark.parametrize(("theme", "background"), [("night", "14181d"), ("day", "fbfbf8"), ("ansi", "default")])
def test_the_background_is_the_themes(billing: Path, theme: str, background: str) -> None:
    with Screen(["open", str(billing), "--theme", theme], billing.parent) as screen:
        screen.wait_for("? help")
        screen.settle()
        colors = {screen.emulator.buffer[y][x].bg for y in range(24) for x in range(80) if screen.emulator.buffer[y][x].data.isalpha()}
        assert background in colors
        assert len(colors) <= 3
        screen.press("q")
        assert screen.end() == 0


BROKEN = """
from tttui.tui.panes.stack import StackPane
def enter(self):
    secret = "\\x1b]0;owned\\x07"
    raise RuntimeError("the stack is " + secret)
StackPane.enter = enter
"""


def test_a_mistake_of_ours_leaves_a_clean_terminal_and_a_log(billing: Path, tmp_path: Path) -> None:
    (tmp_path / "usercustomize.py").write_text(BROKEN)
    (tmp_path / "sitecustomize.py").write_text(BROKEN)
    with Screen(["open", str(billing)], billing.parent, environment={"PYTHONPATH": str(tmp_path)}) as screen:
        screen.wait_for("? help")
        screen.press("3")
        screen.settle(0.8)
        screen.press("\r")
        assert screen.end() == 125
        for sequence in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[<u"):
            assert sequence in screen.received, sequence
        assert b"\x1b]0;" not in screen.received
        assert termios.tcgetattr(screen.master) == screen.settings
        screen.wait_for("RuntimeError")
        screen.wait_for("viewer-failure.log")
    log = (billing.parent / "state" / "tttui" / "viewer-failure.log").read_text()
    assert "in enter" in log
    assert "\x1b" not in log


def test_it_stops_and_goes_on_as_a_shell_has_it(billing: Path) -> None:
    """Ctrl-Z gives the terminal back; when it goes on, the screen is drawn again."""
    with Screen(["open", str(billing)], billing.parent) as screen:
        screen.wait_for("? help")
        screen.settle()
        os.write(screen.master, b"\x1a")
        pid, status = os.waitpid(screen.pid, os.WUNTRACED)
        assert pid == screen.pid
        assert os.WIFSTOPPED(status)
        screen.settle()
        assert b"\x1b[?1049l" in screen.received[-300:]
        assert termios.tcgetattr(screen.master) == screen.settings
        os.kill(screen.pid, signal.SIGCONT)
        screen.wait_for("? help")
        screen.settle()
        screen.press("N")
        screen.wait_for("step 185")
        screen.press("q")
        assert screen.end() == 0
        assert termios.tcgetattr(screen.master) == screen.settings


def test_ctrl_c_leaves(billing: Path) -> None:
    with Screen(["open", str(billing)], billing.parent) as screen:
        screen.wait_for("? help")
        screen.press(":12")
        screen.press("\x03")  # closes the prompt
        screen.press(":12\r")  # all of it at once, as where the line is slow
        screen.wait_for("step 12 /")
        screen.press("!")
        screen.wait_for("? help")
        screen.press("N")
        screen.wait_for("step 185")
        screen.press("\x03")
        assert screen.end() == 0


def test_a_storm_of_resizes(billing: Path) -> None:
    with Screen(["open", str(billing)], billing.parent) as screen:
        screen.wait_for("? help")
        for step in range(60):
            screen.resize(61 + 7 * step % 150, 15 + 5 * step % 40)
            if step % 9 == 0:
                os.write(screen.master, b"N")
        screen.resize(100, 30)
        screen.settle(1.0)
        screen.press("\x0c")
        screen.wait_for("step 166 / 189")
        assert len(screen.emulator.display) == 30
        assert "Locals" in screen.text
        assert "? help" in screen.emulator.display[29]
        screen.press("q")
        assert screen.end() == 0


SLOW_SIZE = """
import time
from textual.drivers.linux_driver import LinuxDriver
ask = LinuxDriver._get_terminal_size

def slow(self):
    size = ask(self)
    for _ in range(30):
        time.sleep(0.001)
    return size

LinuxDriver._get_terminal_size = slow
"""


def test_the_last_of_many_sizes_is_the_one_that_is_shown(billing: Path, tmp_path: Path) -> None:
    """A signal that comes while the last one is handled tells of a newer size, and must not be answered before that."""
    (tmp_path / "sitecustomize.py").write_text(SLOW_SIZE)
    with Screen(["open", str(billing)], billing.parent, environment={"PYTHONPATH": str(tmp_path)}) as screen:
        screen.wait_for("? help")
        for height in range(24, 32):
            for width in range(90, 102):
                screen.resize(width, 30)
                time.sleep(0.0003)
            screen.resize(80, height)
            screen.settle(1.0)
            assert "? help" in screen.emulator.display[height - 1]
            assert "billing.py" in screen.emulator.display[0]
        screen.press("q")
        assert screen.end() == 0


def test_plain_mode_says_what_happens_in_lines(billing: Path) -> None:
    with Screen(["open", "--plain", str(billing)], billing.parent, (100, 60)) as screen:
        screen.wait_for("step 186; billing.py:45 in Books.close_month; raise")
        screen.press("N")
        screen.wait_for("step 185;")
        screen.press("2")
        screen.settle(0.9)
        screen.wait_for("Locals")
        for _ in range(4):
            screen.press("j")
        screen.wait_for("paid -41 int")
        screen.press("W")
        screen.wait_for("paid was set here: -41")
        screen.press(":12\r")
        screen.wait_for("step 12; ")
        screen.press("?")
        screen.wait_for("Help: Enter does it")  # its rows are read out whole, not parted
        screen.wait_for(lambda _: b"$ pin; / filter; a by age" in screen.received)
        screen.press("q")
        assert screen.end() == 0
        assert b"\x1b" not in screen.received
        assert termios.tcgetattr(screen.master) == screen.settings


def test_a_dumb_terminal_gets_the_plain_mode(tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path)
    with Screen(["billing.py"], tmp_path, (100, 60), environment={"TERM": "dumb", "COLORTERM": ""}) as screen:
        screen.wait_for("; billing.py:45")
        screen.press("q")
        assert screen.end() == 1
        assert b"\x1b" not in screen.received


@pytest.mark.parametrize("arguments", [["-c", "x = [1]\nprint(x[3])"], ["-m", "shop", "7"]])
def test_code_and_modules_are_opened_at_their_failure(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "shop.py").write_text("import sys\nitems = {}\nprint(items[sys.argv[1]])\n")
    with Screen(arguments, tmp_path) as screen:
        screen.wait_for("Error(")
        screen.wait_for("? help")
        screen.press("N")
        screen.press("q")
        assert screen.end() == 1


def test_input_that_is_redirected_leaves_the_viewer_its_keys(tmp_path: Path) -> None:
    """The program reads its own standard input; the viewer has the terminal."""
    (tmp_path / "program.py").write_text("import sys\ntext = sys.stdin.read()\nprint(len(text))\n")
    (tmp_path / "input").write_text("five\n")
    with Screen(["program.py"], tmp_path, standard_input=tmp_path / "input") as screen:
        screen.wait_for("? help")
        screen.press("N")
        screen.press("<")
        screen.wait_for("step 0 /")
        screen.press("q")
        assert screen.end() == 0


GROWING = """
import pathlib, time
for number in range(100_000):
    total = number
    time.sleep(0.01)
    if pathlib.Path("stop").exists():
        break
"""


def test_a_recording_that_is_being_made_grows(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(GROWING)
    command = [sys.executable, "-P", "-m", "tttui", "record", "-o", "run.db", "program.py"]
    program = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        while subprocess.run([*command[:4], "info", "run.db"], cwd=tmp_path, capture_output=True, check=False).returncode:
            assert time.monotonic() < until
            time.sleep(0.2)
        with Screen(["open", "run.db"], tmp_path, (120, 40)) as screen:
            screen.wait_for("being recorded")
            screen.wait_for("the recording grows")
            ends = [_end_of(screen)]
            while _end_of(screen) <= ends[0]:
                screen.settle(0.2)
            (tmp_path / "stop").touch()
            program.wait(30)
            screen.wait_for("exit 0")
            screen.press(">")
            screen.press("q")
            assert screen.end() == 0
    finally:
        (tmp_path / "stop").touch()
        program.kill()
        program.wait(30)


def _end_of(screen: Screen) -> int:
    """The last event, as the header has it."""
    found = re.search(r"step [\d,]+ / ([\d,]+)", screen.text)
    assert found is not None
    return int(found[1].replace(",", ""))


def test_a_program_that_was_killed_opens_at_its_last_event(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("import os, signal\nlast = [1, 2]\nos.kill(os.getpid(), signal.SIGKILL)\n")
    with Screen(["program.py"], tmp_path, (120, 40)) as screen:
        screen.wait_for("killed by signal 9 at event 3")
        screen.wait_for("[1, 2]")
        assert "step 3 / 3" in screen.text
        screen.press("q")
        assert screen.end() == -signal.SIGKILL


def test_a_file_that_has_changed_is_shown_as_it_was(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text("before = 1\nprint(before)\n")
    command = [sys.executable, "-P", "-m", "tttui", "record", "-o", "run.db", "program.py"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    script.write_text("after = 2\n")
    with Screen(["open", "run.db"], tmp_path) as screen:
        screen.wait_for("the file has changed since")
        screen.wait_for("before = 1")
        screen.press("q")
        assert screen.end() == 0


def test_nothing_in_scope_is_said(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("print(1)\n")
    command = [sys.executable, "-P", "-m", "tttui", "record", "-o", "run.db", "--exclude", "*", "program.py"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    with Screen(["open", "run.db"], tmp_path) as screen:
        screen.wait_for("Nothing of the program's own code ran")
        screen.press("nNcWy")
        screen.press("q")
        assert screen.end() == 0


def test_a_terminal_without_a_second_screen_is_left_empty(billing: Path) -> None:
    """GNU screen as it comes, mosh: what was shown would stand there, and the shell would write into it."""
    with Screen(["open", str(billing)], billing.parent) as screen:
        screen.wait_for("? help")
        screen.press("q")
        assert screen.end() == 0
        screen.settle()
        assert (
            len(screen.text.strip()) <= 1
        )  # the emulator has no second screen either, and writes the end of a sequence that it doesn't know
        assert screen.emulator.cursor.y == 0


@pytest.mark.parametrize("content", [None, b"", b"no database at all", b"SQLite format 3\x00" + bytes(84)])
def test_what_is_no_recording_is_said_without_a_screen(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "run.db").write_bytes(content)
    with Screen(["open", "run.db"], tmp_path) as screen:
        assert screen.end() == 2
        assert b"tttui: " in re.sub(rb"\x1b\[[0-9;]*m", b"", screen.received)
        assert b"Traceback" not in screen.received
        assert b"\x1b[?1049h" not in screen.received


@pytest.mark.parametrize("term", ["screen", "tmux-256color", "linux", "vt100"])
def test_other_terminals(billing: Path, term: str) -> None:
    with Screen(["open", str(billing), "--ascii"], billing.parent, environment={"TERM": term, "COLORTERM": ""}) as screen:
        screen.wait_for("? help")
        screen.settle()
        screen.press("N")
        screen.wait_for("step 185")
        assert not set(screen.text) & set("▁▂▃▄▅▆▇█▲✖●◆▎")
        screen.press("q")
        assert screen.end() == 0
    assert b"38;2;" not in screen.received


MILLIONS = """
total = 0
for number in range(400_000):
    total += number
"""


@pytest.mark.parametrize("key", ["\x1b", "\x03", "N"])
def test_a_key_ends_a_search_that_takes_long(recorded: Record, tmp_path: Path, key: str) -> None:
    """A condition that has to be evaluated four hundred thousand times, and never holds: that takes half a minute."""
    recording = recorded(MILLIONS)
    with Screen(["open", str(recording), "--at", "100"], tmp_path) as screen:
        screen.wait_for("step 100 ")
        screen.press(":break 4 if str(number).upper().endswith('X')\r")
        screen.settle()
        os.write(screen.master, b"c")
        time.sleep(1.5)
        os.write(screen.master, b"cc")  # held down: it ends nothing
        time.sleep(0.2)
        wanted = "step 9" if key == "N" else "stopped"
        # On a busy machine it may only just have begun, and a key that comes so soon waits for it.
        for _ in range(30):
            os.write(screen.master, key.encode())
            screen.settle(2.0)
            if wanted in screen.text:
                break
        assert wanted in screen.text
        assert "step 9" in screen.text or "step 100 " in screen.text, "had it been found, it would be at the end"
        screen.press("q")
        assert screen.end() == 0
