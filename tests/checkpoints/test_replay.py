"""`tttui replay`: the program is run again when its processes are gone, verified against the recording, with checkpoints anew."""

import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from terminal.screen import Screen

from checkpoints.keeping import kept, living
from tttui.checkpoints.client import Checkpoints, Entered
from tttui.checkpoints.replay import Replay, replay
from tttui.config import Settings
from tttui.errors import TttuiError
from tttui.record.withheld import SUFFIX
from tttui.store.run import Run

SECONDS = 60
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


def record(
    directory: Path, program: str, *options: str, input: bytes | None = b"", env: dict[str, str] | None = None, name: str = "program.py"
) -> Path:
    """Record a program's text in a directory; all its processes are gone afterwards."""
    script, recording = directory / name, directory / "run.db"
    script.write_text(program)
    subprocess.run(
        [sys.executable, "-m", "tttui", "record", "-o", str(recording), *options, name],
        input=input,
        capture_output=True,
        cwd=directory,
        env={**ENVIRONMENT, **(env or {})},
        timeout=SECONDS,
    )
    return recording


@contextmanager
def again(recording: Path, *, interval: int = 1) -> Iterator[tuple[Replay, Checkpoints]]:
    """Run it again, without an answer to how far it got."""
    with (
        Run.open(recording) as run,
        replay(run, Settings(checkpoint_interval=interval), lambda reached: None) as replayed,
        Checkpoints.of(run) as checkpoints,
    ):
        yield replayed, checkpoints


def entered(replayed: Replay, checkpoints: Checkpoints, event: int) -> Entered:
    moment = checkpoints.enter(replayed.run, event)
    assert moment.verified, moment.badge
    return moment


def evaluated(replayed: Replay, checkpoints: Checkpoints, event: int, expression: str) -> str | None:
    """What an expression is with the real objects of an event."""
    with closing(entered(replayed, checkpoints, event)) as moment:
        found = moment.evaluate(expression)
    assert not found.error, found.traceback
    return found.value


def value_at_end(recording: Path, expression: str) -> str | None:
    """What an expression is with the real objects of the last event; the whole recording has been run again for it."""
    with again(recording) as (replayed, checkpoints):
        assert not replayed.problem, replayed.text
        assert replayed.reached == replayed.run.events
        return evaluated(replayed, checkpoints, replayed.run.events - 1, expression)


INPUTS = """
import datetime, os, random, secrets, select, subprocess, sys, time, uuid
moments = [time.time(), time.monotonic(), time.perf_counter_ns(), time.localtime()[:6], datetime.datetime.now(), time.ctime()]
chance = [os.urandom(4), random.random(), secrets.token_hex(4), str(uuid.uuid4())]
first = sys.stdin.readline()
rest = sys.stdin.read()
ready = select.select([sys.stdin], [], [], 0)
done = subprocess.run([sys.executable, "-c", "import os, sys; print(os.getpid()); sys.exit(3)"], capture_output=True)
reader, writer = os.pipe()
os.write(writer, b"through a pipe")
piped = os.read(reader, 100)
order = list({"ada", "ben", "cem", "dia", "eve"})
identity = (os.getpid(), os.getppid(), os.getpgrp(), os.getsid(0))
for _ in range(50):
    time.sleep(0)
    moments.append(time.perf_counter())
seen = repr([moments, chance, first, rest, ready[1:], done.stdout, done.returncode, piped, order, identity])
with open("seen", "w") as file:
    print(seen, file=file)
"""


def test_inputs_of_every_kind_are_given_again(tmp_path: Path) -> None:
    recording = record(tmp_path, INPUTS, input=b"one\ntwo\nthree\n")
    seen = (tmp_path / "seen").read_text().strip()
    assert value_at_end(recording, "seen") == repr(seen)


def test_any_moment_can_be_entered(tmp_path: Path) -> None:
    program = "class A:\n    pass\n\ntotal = 0\nfor i in range(3000):\n    a = A()\n    a.n = i\n    total += i\n"
    recording = record(tmp_path, program)
    with again(recording) as (replayed, checkpoints):
        assert not replayed.problem
        assert checkpoints.list()[0].event == 0
        assert checkpoints.list()[-1].event == replayed.run.events - 1
        for event in (10, 1234, 5678, replayed.run.events - 1):
            moment = entered(replayed, checkpoints, event)
            variables = replayed.run.moment(event).stack[-1].locals
            assert moment.evaluate("(i, total)").value == f"({variables['i'].text}, {variables['total'].text})"
            assert moment.evaluate("a.__class__.__name__").value == "'A'"
            moment.close()


