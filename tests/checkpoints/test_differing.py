"""Forced differences, each kind: found at the right event, told in the program's own words, with what is known of the cause."""

from pathlib import Path

import pytest

from checkpoints.keeping import Kept, kept
from checkpoints.test_replay import again, record
from tttui.checkpoints.suspects import Suspect, alike, because, of_a_call, with_cause
from tttui.errors import TttuiError

LARGE = " " * 100_000
"""So much that it isn't noted, but read again."""

READING = """
def read():
    with open("data.txt") as file:
        return file.read().strip()

before = 1
text = read()
after = len(text)
"""
DECIDING = """
def deciding():
    if "much" in open("data.txt").read():
        return 1
    return 2

before = 1
found = deciding()
after = 3
"""
LISTING = """
import os
before = 1
names = len(os.listdir("many"))
after = names
"""
ASKING = """
import ctypes, platform
before = 1
told = ctypes.create_string_buffer(112)
asked = ctypes.CDLL(None).syscall({"x86_64": 99, "aarch64": 179}[platform.machine()], told)
free = told.raw[40:48]
held = bytes(50_000_000)
after = 2
"""
MATCHING = """
before = 1
match open("data.txt").read().strip():
    case "one":
        one = True
    case "two":
        two = True
after = 3
"""


def said_at_the_end(found: Kept) -> str:
    """What is said where the last moment can't be entered, whether it differs there or can't go on."""
    try:
        moment = found.enter(found.run.events - 1)
    except TttuiError as error:
        return str(error)
    assert not moment.verified
    moment.close()
    return moment.badge


