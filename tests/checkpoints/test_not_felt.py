"""Paused copies are not felt: by the program, by its peers, by its terminal, or by anybody after the end."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from checkpoints.keeping import WORK, kept, living
from tttui.errors import TttuiError
from tttui.paths import shared_ring_directory
from tttui.store.run import Run

RECORD = [sys.executable, "-P", "-m", "tttui", "record", "--checkpoint-interval", "0"]
SECONDS = 60

# What each hazard would make of the program: HAZARDS.md, F1 to F24. Every program prints what it sees.
PROGRAMS = {
    "F1 a pipe to a child ends when it is closed": """
        import subprocess
        child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        work()
        child.stdin.write(b"abc")
        work()
        child.stdin.close()
        print(child.stdout.read(), child.wait())
    """,
    "F1 a peer sees the end of a socket": """
        import socket
        here, there = socket.socketpair()
        work()
        here.close()
        there.settimeout(10)
        print(there.recv(10))
    """,
    "F1 a port can be bound again": """
        import socket
        server = socket.create_server(("127.0.0.1", 0))
        port = server.getsockname()[1]
        work()
        server.close()
        work()
        again = socket.socket()
        again.bind(("127.0.0.1", port))
        again.listen()
        print("bound")
        again.close()
        try:
            socket.create_connection(("127.0.0.1", port), 1)
        except ConnectionRefusedError:
            print("refused")
    """,
    "F1 and F8 what is closed right behind a copy is free": """
        import fcntl, os, socket, subprocess
        class Thing:
            @property
            def copied(self):
                raise AttributeError  # only C code catches it: a copy is made here
        thing = Thing()
        others = [os.pipe() for _ in range(200)]  # letting go of so many takes a while
        in_use = []
        for _ in range(8):
            server = socket.create_server(("127.0.0.1", 0))
            port = server.getsockname()[1]
            lock, script = open("lock", "w"), open("script", "w")
            fcntl.flock(lock, fcntl.LOCK_EX)
            script.write("#!/bin/true")
            os.fchmod(script.fileno(), 0o700)
            getattr(thing, "copied", None)
            script.close()
            lock.close()
            server.close()
            with socket.socket() as server, open("lock", "w") as lock:
                try:
                    server.bind(("127.0.0.1", port))
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    subprocess.run(["./script"])
                except OSError as error:
                    in_use.append(error)
        print(in_use)
    """,
    "F2 there are no children to wait for": """
        import multiprocessing, os, signal
        came = []
        signal.signal(signal.SIGCHLD, lambda *_: came.append(1))
        work()
        try:
            os.wait()
        except ChildProcessError:
            print("no children")
        work()
        print(came, multiprocessing.active_children())
    """,
    "F3 random is not seeded anew and no hooks run": """
        import os, random
        random.seed(3)
        os.register_at_fork(before=lambda: print("before"), after_in_parent=lambda: print("parent"), after_in_child=lambda: print("child"))
        numbers = []
        for _ in range(30):
            work(500)
            numbers.append(random.random())
        print(numbers)
    """,
    "F6 nothing warns": """
        import warnings, threading
        warnings.simplefilter("error")
        thread = threading.Thread(target=work)
        thread.start()
        work()
        thread.join()
        print("silent")
    """,
    "F7 offsets are the program's own": """
        import os
        with open("numbers", "w") as file:
            file.write("0123456789" * 10)
        file = open("numbers", "rb", buffering=0)
        read = []
        for _ in range(20):
            work(500)
            read.append(file.read(3))
        print(read, file.tell())
    """,
    "F8 a lock on a file is gone when it is closed": """
        import fcntl
        first = open("lock", "w")
        fcntl.flock(first, fcntl.LOCK_EX)
        work()
        first.close()
        work()
        second = open("lock", "w")
        fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        print("locked again")
    """,
    "F9 an event loop goes on": """
        import asyncio
        async def main():
            reader, writer = await asyncio.open_connection(sock=pair[0])
            for number in range(20):
                pair[1].send(b"%d\\n" % number)
                work(500)
                print(await reader.readline())
            writer.close()
        import socket
        pair = socket.socketpair()
        asyncio.run(main())
    """,
    "F10 nothing is flushed or cleaned up twice": """
        import atexit, sys, tempfile, weakref
        sys.stdout.write("once ")
        directory = tempfile.TemporaryDirectory()
        atexit.register(print, "at exit")
        class Thing: pass
        thing = Thing()
        weakref.finalize(thing, print, "finalised")
        work()
        import os
        print(os.path.isdir(directory.name))
        directory.cleanup()
    """,
    "F11 signals to the group reach nobody else": """
        import os, signal
        os.setpgid(0, 0)
        came = []
        signal.signal(signal.SIGUSR1, lambda *_: came.append(1))
        for _ in range(5):
            work(1000)
            os.killpg(0, signal.SIGUSR1)
        work()
        print(came)
    """,
    "F12 an alarm comes once": """
        import signal, time
        came = []
        signal.signal(signal.SIGALRM, lambda *_: came.append(1))
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            work(100)
        print(came)
    """,
    "F14 shared memory is the program's": """
        import mmap
        shared = mmap.mmap(-1, 4096)
        for number in range(20):
            work(500)
            shared[0] = number
        print(shared[0])
    """,
    "F20 auditing sees no fork": """
        import sys
        seen = []
        sys.addaudithook(lambda event, arguments: seen.append(event) if "fork" in event or "posix_spawn" in event else None)
        work()
        print(seen)
    """,
    "a process group and its session stay": """
        import os
        before = (os.getpgid(0), os.getsid(0), os.getppid())
        work()
        print(before == (os.getpgid(0), os.getsid(0), os.getppid()))
    """,
    "descriptors get the same numbers": """
        import os
        numbers = []
        for _ in range(10):
            work(500)
            numbers.append(os.open(os.devnull, os.O_RDONLY))
        print(numbers)
    """,
}


def run(command: list[str], directory: Path) -> tuple[int, bytes, bytes]:
    directory.mkdir()
    done = subprocess.run(
        [*command, "../program.py"],
        cwd=directory,
        capture_output=True,
        timeout=SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(directory), "PYTHONHASHSEED": "0", "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    err = b"".join(line for line in done.stderr.splitlines(keepends=True) if not line.startswith(b"tttui: "))
    return done.returncode, done.stdout, err


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_program_does_not_notice(name: str, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(WORK + textwrap.dedent(PROGRAMS[name]))
    plain = run([sys.executable, "-W", "error"], tmp_path / "plain")
    recorded = run([*RECORD, "-W", "error", "-o", str(tmp_path / "run.db")], tmp_path / "recorded")
    assert recorded == plain
    assert plain[0] == 0, plain
    with Run.open(tmp_path / "run.db") as run_:
        assert run_.meta["checkpoints_made"] > 0


IN_WAVES = """
import mmap, time

