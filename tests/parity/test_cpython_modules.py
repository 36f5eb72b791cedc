"""CPython's own tests of the language have the same outcomes plain and recorded.

Each module is run twice by `run_module.py`. By default only the module itself is recorded (it is in the standard library, so it has
to be included); a few are recorded with everything that they use.
"""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.programs import RECORD, Ahead, chosen, clean_environment

from tttui.store.run import Run

RUNNER = Path(__file__).with_name("run_module.py")
SECONDS = 300

MODULES = """test_asyncgen test_bisect test_class test_contextlib test_coroutines test_descr test_dict test_exception_group test_frame
test_functools test_generators test_iter test_listcomps test_named_expressions test_patma test_raise test_scope test_super
test_sys_setprofile test_sys_settrace test_with""".split()

WITH_EVERYTHING = ["test_augassign", "test_decorators", "test_unpack", "test_userdict"]

SLOW = """test_atexit test_bytes test_copy test_dataclasses test_deque test_enum test_exceptions test_fork1 test_gc test_global test_heapq
test_inspect test_list test_memoryview test_pickle test_property test_signal test_slice test_threading test_threading_local test_traceback
test_weakref""".split()

# On 3.11 a recorded program is a traced one, and some tests skip themselves under a tracer.
SKIPS_UNDER_A_TRACER = "skipped: trace function"
EXPECTED: dict[tuple[int, int], dict[str, str]] = {
    (3, 11): {"test.test_frame.TestIncompleteFrameAreInvisible.test_sneaky_frame_object": "it traces the making of a frame itself"},
}
"""Tests that any hook changes, and why."""


@dataclass(frozen=True)
class Module:
    name: str
    everything: bool

    def __str__(self) -> str:
        return self.name + ("-all" if self.everything else "")


@dataclass(frozen=True)
class Outcomes:
    plain: dict[str, str]
    recorded: dict[str, str]
    events: int


def run_module(directory: Path, module: Module) -> Outcomes:
    work = directory / str(module)
    work.mkdir()
    scope = ["--all"] if module.everything else ["--include", f"test.{module.name}"]
    recording = work / "run.db"
    found = []
    for command in ([sys.executable], [*RECORD, "-o", str(recording), *scope]):
        output = work / "outcomes.json"
        whole = [*command, str(RUNNER), str(output), f"test.{module.name}"]
        done = subprocess.run(whole, cwd=work, env=clean_environment(work), capture_output=True, timeout=SECONDS, check=False)
        assert done.returncode == 0, done.stderr[-2000:].decode(errors="replace")
        found.append(json.loads(output.read_text(encoding="utf-8")))
        output.unlink()
    with Run.open(recording) as run:
        events = run.events
    recording.unlink()
    return Outcomes(found[0], found[1], events)


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ahead[Module, Outcomes]]:
    directory = tmp_path_factory.mktemp("modules")
    ahead = Ahead(lambda module: run_module(directory, module), [module for module in chosen(request, "module") if is_there(module)])
    yield ahead
    ahead.close()


def is_there(module: Module) -> bool:
    """Not every installation of Python has its tests."""
    try:
        return importlib.util.find_spec(f"test.{module.name}") is not None
    except ModuleNotFoundError:
        return False


def differences(module: Module, found: Outcomes) -> dict[str, tuple[str | None, str | None]]:
    """The tests of a module that had another outcome when they were recorded, and none of those that any hook changes."""
    expected = set(EXPECTED.get(sys.version_info[:2], {}))
    if sys.version_info < (3, 12):
        expected |= {test for test, outcome in found.recorded.items() if outcome.startswith(SKIPS_UNDER_A_TRACER)}
    return {
        test: (found.plain.get(test), found.recorded.get(test))
        for test in {**found.plain, **found.recorded}
        if found.plain.get(test) != found.recorded.get(test) and test not in expected
    }


def outcomes_of(module: Module, outcomes: Ahead[Module, Outcomes]) -> Outcomes:
    if not is_there(module):
        pytest.skip(f"this Python comes without test.{module.name}")
    return outcomes[module]


@pytest.mark.parametrize("module", [Module(name, False) for name in MODULES] + [Module(name, True) for name in WITH_EVERYTHING], ids=str)
def test_outcomes_are_the_same(module: Module, outcomes: Ahead[Module, Outcomes]) -> None:
    found = outcomes_of(module, outcomes)
    assert not differences(module, found)
    assert found.events > 50


@pytest.mark.slow
@pytest.mark.parametrize("module", [Module(name, False) for name in SLOW], ids=str)
def test_outcomes_of_slow_modules_are_the_same(module: Module, outcomes: Ahead[Module, Outcomes]) -> None:
    found = outcomes_of(module, outcomes)
    assert not differences(module, found)
    assert found.events > 50
