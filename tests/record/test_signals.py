"""Signals and the terminal reach a recorded program as they reach a plain one. Each test runs both."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from record.live import wait_for
from record.running import SECONDS, TTTUI, assert_whole, facts, rows
from record.terminal import Job
from tttui.native.reader import Ring
from tttui.paths import shared_ring_directory

COUNT_SIGNALS = """
import os, signal, sys, time
seen = []
def handler(number, frame):
    seen.append(number)
    os.write(1, b"caught %d\\n" % number)
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGINT, signal.SIGQUIT, signal.SIGCONT):
    signal.signal(number, handler)
print("ready", flush=True)
line = sys.stdin.readline()
print("seen", [int(n) for n in seen], line.strip(), flush=True)
sys.exit(5)
"""
ASK_THE_TERMINAL = """
import os, sys
print([os.isatty(n) for n in range(3)], os.ttyname(0) == os.ttyname(1), os.get_terminal_size())
print(os.getpgrp() == os.tcgetpgrp(0), os.getsid(0) == os.getppid() or os.getsid(0) != os.getpid())
print(input("name? "))
"""

RIGHT_BEFORE_A_WAIT = """
import fcntl, os, queue, select, signal, socket, threading, time

class Enough(Exception):
    pass

def enough(number, frame):
    raise Enough

reading, writing = os.pipe()
other, full = os.pipe()
fcntl.fcntl(full, fcntl.F_SETPIPE_SZ, 4096)
os.write(full, bytes(4096))
os.mkfifo("fifo")
ours, theirs = socket.socketpair()
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.bind(("127.0.0.1", 0))
listener = socket.create_server(("127.0.0.1", 0))
poll, epoll = select.poll(), select.epoll()
poll.register(reading)
epoll.register(reading)
locked, ready, file = threading.Lock(), threading.Semaphore(0), open("file", "w")
locked.acquire()
child = os.fork()
if not child:
    mine = open("file", "r+")
    fcntl.flock(mine, fcntl.LOCK_EX)
    fcntl.lockf(mine, fcntl.LOCK_EX)
    os.write(writing, b"locked")
    time.sleep(99)
os.read(reading, 6)
WAITS = {
    "read": lambda: os.read(reading, 1), "sleep": lambda: time.sleep(9), "select": lambda: select.select([reading], [], []),
    "poll": poll.poll, "epoll": epoll.poll, "recv": lambda: ours.recv(1), "recvfrom": lambda: datagrams.recvfrom(1),
    "accept": listener.accept, "pause": signal.pause, "sigtimedwait": lambda: signal.sigtimedwait([signal.SIGUSR2], 9),
    "lock": locked.acquire, "lock, timed": lambda: locked.acquire(timeout=9), "queue": queue.SimpleQueue().get,
    "semaphore": ready.acquire, "waitpid": lambda: os.waitpid(child, 0), "fifo": lambda: os.open("fifo", os.O_RDONLY),
    "write": lambda: os.write(full, b"x"), "flock": lambda: fcntl.flock(file, fcntl.LOCK_EX),
    "lockf": lambda: fcntl.lockf(file, fcntl.LOCK_EX), "sendmsg": lambda: [theirs.sendmsg([bytes(4096)]) for _ in range(99)],
}
signal.signal(signal.SIGALRM, enough)

def late(wait):
    began = time.monotonic()
    try:
        values = [list(map(str, range(1000))) for _ in range(20)]; signal.setitimer(signal.ITIMER_REAL, 0.0001, 3)
        wait()  # by now the recorder notes the values above, which takes longer
    except Enough:
        pass
    signal.setitimer(signal.ITIMER_REAL, 0)
    return time.monotonic() - began > 2.5  # it was the next one that ended the wait

try:
    print(next((name for name, wait in WAITS.items() if sum(late(wait) for _ in range(3)) > 1), "none"))
finally:
    os.kill(child, 9)
"""
INTERRUPTED = """
import ctypes, errno, os, select, signal, socket, time

