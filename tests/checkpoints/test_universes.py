"""What if: another universe begins as the first one did, goes on from a change, and is a recording like any other."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from record.running import assert_whole

from checkpoints.keeping import Kept, kept
from checkpoints.test_stops import stopped
from tttui.checkpoints.universe import branch
from tttui.errors import TttuiError
from tttui.navigation.diff import compare
from tttui.shell.lines import execute
from tttui.shell.session import Session
from tttui.store.run import Run
from tttui.tui.universes import parting, universes

PRICE = """
import sys

def price(amount):
    if amount > limit:
        return amount * 2
    return amount

limit = 1000
total = 0
"""
PROGRAM = f"""{PRICE}
for amount in range(200):
    total += price(amount)
    if amount % 50 == 0:
        print("now", total)
        open("log.txt", "a").write(str(total) + "\\n")
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


class Key(BaseException):
    """As the viewer has a key end something."""


def test_a_key_ends_it_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def children() -> str:
        return Path(f"/proc/self/task/{os.getpid()}/children").read_text()

    def pressed(connection: socket.socket, let_out: bool) -> None:
        raise Key

    with kept(tmp_path, "go_on = False\nwhile go_on:\n    pass\n") as found:
        monkeypatch.setattr("tttui.checkpoints.universe._last_heard", pressed)
        moment = found.enter(1)
        before, files = children(), set(tmp_path.iterdir())
        assert not moment.evaluate("go_on = True", keep=True).error
        with pytest.raises(Key):
            branch(moment, tmp_path / "universe.db")
        moment.close()
        assert children() == before
        assert set(tmp_path.iterdir()) == files


def test_a_change_that_nothing_follows_from_is_a_difference(prices: Kept, tmp_path: Path) -> None:
    event = prices.event_at("if total >")
    moment = prices.enter(event)
    moment.evaluate("limit = 7", keep=True)
    assert branch(moment, tmp_path / "universe.db") == ""
    moment.close()
    with Run.open(tmp_path / "universe.db") as other:
        for runs, texts in (((prices.run, other), ("1000", "7")), ((other, prices.run), ("7", "1000"))):
            parting = compare(*runs).first
            assert parting is not None
            assert parting.first is not None
            assert (parting.what, parting.first.event) == ("limit is another", event + 1)
            assert [(each.old and each.old.text, each.new and each.new.text) for each in parting.differences] == [texts]


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
    (tmp_path / "input.txt").write_text("abc" * 100_000)  # which is too much to be noted
    with kept(tmp_path, "text = open('input.txt').read()\nlength = len(text)\nend = 1\n") as found:
        (tmp_path / "input.txt").write_text("different")
        moment = found.enter(found.run.events - 1)
        with pytest.raises(TttuiError):
            branch(moment, tmp_path / "universe.db")
        assert not (tmp_path / "universe.db").exists()
        moment.close()


SHIPPING = f"""{PRICE}
import subprocess
journal = open("journal.txt", "a")
report = open("report.txt", "w")
for amount in range(200):
    total += price(amount)
    if amount % 50 == 0:
        print("now", total, flush=True)
        print(total, file=journal, flush=True)
        print("total", total, file=report, flush=True)
report.close()
journal.close()
if total > 20_000:
    open("much.txt", "w").write(str(total))
    print(sys.stdin.readline())
    sys.exit(3)
print("little", total)
"""


