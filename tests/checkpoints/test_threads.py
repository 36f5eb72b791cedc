"""Programs with several threads: a copy of one can be looked at, at its very event, and says why it can't run on."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from checkpoints.keeping import BOX, WORK, Kept, kept
from tttui.checkpoints.client import Checkpoint
from tttui.errors import TttuiError
from tttui.shell.lines import execute
from tttui.shell.session import Session

PROGRAM = f"""
import threading, time
{BOX}"""
PROGRAM += """
before = [Box(number) for number in range(20)]
held = threading.Lock()
done = threading.Event()

def hold():
    with held:
        done.wait()

def work():
    total = 0
    while not done.is_set():
        total += 1

threads = [threading.Thread(target=hold), threading.Thread(target=work, daemon=True)]
for thread in threads:
    thread.start()
box = Box(7)
until = time.monotonic() + 1.2
while time.monotonic() < until:
    box.number += 1
done.set()
for thread in threads:
    thread.join()
after = Box(8)
for number in range(200_000):
    after.number += 1
last = after.number
"""


@pytest.fixture(scope="module")
def threads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with kept(tmp_path_factory.mktemp("threads"), PROGRAM) as found:
        yield found


def look_only(found: Kept) -> list[Checkpoint]:
    return [each for each in found.checkpoints.list() if each.look_only]


def test_while_there_are_several_threads_copies_can_be_looked_at(threads: Kept) -> None:
    found = look_only(threads)
    assert ("3 threads, of which the copy has one",) in [each.remarks for each in found]
    for each in found:
        assert each.remarks in {
            (f"{count} threads, of which the copy has one",) for count in (2, 3)
        }  # the first may be made between two starts
        moment = threads.enter(each.event)
        assert moment.badge == f"at event {each.event:,}, look only: {each.remarks[0]}"
        assert moment.evaluate("before[3]").value == "<box 3>"
        assert moment.evaluate("print(len(before)); box = Box(1); box.number += 1; print(box)").output == "20\n<box 2>\n"
        assert moment.evaluate("sum(number * number for number in range(100_000))").value == "333328333350000"
        moment.close()


def test_it_can_not_run_on_and_says_why(threads: Kept) -> None:
    each = look_only(threads)[0]
    moment = threads.enter(each.event)
    with pytest.raises(TttuiError, match="only be looked at"):
        moment.go_on(each.event + 1)
    moment.close()
    with pytest.raises(TttuiError, match="it starts a thread") as failed:
        threads.enter(each.event + 1)
    assert f"at event {each.event:,}" in failed.value.hint


def test_waiting_for_a_lock_of_another_thread_is_given_up(threads: Kept) -> None:
    moment = threads.enter(look_only(threads)[0].event)
    with pytest.raises(TttuiError) as failed:
        moment.evaluate("held.acquire()")
    assert "lock that another thread held" in failed.value.hint
    assert moment.evaluate("held.locked()").value == "True"
    moment.close()


def test_once_the_threads_have_ended_copies_run_again(threads: Kept) -> None:
    moment = threads.enter(threads.run.events - 1)
    assert moment.badge == f"verified to event {threads.run.events - 1:,}"
    assert moment.evaluate("last").value == "200008"
    moment.close()


def test_a_copy_is_made_right_where_they_have_ended(tmp_path: Path) -> None:
    """No copy made before comes beyond them."""
    program = WORK + "import threading\nthread = threading.Thread(target=work)\nthread.start()\nthread.join()\nwork(300_000)\nlast = 1\n"
    with kept(tmp_path, program) as found:
        with closing(found.enter(found.run.events - 1)) as moment:
            assert moment.badge == f"verified to event {found.run.events - 1:,}"
        ended = found.event_at("work(300_000)")
        copies = found.checkpoints.list()
        assert any(not each.look_only and ended - 1000 < each.event < ended + 200_000 for each in copies), copies


def test_the_list_marks_them(threads: Kept) -> None:
    session = Session(threads.run, threads.run.events - 1)
    answer = execute(session, "ulist")
    assert answer is not None
    assert any("look only  · 3 threads" in text.plain for text in answer.texts)
    session.close()


def test_an_exception_that_nobody_catches_is_kept_whatever_the_threads(tmp_path: Path) -> None:
    program = PROGRAM.replace("done.set()\n", "done.set()\nsecret = [1, 2]\nraise ValueError(box)\n").replace("+ 1.2\n", "+ 0.2\n")
    with kept(tmp_path, program) as found:
        at_raise = [each for each in found.checkpoints.list() if each.at_raise]
        assert len(at_raise) == 1  # another may have been made right behind it, where the threads ended
        moment = found.enter(at_raise[0].event)
        assert moment.evaluate("secret + [box.number > 7]").value == "[1, 2, True]"
        moment.close()


def test_threads_of_libraries_are_done_without(tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    program = """
import numpy, os
child = os.fork()  # before which a library joins its threads
if not child:
    os._exit(3)
status = os.waitpid(child, 0)[1]
table = numpy.arange(250_000, dtype=float).reshape(500, 500)
total = 0.0
for number in range(20):
    total += float((table[:50, :50] @ table[:50, :50].T).sum())
for number in range(1_500_000):
    rest = number  # until there is a copy that has none of those threads: they are started anew only for larger tables
last = table[3, 4]
"""
    with kept(tmp_path, program, "--checkpoint-interval", "0") as found:
        assert not look_only(found)
        for event in (1, found.run.events // 2, found.run.events - 1):
            moment = found.enter(event)
            assert moment.badge == f"verified to event {event:,}"
            moment.close()
        moment = found.enter(found.run.events - 1)
        assert moment.start > found.event_at("table =")
        assert moment.evaluate("(last, status, float((table @ table)[0, 0]) > 0)").value == "(np.float64(1504.0), 768, True)"
        refused = moment.evaluate("__import__('subprocess').run(['true'])", seconds=20)
        assert "starts a process" in refused.held[0]
        moment.close()
