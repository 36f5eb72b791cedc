"""Runs a program of the corpus twice, plain and recorded, in the same place."""

import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from support.programs import clean_environment

from parity.corpus import Case, lay_out

SECONDS = 180
OWN_LINES = re.compile(rb"(?:tttui: [^\n]*\n)+\Z")
# Without -P the launcher would look for its own modules among the program's.
RECORD = [sys.executable, "-P", "-m", "tttui", "record"]


@dataclass(frozen=True)
class Outcome:
    """What can be seen of a run from outside."""

    code: int
    """Exit code; -N where signal N ended it."""
    out: bytes
    err: bytes


@dataclass(frozen=True)
class Pair:
    plain: Outcome
    recorded: Outcome
    recording: Path
    said: str
    """tttui's own lines on stderr."""


def run_twice(case: Case, directory: Path) -> Pair:
    """Run a case in `directory`, which is made for it."""
    directory.mkdir()
    recording = directory / "run.db"
    plain = run_once(case, directory, [sys.executable])
    recorded = run_once(case, directory, [*RECORD, "-o", str(recording)])
    # tttui has the last word on stderr, behind an unfinished line of the program's too.
    own = OWN_LINES.search(recorded.err)
    theirs = recorded if own is None else Outcome(recorded.code, recorded.out, recorded.err[: own.start()])
    return Pair(comparable(plain), comparable(theirs), recording, "" if own is None else own[0].decode(errors="replace"))


def run_once(case: Case, directory: Path, command: list[str]) -> Outcome:
    work = directory / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    start = lay_out(case, work)
    whole = [*command, *shlex.split(case.directives.get("flags", "")), *start.arguments]
    redirection = {"closed": ">&-", "full": ">/dev/full"}.get(case.directives.get("stdout", ""), "")
    if redirection:
        whole = ["sh", "-c", f'exec "$@" {redirection}', "sh", *whole]
    done = subprocess.run(
        whole, input=start.stdin, capture_output=True, timeout=SECONDS, check=False, cwd=work, env=environment(case, directory)
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def environment(case: Case, directory: Path) -> dict[str, str]:
    """What the program is given: the usual, and what it asks for."""
    more = case.directives.get("environment", "")
    return {**clean_environment(directory), **dict(pair.split("=", 1) for pair in shlex.split(more))}


def comparable(outcome: Outcome) -> Outcome:
    """The same with addresses of objects and of threads replaced: they differ from run to run anyway."""
    return Outcome(outcome.code, replace_addresses(outcome.out), replace_addresses(outcome.err))


def replace_addresses(text: bytes) -> bytes:
    return re.sub(rb"0x[0-9a-f]{6,16}", b"0xADDRESS", text)
