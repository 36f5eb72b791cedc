"""Whatever ends a viewer, at a live pause too: no process, no shared memory, no temporary file is left."""

import os
import pty
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from terminal.screen import Screen
from tttui.paths import shared_ring_directory

PROGRAM = """\
import time

class Thing:
    def __repr__(self):
        return "<the real repr>"

thing = Thing()
total = 0
for number in range(1000):
    total += number
here = 1
print("went on", flush=True)
time.sleep(WAIT)
end = 2
"""
PATIENCE = 30.0


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("terminal.screen.SECONDS", 60.0)


def viewing(directory: Path, *options: str, waits: str = "0.1") -> Screen:
    """The program, recorded and looked at, with a place of its own for temporary files."""
    (directory / "program.py").write_text(PROGRAM.replace("WAIT", waits))
    (directory / "temporary").mkdir()
    return Screen([*options, "program.py"], directory, (100, 30), {"TMPDIR": str(directory / "temporary")})


def processes_in(directory: Path) -> list[int]:
    """Those that work in a directory, zombies among them if their parent does."""
    found = []
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                if os.readlink(each / "cwd") == str(directory):
                    found.append(int(each.name))
            except OSError:
                pass  # another user's, a zombie, or gone by now
    return found


def in_shared_memory(pids: set[int]) -> list[str]:
    """What these processes have made there: its name begins with its maker's number."""
    directory = shared_ring_directory()
    names = [] if directory is None else [path.name for path in directory.iterdir()]
    return sorted(name for name in names if name.partition("-")[0] in map(str, pids))


def left(directory: Path, pids: set[int]) -> str:
    """What is still there, once it had time to go; empty where nothing is."""
    until = time.monotonic() + PATIENCE
    while True:
        alive = sorted({*processes_in(directory), *(pid for pid in pids if os.path.exists(f"/proc/{pid}"))})
        memory = in_shared_memory(pids)
        temporary = sorted(path.name for path in (directory / "temporary").iterdir())
        if not alive and not memory and not temporary:
            return ""
        if time.monotonic() > until:
            return f"processes {alive}, in shared memory {memory}, temporary files {temporary}"
        time.sleep(0.1)


def quit_for_good(screen: Screen) -> None:
    screen.press("q")
    screen.wait_for("exit 0")
    screen.press("q")


def go_on_and_quit(screen: Screen) -> None:
    screen.press("r")
    screen.wait_for("exit 0")
    screen.press("q")


