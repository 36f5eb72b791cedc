"""`tttui.record` in a running program."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from record.running import Ran, assert_whole, events, facts, rows, run

Program = Callable[..., Ran]
"""Runs a program's text with arguments."""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    def run_program(text: str, *arguments: str) -> Ran:
        (tmp_path / "program.py").write_text(text)
        return run([sys.executable, "program.py", *arguments], cwd=tmp_path)

    return run_program


def test_a_block_is_recorded_and_its_file_is_complete_afterwards(program: Program, tmp_path: Path) -> None:
    got = program(
        "import tttui\n"
        "def double(x):\n    return 2 * x\n"
        "double(0)\n"
        "with tttui.record('run.db', max_items=5) as recording:\n"
        "    for i in range(100):\n        double(i)\n"
        "print(recording.path)\n"
        "double(1)\n"
    )
    assert (got.code, got.err) == (0, b"")
    assert got.out.decode().strip() == str(tmp_path / "run.db")
    database = tmp_path / "run.db"
    assert rows(database, "SELECT calls FROM code WHERE name = 'double'") == [(100,)]
    found = facts(database)
    assert (found["state"], found["ended"], found["lost"], found["exit_code"]) == ("finished", "exit", 0, None)
    assert '"max_items": 5' in found["limits"]
    assert "program.py" in found["command"]
    assert_whole(database)


def test_a_decorator_records_each_call(program: Program, own_home: Path) -> None:
    got = program(
        "import tttui\n"
        "@tttui.record()\n"
        "def double(x):\n    'Doubles.'\n    return 2 * x\n"
        "print(double(2), double(x=3), double.__name__, double.__doc__)\n"
    )
    assert (got.code, got.out) == (0, b"4 6 double Doubles.\n"), got.err
    found = sorted((own_home / ".local/state/tttui/recordings").iterdir())
    assert len(found) == 2
    for path in found:
        assert rows(path, "SELECT calls FROM code WHERE name = 'double'") == [(1,)]


def test_start_and_stop(program: Program, tmp_path: Path) -> None:
    got = program(
        "import tttui\n"
        "recording = tttui.record('run.db')\n"
        "def f(x):\n    return x\n"
        "recording.start(); f(1); f(2); recording.stop()\n"
        "recording.stop()\n"
        "f(3)\n"
        "recording.start(); f(4); recording.stop()\n"
        "print('done')\n"
    )
    assert (got.code, got.out, got.err) == (0, b"done\n", b"")
    assert rows(tmp_path / "run.db", "SELECT calls FROM code WHERE name = 'f'") == [(1,)]


def test_threads_that_exist_already_are_recorded(program: Program, tmp_path: Path) -> None:
    got = program(
        "import threading, tttui\n"
        "go, done = threading.Event(), threading.Event()\n"
        "def work():\n    go.wait()\n    inner()\n    done.set()\n"
        "def inner():\n    return 1\n"
        "thread = threading.Thread(target=work); thread.start()\n"
        "with tttui.record('run.db'):\n    go.set()\n    done.wait()\n    thread.join()\n"
        "print('done')\n"
    )
    assert (got.code, got.out) == (0, b"done\n"), got.err
    assert rows(tmp_path / "run.db", "SELECT calls FROM code WHERE name = 'inner'") == [(1,)]
    assert len(rows(tmp_path / "run.db", "SELECT id FROM thread")) == 2


def test_nothing_is_left_that_the_program_could_notice(program: Program) -> None:
    got = program(
        "import os, threading, tttui\n"
        "def state():\n    return sorted(os.listdir('/proc/self/fd')), os.listdir('/proc/self/task'), os.environ.get('TTTUI_RECORDING')\n"
        "before = state()\n"
        "with tttui.record('run.db'):\n"
        "    print(state() == before)\n"
        "    try:\n        os.wait()\n    except ChildProcessError:\n        print('no child')\n"
        "print(state() == before)\n"
    )
    assert (got.code, got.out) == (0, b"True\nno child\nTrue\n"), got.err


