"""Runs the commands that read a recording, in this process and on a terminal of their own."""

import os
import pty
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import click.testing

from tttui.cli import main

PYTHON_CODE = "import sys; from tttui.cli import main; sys.exit(main())"
WHEN_ASKED = """
import os
from tttui.report.query import Workspace
ask = Workspace.ask
def tell(*arguments, **keywords):
    os.write(1, b"?")
    return ask(*arguments, **keywords)
Workspace.ask = tell
"""
"""Before `PYTHON_CODE`: writes a question mark when a statement is about to be run."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str


def tttui(*arguments: str | Path) -> Ended:
    """Run `tttui` in this process; its output is no terminal."""
    runner = click.testing.CliRunner()
    before = sys.argv
    with runner.isolation() as (out, err, *_):
        sys.argv = ["tttui", *map(str, arguments)]
        try:
            code = main()
        finally:
            sys.argv = before
        sys.stdout.flush()
        sys.stderr.flush()
    return Ended(code, out.getvalue().decode(), err.getvalue().decode() if err else "")


def tttui_on_terminal(*arguments: str | Path, columns: int = 100, before: str = "pass") -> tuple[int, bytes]:
    """Run `tttui` in a process of its own on a terminal: its exit code and every byte that it wrote.

    `before` is a statement that is run first in that process.
    """
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns), "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", f"{before}; {PYTHON_CODE}", *map(str, arguments)]
    process = subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower, env=environment)
    os.close(follower)
    written = bytearray()
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:  # the other side is closed: the process has ended
            break
        if not piece:
            break
        written += piece
    os.close(leader)
    return process.wait(), bytes(written)
