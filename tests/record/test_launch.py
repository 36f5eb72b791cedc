"""A recorded program does what it does under the plain interpreter."""

import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from record.running import TTTUI, Runner, assert_whole, events, facts, rows, run
from tttui.paths import shared_ring_directory

SHOW_WORLD = """
import os, sys
print(sys.argv, sys.path[0], __name__, __file__ if "__file__" in globals() else None)
print(type(__loader__).__name__, __spec__ and __spec__.name, __package__, __doc__, sorted(globals()))
print(sys.flags, sys._xoptions, sys.warnoptions)
print(os.getcwd(), os.getpgrp() == os.getppid() or os.getpgrp(), sys.executable, sys.prefix)
print({name: value for name, value in os.environ.items() if name not in ("_", "SHLVL")})
caller = sys._getframe().f_back
print(caller and caller.f_code.co_name, sys.gettrace() if sys.version_info >= (3, 12) else None, sys.getprofile(), sys.getrecursionlimit())
print(sorted(name for name in sys.modules if not name.startswith(("tttui", "__editable__"))))
print(sorted(os.listdir("/proc/self/fd")), sorted(os.listdir("/proc/self/task"))[1:])
def f(): return 1
f()
"""

ENDINGS = {
    "exit code 3": "import sys; sys.exit(3)",
    "exit with a message": "import sys; sys.exit('message')",
    "exit without a code": "import sys; sys.exit(None)",
    "exit code 261": "import sys; sys.exit(261)",
    "exit code -1": "import sys; sys.exit(-1)",
    "exit code True": "import sys; sys.exit(True)",
    "uncaught exception": "def f():\n    raise ValueError('bad')\nf()",
    "chained exceptions": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise KeyError('k') from error",
    "group with notes": "e = ValueError('x'); e.add_note('note'); raise ExceptionGroup('several', [e, TypeError('y')])",
    "exception whose str raises": "class E(Exception):\n    def __str__(self): raise RuntimeError\nraise E",
    "keyboard interrupt": "raise KeyboardInterrupt",
    "syntax error": "x = (",
    "os._exit": "import os; print('out', flush=True); os._exit(7)",
    "abort": "import os; os.abort()",
    "killed by itself": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "terminated by itself": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    "segmentation fault": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    "broken pipe signal": "import os, signal; signal.signal(signal.SIGPIPE, signal.SIG_DFL); os.kill(os.getpid(), signal.SIGPIPE)",
    "exit handlers": "import atexit; atexit.register(print, 'a'); atexit.register(print, 'b')",
    "late thread": "import threading, time; threading.Thread(target=lambda: (time.sleep(.1), print('late'))).start(); print('end')",
    "excepthook": "import sys; sys.excepthook = lambda *a: print('hook', a[1]); raise ValueError(1)",
    "deleters at exit": "class D:\n    def __del__(self): print('del')\nd = D()",
}


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return tmp_path / "script.py"


@pytest.mark.parametrize("ending", ENDINGS)
def test_output_and_exit_are_the_programs_own(ending: str, script: Path, plain: Runner, record: Runner) -> None:
    script.write_text(f"import sys\nprint('begin', sys.argv)\n{ENDINGS[ending]}\n")
    expected, got = plain("script.py", "a"), record("script.py", "a")
    assert (got.code, got.out, got.own_err) == (expected.code, expected.out, expected.err)


@pytest.mark.parametrize(
    "flags",
    [
        "",
        "-O",
        "-OO",
        "-I",
        "-E",
        "-s",
        "-P",
        "-B",
        "-b",
        "-bb",
        "-u",
        "-q",
        "-d",
        "-W error",
        "-Wignore -X dev",
        "-X utf8=0",
        "-IO -X faulthandler",
    ],
)
def test_the_world_of_a_script_is_the_same(flags: str, script: Path, plain: Runner, record: Runner) -> None:
    script.write_text(SHOW_WORLD)
    arguments = [*flags.split(), "script.py", "x", "--flag", "-o", "--", ""]
    expected, got = plain(*arguments), record(*arguments)
    assert got.out.decode().splitlines() == expected.out.decode().splitlines()
    assert got.own_err == expected.err
    assert got.code == expected.code == 0
    assert events(script.parent / "run.db") > 10


