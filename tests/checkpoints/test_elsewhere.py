"""Another universe goes on with the program's time, chance and files: so what is different in it comes of the change alone."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from checkpoints.keeping import Kept, kept
from tttui.checkpoints.universe import branch
from tttui.navigation.diff import compare
from tttui.store.run import Run

AT_THE_START = ("--checkpoint-interval", "1000000")
TIMES = """
import datetime, secrets, time, uuid
class Order:
    def __init__(self, number):
        self.number, self.id, self.made = number, uuid.uuid4(), datetime.datetime.now()
orders = []
for number in range(20):
    began = time.perf_counter()
    time.sleep(0.001)  # HERE
    orders.append(Order(number))
    took = time.perf_counter() - began
token = secrets.token_hex()
"""
DATABASE = """
import sqlite3
database = sqlite3.connect("orders.db")
database.execute("create table orders(number integer, name text)")
for number in range(20):
    with database:
        database.execute("insert into orders values(?, ?)", (number, "x" * number))  # HERE
names = database.execute("select name from orders where number > 15").fetchall()
"""
TEMPLATE = """
import os
def write(path, text):
    with open(path, "w") as file:
        file.write(text)
write("page.txt", "hello")
read = os.stat("page.txt")
with open("log.txt", "a") as log, open("page.txt") as file:
    for number in range(20):
        log.write(f"{number}\\n")
        log.flush()
        now = os.stat("page.txt")  # HERE
        changed = [name for name in ("st_ino", "st_dev", "st_mode", "st_mtime_ns", "st_size") if getattr(now, name) != getattr(read, name)]
        same = os.path.samestat(now, os.fstat(file.fileno()))
        lines = len(open("log.txt").readlines())
os.link("page.txt", "other.txt")
os.utime("page.txt", (1, 2))
links = os.path.samefile("page.txt", "other.txt"), os.stat("other.txt").st_mtime, open("other.txt").read()
"""


@contextmanager
def universe(found: Kept, path: Path, at: str, change: str = "", *, number: int = 0) -> Iterator[Run]:
    """What becomes of a change right before the line which holds a text, the first time or another one."""
    moment = found.enter(events_at(found, at)[number])
    if change:
        assert not moment.evaluate(change, keep=True).error
    assert branch(moment, path) == ""
    moment.close()
    with Run.open(path) as other:
        yield other


def events_at(found: Kept, text: str) -> list[int]:
    first = found.event_at(text)
    line = found.run.moment(first, depth=0).stack[-1].line
    moments = (found.run.moment(event, depth=0) for event in range(first, found.run.events))
    return [moment.event for moment in moments if moment.kind == "line" and moment.stack[-1].line == line]


@pytest.mark.parametrize("program", [TIMES, DATABASE, TEMPLATE], ids=["times", "database", "files"])
def test_without_a_change_nothing_is_different(program: str, tmp_path: Path) -> None:
    with kept(tmp_path, program, *AT_THE_START) as found, universe(found, tmp_path / "other.db", "# HERE", number=9) as other:
        assert compare(found.run, other).first is None
        assert (other.events, other.meta["ended"], other.meta["exit_code"]) == (found.run.events, "exit", 0)


SLEEPING = """
import time
delay = 0.001
began = time.time()
time.sleep(delay)
took = time.time() - began
later = time.time()
"""


def test_time_passes_there_without_waiting_for_it(tmp_path: Path) -> None:
    with kept(tmp_path, SLEEPING, *AT_THE_START) as found:
        began = time.monotonic()
        with universe(found, tmp_path / "other.db", "began =", "delay = 100") as other:
            assert time.monotonic() - began < 50
            names = other.moment(other.events - 1).stack[0].locals
            assert 100 <= float(names["took"].text) < 150
            assert 0 <= float(names["later"].text) - float(names["began"].text) - float(names["took"].text) < 50


LOG = """
log = open("log.txt", "w")
for number in range(30):
    print("line", number, file=log, flush=True)
{pause}
last = 40
for number in range(30, last):
    print("line", number, file=log, flush=True)  # HERE