def shell_on(found: Kept, *commands: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tttui", "shell", str(found.run.path), *(part for text in commands for part in ("-x", text))]
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False, cwd=found.run.path.parent,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip


def test_effects_are_let_out_where_the_user_says_so(tmp_path: Path) -> None:
    """From a moment behind a checkpoint: files as they were opened, at where they stood; the terminal is the asker's."""
    with kept(tmp_path, SHIPPING, "--checkpoint-interval", "100000") as found:
        before = (tmp_path / "journal.txt").read_text()
        event = found.event_at("total += price", last=True) - 500
        done = shell_on(found, f"goto {event}", "whatif -l limit = 10")
        assert "it ended with exit code 3" in done.stdout
        assert "much" not in done.stdout
        printed = [line for line in done.stdout.splitlines() if line.startswith("now")]
        assert printed
        journal, report = ((tmp_path / name).read_text().splitlines() for name in ("journal.txt", "report.txt"))
        assert (tmp_path / "journal.txt").read_text().startswith(before)
        assert journal[len(before.splitlines()) :] == [line.split()[1] for line in printed]
        assert report[-len(printed) :] == [line.replace("now", "total") for line in printed]
        assert len(report) == 4
        assert int((tmp_path / "much.txt").read_text()) > 20_000


def test_held_back_nothing_of_that_happens(tmp_path: Path) -> None:
    with kept(tmp_path, SHIPPING) as found:
        before = {name: (tmp_path / name).read_text() for name in ("journal.txt", "report.txt")}
        done = shell_on(found, f"goto {found.event_at('total += price') + 30}", "whatif limit = 10")
        assert "control flow" in done.stdout
        assert not [line for line in done.stdout.splitlines() if line.startswith("now")]
        assert {name: (tmp_path / name).read_text() for name in before} == before
        assert not (tmp_path / "much.txt").exists()


def test_a_child_is_really_started_from_a_checkpoint(tmp_path: Path) -> None:
    program = SHIPPING.replace(
        'open("much.txt", "w").write(str(total))', 'subprocess.run(["sh", "-c", "echo $PPID > much.txt"], check=True)'
    )
    with kept(tmp_path, program) as found:
        at = found.checkpoints.list()[0].event
        done = shell_on(found, f"goto {at}", "whatif -l")
        assert "it ended with exit code 0" in done.stdout
        behind = shell_on(found, "goto 400", "whatif --let-out limit = 1")
        assert "only at a checkpoint can that be let out" in behind.stdout
        assert not (tmp_path / "much.txt").exists()
    script = "whatif -l limit = 1\nquit\nquit\n"
    done = stopped(tmp_path, script, "--shell", "-b", "program.py:15, amount == 100", program=program)
    assert "it ended with exit code 3" in done.stdout
    assert (tmp_path / "much.txt").read_text().strip().isdigit()


def test_a_connection_that_was_there_is_dead_and_a_new_one_is_real(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        program = f"""
import socket
old = socket.create_connection(("127.0.0.1", {port}))
again = False
told = ""
here = 1
if again:
    try:
        old.sendall(b"lost")
        told = "sent"
    except OSError as error:
        told = type(error).__name__
    with socket.create_connection(("127.0.0.1", {port})) as new:
        new.sendall(b"new")
end = told
"""
        server.settimeout(10)
        # At the checkpoint, and behind it.
        script = f"whatif -l -o {tmp_path}/u1.db again = True\nquit\ngoto 6\nwhatif -l -o {tmp_path}/u2.db again = True\nquit\n"
        done = stopped(tmp_path, script, "--shell", "-b", "program.py:5", program=program)
        assert done.stdout.count("it ended with exit code 0") == 2, done.stdout
        found = [server.accept()[0] for _ in range(3)]
        assert [connection.recv(100) for connection in found] == [b"", b"new", b"new"]
        for connection in found:
            connection.close()
        for name, told in (("u1.db", "BrokenPipeError"), ("u2.db", "sent")):
            with Run.open(tmp_path / name) as other:
                assert told in other.moment(other.events - 1).stack[-1].locals["told"].text


def test_it_goes_on_to_a_line(prices: Kept, tmp_path: Path) -> None:
    moment = prices.enter(prices.event_at("total += price"))
    moment.evaluate("limit = 100", keep=True)
    why = branch(moment, tmp_path / "universe.db", "limit = 100", until="program.py:6, amount == 150")
    moment.close()
    assert why == "it came to program.py:6, where it was to stop"
    with Run.open(tmp_path / "universe.db") as other:
        last = other.moment(other.events - 1)
        assert (last.kind, last.stack[-1].line, last.stack[-1].locals["amount"].text) == ("line", 6, "150")
        assert b"".join(found.data for found in other.outputs()).splitlines()[-1].startswith(b"now")
        assert (other.meta["signal"], other.meta["universe_ended"]) == (None, why)
    [listed] = universes(prices.run, [str(tmp_path / "universe.db")])
    assert listed.ended == why
    assert not any("has ended" in text for text, _ in parting(prices.run, listed, lambda: False)), "it did because it was to"
    assert_whole(tmp_path / "universe.db")


@pytest.mark.parametrize(
    ("change", "frame", "value"),
    [
        ("doubled = 1000", 0, "1000"),
        ("account.balance = 77", 0, "77"),
        ("limit = 5", 0, "5"),
        ("global limit; limit = 66", 0, "66"),
        ("local = 8", 1, "8"),
        ("cell = 9", 1, "9"),
    ],
)
def test_every_sort_of_variable_can_be_another(tmp_path: Path, change: str, frame: int, value: str) -> None:
    program = """
class Account:
    balance = 1
limit = 100
def outer(account):
    local = 1
    cell = 2
    def inner(amount):
        doubled = amount * 2
        here = cell
        return doubled, account.balance, limit, cell
    found = inner(3)
    return *found, local, cell
result = outer(Account())
end = 1
"""
    with kept(tmp_path, program) as found:
        session = Session(found.run, found.event_at("here = cell"))
        session.navigator.up(frame)
        answer = execute(session, f"whatif -o {tmp_path}/u.db {change}")
        session.close()
        assert answer is not None
        returned = answer.json["returned"]
        assert value in returned["there"]
        assert value not in returned["here"]
        with Run.open(tmp_path / "u.db") as other:
            assert value in other.moment(other.events - 2).stack[0].locals["result"].text


def test_the_outcomes_are_shown_beside_each_other(prices: Kept, tmp_path: Path) -> None:
    session = Session(prices.run, prices.event_at("total > 20_000"))
    answer = execute(session, f"whatif -o {tmp_path}/u.db total = None")
    session.close()
    assert answer is not None
    outcome = answer.json["outcome"]
    assert outcome["here"] == "it ended with exit code 0"
    assert "TypeError" in outcome["there"]
    assert answer.json["written"] == {"here": "little 19900", "there": None}


def test_the_first_line_of_output_that_is_another_one_is_shown(prices: Kept, tmp_path: Path) -> None:
    session = Session(prices.run, prices.event_at("total > 20_000"))
    answer = execute(session, f"whatif -o {tmp_path}/u.db total = 7")
    session.close()
    assert answer is not None
    assert "it writes 'little 7' there, 'little 19900' here" in [text.plain for text in answer.texts]


def test_a_loop_that_waits_for_time_goes_on_where_nothing_more_was_noted(tmp_path: Path) -> None:
    program = """
import asyncio
async def child(n):
    for i in range(3):
        await asyncio.sleep(0.02)
    return n * 10
async def main():
    results = await asyncio.gather(child(1), child(2))
    print(results)
asyncio.run(main())
"""
    script = f"whatif -o {tmp_path}/u.db n = 100\nquit\n"
    done = stopped(tmp_path, script, "--shell", "-b", "program.py:5, n == 1 and i == 1", program=program)
    assert "it ended with exit code 0" in done.stdout
    with Run.open(tmp_path / "u.db") as other:
        assert b"".join(found.data for found in other.outputs()) == b"[1000, 20]\n"