def test_a_change_can_be_tried_out(tmp_path: Path) -> None:
    from tttui.checkpoints.universe import branch

    recording = record(tmp_path, "n = 1\nfor i in range(10):\n    n *= 2\nprint(n)\n")
    with again(recording) as (replayed, checkpoints):
        moment = entered(replayed, checkpoints, 8)
        moment.evaluate("n = 0", keep=True)
        assert branch(moment, tmp_path / "other.db") == ""
        moment.close()
    with Run.open(tmp_path / "other.db") as other:
        assert b"".join(written.data for written in other.outputs()) == b"0\n"


def test_nothing_outside_changes(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        heard: list[bytes] = []

        def answer() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    heard.append(connection.recv(100))
                    connection.sendall(b"answer")

        peer = threading.Thread(target=answer)
        peer.start()
        program = (
            "import os, shutil, socket, sys\n"
            "with open('log', 'a') as file:\n    file.write('line\\n')\n"
            "os.mkdir('made')\nopen('made/file', 'w').close()\nos.rename('made/file', 'made/other')\n"
            "open('gone', 'w').close()\nos.remove('gone')\n"
            "print('printed', flush=True)\n"
            f"connection = socket.create_connection(('127.0.0.1', {listener.getsockname()[1]}))\n"
            "connection.sendall(b'question')\nanswer = connection.recv(100)\nlast = 1\n"
        )
        recording = record(tmp_path, program)
        before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
        assert heard == [b"question"]
        with again(recording) as (replayed, checkpoints):
            moment = entered(replayed, checkpoints, replayed.reached - 1)
            moment.close()
        assert heard == [b"question"]
        listener.shutdown(socket.SHUT_RDWR)
        peer.join()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
    assert (tmp_path / "log").read_text() == "line\n"


def test_sets_have_the_order_that_they_had(tmp_path: Path) -> None:
    program = "import os\nwords = {chr(97 + n) * 3 for n in range(20)}\norder = ' '.join(words)\nseed = os.environ.get('PYTHONHASHSEED')\n"
    orders = set()
    for _ in range(2):
        recording = record(tmp_path, program, env={"PYTHONHASHSEED": "random"})
        with Run.open(recording) as run:
            order = run.moment(run.events - 1).stack[-1].locals["order"].text
        orders.add(order)
        assert value_at_end(recording, "order") == order
        recording.unlink()
    assert len(orders) == 2


def test_what_starts_it_again_is_not_seen_in_the_environment(tmp_path: Path) -> None:
    program = "import os\nnames = list(os.environ)\nvalues = {name: os.environ[name] for name in ('HOME', 'ONLY_HERE')}\n"
    recording = record(tmp_path, program, env={"ONLY_HERE": "x"})
    os.environ["ONLY_HERE"] = "x"
    try:
        given = [name for name in os.environ if name.startswith("TTTUI_")]  # the tests' own
        shown = f"[name for name in names if 'TTTUI_' in name and name not in {given} or name == 'LD_PRELOAD']"
        assert value_at_end(recording, shown) == "[]"
        os.environ["ONLY_HERE"] = "y"
        with again(recording) as (replayed, _):
            assert replayed.notes == ["the environment variable ONLY_HERE has another value than then"]
            assert "differs at event" in replayed.problem
    finally:
        del os.environ["ONLY_HERE"]


def test_values_of_the_environment_are_kept_only_where_they_are_harmless(tmp_path: Path) -> None:
    recording = record(tmp_path, "x = 1\n", env={"SERVICE_DSN": "hunter2hunter2", "PYTHONHASHSEED": "7"})
    assert b"hunter2hunter2" not in recording.read_bytes()
    with Run.open(recording) as run:
        noted = dict(run.meta["circumstances"]["environment"])
        assert noted["PYTHONHASHSEED"] == "7"
        assert isinstance(noted["SERVICE_DSN"], int)


def test_a_copied_recording_can_be_run_again(tmp_path: Path) -> None:
    recording = record(tmp_path, "import time\nx = time.time()\ny = int(x * 2)\n")
    (tmp_path / "elsewhere").mkdir()
    there = tmp_path / "elsewhere" / "copy.db"
    shutil.copy(recording, there)
    recording.unlink()
    there.chmod(0o400)
    assert value_at_end(there, "y == int(x * 2)") == "True"


def test_a_killed_recording_is_run_again_up_to_its_end(tmp_path: Path) -> None:
    recording = record(tmp_path, "import os, time\nfor i in range(500):\n    t = time.time()\nos.kill(os.getpid(), 9)\n")
    assert value_at_end(recording, "i") == "499"


def test_the_recorded_source_is_run_where_it_has_changed_since(tmp_path: Path) -> None:
    (tmp_path / "helping.py").write_text("def double(n):\n    return 2 * n\n")
    recording = record(tmp_path, "import helping\nx = helping.double(21)\n")
    (tmp_path / "program.py").write_text("x = 'another program'\n")
    (tmp_path / "helping.py").write_text("def double(n):\n    return 'another module'\n")
    with again(recording) as (replayed, checkpoints):
        assert not replayed.problem, replayed.text
        assert [note.partition(":")[0] for note in replayed.notes] == [
            f"{tmp_path}/program.py has changed since",
            f"{tmp_path}/helping.py has changed since",
        ]
        assert evaluated(replayed, checkpoints, replayed.run.events - 1, "x") == "42"


def test_a_difference_is_reported_where_it_is_and_all_before_can_be_entered(tmp_path: Path) -> None:
    padding = " " * 100_000  # so much that it isn't noted, but read again
    (tmp_path / "number").write_text("1" + padding)
    program = "before = [1, 2]\nwith open('number') as file:\n    number = file.read().strip()\nafter = number * 2\n"
    recording = record(tmp_path, program)
    (tmp_path / "number").write_text("2" + padding)
    with again(recording) as (replayed, checkpoints):
        line = next(event for event in range(replayed.run.events) if "number" in replayed.run.moment(event).stack[-1].locals)
        assert replayed.reached == line
        assert f"differs at event {line}: here" in replayed.problem
        assert evaluated(replayed, checkpoints, line - 1, "before") == "[1, 2]"
        with closing(checkpoints.enter(replayed.run, line)) as moment:
            assert not moment.verified


def test_what_was_not_recorded_is_said_where_it_is_needed(tmp_path: Path) -> None:
    recording = record(tmp_path, "import time\na = 1\nb = time.time()\nc = 2\n", "--no-checkpoints")
    with again(recording) as (replayed, checkpoints):
        assert "differs at event 4: here" in replayed.problem
        assert replayed.notes == ["its inputs were not recorded: times and random bytes are new ones"]
        assert evaluated(replayed, checkpoints, 3, "a") == "1"


def test_a_program_without_inputs_needs_none(tmp_path: Path) -> None:
    assert value_at_end(record(tmp_path, "a = 1\nb = a + 1\n", "--no-checkpoints"), "b") == "2"


def test_threads_end_it_where_the_first_one_starts(tmp_path: Path) -> None:
    program = "import threading\na = 1\nt = threading.Thread(target=print)\nt.start()\nt.join()\n"
    with again(record(tmp_path, program)) as (replayed, checkpoints):
        assert replayed.problem == "it starts a thread"
        assert evaluated(replayed, checkpoints, replayed.reached - 1, "a") == "1"


def test_an_interpreter_that_is_gone_is_said(tmp_path: Path) -> None:
    """One of an environment that is the tests' own in everything but its place."""
    link = tmp_path / "bin" / "python"
    link.parent.mkdir()
    link.symlink_to(sys.executable)
    (tmp_path / "pyvenv.cfg").write_bytes((Path(sys.prefix) / "pyvenv.cfg").read_bytes())
    (tmp_path / "lib").symlink_to(Path(sys.prefix) / "lib")
    recording = record(tmp_path, "a = 1\n", "--python", str(link))
    link.unlink()
    with pytest.raises(TttuiError, match=f"its interpreter is gone: {link}"), again(recording):
        pass


def test_another_patch_of_the_interpreter_is_said_and_another_version_refused(tmp_path: Path) -> None:
    now = platform.python_version().rstrip("+")
    number = ".".join(map(str, sys.version_info[:3]))
    then = f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro ^ 1}{now.removeprefix(number)}"
    with Run.open(record(tmp_path, "a = 1\nb = [a]\n")) as run:
        facts = cast(dict[str, Any], run.meta)
        facts["python_hex"] = sys.hexversion ^ 0x100
        with replay(run, Settings(), lambda reached: None) as replayed:
            assert replayed.notes == [f"Python {then} ran the program then, and Python {now} runs it now"]
            assert not replayed.problem
        facts["python_hex"] = sys.hexversion ^ 0x10000
        with pytest.raises(TttuiError, match=f"its place is Python {re.escape(now)} by now"), replay(run, Settings(), lambda reached: None):
            pass


