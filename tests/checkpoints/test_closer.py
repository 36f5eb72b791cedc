"""Once the program has ended, copies are made between those that there are: every moment is near one, within the budget."""

import threading
import time
from pathlib import Path

import pytest

from checkpoints.keeping import kept, living
from tttui.checkpoints import closer
from tttui.checkpoints.client import Checkpoints, Entering, Leaving
from tttui.checkpoints.closer import bring_closer, bringing_closer
from tttui.checkpoints.keeper import MOST_ADOPTED
from tttui.shell.session import Session
from tttui.store.run import Run

PROGRAM = """
numbers = list(range(1000))
total = 0
for number in range(600_000):
    total += numbers[number % 1000]
last = total
"""


def test_copies_come_closer_together_and_are_as_good_as_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closer, "SECONDS", 0.02)  # however fast the machine is
    with kept(tmp_path, PROGRAM, "--checkpoint-interval", "1000000") as found:
        before = found.copies()
        assert len(before) == 1
        made = bring_closer(found.run, lambda: False)
        events = [each.event for each in found.checkpoints.list()]
        assert made >= 3
        assert len(events) >= made + 1  # one may just have come
        assert max(found.gaps()) < found.run.events // 2
        moment = found.enter(found.run.events - 1)
        assert moment.start == events[-1]
        assert moment.evaluate("(last, len(numbers))").value == "(299700000, 1000)"
        moment.close()
        pids = found.copies()
        found.let_go()
    assert living(pids) == []


def test_they_come_closer_first_where_somebody_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aims: list[int] = []
    begin = Checkpoints.begin

    def noting(self: Checkpoints, run: Run, event: int, leaving: Leaving | None = None) -> Entering:
        aims.append(event)
        return begin(self, run, event, leaving)

    with kept(tmp_path, PROGRAM, "--checkpoint-interval", "1000000") as found:
        middle = found.run.events // 2
        found.checkpoints.keep(found.enter(middle))
        monkeypatch.setattr(Checkpoints, "begin", noting)
        assert bring_closer(found.run, lambda: bool(aims)) >= 0
        assert aims == [found.run.events - 1]
        session = Session(found.run, 100)
        session.say_where()
        session.close()
        give_up = time.monotonic() + 30
        while found.checkpoints.looked_at() != 100 and time.monotonic() < give_up:  # nobody waited until it was heard
            time.sleep(0.01)
        assert found.checkpoints.looked_at() == 100
        aims.clear()
        bring_closer(found.run, lambda: bool(aims))
        assert len(aims) == 1
        assert aims[0] <= middle


def test_what_they_may_take_bounds_them(tmp_path: Path) -> None:
    program = "heap = bytearray(b'x') * 80_000_000\n" + PROGRAM
    with kept(tmp_path, program, "--checkpoint-interval", "1000000", "--checkpoint-memory", "60M") as found:
        first = found.copies()
        found.checkpoints.keep(found.enter(found.event_at("last = total")))
        give_up = time.monotonic() + 30
        while found.copies() != first and time.monotonic() < give_up:
            time.sleep(0.1)
        assert found.copies() == first
        assert found.checkpoints.room().bytes == 0
        assert bring_closer(found.run, lambda: False) == 0


def test_what_they_may_take_is_used_all_along_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closer, "SECONDS", 0.02)
    program = """
heap = bytearray(30_000_000)
pages = len(heap[::4096])
total = 0
for number in range(60):
    heap[::4096] = bytes([number]) * pages
    for step in range(12_000):
        total += step
"""
    with kept(tmp_path, program, "--checkpoint-interval", "1000000", "--checkpoint-memory", "150M") as found:
        assert bring_closer(found.run, lambda: False) > 0
        give_up = time.monotonic() + 30
        while not found.checkpoints.room().measured and time.monotonic() < give_up:
            time.sleep(0.05)
        copies = found.checkpoints.list()
        assert sum(each.memory for each in copies) <= 150 << 20
        assert max(found.gaps()) < found.run.events * 0.6
        moment = found.enter(found.run.events - 1)
        assert moment.start == copies[-1].event
        assert moment.evaluate("(heap[4096], total)").value == f"(59, {60 * 11_999 * 6000})"
        moment.close()


def test_there_are_never_too_many_of_them(tmp_path: Path) -> None:
    with kept(tmp_path, PROGRAM, "--checkpoint-interval", "1000000") as found:
        found.checkpoints.begin(found.run, found.run.events - 1, Leaving(0.001, 1 << 30)).arrived().close()
        assert 2 < len(found.copies()) <= MOST_ADOPTED + 1
        assert max(found.gaps()) < found.run.events // 10  # those that were let go of stood near to others
        found.enter(found.run.events // 2).close()
        pids = found.copies()
        found.let_go()
    assert living(pids) == []


def test_it_ends_when_nobody_looks_any_more(tmp_path: Path) -> None:
    with kept(tmp_path, PROGRAM, "--checkpoint-interval", "1000000") as found:
        assert bring_closer(found.run, lambda: True) == 0
        with bringing_closer(found.run.path):
            pass
        found.enter(1).close()


def test_it_leaves_the_process_from_which_the_viewer_is_forked_alone(tmp_path: Path) -> None:
    """A lock that a thread holds at a fork stays locked in the child for ever."""
    with kept(tmp_path, PROGRAM, "--checkpoint-interval", "1000000") as found:
        threads = threading.enumerate()
        with bringing_closer(found.run.path):
            give_up = time.monotonic() + 30
            while len(found.copies()) < 2 and time.monotonic() < give_up:
                assert threading.enumerate() == threads
                time.sleep(0.05)
            assert len(found.copies()) >= 2