class Enough(Exception):
    pass

def enough(number, frame):
    raise Enough

def soon(function, wait):
    signal.signal(signal.SIGALRM, function)
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    try:
        return wait()
    except Enough:
        return "enough"

libc = ctypes.CDLL(None, use_errno=True)
reading, writing = os.pipe()
ours, theirs = socket.socketpair()
listener = socket.create_server(("127.0.0.1", 0))
poll = select.poll()
poll.register(reading)
buffer = ctypes.create_string_buffer(8)
seen = []
note = lambda number, frame: seen.append(number)
write = lambda number, frame: os.write(writing, b"some")
print("C", soon(note, lambda: libc.read(reading, buffer, 8)), errno.errorcode[ctypes.get_errno()], len(seen))
print("C", soon(note, lambda: libc.usleep(900_000)), errno.errorcode[ctypes.get_errno()], len(seen))
signal.signal(signal.SIGALRM, write)
signal.siginterrupt(signal.SIGALRM, False)
signal.setitimer(signal.ITIMER_REAL, 0.02)
child = os.fork()
if not child:
    time.sleep(0.1)
    os._exit(os.write(writing, b"more"))
print("started anew", libc.read(reading, buffer, 4), buffer.value, os.read(reading, 4), os.waitpid(child, 0)[1])
print("read", soon(write, lambda: os.read(reading, 8)))
for wait in (lambda: os.read(reading, 8), lambda: time.sleep(9), lambda: select.select([reading], [], [], 9), lambda: poll.poll(9000),
             lambda: ours.recv(8), listener.accept, signal.pause):
    print("left", soon(enough, wait))
began = time.monotonic()
print("whole", soon(note, lambda: time.sleep(0.1)), select.select([reading], [], [], 0.02), time.monotonic() - began >= 0.12, len(seen))
child = os.fork()
if not child:
    time.sleep(9)
