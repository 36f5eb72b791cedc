"""What tttui reads back of a recorded program is what the oracle saw of it: every event, every value.

The programs are those of `tests/programs` and ones that hypothesis makes up. See `oracle/compare.py` for what "equal" means.
"""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from oracle.compare import DEPTH, Report, compare
from oracle.making import programs
from oracle.testimony import read_testimony
from support.programs import Ahead, Both, chosen, directives, run_both

from tttui.store.run import Run

PROGRAMS = sorted(Path(__file__).with_name("programs").glob("*.py"))

LIMITS, UNCHECKED, CLASSES = "limits", "unchecked", "classes"
"""Directives of the programs that are about what is cut; about what can't be known to be unchanged ("unchecked", "unchecked 3.15": from
that version on); and about classes that library code makes: from Python 3.14 on it calls functions of theirs for their annotations, amid
a line that may change classes.
"""

# Types that are known by their name alone. A value of any other type has to be read whole.
OPAQUE = frozenset(
    """TaskStepMethWrapper _abc._abc_data _asyncio.TaskStepMethWrapper _collections._tuplegetter _contextvars.Context _contextvars.ContextVar _queue.SimpleQueue
    _thread._ThreadHandle _thread.RLock _thread.lock array.array async_generator_wrapped_value classmethod code collections._tuplegetter
    datetime.timezone dict_keys enumerate filter frame getset_descriptor itertools.chain itertools._grouper itertools.count
    itertools.groupby itertools.starmap map mappingproxy member_descriptor
    memoryview method-wrapper method_descriptor operator.methodcaller property re.Match select.epoll sentinel staticmethod string.templatelib.Template traceback
    types.GenericAlias types.UnionType typing.TypeAliasType typing.Union weakref.ProxyType weakref.ReferenceType wrapper_descriptor zip
    """.split()
)


def is_about_unchecked(found: dict[str, str]) -> bool:
    return UNCHECKED in found and sys.version_info >= tuple(int(part) for part in found[UNCHECKED].split(".") if part)


def unexpected_badges(report: Report, found: dict[str, str]) -> set[tuple[str, str]]:
    """The (badge, type) that values of a program with these directives should not have."""
    if LIMITS in found:
        return set()
    inexact = {(badge, kind) for badge, kind in report.inexact if badge != "opaque" or not (kind in OPAQUE or kind.endswith("iterator"))}
    # Objects of library classes (their names have the module in front) may be changed by library code, which isn't recorded: they are
    # shown as last looked at, and say so; so does what they hold.
    foreign = {(badge, kind) for badge, kind in inexact if badge == "unchecked" and "." in kind}
    held = {("unchecked", kind) for kind in ("bytearray", "dict", "list", "set")} if foreign or is_about_unchecked(found) else set()
    if CLASSES in found and sys.version_info >= (3, 14):  # the functions make the exception, too
        held |= {("unchecked", kind) for kind in ("type", "NotImplementedError")}
    return inexact - foreign - held


def reason_to_skip(program: Path) -> str | None:
    found = directives(program)
    if "from" in found and sys.version_info < tuple(int(part) for part in found["from"].split(".")):
        return f"for Python {found['from']} and later"
    if "needs" in found and importlib.util.find_spec(found["needs"]) is None:
        return f"{found['needs']} is not installed for this interpreter"
    return None


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ahead[Path, Both]]:
    directory = tmp_path_factory.mktemp("oracle")
    wanted = [program for program in chosen(request, "program") if reason_to_skip(program) is None]
    ahead = Ahead(lambda program: run_both(program, directory), wanted)
    yield ahead
    ahead.close()


@pytest.fixture(scope="module")
def total() -> Report:
    """What was compared so far, in all."""
    return Report()


@pytest.fixture(scope="module")
def ordinary() -> Report:
    """The same of programs that are not about what is cut."""
    return Report()


def compare_run(program: Path, both: Both) -> Report:
    found = directives(program)
    with Run.open(both.recording) as run:
        moments = (run.moment(event, depth=DEPTH) for event in range(run.events))
        return compare(read_testimony(both.testimony), moments, concurrent="concurrent" in found)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_recording_is_what_was_seen(program: Path, runs: Ahead[Path, Both], total: Report, ordinary: Report) -> None:
    reason = reason_to_skip(program)
    if reason is not None:
        pytest.skip(reason)
    report = compare_run(program, runs[program])
    total.add(report)
    if LIMITS not in directives(program):
        ordinary.add(report)
    assert not report.differences, "\n".join(report.differences)
    assert report.events > 0
    assert not unexpected_badges(report, directives(program))


def test_every_value_was_compared(total: Report, ordinary: Report, capsys: pytest.CaptureFixture[str]) -> None:
    """Runs behind the others, and prints how much they compared."""
    if total.events == 0:
        pytest.skip("no program was compared")
    with capsys.disabled():
        print(
            f"\noracle: {total.events:,} events and {total.values:,} values are equal; not exact: {total.badges()}; objects with a new id: {total.splits}"
        )
    assert total.values > 20 * total.events or total.events < 5000
    assert sum(ordinary.badges().values()) < ordinary.values / 100


def test_made_up_programs_are_what_was_seen(tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]) -> None:
    check_made_up(tmp_path_factory.mktemp("made"), 25, capsys)


@pytest.mark.slow
def test_many_made_up_programs_are_what_was_seen(tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]) -> None:
    check_made_up(tmp_path_factory.mktemp("made"), 1000, capsys)


def check_made_up(directory: Path, examples: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Let hypothesis make programs up. It finds the same ones each time, and makes those that fail smaller."""
    compared = Report()

    @settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink], report_multiple_bugs=False,
    )  # fmt: skip
    @given(programs())
    def check(source: str) -> None:
        program = directory / "made.py"
        program.write_text(source)
        (directory / "made.db").unlink(missing_ok=True)
        report = compare_run(program, run_both(program, directory))
        compared.add(report)
        assert not report.differences, "\n".join(report.differences)

    check()
    with capsys.disabled():
        print(f"\noracle: made-up programs: {compared.events:,} events and {compared.values:,} values are equal")
