"""Programs that end in ways that leave no time to save anything: the recording ends with their last line."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.programs import RECORD, clean_environment

from tttui.navigation.failure import find_failure
from tttui.store.run import Run

# Each one's last line of its own is marked with "# last"; `code` is how plain Python ends.
ENDS = {
    "os_exit": ("import os\nitems = [1, 2]\nitems.append(3)\nos._exit(6)  # last\n", 6),
    "abort": ("import os\nitems = [1, 2]\nitems.append(3)\nos.abort()  # last\n", -6),
    "segfault": ("import ctypes\nitems = [1, 2]\nitems.append(3)\nctypes.string_at(1)  # last\n", -11),
    "kill": ("import os, signal\nitems = [1, 2]\nitems.append(3)\nos.kill(os.getpid(), signal.SIGKILL)  # last\n", -9),
    "terminated": ("import os, signal\nitems = [1, 2]\nitems.append(3)\nos.kill(os.getpid(), signal.SIGTERM)  # last\n", -15),
    "illegal_instruction": ("import os, signal\nitems = [1, 2]\nitems.append(3)\nos.kill(os.getpid(), signal.SIGILL)  # last\n", -4),
    "exec": ("import os\nitems = [1, 2]\nitems.append(3)\nos.execv('/bin/false', ['false'])  # last\n", 1),
    "fatal_error": (
        "import ctypes\nitems = [1, 2]\nitems.append(3)\nctypes.pythonapi.Py_FatalError(b'enough')  # last\n", -6,
    ),
    "in_a_function": (
        "import os\nitems = [1, 2]\n\n\ndef leave(code):\n    items.append(3)\n    os._exit(code)  # last\n\n\nleave(7)\n", 7,
    ),
    "in_a_thread": (
        "import os, threading, time\nitems = [1, 2]\n\n\ndef leave(code):\n    items.append(3)\n    os._exit(code)  # last\n\n\n"
        "threading.Thread(target=leave, args=(8,)).start()\ntime.sleep(30)\n", 8,
    ),
    "with_faulthandler": (
        "import ctypes, faulthandler\nfaulthandler.enable()\nitems = [1, 2]\nitems.append(3)\nctypes.string_at(1)  # last\n", -11,
    ),
    "stack_overflow_in_c": (
        # The parser of regular expressions in glibc calls itself for each parenthesis.
        "import ctypes\nitems = [1, 2]\nitems.append(3)\nbuffer = ctypes.create_string_buffer(1000)\n"
        "ctypes.CDLL(None).regcomp(buffer, b'(' * 1_000_000 + b'a' + b')' * 1_000_000, 1)  # last\n", -11,
    ),
}  # fmt: skip


def record(directory: Path, text: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    program, recording = directory / "program.py", directory / "run.db"
    program.write_text(text)
    command = [*RECORD, "-o", str(recording), str(program)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=directory, env=clean_environment(directory), timeout=180, check=False
    )
    return done, recording


@pytest.mark.parametrize("end", ENDS)
def test_recording_ends_with_the_last_line(end: str, tmp_path: Path) -> None:
    text, code = ENDS[end]
    done, recording = record(tmp_path, text)
    assert done.returncode == code, done.stderr
    last_line = next(number for number, line in enumerate(text.splitlines(), 1) if line.endswith("# last"))
    with Run.open(recording) as run:
        moments = [run.moment(event) for event in range(run.events)]
        ends = [moment for moment in moments if moment.kind == "line" and moment.stack[-1].line == last_line]
        assert ends, [(moment.kind, moment.stack[-1].line) for moment in moments[-3:]]
        if end != "in_a_thread":  # There the main thread may have had another event.
            assert ends[-1].stack[0].locals["items"].text == "[1, 2, 3]"
            assert moments[-1] is ends[-1]
        facts = run.facts
        assert facts.number("lost") == 0
        assert facts.text("state") == "finished"
        assert (facts.number("signal"), facts.values["exit_code"]) == ((-code, None) if code < 0 else (0, code))


def test_recursion_to_the_limit(tmp_path: Path) -> None:
    done, recording = record(
        tmp_path, "import sys\nsys.setrecursionlimit(3000)\n\n\ndef down(depth):\n    return down(depth + 1)\n\n\ndown(0)\n"
    )
    assert done.returncode == 1
    assert "RecursionError" in done.stderr
    with Run.open(recording) as run:
        failure = find_failure(run)
        assert failure is not None
        moment = run.moment(failure.raised, depth=1)
        assert moment.exception is not None
        assert moment.exception.type == "RecursionError"
        assert len(moment.stack) > 2900
        depths = [int(frame.locals["depth"].text) for frame in moment.stack[1:]]
        assert depths == list(range(len(depths)))


def test_out_of_memory_in_the_program(tmp_path: Path) -> None:
    """A limit on the address space, reached by the program: it gets its MemoryError, and goes on; so does the recording."""
    done, recording = record(
        tmp_path,
        "import resource\n"
        "pages = int(open('/proc/self/statm').read().split()[0])\n"
        "room = pages * resource.getpagesize() + 40_000_000\n"
        "resource.setrlimit(resource.RLIMIT_AS, (room, room))\n"
        "blocks = []\n"
        "try:\n"
        "    while True:\n"
        "        blocks.append(bytearray(3_000_000))\n"
        "except MemoryError:\n"
        "    blocks.clear()\n"
        "small = [[number] for number in range(50)]\n"
        "done = True\n",
    )
    assert done.returncode == 0, done.stderr
    with Run.open(recording) as run:
        last = run.moment(run.events - 1)
        assert last.kind == "return"
        assert last.stack[0].locals["done"].text == "True"
        assert last.stack[0].locals["small"].length == 50
        assert any(run.moment(event).kind == "raise" for event in range(run.events))


EACH_ALLOCATION_FAILS = """import _testcapi