def programs(directory: Path) -> dict[str, list[str]]:
    (directory / "script.py").write_text(SHOW_WORLD)
    package = directory / "package"
    package.mkdir()
    (package / "__init__.py").write_text("print('package', __name__)\n")
    (package / "__main__.py").write_text(SHOW_WORLD)
    (package / "module.py").write_text(SHOW_WORLD)
    (directory / "folder").mkdir()
    (directory / "folder" / "__main__.py").write_text(SHOW_WORLD)
    with zipfile.ZipFile(directory / "app.zip", "w") as archive:
        archive.writestr("__main__.py", SHOW_WORLD)
    return {
        "module": ["-m", "package.module", "x", "-y"],
        "package": ["-m", "package", "x"],
        "code": ["-c", SHOW_WORLD, "x", "-c"],
        "directory": ["folder", "x"],
        "zip": ["app.zip", "x"],
        "absolute": [str(directory / "script.py")],
        "stdin": ["-", "x"],
    }


@pytest.mark.parametrize("kind", ["module", "package", "code", "directory", "zip", "absolute", "stdin"])
def test_the_world_is_the_same_however_the_program_is_given(kind: str, tmp_path: Path, plain: Runner, record: Runner) -> None:
    arguments = programs(tmp_path)[kind]
    options = {"input": SHOW_WORLD.encode()} if kind == "stdin" else {}
    expected, got = plain(*arguments, **options), record(*arguments, **options)
    assert got.out.decode().splitlines() == expected.out.decode().splitlines()
    assert (got.code, got.own_err) == (expected.code, expected.err)
    assert got.code == 0
    assert events(tmp_path / "run.db") > 10
    assert_whole(tmp_path / "run.db")


@pytest.mark.parametrize(
    "arguments", [["missing.py"], ["-m", "no.such.module"], ["-X", "nonsense=1", "-c", "pass"], ["-W", "nonsense::", "-c", "pass"]]
)
def test_what_the_interpreter_complains_about_it_complains_about(arguments: list[str], plain: Runner, record: Runner) -> None:
    expected, got = plain(*arguments), record(*arguments)
    assert (got.code, got.out, got.own_err) == (expected.code, expected.out, expected.err)


def test_stdin_is_the_programs(script: Path, record: Runner) -> None:
    script.write_text("import sys\nprint(input(), sys.stdin.read())\n")
    assert record("script.py", input=b"first\nrest\nof it").out == b"first rest\nof it\n"


def test_descriptors_that_are_passed_on_arrive(script: Path, plain: Runner, record: Runner) -> None:
    script.write_text("import os, sys\nfd = int(sys.argv[1])\nprint(os.read(fd, 10), os.get_inheritable(fd))\n")
    for runner in (plain, record):
        reading, writing = os.pipe()
        os.write(writing, b"hello")
        assert runner("script.py", str(reading), pass_fds=(reading,)).out == b"b'hello' True\n"
        os.close(reading)
        os.close(writing)


def test_the_environment_variable_is_not_seen_by_children(script: Path, record: Runner) -> None:
    script.write_text(
        "import os, subprocess, sys\n"
        "print('TTTUI_RECORDING' in os.environ)\n"
        "subprocess.run([sys.executable, '-c', \"import os, sys; print('TTTUI_RECORDING' in os.environ, 'tttui' in sys.modules)\"])\n"
        "sys.stdout.flush()\n"
        "os.system('echo ${TTTUI_RECORDING-none}')\n"
    )
    assert sorted(record("script.py").out.split(b"\n")) == [b"", b"False", b"False False", b"none"]


def test_the_program_has_no_child_to_wait_for(script: Path, record: Runner) -> None:
    script.write_text("import os\ntry:\n    os.wait()\nexcept ChildProcessError:\n    print('none')\n")
    assert record("script.py").out == b"none\n"