print("child", soon(lambda number, frame: os.kill(child, 9), lambda: os.waitpid(child, 0)[1]))
"""
GRACE = 0.3
"""Seconds in which a second signal, that must not come, would come."""


@pytest.fixture(params=["plain", "recorded"])
def command(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    options = ["--no-checkpoints"] if request.param == "without copies" else []
    return [sys.executable] if request.param == "plain" else [*TTTUI, "record", *options, "-o", str(tmp_path / "run.db")]


def save(directory: Path, text: str) -> str:
    (directory / "script.py").write_text(text)
    return "script.py"


def test_the_program_has_the_terminal(command: list[str], tmp_path: Path) -> None:
    with Job([*command, save(tmp_path, ASK_THE_TERMINAL)], tmp_path) as job:
        job.wait_for(b"name? ")
        job.type(b"Ada\n")
        job.report()
        assert job.report() == "exited 0"
        job.wait_for(b"Ada\r\nAda")
        assert b"[True, True, True] True" in job.screen
        assert b"\nTrue True\r\n" in job.screen


def test_ctrl_c_interrupts_the_program_once(command: list[str], tmp_path: Path) -> None:
    with Job([*command, save(tmp_path, COUNT_SIGNALS)], tmp_path) as job:
        job.wait_for(b"ready")
        job.type(b"\x03")
        job.wait_for(b"caught 2")
        time.sleep(GRACE)
        job.type(b"on\n")
        job.wait_for(b"seen [2] on")
        job.report()
        assert job.report() == "exited 5"


def test_an_uncaught_ctrl_c_ends_both_by_the_signal(command: list[str], tmp_path: Path) -> None:
    with Job([*command, save(tmp_path, "import time\nprint('ready', flush=True)\ntime.sleep(600)\n")], tmp_path) as job:
        job.wait_for(b"ready")
        job.type(b"\x03")
        job.wait_for(b"KeyboardInterrupt")
        job.report()
        assert job.report() == "killed 2"
    if "record" in command:
        found = facts(tmp_path / "run.db")
        assert (found["ended"], found["signal"]) == ("exception", 2)
        assert '"KeyboardInterrupt"' in found["exception"]


def test_ctrl_z_stops_the_job_and_fg_resumes_it(command: list[str], tmp_path: Path) -> None:
    with Job([*command, save(tmp_path, COUNT_SIGNALS)], tmp_path) as job:
        job.wait_for(b"ready")
        job.report()
        for turn in range(2):
            job.type(b"\x1a")
            assert job.report().startswith("stopped ")
            time.sleep(GRACE)
            job.resume()
            job.wait_for(b"caught %d" % signal.SIGCONT, times=turn + 1)
            time.sleep(GRACE)  # until it reads again: a signal right before that is seen behind it alone, by any Python
        job.type(b"on\n")
        job.wait_for(f"seen {[int(signal.SIGCONT)] * 2} on".encode())
        assert job.report() == "exited 5"


@pytest.mark.parametrize("command", ["plain", "recorded", "without copies"], indirect=True)
def test_a_signal_right_before_a_wait_is_not_left_for_behind_it(command: list[str], tmp_path: Path) -> None:
    """The interpreter overlooks one for an instant, which must not become a long time: here is where it did."""
    run = subprocess.run([*command, save(tmp_path, RIGHT_BEFORE_A_WAIT)], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert (run.returncode, run.stdout) == (0, b"none\n")


def test_a_system_call_that_a_signal_interrupts_ends_as_it_does_without_us(tmp_path: Path) -> None:
    script = save(tmp_path, INTERRUPTED)
    plain, recorded = (
        subprocess.run([*command, script], cwd=tmp_path, capture_output=True, timeout=60, check=False)
        for command in ([sys.executable], [*TTTUI, "record", "--checkpoint-interval", "0", "-o", "run.db"])
    )
    assert (recorded.returncode, recorded.stdout) == (plain.returncode, plain.stdout)
    assert plain.stdout.startswith(b"C -1 EINTR 1\nC -1 EINTR 2\nstarted anew 4 b'more'")
    assert plain.stdout.count(b"left enough") == 7


def test_ctrl_backslash_quits(command: list[str], tmp_path: Path) -> None:
    with Job([*command, save(tmp_path, "import time\nprint('ready', flush=True)\ntime.sleep(600)\n")], tmp_path) as job:
        job.wait_for(b"ready")
        job.report()
        job.type(b"\x1c")
        assert job.report() == "killed 3"


@contextmanager
def started(command: list[str], directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_to_the_process_that_was_started_reaches_the_program_once(number: int, command: list[str], tmp_path: Path) -> None:
    with started([*command, save(tmp_path, COUNT_SIGNALS)], tmp_path) as process:
        # A signal right before a read that waits is seen behind the read alone: by any Python, recorded or not.
        time.sleep(GRACE)
        process.send_signal(number)
        assert process.stdout is not None
        assert process.stdout.readline() == b"caught %d\n" % number
        time.sleep(GRACE)
        out, _ = process.communicate(b"on\n", timeout=180)
        assert (process.returncode, out) == (5, f"seen [{int(number)}] on\n".encode())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGINT, signal.SIGKILL])
def test_a_deadly_signal_ends_both_by_the_same_signal(number: int, command: list[str], tmp_path: Path) -> None:
    script = save(tmp_path, "import os, time\nprint('ready', flush=True)\nprint(os.getpid(), flush=True)\ntime.sleep(600)\n")
    with started([*command, script], tmp_path) as process:
        assert process.stdout is not None
        program = int(process.stdout.readline())
        os.kill(program if number == signal.SIGKILL else process.pid, number)
        process.communicate(timeout=180)
        assert process.returncode == -number
    if "record" in command:
        found = facts(tmp_path / "run.db")
        assert found["signal"] == number
        assert found["state"] == "finished"
        assert_whole(tmp_path / "run.db")


def test_a_core_dump_is_left_by_the_program_alone(tmp_path: Path) -> None:
    script = save(tmp_path, "import os\nos.abort()\n")
    done = subprocess.run([*TTTUI, "record", "-o", "run.db", script], cwd=tmp_path, capture_output=True, timeout=180, check=False)
    assert done.returncode == -signal.SIGABRT
    assert len(list(tmp_path.glob("core*"))) <= 1


def test_continuing_the_launcher_alone_continues_the_program(tmp_path: Path) -> None:
    command = [*TTTUI, "record", "-o", "run.db", save(tmp_path, COUNT_SIGNALS)]
    with started(command, tmp_path) as process:
        program = wait_for(lambda: int(facts(tmp_path / "run.db").get("pid") or 0))
        time.sleep(GRACE)  # until it waits for its input
        os.kill(program, signal.SIGSTOP)
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        os.kill(process.pid, signal.SIGCONT)
        assert process.stdout is not None
        assert process.stdout.readline() == b"caught %d\n" % signal.SIGCONT
        time.sleep(GRACE)
        out, _ = process.communicate(b"on\n", timeout=180)
        assert (process.returncode, out) == (5, f"seen [{int(signal.SIGCONT)}] on\n".encode())


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_slow_writer_is_waited_for_with_a_line_that_says_so(interrupted: bool, tmp_path: Path) -> None:
    """Ctrl-C then ends the waiting, and the writer finishes by itself."""
    script = save(tmp_path, "import sys\nprint('ready', flush=True)\nsys.stdin.readline()\nsys.exit(6)\n")
    with Job([*TTTUI, "record", "-o", "run.db", script], tmp_path) as job:
        job.wait_for(b"ready")
        job.report()
        ring = Ring(facts(tmp_path / "run.db")["ring"])
        writer = wait_for(lambda: ring.writer_pid)
        os.kill(writer, signal.SIGSTOP)
        try:
            job.type(b"on\n")
            job.wait_for(b"MB to go")
            if interrupted:
                job.type(b"\x03")
                assert job.report() == "exited 6"
                assert facts(tmp_path / "run.db")["state"] == "recording"
        finally:
            os.kill(writer, signal.SIGCONT)
        if not interrupted:
            assert job.report() == "exited 6"
            job.wait_for(b"recorded ")
        wait_for(lambda: facts(tmp_path / "run.db")["state"] == "finished")
        assert facts(tmp_path / "run.db")["exit_code"] == 6


KILLED = """
import os, sys
from tttui.record import {module} as module