def test_a_value_from_a_file_that_has_changed_since(tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("abc" + LARGE)
    with kept(tmp_path, READING, "--checkpoint-interval", "100000") as found:
        (tmp_path / "data.txt").write_text("other" + LARGE)
        moment = found.enter(found.run.events - 1)
        assert not moment.verified
        assert moment.event == found.event_at("return file.read()") + 2  # the with statement is left before
        assert "return in read, line 3 with 'other', there return in read, line 3 with 'abc'" in moment.badge
        assert f"likely because {tmp_path}/data.txt, which it read after event" in moment.badge
        assert "has changed since (2" in moment.badge
        moment.close()


@pytest.mark.parametrize(
    ("program", "then", "now", "recorded", "badge"),
    [
        (DECIDING, "much", "little", "return 1", "here line in deciding, line 5, there line in deciding, line 4"),
        (MATCHING, "one", "two", "one = True", "here line in <module>, line 6, there line in <module>, line 5"),
    ],
    ids=["if", "match"],
)
def test_another_way_because_of_a_file_that_has_changed_since(
    program: str, then: str, now: str, recorded: str, badge: str, tmp_path: Path
) -> None:
    (tmp_path / "data.txt").write_text(then + LARGE)
    with kept(tmp_path, program, "--checkpoint-interval", "100000") as found:
        (tmp_path / "data.txt").write_text(now + LARGE)
        moment = found.enter(found.run.events - 1)
        assert moment.event == found.event_at(recorded)
        assert badge in moment.badge
        assert "data.txt" in moment.badge
        moment.close()


def test_a_file_that_is_not_there_any_more(tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("abc" + LARGE)
    with kept(tmp_path, READING, "--checkpoint-interval", "100000") as found:
        (tmp_path / "data.txt").unlink()
        said = said_at_the_end(found)
        assert "data.txt, which it opened after event" in said
        assert "is not there any more" in said


def test_what_the_system_is_asked_for_and_nobody_notes(tmp_path: Path) -> None:
    with kept(tmp_path, ASKING, "--checkpoint-interval", "100000") as found:
        moment = found.enter(found.run.events - 1)
        if not moment.verified:  # as much was free then
            assert moment.event == found.event_at("held = ")
            assert "free is" in moment.badge
            assert "likely because it asked for how much memory and load there is" in moment.badge
        moment.close()


def test_the_cause_is_told_where_a_copy_cannot_go_on(tmp_path: Path) -> None:
    """It asks for something else than was noted: that is found before the next event."""
    program = "import os, time\nbefore = 1\nif 'much' in open('data.txt').read(): time.time()\nelse: os.urandom(3)\nafter = 2\n"
    (tmp_path / "data.txt").write_text("much" + LARGE)
    with kept(tmp_path, program, "--checkpoint-interval", "100000") as found:
        (tmp_path / "data.txt").write_text("little" + LARGE)
        said = said_at_the_end(found)
        assert "data.txt" in said
        assert "likely because" in said


def test_an_address_in_a_program_that_is_run_again(tmp_path: Path) -> None:
    recording = record(tmp_path, "class Thing: pass\nbefore = 1\nthing = Thing()\nwhere = id(thing)\nafter = 2\n")
    with again(recording) as (replayed, _):
        if replayed.problem:  # where nothing makes addresses the same
            assert replayed.run.moment(replayed.reached).stack[-1].line == 5
            assert "where is" in replayed.problem
            assert "likely because both look like addresses" in replayed.problem


@pytest.mark.parametrize(
    ("here", "there", "words"),
    [
        (140_002_345_678_912, 140_002_345_678_960, "addresses"),
        (12, 13, ""),
        (8_751_601_510_221, 8_787_830_381_389, "hashes of objects"),
        (1_795_686_034_866, 1_795_686_039_009, ""),  # times in milliseconds
        ("%(140025621422368 param)s", "%(140605283344672 param)s", "address"),
        ("<Thing object at 0x7f0012345678>", "<Thing object at 0x7f0012345abc>", "address"),
        ("<Thing object at 0x7f0012345678>", "<Other object at 0x7f0012345abc>", ""),
        ("a b c", "c a b", "another order"),
        ("['a', 'b', 'c']", "['b', 'a', 'c']", "another order"),
        ("a b c", "a b d", ""),
    ],
)
def test_what_values_tell_of_the_cause(here: object, there: object, words: str) -> None:
    assert words in alike(here, there)
    assert bool(words) == bool(alike(here, there))


def test_the_last_thing_before_the_difference_is_suspected(tmp_path: Path) -> None:
    old, new = Suspect(5, "c", "first.txt"), Suspect(20, "c", "second.txt")
    assert "first.txt" in because([old, new], 10)
    assert "second.txt" in because([old, new], 30)
    assert because([new], 10) == ""
    assert "last digits" in because([Suspect(1, "t", "openblas_set_num_threads")], 10)
    assert with_cause("it differs") == "it differs"
    assert (
        with_cause("it differs\n7 g gone.txt\n")
        == "it differs, likely because gone.txt, which it opened after event 6, is not there any more"
    )
    assert "finalised" in of_a_call("Thing.__del__")


def test_files_that_were_only_opened_are_suspected_last() -> None:
    """What is read of them was noted, mostly."""
    opened, read = Suspect(20, "o", "opened.txt"), Suspect(5, "c", "read.txt")
    assert "read.txt" in because([opened, read], 30)
    assert "opened.txt, which it opened after event 19, has changed since" in because([opened], 30)


HASHES = """
class Key:
    pass

keys = [Key() for _ in range(100)]
held = [(1, "a"), {"b": hash(keys[0])}]
after = 1
"""


def test_what_an_object_holds_is_told_where_it_differs(tmp_path: Path) -> None:
    """Nothing that the program has opened meanwhile is blamed: python3XX.zip, for one, is on nearly every path and nowhere else."""
    recording = record(tmp_path, f"import json, decimal\nopen('own.txt', 'w').close()\nopen('own.txt').close()\n{HASHES}")
    (tmp_path / "own.txt").write_text("changed")
    with again(recording) as (replayed, _):
        if replayed.problem:  # where nothing makes addresses the same
            assert "here an object holds " in replayed.problem
            assert "likely because both look like hashes of objects" in replayed.problem
