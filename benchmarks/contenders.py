"""How each contender starts a program: plain Python, a hook that does nothing, tttui, py-tt-debug."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from benchmarks.processes import Start
from benchmarks.suite import Program

ROOT = Path(__file__).parent.parent
NULLHOOK = Path(__file__).parent / "nullhook"

Starter = Callable[[Program, int], Start]
"""The command that runs a program for a number of rounds."""


def plain(python: str) -> Starter:
    return lambda program, rounds: Start([python, str(program.path), str(rounds)], {})


def null_hook(python: str, extension: Path, counts: Path | None = None) -> Starter:
    """With the hook of nullhook/; `counts`: a file that gets the exact numbers of events, as JSON."""
    environment = {"PYTHONPATH": f"{NULLHOOK}:{extension.parent}", "NULLHOOK": str(counts or "nothing")}
    return lambda program, rounds: Start([python, str(program.path), str(rounds)], environment)


def tttui(python: str, recording: Path) -> Starter:
    """Recorded by the tttui that is installed in the interpreter."""
    command = [python, "-m", "tttui", "record", "--python", python, "-o", str(recording)]
    return lambda program, rounds: Start([*command, str(program.path), str(rounds)], {})


def tttui_is_installed(python: str) -> bool:
    """Whether the interpreter can import the recorder from anywhere (not from the current directory)."""
    command = [python, "-c", "import tttui.native.recorder, tttui.native.reader"]
    return subprocess.run(command, cwd="/", capture_output=True).returncode == 0


class PyTtDebug:
    """py-tt-debug, from PyPI, in a virtual environment of its own.

    Built from its source, for which the headers of SQLite are needed: the wheels bring a second SQLite into the process,
    and the two together damage all but very short recordings ("file is not a database").
    """

    VERSION = "0.8.0"

    def __init__(self, environment: Path) -> None:
        self._environment = environment

    @classmethod
    def install(cls, python: str, tag: str, build: Path) -> "PyTtDebug | str":
        """Install it where it isn't yet; a text that says why it couldn't be."""
        environment = build / f"py-tt-debug-{cls.VERSION}-{tag}"
        if not (environment / "bin/pyttd").exists():
            shutil.rmtree(environment, ignore_errors=True)
            pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(environment / "bin/python")]
            for command in (
                [python, "-m", "venv", "--without-pip", str(environment)],
                [*pip, "install", "--quiet", "--no-binary=py-tt-debug", f"py-tt-debug=={cls.VERSION}"],
            ):
                done = subprocess.run(command, capture_output=True, text=True)
                if done.returncode != 0:
                    shutil.rmtree(environment, ignore_errors=True)
                    errors = [line.strip() for line in done.stderr.splitlines() if "error" in line.lower()]
                    reason = errors[0] if errors else "no message"
                    return f"py-tt-debug {cls.VERSION} can't be installed for this interpreter: {reason}"
        return cls(environment)

    def starter(self, database: Path) -> Starter:
        command = [str(self._environment / "bin/pyttd"), "record", "--db-path", str(database)]
        return lambda program, rounds: Start([*command, str(program.path), "--args", str(rounds)], {})

    @staticmethod
    def events(database: Path) -> int | None:
        """How many events it kept; None where its database can't be read."""
        query = "SELECT count(*) FROM executionframes WHERE frame_event IN ('line', 'call', 'return', 'exception')"
        try:
            with closing(sqlite3.connect(database)) as connection:
                (number,) = connection.execute(query).fetchone()
        except sqlite3.DatabaseError:
            return None
        return int(number)