def test_a_second_recording_at_the_same_time_is_an_error(program: Program) -> None:
    got = program(
        "import tttui\n"
        "from tttui.errors import TttuiError\n"
        "with tttui.record('run.db'):\n"
        "    try:\n        tttui.record('other.db').start()\n"
        "    except TttuiError as error:\n        print(error)\n"
    )
    assert (got.code, got.out) == (0, b"this program is being recorded already\n"), got.err


def test_a_program_that_ends_while_recording_leaves_a_whole_recording(program: Program, tmp_path: Path) -> None:
    for ending, state, ended in (("", "finished", "exit"), ("import os; os._exit(3)", "cut short", "killed")):
        program(f"import tttui\ntttui.record('run.db').start()\nx = 1\ny = 2\n{ending}\n")
        from tttui.record.recovery import recover

        ring = facts(tmp_path / "run.db")["ring"]
        while ring and os.path.exists(ring):
            recover(tmp_path / "run.db")
            time.sleep(0.05)  # not always looking in: the writer wants the file for itself to make it one
        found = facts(tmp_path / "run.db")
        assert (found["state"], found["ended"]) == (state, ended)
        assert events(tmp_path / "run.db") >= 0
        while os.path.exists(tmp_path / "run.db-wal"):
            time.sleep(0.05)  # that it is one file is the last thing that the writer does
        assert_whole(tmp_path / "run.db")


def test_a_recording_whose_writer_was_killed_is_finished_when_it_is_stopped(program: Program, tmp_path: Path) -> None:
    got = program(
        "import os, pathlib, signal, time, tttui\n"
        "from tttui.native.reader import Ring\n"
        "from tttui.record.database import read_facts\n"
        "recording = tttui.record('run.db')\n"
        "recording.start()\n"
        "ring = Ring(read_facts(pathlib.Path('run.db'))['ring'])\n"
        "while not ring.writer_pid:\n    time.sleep(0.01)\n"
        "os.kill(ring.writer_pid, signal.SIGKILL)\n"
        "last = 1\n"
        "recording.stop()\n"
        "print(read_facts(pathlib.Path('run.db'))['state'])\n"
    )
    assert (got.code, got.out) == (0, b"finished\n"), got.err
    assert_whole(tmp_path / "run.db")
    assert facts(tmp_path / "run.db")["lost"] == 0


def test_a_forked_child_does_not_disturb_the_recording(program: Program, tmp_path: Path) -> None:
    got = program(
        "import os, sys, tttui\n"
        "def f(x):\n    return x\n"
        "with tttui.record('run.db') as recording:\n"
        "    f(1)\n"
        "    pid = os.fork()\n"
        "    if not pid:\n        f(2)\n        recording.stop()\n        sys.exit(0)\n"
        "    os.waitpid(pid, 0)\n"
        "    f(3)\n"
        "print('done')\n"
    )
    assert (got.code, got.out) == (0, b"done\n"), got.err
    assert rows(tmp_path / "run.db", "SELECT calls FROM code WHERE name = 'f'") == [(2,)]
    assert facts(tmp_path / "run.db")["forks"] == 1
    assert_whole(tmp_path / "run.db")


def test_where_nothing_can_be_recorded_is_an_error_and_nothing_changes(program: Program, tmp_path: Path) -> None:
    got = program(
        "import tttui\n"
        "from tttui.errors import TttuiError\n"
        "try:\n    with tttui.record('missing/run.db'):\n        print('not reached')\n"
        "except TttuiError as error:\n    print(error.title)\n"
        "with tttui.record('run.db'):\n    x = 1\n"
    )
    assert (got.code, got.err) == (0, b"")
    assert got.out.decode().strip() == f"can't write {tmp_path}/missing/run.db"
    assert facts(tmp_path / "run.db")["state"] == "finished"


def test_importing_tttui_imports_nothing_else() -> None:
    text = "import sys; before = set(sys.modules); import tttui; print(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, check=True)
    assert done.stdout == b"['tttui']\n"


def test_the_name_record_is_both_a_package_and_a_function() -> None:
    import tttui
    from tttui.record import options
    from tttui.record.session import Recording

    assert isinstance(tttui.record("x.db"), Recording)
    assert options.parse(["x.py"]).title == "x"
    with pytest.raises(AttributeError):
        _ = tttui.nonsense
