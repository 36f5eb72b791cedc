"""Running a program both ways: under the oracle's witness, and recorded."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import pytest

from tttui.paths import PLACE_VARIABLE

TESTS = Path(__file__).parent.parent
LIBRARIES = TESTS / "programs" / "libraries"
"""Modules of the programs' that are not recorded: code that isn't the program's own."""
SECONDS = 300

Argument = TypeVar("Argument")
Result = TypeVar("Result")

# Without -P the launcher would look for its own modules among the program's.
RECORD = [sys.executable, "-P", "-m", "tttui", "record"]


@dataclass(frozen=True)
class Both:
    """What two runs of one program left: the witness' testimony and the recording."""

    testimony: Path
    recording: Path
    said: str
    """What went to stderr, of both."""


def directives(program: Path) -> dict[str, str]:
    """The lines ``# oracle: WORD REST`` of a program."""
    found = re.findall(r"^# oracle: (\S+) ?(.*)$", program.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(found)


def clean_environment(home: Path) -> dict[str, str]:
    """The environment without what makes runs differ, with a home of the test's own and one seed for hashes."""
    return {**environment_without("PYTHON", "TTTUI", "XDG_", "VIRTUAL_ENV", "PYTEST"), "HOME": str(home), "PYTHONHASHSEED": "0"}


def environment_without(*prefixes: str) -> dict[str, str]:
    """The environment without names that begin in such a way; but these tests' shared memory stays theirs."""
    return {name: value for name, value in os.environ.items() if not name.startswith(prefixes) or name == PLACE_VARIABLE}


def chosen(request: pytest.FixtureRequest, name: str) -> list[Any]:
    """What the tests of the requesting module that are going to run are parametrized with, under a name."""
    specs = [getattr(item, "callspec", None) for item in request.session.items if item.path == request.path and not _is_skipped(item)]
    return [spec.params[name] for spec in specs if spec is not None and name in spec.params]


def _is_skipped(item: pytest.Item) -> bool:
    return item.get_closest_marker("skip") is not None


def run_both(program: Path, directory: Path) -> Both:
    """Run a program under the witness and recorded; a failure of either raises with what it said."""
    testimony, recording = directory / f"{program.stem}.jsonl", directory / f"{program.stem}.db"
    environment = clean_environment(directory)
    witness = [sys.executable, "-m", "oracle.witness", "--library", str(LIBRARIES)]
    witness += ["--lifetimes"] if "lifetimes" in directives(program) else []
    said = ""
    for command, directory_of_run in (
        ([*witness, str(testimony), str(program)], TESTS),
        ([*RECORD, "--exclude", f"{LIBRARIES}/*", "-o", str(recording), str(program)], directory),
    ):
        done = subprocess.run(command, cwd=directory_of_run, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
        said += done.stderr
        if done.returncode:
            raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return Both(testimony, recording, said)


class Ahead(Generic[Argument, Result]):
    """Results of a function that are worked out two at a time, ahead of the tests that look at them."""

    def __init__(self, function: Callable[[Argument], Result], arguments: Iterable[Argument]) -> None:
        self._pool = ThreadPoolExecutor(2)
        self._futures: dict[Argument, Future[Result]] = {argument: self._pool.submit(function, argument) for argument in arguments}

    def __getitem__(self, argument: Argument) -> Result:
        return self._futures[argument].result()

    def close(self) -> None:
        """Leave out what nobody has asked for yet."""
        self._pool.shutdown(cancel_futures=True)
