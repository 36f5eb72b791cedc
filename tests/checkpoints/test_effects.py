"""What a copy does stays in it, and what the program got from outside it gets again: programs with every kind of both."""

import os
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from checkpoints.keeping import Kept, kept
from tttui.errors import TttuiError

# Each of them is entered at random events, and must be there exactly as it was recorded.
INPUTS = {
    "time": """
        import datetime, time
        seen = []
        for number in range(100):
            seen.append((time.time(), time.monotonic(), time.perf_counter_ns(), time.process_time()))
            today = datetime.datetime.now()
        time.sleep(0.01)
    """,
    "random bytes": """
        import os, random, secrets, uuid
        seen = []
        for number in range(50):
            seen.append((uuid.uuid4(), secrets.token_hex(4), os.urandom(3)))
            chance = random.Random().random()
    """,
    "standard input": """
        import sys
        total = 0
        for line in sys.stdin:
            total += int(line)
        rest = sys.stdin.read()
    """,
    "a pipe": """
        import os
        reads, writes = os.pipe()
        seen = []
        for number in range(30):
            os.write(writes, b"%d" % number)
            seen.append(os.read(reads, 100))
    """,
    "files": """
        import os
        with open("data", "w") as file:
            for number in range(50):
                print(number, file=file)
        numbers = []
        with open("data") as file:
            for line in file:
                numbers.append(int(line))
        with open("data", "r+") as file:
            file.write("changed")
            file.seek(0)
            begin = file.read(10)
        os.rename("data", "other")
        os.unlink("other")
    """,
    "a child": """
        import subprocess
        seen = []
        for number in range(3):
            done = subprocess.run(["sh", "-c", f"cat; exit {number}"], input=b"abc", capture_output=True)
            seen.append((done.returncode, done.stdout, done.stderr))
        child = subprocess.Popen(["sleep", "0.05"])
        pid = child.pid
        code = child.wait()
    """,
    "sockets": """
        import select, socket
        here, there = socket.socketpair()
        seen = []
        for number in range(20):
            here.sendall(b"%d" % number)
            ready, _, _ = select.select([there], [], [], 5)
            seen.append((len(ready), there.recv(100)))
        poller = select.poll()
        poller.register(there, select.POLLIN)
        seen.append(poller.poll(1))
        here.close()
        last = there.recv(10)
    """,
    "a directory": """
        import os, tempfile
        with tempfile.TemporaryDirectory() as place:
            for number in range(20):
                name = os.path.join(place, f"file-{number}")
                number *= 2
        pid = os.getpid()
        size = len(str(pid))
    """,
    "output": """
        import os, sys
        for number in range(20):
            print("line", number)
            print("error", number, file=sys.stderr)
            os.write(1, b"raw\\n")
        written = sys.stdout.write("end")
    """,
}


def lines(text: str) -> str:
    import textwrap

    return textwrap.dedent(text)


def watched(directory: Path) -> dict[str, tuple[int, bytes]]:
    """What is in a directory, but for the recording: it may be opened, and then has a log beside it."""
    found = {}
    for path in sorted(directory.rglob("*")):
        if path.is_file() and not path.name.startswith("run.db"):
            found[str(path)] = (path.stat().st_mtime_ns, path.read_bytes())
    return found


@pytest.mark.parametrize("name", INPUTS)
def test_random_moments_are_as_they_were(name: str, tmp_path: Path) -> None:
    with kept(tmp_path, lines(INPUTS[name]), "--checkpoint-interval", "0", input=b"1\n2\n3\n" * 20) as found:
        before = watched(tmp_path)
        chance = random.Random(name)
        events = sorted(chance.sample(range(1, found.run.events), min(20, found.run.events - 1)))
        for event in [*events, found.run.events - 1]:
            moment = found.enter(event)
            badge = moment.badge
            moment.close()
            assert badge == f"verified to event {event:,}"
        assert watched(tmp_path) == before


@contextmanager
def paused(directory: Path, program: str) -> Iterator[Kept]:
    with kept(directory, lines(program)) as found:
        yield found


def last_moment(found: Kept) -> int:
    return found.run.events - 1


