"""What C libraries read by themselves: given again where libc's functions read it, and else never what was noted for another."""

import random
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from crash.faults import built

from checkpoints.keeping import Kept, kept
from checkpoints.test_replay import again
from tttui.checkpoints.universe import branch
from tttui.errors import TttuiError
from tttui.store.run import Run

AT_THE_START = ("--checkpoint-interval", "1000000")
LIBRARY = """
import ctypes, os, sys, time

def of_library(name, result=ctypes.c_char_p):
    # what is named by its address would be another in a program that is run again
    function = ctypes.CDLL(sys.argv[1])[name]
    function.restype = result
    return lambda *given: function(*given)
"""
NOTED = (
    LIBRARY
    + """
def first_of(path, count):
    fd = os.open(path, os.O_RDONLY)
    piece = os.read(fd, count)
    os.close(fd)
    return fd, piece

lines = of_library("lines")
before = first_of("text", 5)
text = lines(b"text")
again = first_of("text", 7)
finds_itself = of_library("finds_itself", ctypes.c_int)
found = [finds_itself() for _ in range(3)]
third = first_of("text", 9)
status = lines(b"/proc/self/status")
fourth = first_of("/proc/self/status", 9)
reader, writer = os.pipe()
sent = os.write(writer, b"abcdefghijkl")
pieces = [os.read(reader, 2), of_library("three_by_stdio")(reader), os.read(reader, 2), of_library("takes_chance_past_libc", ctypes.c_int)()]
chance = of_library("chance", ctypes.c_uint)()
ready = of_library("ready_by_libc", ctypes.c_int)(reader)
fixed = of_library("lines_without_cancellation")(b"fixed")
with open("/proc/self/maps") as maps:
    own = maps.readline()
then = time.time(), os.read(reader, 5), os.urandom(4), first_of("text", 100)
for i in range(20):
    last = os.stat("text").st_size, time.time()
"""
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("reading", tmp_path_factory.mktemp("library"), __file__)


@pytest.fixture(scope="module")
def noted(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    directory = tmp_path_factory.mktemp("noted")
    (directory / "text").write_text("one\ntwo\nthree\n")
    (directory / "fixed").write_text("as it is\n")
    with kept(directory, NOTED, *AT_THE_START, arguments=[str(library)]) as found:
        (directory / "text").write_text("something else\n")
        yield found


def events_of(run: Run) -> list[int]:
    return sorted({*random.Random(7).sample(range(1, run.events), 12), run.events - 1})


def test_copies_are_told_what_a_library_was_told(noted: Kept) -> None:
    for event in events_of(noted.run):
        with closing(noted.enter(event)) as moment:
            assert moment.badge == f"verified to event {event:,}"
    variables = noted.run.moment(noted.run.events - 1).stack[-1].locals
    assert variables["text"].text == repr(b"one\ntwo\nthree\n")
    assert variables["pieces"].text == repr([b"ab", b"cde", b"fg", 1])
    assert variables["found"].text == "[1, 1, 1]"
    assert variables["ready"].text == "1"
    assert variables["then"].text.split("b'")[1].startswith("hijkl'")


def test_a_universe_is_given_the_same_of_what_can_not_be_read_again(noted: Kept, tmp_path: Path) -> None:
    with closing(noted.enter(noted.event_at("before = first_of"))) as moment:
        assert branch(moment, tmp_path / "universe.db") == ""
    with Run.open(tmp_path / "universe.db") as other:
        assert other.meta["ended"] == "exit"
        variables = other.moment(other.events - 1).stack[-1].locals
        for name in ("found", "pieces", "fixed"):
            assert variables[name].text == noted.run.moment(noted.run.events - 1).stack[-1].locals[name].text


def test_a_program_that_is_run_again_is_told_it_too(library: Path, tmp_path: Path) -> None:
    for name, content in (("text", "one\ntwo\nthree\n"), ("fixed", "as it is\n")):
        (tmp_path / name).write_text(content)
    with kept(tmp_path, NOTED, *AT_THE_START, arguments=[str(library)]) as found:
        recording = found.run.path
        found.let_go()
    (tmp_path / "text").write_text("something else\n")
    with again(recording) as (replayed, checkpoints):
        assert not replayed.problem, replayed.text
        for event in events_of(replayed.run):
            with closing(checkpoints.enter(replayed.run, event)) as moment:
                assert moment.verified, moment.badge


PAST = {
    "read": 'of_library("three_past_libc")(reader)',
    "poll": 'of_library("ready_past_libc", ctypes.c_int)(reader)',
}


@pytest.mark.parametrize("way", PAST)
def test_what_a_library_takes_past_libc_is_told_to_be_not_noted(way: str, library: Path, tmp_path: Path) -> None:
    program = LIBRARY + (
        "import select\n"
        "reader, writer = os.pipe()\n"
        'sent = os.write(writer, b"abcdefghijkl")\n'
        "first = os.read(reader, 3), time.time()\n"
        f"between = {PAST[way]}, select.poll(), os.read(reader, 3)\n"
        "last = os.read(reader, 3)\n"
    )
    with kept(tmp_path, program, *AT_THE_START, arguments=[str(library)]) as found:
        with closing(found.enter(found.event_at("between ="))) as moment:
            assert moment.verified
        with pytest.raises(TttuiError, match="not noted"):
            found.enter(found.run.events - 1)
        recording, reached = found.run.path, found.event_at("between =")
        found.let_go()
    with again(recording) as (replayed, checkpoints):
        assert "that is not noted" in replayed.problem
        with closing(checkpoints.enter(replayed.run, reached)) as moment:
            assert moment.verified


DIFFERENT = {
    "file": ('of_library("lines_without_cancellation")(b"fixed")', "not any more"),
    "random": ('of_library("chance_past_libc", ctypes.c_uint)()', r"random bytes past libc \(getrandom\)"),
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_what_can_be_asked_for_again_is_a_difference_where_it_is_another_now(what: str, library: Path, tmp_path: Path) -> None:
    (tmp_path / "fixed").write_text("as it is\n")
    asked, told = DIFFERENT[what]
    program = LIBRARY + f"asked = {asked}\nlast = time.time()\n"
    with kept(tmp_path, program, *AT_THE_START, arguments=[str(library)]) as found:
        (tmp_path / "fixed").write_text("not any more\n")
        with closing(found.enter(found.run.events - 1)) as moment:
            assert not moment.verified
            assert re.search(told, moment.badge), moment.badge