def test_modules_of_ours_are_gone_but_for_the_recorder(script: Path, record: Runner) -> None:
    script.write_text("import sys\nprint(sorted(name for name in sys.modules if name.startswith(('tttui', '_tttui'))))\n")
    assert record("script.py").out in (b"['tttui', 'tttui.native', 'tttui.native.recorder']\n", b"['tttui']\n", b"[]\n")


def test_a_program_that_ignores_a_signal_goes_on_ignoring_it(script: Path, plain: Runner, record: Runner) -> None:
    script.write_text(
        "import signal\nprint([signal.getsignal(n) for n in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE)])\n"
        "print(signal.pthread_sigmask(signal.SIG_BLOCK, []))\n"
    )

    def ignoring() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    assert record("script.py").out == plain("script.py").out
    assert record("script.py", preexec_fn=ignoring).out == plain("script.py", preexec_fn=ignoring).out


def test_limits_are_the_programs_own(script: Path, plain: Runner, record: Runner) -> None:
    import resource

    script.write_text("import resource as r\nprint([(n, r.getrlimit(getattr(r, n))) for n in dir(r) if n.startswith('RLIMIT')])\n")

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 30))
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    assert record("script.py", preexec_fn=limited).out == plain("script.py", preexec_fn=limited).out


def test_facts_about_the_run(script: Path, record: Runner) -> None:
    script.write_text("import sys\nsys.exit(4)\n")
    got = record("-O", "--max-items", "7", "--exclude", "x*", "script.py", "ä", "b c")
    found = facts(script.parent / "run.db")
    assert found["command"] == f'["{sys.executable}", "-O", "script.py", "\\u00e4", "b c"]'
    assert found["cwd"] == str(script.parent)
    assert (found["state"], found["ended"], found["exit_code"], found["lost"]) == ("finished", "exit", 4, 0)
    assert '"max_items": 7' in found["limits"]
    assert '"exclude": ["x*"]' in found["scope"]
    assert found["pid"] > 1
    assert found["started"].endswith("+00:00")
    assert 0 < found["duration_ns"] < 60e9
    assert f"recorded {events(script.parent / 'run.db'):,} events in" in got.said
    assert str(script.parent / "run.db") in got.said


def test_how_it_ended_is_known(script: Path, record: Runner) -> None:
    database = script.parent / "run.db"
    for text, ended, number in (
        ("import os\nos.abort()", "signal", signal.SIGABRT),
        ("import os\nos.kill(os.getpid(), 9)", "killed", signal.SIGKILL),
        ("import os\nos.kill(os.getpid(), 15)", "signal", signal.SIGTERM),
    ):
        script.write_text(text + "\n")
        assert record("script.py").code == -number
        found = facts(database)
        assert (found["ended"], found["signal"], found["exit_code"], found["state"]) == (ended, number, None, "finished")
        assert_whole(database)


def test_only_the_owner_can_read_a_recording_whatever_the_umask(script: Path, record: Runner) -> None:
    script.write_text("import os\nprint(sorted(oct(os.stat(f).st_mode) for f in os.listdir('.') if f.startswith('run.db')), os.umask(0))\n")
    got = record("script.py", preexec_fn=lambda: os.umask(0))
    modes, _, umask = got.out.decode().strip().rpartition(" ")
    assert umask == "0"
    assert set(modes.strip("[]").split(", ")) == {"'0o100600'"}
    assert (script.parent / "run.db").stat().st_mode & 0o777 == 0o600


def test_without_a_name_recordings_collect_in_the_state_directory(script: Path, own_home: Path) -> None:
    script.write_text("x = 1\n")
    for _ in range(3):
        assert run([*TTTUI, "record", "script.py"], cwd=script.parent).code == 0
    found = sorted((own_home / ".local/state/tttui/recordings").iterdir())
    assert len(found) == 3
    assert all("-script" in path.name for path in found)
    assert found[0].parent.stat().st_mode & 0o777 == 0o700


