"""What if: another universe begins as the first one did, goes on from a change, and is a recording like any other."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from record.running import assert_whole

from checkpoints.keeping import Kept, kept
from tttui.checkpoints.universe import branch
from tttui.errors import TttuiError
from tttui.navigation.diff import compare
from tttui.store.run import Run

PROGRAM = """
import sys

def price(amount):
    if amount > limit:
        return amount * 2
    return amount

limit = 1000
total = 0
for amount in range(200):
    total += price(amount)
    if amount % 50 == 0:
        print("now", total)
        open("log.txt", "a").write(f"{total}\\n")
if total > 20_000:
    print("much")
    sys.exit(3)
print("little", total)
"""


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with kept(tmp_path_factory.mktemp("prices"), PROGRAM) as found:
        yield found


def test_a_change_has_its_consequences_in_a_recording_of_its_own(prices: Kept, tmp_path: Path) -> None:
    log = (prices.run.path.parent / "log.txt").read_text()
    event = prices.event_at("for amount in range")
    moment = prices.enter(event)
    moment.evaluate("limit = 100", keep=True)
    path = tmp_path / "universe.db"
    assert branch(moment, path, "limit = 100") == ""
    moment.close()
    with Run.open(path) as other:
        assert other.meta["state"] == "finished"
        assert (other.meta["ended"], other.meta["exit_code"]) == ("exit", 3)
        assert (other.meta["universe_of"], other.meta["universe_event"]) == (str(prices.run.path), event)
        assert b"".join(found.data for found in other.outputs()).endswith(b"much\n")
        assert sum(code.calls for code in other.codes() if code.qualname == "price") == 200
        parting = compare(prices.run, other)
        assert parting.control is not None
        for at in (event, event + 1):
            names = (run.moment(at).stack[-1].locals["limit"].text for run in (prices.run, other))
            assert tuple(names) == (("1000", "1000"), ("1000", "100"))[at - event]
        for at in range(0, event, 7):
            assert prices.run.moment(at).stack == other.moment(at).stack
        times = [other.moment(at, depth=0).time_ns for at in range(other.events)]
        assert times == sorted(times)
        assert times[-1] - times[event] < 5_000_000_000
    assert_whole(path)
    assert (prices.run.path.parent / "log.txt").read_text() == log


def test_without_a_change_it_is_the_same_again(prices: Kept, tmp_path: Path) -> None:
    moment = prices.enter(prices.run.events // 2)
    assert branch(moment, tmp_path / "universe.db") == ""
    moment.close()
    with Run.open(tmp_path / "universe.db") as other:
        assert compare(prices.run, other).first is None
        assert other.events == prices.run.events
        assert [found.data for found in other.outputs()] == [found.data for found in prices.run.outputs()]
    assert_whole(tmp_path / "universe.db")


def test_a_relative_path_is_meant_from_here(prices: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    moment = prices.enter(prices.run.events - 5)
    assert branch(moment, Path("universe.db")) == ""
    moment.close()
    assert_whole(tmp_path / "universe.db")


def test_what_cant_be_held_back_ends_it_with_the_reason(tmp_path: Path) -> None:
    with kept(tmp_path, "import os\nwanted = False\nx = 1\nif wanted:\n    os.system('touch touched')\ny = 2\n") as found:
        moment = found.enter(found.event_at("if wanted"))
        moment.evaluate("wanted = True", keep=True)
        assert "starts a process" in branch(moment, tmp_path / "universe.db")
        moment.close()
        with Run.open(tmp_path / "universe.db") as other:
            assert other.meta["ended"] == "killed"
            assert other.events == found.event_at("if wanted") + 2
        assert not (tmp_path / "touched").exists()


def test_a_moment_that_differs_is_no_place_to_go_on_from(tmp_path: Path) -> None:
    (tmp_path / "input.txt").write_text("abc")
    with kept(tmp_path, "text = open('input.txt').read()\nlength = len(text)\nend = 1\n") as found:
        (tmp_path / "input.txt").write_text("different")
        moment = found.enter(found.run.events - 1)
        with pytest.raises(TttuiError):
            branch(moment, tmp_path / "universe.db")
        assert not (tmp_path / "universe.db").exists()
        moment.close()