def test_files_written_and_removed_in_an_evaluation_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("before")
    with paused(tmp_path, "import os\nfile = open('there', 'a')\nx = 1\n") as found:
        moment = found.enter(last_moment(found))
        before = watched(tmp_path)
        done = moment.evaluate("open('there', 'w').write('after') + open('new', 'w').write('new')")
        assert (done.value, done.error) == ("8", "")
        assert moment.evaluate("[open('there').read(), file.write('more'), file.flush()]").value == "['before', 4, None]"
        assert moment.evaluate("os.unlink('there')").error == ""
        assert moment.evaluate("os.mkdir('directory')").held
        text = "with open('inner', 'w+') as made:\n    made.write('abc')\n    made.seek(0)\n    print(made.read())"
        assert moment.evaluate(text).output == "abc\n"
        moment.close()
        assert watched(tmp_path) == before


def test_output_is_shown_to_whoever_asked_and_to_nobody_else(tmp_path: Path) -> None:
    with paused(tmp_path, "import os, sys\nprint('once')\nx = 1\n") as found:
        moment = found.enter(last_moment(found))
        assert moment.evaluate("print('a'), os.write(1, b'b'), os.system('echo c'), print('d', file=sys.stderr)").output.split() == [
            "a",
            "d",
            "b",
        ]
        moment.close()
        found.let_go()
        assert found.out == b"once\n"
        assert b"d\n" not in found.err


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("os.fork()", "starts a process"),
        ("os.system('touch touched')", "starts a process"),
        ("subprocess.run(['touch', 'touched'])", "starts a process"),
        ("os.execv('/bin/touch', ['touch', 'touched'])", "runs another program"),
        ("os.kill(os.getppid(), 15)", "sends a signal to another process"),
        ("socket.create_connection(('127.0.0.1', PORT), 2)", "uses the network"),
        ("threading.Thread(target=print).start()", "starts a thread"),
        ("sys.stdin.buffer.raw.read(1) if not os.path.exists('never') else 0", ""),
        ("os.read(pipe[0], 10)", "reads from a pipe"),
    ],
)
def test_what_cant_be_held_back_is_refused_with_the_reason(text: str, reason: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        came: list[object] = []
        threading.Thread(target=lambda: came.append(accepted(server)), daemon=True).start()
        program = f"import os, socket, subprocess, sys, threading\nPORT = {server.getsockname()[1]}\npipe = os.pipe()\nx = 1\n"
        with paused(tmp_path, program) as found:
            moment = found.enter(last_moment(found))
            done = moment.evaluate(text)
            assert reason in " ".join(done.held)
            assert bool(done.error) or not reason or "system" in text
            assert not (tmp_path / "touched").exists()
            assert moment.evaluate("x").value == "1"
            moment.close()
        assert came == []


def accepted(server: socket.socket) -> object:
    try:
        return server.accept()
    except OSError:
        return None


def test_a_program_that_goes_another_way_is_stopped_at_the_first_difference(tmp_path: Path) -> None:
    program = """
        def read():
            with open("input.txt") as file:
                return file.read().strip()

        first = read()
        second = 2
        third = second + len(first)
    """
    padding = " " * 100_000  # so much that it isn't noted, but read again
    (tmp_path / "input.txt").write_text("abc" + padding)
    with paused(tmp_path, program) as found:
        event = found.event_at("second = 2")
        (tmp_path / "input.txt").write_text("something else" + padding)
        moment = found.enter(last_moment(found))
        assert not moment.verified
        returned = found.event_at("return file.read()") + 1
        assert returned <= moment.event <= event
        assert "something else" in moment.badge
        assert "'abc'" in moment.badge
        moment.close()
        (tmp_path / "input.txt").write_text("abc" + padding)
        moment = found.enter(last_moment(found))
        assert moment.verified, moment.badge
        moment.close()


def test_a_moment_behind_what_cant_be_repeated_says_so(tmp_path: Path) -> None:
    program = "import threading\nx = 1\nthread = threading.Thread(target=len, args=['abc'])\nthread.start()\nthread.join()\ny = 2\n"
    with paused(tmp_path, program) as found:
        with pytest.raises(TttuiError, match="thread"):
            found.enter(last_moment(found))
        moment = found.enter(2)
        assert moment.verified
        moment.close()
        assert os.listdir(tmp_path)