def test_a_directory_that_is_gone_is_said(tmp_path: Path) -> None:
    where = tmp_path / "where"
    where.mkdir()
    recording = record(where, "a = 1\n")
    kept = tmp_path / "kept.db"
    shutil.move(recording, kept)
    shutil.rmtree(where)
    with pytest.raises(TttuiError, match="the directory in which the program ran is gone"), again(kept):
        pass


def test_a_part_of_a_program_can_not_be_run_again(tmp_path: Path) -> None:
    script = tmp_path / "part.py"
    script.write_text("import tttui\nwith tttui.record('run.db'):\n    a = 1\n    b = [a]\n\ndef f():\n    return 1\nf()\n")
    subprocess.run([sys.executable, str(script)], cwd=tmp_path, check=True, timeout=SECONDS)
    with pytest.raises(TttuiError, match="it is of a part of a program"), again(tmp_path / "run.db"):
        pass


def test_nothing_is_left_of_it(tmp_path: Path) -> None:
    recording = record(tmp_path, "a = 1\nb = 2\n")
    with again(recording) as (_, checkpoints):
        pids = [each.pid for each in checkpoints.list()]
        assert pids
    assert not living(pids)
    with Run.open(recording) as run, pytest.raises(TttuiError):
        Checkpoints.of(run)