def kill_viewer(screen: Screen) -> None:
    """The program goes on, and the viewer opens at its end."""
    children = map(int, Path(f"/proc/{screen.pid}/task/{screen.pid}/children").read_text().split())
    viewer = next(pid for pid in children if b"-b" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"))
    os.kill(viewer, signal.SIGKILL)
    screen.wait_for("exit 0")
    screen.press("q")


def kill_all_but_copies(screen: Screen) -> None:
    """The launcher is the session's leader: the program gets SIGHUP, as when a terminal is closed."""
    os.kill(screen.pid, signal.SIGKILL)


def hang_up(screen: Screen) -> None:
    """What a connection that drops does."""
    os.close(screen.master)
    screen.master = os.open(os.devnull, os.O_RDWR)


def terminate(screen: Screen) -> None:
    os.kill(screen.pid, signal.SIGTERM)
    screen.wait_for("exit 0")
    screen.press("q")


@pytest.mark.parametrize("ending", [quit_for_good, go_on_and_quit, kill_viewer, kill_all_but_copies, hang_up, terminate])
def test_nothing_is_left_after_a_live_pause(tmp_path: Path, ending: Callable[[Screen], None]) -> None:
    with viewing(tmp_path, "-b", "program.py:11") as screen:
        screen.wait_for("paused live")
        screen.press("K")
        screen.wait_for("verified to event")
        screen.press(":exec -k total = 5\r")
        screen.wait_for("done: it stays so until the moment is left")  # was answered: another key before would have ended it
        screen.press(":exec -l total = 7\r")
        screen.wait_for("done in the program itself")
        pids = set(processes_in(tmp_path))
        assert len(pids) >= 5  # launcher, viewer, program, two copies at least
        ending(screen)
        screen.end()
    assert left(tmp_path, pids) == ""


FORKED = """\
import os, signal, sys, time
from tttui.orderly import ending_in_order
from tttui.tui import guard

os.register_at_fork(before=lambda: os.kill(os.getpid(), signal.SIGHUP))
with ending_in_order():
    sys.exit(guard.run(lambda: time.sleep(30) or 0))
"""


def test_a_viewer_that_is_just_being_forked_when_the_terminal_goes_away_ends(tmp_path: Path) -> None:
    """The signal has come before there was a viewer: to this process alone, and where whatever raises is swallowed."""
    (tmp_path / "forked.py").write_text(FORKED)
    pid, master = pty.fork()
    if not pid:
        os.execv(sys.executable, [sys.executable, "-W", "ignore", str(tmp_path / "forked.py")])
    try:
        began = time.monotonic()
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 128 + signal.SIGHUP
        assert time.monotonic() - began < 20
    finally:
        os.close(master)


LEFT_ALONE = 'trap "" HUP; TERM=xterm-256color "$0" -P -m tttui open "$1"; exit 3'
"""A shell that leads the session and takes no notice of a hang-up: then nobody else is told of it."""


def test_a_viewer_ends_with_its_terminal_though_nobody_tells_it(billing: Path) -> None:
    pid, master = pty.fork()
    if not pid:
        os.execv("/bin/sh", ["sh", "-c", LEFT_ALONE, sys.executable, str(billing)])
    shown = b""
    while b"?" not in shown.rpartition(b"\x1b[?1049h")[2][200:]:
        shown += os.read(master, 65536)
    os.close(master)
    began = time.monotonic()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("ending", [kill_all_but_copies, hang_up])
def test_nothing_is_left_when_the_viewer_of_a_finished_program_ends(tmp_path: Path, ending: Callable[[Screen], None]) -> None:
    with viewing(tmp_path) as screen:
        screen.wait_for("exit 0")
        screen.press("K")
        screen.wait_for("verified to event")
        pids = set(processes_in(tmp_path))
        ending(screen)
        screen.end()
    assert left(tmp_path, pids) == ""


def quit_shell(screen: Screen) -> None:
    screen.press("quit\r")


def end_shell(screen: Screen, directory: Path, ending: Callable[[Screen], None]) -> set[int]:
    """Once a moment was entered there; gives who was there."""
    screen.wait_for("end = 2")
    screen.press("checkpoint\r")
    screen.wait_for("verified to event")
    pids = set(processes_in(directory))
    ending(screen)
    screen.end()
    return pids


def kill_softly(screen: Screen) -> None:
    os.kill(screen.pid, signal.SIGTERM)


@pytest.mark.parametrize(("again", "ending"), [(False, hang_up), (False, kill_softly), (True, hang_up)])
def test_nothing_is_left_when_a_shell_ends_by_a_signal(tmp_path: Path, again: bool, ending: Callable[[Screen], None]) -> None:
    with viewing(tmp_path, "record", "--shell", "-o", "run.db") as screen:
        pids = end_shell(screen, tmp_path, quit_shell if again else ending)
    if again:
        with Screen(["replay", "--shell", "run.db"], tmp_path, (100, 30)) as screen:
            pids |= end_shell(screen, tmp_path, ending)
    assert left(tmp_path, pids) == ""


def test_the_program_of_a_hang_up_ends_as_without_us(tmp_path: Path) -> None:
    """It waits in a system call when the terminal goes: SIGHUP ends it, wherever it had been paused."""
    with viewing(tmp_path, "-b", "program.py:11", waits="600") as screen:
        screen.wait_for("paused live")
        screen.press("r")
        screen.wait_for("went on")
        pids = set(processes_in(tmp_path))
        hang_up(screen)
        screen.end()
    assert left(tmp_path, pids) == ""