while time.process_time() < 1:
    taken = mmap.mmap(-1, 4 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    taken.write(bytes(4 << 20))
    taken.close()
    work(500)
"""


def test_memory_that_is_taken_and_given_back_is_not_taken_for_pages_that_are_copied(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(WORK + IN_WAVES)
    assert run([*RECORD, "-o", str(tmp_path / "run.db")], tmp_path / "recorded")[0] == 0
    with Run.open(tmp_path / "run.db") as run_:
        assert run_.meta["checkpoints_made"] >= 3


PAUSED = WORK + "\nfor _ in range(1000):\n    work(1000)\n"


def test_all_ends_with_the_viewer(tmp_path: Path) -> None:
    with kept(tmp_path, PAUSED, "--checkpoint-interval", "0") as found:
        copies = found.copies()
        moment = found.enter(found.run.events // 2)
        assert copies
        assert living([*copies, moment.pid]) == [*copies, moment.pid]
        assert found.let_go() == 0
        moment.close()
    assert gone([*copies, moment.pid]) == []
    assert left_in_shared_memory(found.holder.pid) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGTERM])
def test_all_ends_when_the_viewer_is_killed(tmp_path: Path, number: signal.Signals) -> None:
    with kept(tmp_path, PAUSED, "--checkpoint-interval", "0") as found:
        copies = found.copies()
        moment = found.enter(found.run.events // 2)
        found.holder.send_signal(number)
        assert found.let_go() != 0
        assert gone([*copies, moment.pid]) == []
        moment.close()


def test_an_evaluation_ends_when_nobody_waits_for_it_any_more(tmp_path: Path) -> None:
    with kept(tmp_path, PAUSED) as found:
        moment = found.enter(found.run.events // 2)
        with pytest.raises(TttuiError):
            moment.evaluate("[None for _ in iter(int, 1)]", seconds=0.5)
        moment.close()
        assert gone([*(set(children_of(found.holder.pid)) - set(found.copies()))]) == []


def test_plain_recording_leaves_no_copy_behind(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PAUSED + "import os\nprint(os.getppid())\n")
    code, out, err = run([*RECORD, "-o", str(tmp_path / "run.db")], tmp_path / "recorded")
    assert (code, err) == (0, b"")
    assert left_in_shared_memory(int(out)) == []


def children_of(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


def gone(pids: list[int]) -> list[int]:
    """Those that are still there after a moment."""
    give_up = time.monotonic() + 5
    while living(pids) and time.monotonic() < give_up:
        time.sleep(0.02)
    return living(pids)


def left_in_shared_memory(launcher: int) -> list[str]:
    directory = shared_ring_directory()
    assert directory is not None
    return [name for name in os.listdir(directory) if name.startswith(f"{launcher}-")]