class Thing:
    def __init__(self, number):
        self.number = number
        self.kids = [number]


def work():
    things = []
    table = {}
    for index in range(5):
        thing = Thing(index)
        things.append(thing)
        table[f"key {index}"] = thing
        thing.kids.append([index, "text" * index])
    return len(table)


failed = 0
for first in range(120):
    for last in (first + 1, 0):
        try:
            _testcapi.set_nomemory(first, last)
            work()
            _testcapi.remove_mem_hooks()
        except MemoryError:
            _testcapi.remove_mem_hooks()
            failed += 1
print(failed)
"""


def test_each_allocation_fails_in_its_turn(tmp_path: Path) -> None:
    """Once, or from then on: the program gets its MemoryErrors and nothing else, and what is recorded of it is true."""
    pytest.importorskip("_testcapi", reason="this interpreter comes without its own tests")
    plain = subprocess.run([sys.executable, "-c", EACH_ALLOCATION_FAILS], capture_output=True, timeout=180, check=False)
    if plain.returncode < 0:
        pytest.skip(f"this Python doesn't survive it by itself: signal {-plain.returncode}")
    done, recording = record(tmp_path, EACH_ALLOCATION_FAILS)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 50
    with Run.open(recording) as run:
        assert run.moment(run.events - 1).stack[0].locals["failed"].text == done.stdout.strip()
        assert (run.facts.text("state"), run.facts.number("lost")) == ("finished", 0)
        for event in range(0, run.events, 7):
            frame = run.moment(event).stack[-1]
            if frame.function != "work" or "table" not in frame.locals:
                continue
            entries = frame.locals["table"].entries
            assert entries is not None
            assert [key.text for key, _ in entries] == [f"'key {index}'" for index in range(len(entries))]


def test_out_of_memory_from_the_start(tmp_path: Path) -> None:
    """Too little memory to record at all: the program runs as it would, and one line says that it isn't recorded."""
    program, recording = tmp_path / "program.py", tmp_path / "run.db"
    program.write_text("print('ran')\n")
    limited = (
        "import resource, os, sys; resource.setrlimit(resource.RLIMIT_AS, (90_000_000, 90_000_000)); os.execv(sys.argv[1], sys.argv[1:])"
    )
    plain = [sys.executable, "-c", limited, sys.executable, str(program)]
    if subprocess.run(plain, capture_output=True, check=False).returncode:
        pytest.skip("this interpreter doesn't start in so little memory")
    command = [sys.executable, "-c", limited, *RECORD, "-o", str(recording), str(program)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=clean_environment(tmp_path), timeout=180, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 2, 125)
    if done.returncode == 0:
        assert done.stdout == "ran\n"