def test_an_older_recording_is_replaced_and_another_file_is_not(script: Path, record: Runner) -> None:
    script.write_text("print('ran')\n")
    assert record("script.py").out == record("script.py").out == b"ran\n"
    other = script.parent / "run.db"
    other.write_text("something else")
    got = record("script.py")
    assert (got.code, got.out) == (2, b"")
    assert "not a recording" in got.said
    assert other.read_text() == "something else"


@pytest.mark.parametrize("place", ["missing/run.db", "file/run.db", ".", "x" * 300, "/proc/run.db"])
def test_where_nothing_can_be_written_the_program_is_not_started(place: str, script: Path) -> None:
    script.write_text("print('ran')\n")
    (script.parent / "file").write_text("")
    got = run([*TTTUI, "record", "-o", place, "script.py"], cwd=script.parent)
    assert (got.code, got.out) == (2, b"")
    assert len(got.err.splitlines()) <= 2
    assert got.err.startswith(b"tttui: ")
    assert sorted(path.name for path in script.parent.iterdir()) == ["file", "script.py"]


def test_without_site_the_program_runs_and_the_reason_is_said(script: Path, record: Runner) -> None:
    script.write_text("print('ran')\n")
    got = record("-S", "script.py")
    assert (got.code, got.out) == (0, b"ran\n")
    assert "nothing was recorded: -S" in got.said
    assert not (script.parent / "run.db").exists()


def test_an_interpreter_that_is_not_there(script: Path, record: Runner) -> None:
    script.write_text("")
    script.chmod(0o644)
    assert record("--python", "/no/such/python", "script.py").code == 127
    assert record("--python", str(script), "script.py").code == 126


def test_an_interpreter_without_tttui_is_refused_with_what_to_do(script: Path, record: Runner, tmp_path: Path) -> None:
    script.write_text("print('ran')\n")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    python = str(tmp_path / "bare/bin/python")
    got = record("--python", python, "script.py")
    assert (got.code, got.out) == (2, b"")
    assert f"not installed for {python}" in got.said
    environment = {**os.environ, "VIRTUAL_ENV": str(tmp_path / "bare")}
    assert record("script.py", env=environment).code == 2


def test_recording_needs_nothing_but_the_standard_library(script: Path, tmp_path: Path) -> None:
    script.write_text("print('ran')\n")
    program = (
        "import sys\n"
        "class Refuse:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        top = name.partition('.')[0]\n"
        "        if top not in sys.stdlib_module_names and top != 'tttui' and not top.startswith('__editable__'):\n"
        "            raise ImportError(f'{name} is third-party')\n"
        "sys.meta_path.insert(0, Refuse())\n"
        "sys.argv = ['tttui', '-o', 'run.db', 'script.py']\n"
        "from tttui.record.__main__ import main\n"
        "sys.exit(main())\n"
    )
    got = run([sys.executable, "-c", program], cwd=tmp_path)
    assert (got.code, got.out) == (0, b"ran\n"), got.err
    assert events(tmp_path / "run.db") > 0


def test_the_launcher_loads_nothing_of_others_and_little_at_all(script: Path, tmp_path: Path) -> None:
    script.write_text("print('ran')\n")
    program = (
        "import sys, os\n"
        "before = {n.partition('.')[0] for n in sys.modules}\n"
        "from tttui.record import launch\n"
        "launch.end_like = lambda status: print(sorted({n.partition('.')[0] for n in sys.modules} - before))\n"
        "sys.argv = ['tttui', 'record', '-o', 'run.db', 'script.py']\n"
        "from tttui.cli import main\n"
        "main()\n"
    )
    got = run([sys.executable, "-c", program], cwd=tmp_path)
    loaded = set(eval(got.out.decode().splitlines()[-1]))
    assert "sqlite3" in loaded
    assert loaded <= {*sys.stdlib_module_names, "tttui", "backports"}
    # These take long to load: together as long as all the rest.
    slow = {"dataclasses", "inspect", "platform", "shutil", "subprocess", "urllib"}
    assert slow & loaded <= ({"urllib"} if sys.version_info < (3, 13) else set())  # pathlib loads it there, if nothing has before