def command(arguments: Sequence[str], directory: Path, input: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tttui", "replay", *arguments],
        cwd=directory,
        input=input,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=ENVIRONMENT,
    )


def test_the_command_runs_it_again_and_takes_the_shells_commands(tmp_path: Path) -> None:
    record(tmp_path, "def f(n):\n    return n + 1\n\na = f(1)\nb = f(a)\n")
    done = command(["run.db", "--json", "-x", "goto end", "-x", "eval f(b) * 10"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["value"] == "40"
    assert "run again, and verified to its last event" in done.stderr
    done = command(["run.db", "--shell"], tmp_path, "goto end\neval a\n")
    assert "a = 2" in done.stdout
    (tmp_path / "program.py").unlink()
    done = command(["run.db", "-x", "where"], tmp_path)
    assert "program.py has changed since: its recorded text is run" in done.stderr


def test_the_command_fails_where_it_does_not_come_to_the_end(tmp_path: Path) -> None:
    record(tmp_path, "import threading\nt = threading.Thread(target=print)\nt.start()\nt.join()\n")
    done = command(["run.db", "-x", "goto start"], tmp_path)
    assert done.returncode == 1
    assert "run again up to event" in done.stderr
    assert "it starts a thread" in done.stderr


SECRETS = """
import json, os, sys
line = sys.stdin.readline()
with open("settings.json") as file:
    settings = json.load(file)
reader, writer = os.pipe()
os.write(writer, b"Authorization: Bearer abcdefghijklmnopqrst")
heard = os.read(reader, 100)
last = len(line) + len(settings) + len(heard)
"""


def test_inputs_that_hold_secrets_are_not_in_the_recording_but_the_copies_get_them(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"db_password": "correct horse battery staple"}')
    with kept(tmp_path, SECRETS, input=b"api_key=0123456789abcdef\n") as found:
        with closing(found.enter(found.run.events - 1)) as moment:
            assert moment.verified, moment.badge
            assert moment.evaluate("(line, settings, heard)").value == repr(
                (
                    "api_key=0123456789abcdef\n",
                    {"db_password": "correct horse battery staple"},
                    b"Authorization: Bearer abcdefghijklmnopqrst",
                )
            )
        aside = Path(found.run.meta["checkpoints"]).with_suffix(SUFFIX)
        assert aside.stat().st_mode & 0o777 == 0o600
        recording = found.run.path
        inputs = b"".join(found.run.inputs(0))
        for secret in (b"0123456789abcdef", b"correct horse", b"abcdefghijklmnopqrst"):
            assert secret not in inputs
    assert not aside.exists()
    with again(recording) as (replayed, checkpoints):
        assert "it was given a secret, which was not recorded" in replayed.problem
        assert evaluated(replayed, checkpoints, replayed.reached - 1, "sys.__name__") == "'sys'"


def test_with_no_redact_secrets_are_inputs_like_others(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"db_password": "correct horse battery staple"}')
    recording = record(tmp_path, SECRETS, "--no-redact", input=b"api_key=0123456789abcdef\n")
    assert value_at_end(recording, "settings['db_password']") == "'correct horse battery staple'"


def test_what_is_typed_unseen_is_not_recorded(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("import getpass\nfirst = input()\nx = len(getpass.getpass(''))\ny = x + 1\n")
    recording = tmp_path / "run.db"
    ours, theirs = os.openpty()
    try:
        program = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tttui", "record", "-o", str(recording), "program.py"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=tmp_path,
            start_new_session=True,
            env=ENVIRONMENT,
        )
        os.write(ours, b"seen by all\n")
        while termios.tcgetattr(theirs)[3] & termios.ECHO:
            time.sleep(0.01)
        os.write(ours, b"hunter2hunter2\n")
        assert program.wait(timeout=SECONDS) == 0
    finally:
        os.close(ours)
        os.close(theirs)
    with Run.open(recording) as run:
        inputs = b"".join(run.inputs(0))
    assert b"hunter2" not in inputs
    with again(recording) as (replayed, checkpoints):
        assert "it was given a secret" in replayed.problem
        assert evaluated(replayed, checkpoints, replayed.reached - 1, "first") == "'seen by all'"


def test_descriptors_have_the_numbers_that_they_had(tmp_path: Path) -> None:
    recording = record(tmp_path, "import os\nfile = open('x', 'w')\nnumbers = (file.fileno(), os.dup(1), os.pipe())\n")
    spare = os.open(os.devnull, os.O_RDONLY)
    os.set_inheritable(spare, True)
    try:
        with Run.open(recording) as run:
            expected = run.moment(run.events - 1).stack[-1].locals["numbers"].text
        assert value_at_end(recording, "numbers") == expected
    finally:
        os.close(spare)


FORKS = """
import multiprocessing, os
reader, writer = os.pipe()
children = []
for number in range(3):
    child = os.fork()
    if child == 0:
        os.write(writer, b"child %d" % number)
        os._exit(number)
    children.append((child, os.read(reader, 100), os.waitpid(child, 0)))
context = multiprocessing.get_context("fork")
ours, theirs = context.Pipe()
process = context.Process(target=theirs.send, args=(49,))
process.start()
answer = ours.recv()
process.join()
code = process.exitcode
"""


def test_what_forked_children_told_is_told_again(tmp_path: Path) -> None:
    recording = record(tmp_path, FORKS)
    with Run.open(recording) as run:
        children = run.moment(run.events - 1).stack[-1].locals["children"].text
    before = os.listdir("/proc/self/task")
    assert value_at_end(recording, "(children, answer, code)") == f"({children}, 49, 0)"
    assert os.listdir("/proc/self/task") == before


def test_the_viewer_opens_on_it_and_k_enters_the_moment_shown(tmp_path: Path) -> None:
    record(
        tmp_path,
        "class A:\n    def __repr__(self):\n        return '<the real repr>'\n\na = A()\nfor i in range(100):\n    b = i\nlast = 1\n",
    )
    # The terminal's programs have a home of their own, and so another user's key.
    with Screen(["replay", "--trust", "run.db", "--at", "last"], tmp_path, (100, 30)) as screen:
        screen.wait_for("? help")
        screen.press("K")
        screen.wait_for("verified to event")
        screen.press(":eval a\r")
        screen.wait_for("<the real repr>")
        screen.press("q")
        assert screen.end() == 0


def test_the_viewer_says_how_far_it_was_run_again(tmp_path: Path) -> None:
    record(tmp_path, "import threading\nt = threading.Thread(target=print)\nt.start()\nt.join()\n")
    with Screen(["replay", "--trust", "run.db"], tmp_path, (130, 30)) as screen:
        screen.wait_for("? help")
        assert "run again up to event" in screen.text
        assert "it starts a thread" in screen.text
        screen.press("q")
        assert screen.end() == 1


def test_a_program_on_a_terminal_is_told_again_what_its_terminal_said(tmp_path: Path) -> None:
    program = (
        "import os, sys\nsize = os.get_terminal_size()\ntty = (sys.stdin.isatty(), sys.stdout.isatty())\nname = input('? ')\nx = name * 2\n"
    )
    (tmp_path / "program.py").write_text(program)
    with Screen(["record", "-o", "run.db", "program.py"], tmp_path, (91, 17)) as screen:
        screen.wait_for("?")
        screen.press("ada\r")
        assert screen.end() == 0
    assert value_at_end(tmp_path / "run.db", "(*size, *tty, x)") == "(91, 17, True, True, 'adaada')"