usual = module.{name}

def kills(*arguments):
    result = usual(*arguments)
    os.kill(os.getpid(), {number})
    return result

module.{name} = kills
from tttui.cli import main
sys.exit(main())
"""


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
@pytest.mark.parametrize(("module", "name"), [("rings", "create"), ("database", "_connect"), ("launch", "spawn_writer")])
def test_a_deadly_signal_before_the_program_began_leaves_nothing(module: str, name: str, number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED.format(module=module, name=name, number=int(number)), "record", "-o", "run.db", "-c", "1"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE) as process:
        assert process.wait(SECONDS) == -number, process.stderr and process.stderr.read()
    shared = shared_ring_directory()
    assert shared is not None
    wait_for(lambda: not [path for path in shared.iterdir() if path.name.startswith(f"{process.pid}-")])
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_that_goes_away_leaves_a_whole_recording(tmp_path: Path) -> None:
    """The connection drops: the program is hung up on, and its recording says so."""
    script = save(tmp_path, "import time\nlast = 1\nprint('ready', flush=True)\ntime.sleep(600)\n")
    with Job([*TTTUI, "record", "-o", "run.db", script], tmp_path) as job:
        job.wait_for(b"ready")
        job.hang_up()
        wait_for(lambda: facts(tmp_path / "run.db")["state"] != "recording")
        wait_for(lambda: rows(tmp_path / "run.db", "PRAGMA journal_mode") == [("delete",)])
        found = facts(tmp_path / "run.db")
        assert (found["ended"], found["signal"], found["lost"]) in (("signal", 1, 0), ("killed", None, 0))
        assert_whole(tmp_path / "run.db")