def test_a_size_limit_ends_the_recording_and_not_the_program(script: Path, record: Runner) -> None:
    script.write_text(
        "import random\nfor i in range(20_000):\n    exec(compile('x = 1', f'<{random.randbytes(300).hex()}>', 'exec'))\nprint('done')\n"
    )
    got = record("--max-size", "1M", "script.py")
    assert (got.code, got.out) == (0, b"done\n")
    found = facts(script.parent / "run.db")
    assert found["stopped"] == "size limit"
    assert "size limit" in got.said
    assert (1 << 20) <= (script.parent / "run.db").stat().st_size < (4 << 20)
    assert_whole(script.parent / "run.db")


def test_rings_are_removed(script: Path, record: Runner) -> None:
    directory = shared_ring_directory()
    assert directory is not None
    script.write_text(f"import os\nprint([n for n in os.listdir({str(directory)!r}) if n.startswith(f'{{os.getppid()}}-')])\n")
    names = eval(record("script.py").out)
    assert sorted(Path(name).suffix for name in names) == [".copies", ".log", ".ring", ".run", ".viewers"]
    assert not set(names) & set(os.listdir(directory))


def test_definitions_are_rows(script: Path, record: Runner) -> None:
    script.write_text("def double(x):\n    return 2 * x\n\nclass C:\n    pass\n\nc = C()\nc.a = [double(i) for i in range(10)]\n")
    record("script.py")
    database = script.parent / "run.db"
    assert rows(database, "SELECT calls, first_line FROM code WHERE name = 'double'") == [(10, 1)]
    assert rows(database, "SELECT hits FROM line_hits JOIN code ON code.id = code WHERE name = 'double' AND line = 2") == [(10,)]
    assert rows(database, "SELECT origin, source FROM file WHERE path LIKE '%script.py'") == [(1, script.read_bytes())]
    assert rows(database, "SELECT shape FROM type WHERE qualname = 'C'") == [(0,)]
    assert rows(database, "SELECT name FROM thread") == [("MainThread",)]


def test_names_that_are_no_unicode_are_recorded(tmp_path: Path, plain: Runner, record: Runner) -> None:
    place = tmp_path / os.fsdecode(b"bad\xff")
    place.mkdir()
    (place / "script.py").write_text(
        "import threading\n"
        "class A: pass\n"
        "a = A()\n"
        "setattr(a, 'n\\ud800', 'v\\ud800')\n"
        "exec(compile('def f(): return 1\\nf()', 'a\\udc80\\ud800.py', 'exec'))\n"
        "thread = threading.Thread(target=f, name='t\\ud800'); thread.start(); thread.join()\n"
        "print(ascii(threading.current_thread().name))\n"
    )
    for options in ({}, {"cwd": place}):
        arguments = ["script.py" if options else str(place / "script.py"), os.fsdecode(b"\xff")]
        expected, got = plain(*arguments, **options), record(*arguments, **options)
        assert (got.code, got.out, got.own_err) == (expected.code, expected.out, expected.err)
        assert "recorded" in got.said
        assert facts(tmp_path / "run.db")["state"] == "finished"
        assert rows(tmp_path / "run.db", "SELECT text FROM name WHERE text LIKE 'n%'") == [("n\\ud800",)]
        assert_whole(tmp_path / "run.db")


def test_a_working_directory_that_is_gone_is_no_reason_to_fail(tmp_path: Path) -> None:
    place = tmp_path / "gone"
    script = f"mkdir {place}; cd {place}; rmdir {place}; {sys.executable} -m tttui record"
    got = run(["sh", "-c", f"{script} -o {tmp_path}/run.db -c 'print(1)'"])
    assert (got.code, got.out) == (0, b"1\n")
    assert events(tmp_path / "run.db") > 0
    got = run(["sh", "-c", f"{script} -o run.db -c 'print(1)'"])
    assert (got.code, got.out) == (2, b"")


def test_a_launcher_that_inherits_ignored_children_still_knows_how_the_program_ended(record: Runner) -> None:
    got = record("-c", "import sys; sys.exit(7)", preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
    assert got.code == 7