log.close()
count = len(open("log.txt").readlines())
"""


def test_what_a_program_wrote_later_is_not_in_its_files(tmp_path: Path) -> None:
    """Nor in one that was open already when the copy was made."""
    with kept(tmp_path, LOG.format(pause="sum(range(5_000_000))"), "--checkpoint-interval", "0") as found:
        assert max(copy.event for copy in found.checkpoints.list() if copy.event <= found.event_at("last = 40")) > found.event_at("print")
        with universe(found, tmp_path / "other.db", "for number in range(30, last)", "last = 35") as other:
            assert other.moment(other.events - 1).stack[0].locals["count"].text == "35"


MADE = """
import os
answer = 1
before = os.path.exists("made"), os.listdir()
os.mkdir("made")
with open("made/page.txt", "x") as file:
    file.write("hello")
os.rename("made/page.txt", "page.txt")
after = os.path.exists("page.txt")
"""


def test_what_a_program_made_later_is_not_there_yet(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    program = f"import os\nos.chdir({str(tmp_path / 'work')!r})\n{MADE}"
    with kept(tmp_path, program, *AT_THE_START) as found:
        with closing(found.enter(found.event_at("answer = 1"))) as moment:
            assert moment.evaluate("os.path.exists('made'), os.path.exists('page.txt')").value == "(False, False)"
        with universe(found, tmp_path / "other.db", "answer = 1") as other:
            assert other.meta["ended"] == "exit", other.meta
            names = other.moment(other.events - 1).stack[0].locals
            assert (names["before"].items or ())[0].text == "False"
            assert names["after"].text == "True"
        assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["made", "page.txt"]


LISTED = """
import glob, os, shutil
names = ["a", "b"]
os.mkdir("out")
for name in names:
    with open(f"out/{name}.txt", "w") as file:
        file.write(name)
os.remove("given.txt")
listed = sorted(os.listdir()), sorted(glob.glob("out/*.txt"))
shutil.copytree("out", "copy")
shutil.rmtree("out")
copied = sorted(os.listdir()), sorted(os.listdir("copy")), open("copy/a.txt").read()
try:
    open("nowhere/file.txt", "w")
except FileNotFoundError as error:
    missing = str(error)
"""


def test_directories_are_listed_as_they_are_there(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "given.txt").write_text("given")
    program = f"import os\nos.chdir({str(tmp_path / 'work')!r})\n{LISTED}"
    with kept(tmp_path, program, *AT_THE_START) as found, closing(found.enter(found.event_at("names ="))) as moment:
        (tmp_path / "work" / "given.txt").write_text("given")  # what was removed can't be had from anywhere
        with universe(found, tmp_path / "same.db", "names =") as same:
            assert compare(found.run, same).first is None
        with universe(found, tmp_path / "other.db", "for name in names", "names = ['a', 'c', 'd']") as other:
            names = other.moment(other.events - 1).stack[0].locals
            assert names["listed"].text == "(['out'], ['out/a.txt', 'out/c.txt', 'out/d.txt'])"
            assert names["copied"].text == "(['copy'], ['a.txt', 'c.txt', 'd.txt'], 'a')"
        made = "os.mkdir('new'), open('new/file', 'w').close(), os.listdir('new'), sorted(os.listdir())"
        assert moment.evaluate(made).value == "(None, None, ['file'], ['given.txt', 'new'])"
        assert moment.evaluate("open('nowhere/file', 'w')").error.startswith("FileNotFoundError")


CHILD = """
import subprocess
child = subprocess.Popen(["sleep", "60"])
before = 1
child.kill()
status = child.wait()
"""


def test_a_child_that_is_ended_there_ends_as_it_did(tmp_path: Path) -> None:
    with kept(tmp_path, CHILD, *AT_THE_START) as found, universe(found, tmp_path / "other.db", "before = 1") as other:
        assert compare(found.run, other).first is None
        assert other.moment(other.events - 1).stack[0].locals["status"].text == "-9"
