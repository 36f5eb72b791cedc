"""Programs with every kind of input and effect, entered at random events: each holds what was recorded there, and nothing
outside of a copy notices: files, the terminal, a peer at the other end of a socket.

With --slow 200 events of each, from copies that are made as often as can be and from the one at the start alone.
"""

import os
import pty
import random
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from oracle.compare import Report

from checkpoints.keeping import Kept, kept
from checkpoints.looking import look
from tttui.checkpoints.client import Leaving
from tttui.errors import TttuiError

PROGRAMS: Final = sorted((Path(__file__).parents[1] / "programs" / "copied").glob("*.py"))
A_THIRD: Final = [
    pytest.param(path, marks=() if number % 3 == sys.version_info.minor % 3 else pytest.mark.slow) for number, path in enumerate(PROGRAMS)
]
"""Each version of Python has its own third of them; with --slow it has all."""
AMID_A_LINE: Final = "came amid a line"
"""Of a signal: where in it can't always be repeated, least of all before CPython 3.13."""
A_THREAD: Final = "it starts a thread"
REASONS: Final = {"pool": A_THREAD, "threads": A_THREAD, "signals": AMID_A_LINE, "timers": AMID_A_LINE}
if sys.version_info < (3, 12):
    REASONS["event_loop_child"] = A_THREAD  # that waits for the child
"""Why some moments of a program can't be entered. Every moment of all others can."""
AT_TERMINAL: Final = frozenset({"terminal"})
WITH_PEER: Final = frozenset({"socket_client", "socket_server"})
AT_THE_START: Final = ("--checkpoint-interval", "1000000")
"""One copy, so that everything is run forward."""
OFTEN: Final = ("--checkpoint-interval", "0")


@dataclass
class Outside:
    """What a copy must not change."""

    directory: Path
    peers_log: Path | None = None
    shown: bytearray = field(default_factory=bytearray)
    """What came out of the terminal."""

    def state(self) -> tuple[object, ...]:
        # The recording may be opened, and then has a log beside it.
        files = {
            str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
            for path in sorted(self.directory.rglob("*"))
            if not path.name.startswith("run.db")
        }
        return files, None if self.peers_log is None else self.peers_log.read_bytes(), bytes(self.shown)


@contextmanager
def recorded(path: Path, directory: Path, *options: str) -> Iterator[tuple[Kept, Outside]]:
    """A program of the corpus, recorded, with what is around it."""
    name, text = path.stem, path.read_text()
    if name in WITH_PEER:
        with peer(directory.with_name("peer.log")) as port, kept(directory, text, *options, arguments=[port]) as found:
            yield found, Outside(directory, directory.with_name("peer.log"))
    elif name in AT_TERMINAL:
        with terminal(b"a line\nk") as (slave, shown), kept(directory, text, *options, terminal=slave) as found:
            yield found, Outside(directory, shown=shown)
    else:
        with kept(directory, text, *options, input=b"1\n2\n3\n" * 20) as found:
            yield found, Outside(directory)


@contextmanager
def peer(log: Path) -> Iterator[str]:
    """A process that answers at a port, and writes down what it gets."""
    command = [sys.executable, str(Path(__file__).with_name("peer.py")), str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@contextmanager
def terminal(typed: bytes) -> Iterator[tuple[int, bytearray]]:
    """A terminal at which something was typed already, and what it shows."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (30, 100))
    os.write(master, typed)
    shown = bytearray()

    def read() -> None:
        try:
            while data := os.read(master, 4096):
                shown.extend(data)
        except OSError:
            pass  # nobody has it open any more

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield slave, shown
    finally:
        os.close(slave)
        reader.join(10)
        os.close(master)


def enter_at_random(found: Kept, seed: str, count: int, reason: str | None) -> tuple[Report, int]:
    """Enter so many moments, the second and the last one among them; what was compared, and how many could be entered."""
    last = found.run.events - 1
    events = sorted({*random.Random(seed).sample(range(last), min(count, last)), 1, last})
    report, entered = Report(), 0
    for event in events:
        try:
            moment = found.enter(event)
        except TttuiError as error:
            if reason is None or reason not in error.what:
                raise
            continue
        try:
            if reason == AMID_A_LINE and not moment.verified:
                assert AMID_A_LINE in moment.badge
                continue
            alone = f"at event {event:,}, look only: {moment.look_only}"  # it was made while there were threads, at this very event
            assert moment.badge == (alone if reason == A_THREAD and moment.look_only else f"verified to event {event:,}")
            seen = look(found, moment)
            assert not seen.differences
            report.add(seen)
            entered += 1
        except TttuiError as error:
            if "shutting down" not in error.what:  # where nothing can be imported any more
                raise
        finally:
            moment.close()
    return report, entered


def leave_on_the_way(found: Kept) -> None:
    """Have a copy that runs through the program, as far as one comes, leave others as often as it can."""
    with suppress(TttuiError):
        entering = found.checkpoints.begin(found.run, found.run.events - 1, Leaving(0.001, 1 << 30))
        entering.arrived().close()


SLOW: Final = (pytest.mark.slow, pytest.mark.timeout(1800))


@pytest.mark.parametrize(
    ("options", "count"),
    [
        pytest.param(AT_THE_START, 5, id="some"),
        pytest.param(AT_THE_START, 200, marks=SLOW, id="from the start"),
        pytest.param(OFTEN, 200, marks=SLOW, id="from near"),
    ],
)
@pytest.mark.parametrize("path", A_THIRD, ids=lambda path: path.stem)
def test_moments_are_as_recorded_and_nothing_else_notices(path: Path, options: tuple[str, ...], count: int, tmp_path: Path) -> None:
    directory = tmp_path / "program"
    directory.mkdir()
    with recorded(path, directory, *options) as (found, outside):
        before = outside.state()
        for seed in (path.stem, f"{path.stem} on the way"):
            report, entered = enter_at_random(found, seed, count, REASONS.get(path.stem))
            assert entered
            assert report.events == entered
            assert report.values
            leave_on_the_way(found)
        assert outside.state() == before
