"""What forked copies run into: the hazards F1 to F24, each with the test of its guard.

F1 to F3, F6 to F12, F14 and F20 are programs in test_not_felt.py, F4 and F5 in test_threads.py, F13 is test_corpus.py; the
others are here.
"""

import os
import platform
import socket
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest

from checkpoints import keeping
from checkpoints.keeping import Kept, kept, living
from checkpoints.looking import look
from checkpoints.test_corpus import terminal
from tttui.checkpoints import protocol
from tttui.checkpoints.keeper import Keeper
from tttui.errors import TttuiError

WORK = f"{keeping.WORK}\nwork(2000)\n"
LONG = WORK + "for _ in range(40):\n    work(2000)\n    sum(range(1_000_000))\n"
"""As much of the processor as it takes for another copy to be due."""


def as_recorded(found: Kept, *events: int, unless: str = "nothing is") -> list[int]:
    """Those of some moments at which everything is as it was recorded; of the others it is told why they can't be entered: `unless`."""
    same = []
    for event in events:
        try:
            moment = found.enter(event)
        except TttuiError as error:
            if unless not in error.what:
                raise
            continue
        if unless in moment.badge:
            moment.close()
            continue
        assert moment.badge == f"verified to event {event:,}"
        if look(found, moment).differences == []:
            same.append(event)
        moment.close()
    return same


def test_f12_timers_that_came_come_again(tmp_path: Path) -> None:
    program = "import signal\ncame = []\nsignal.signal(signal.SIGALRM, lambda number, frame: came.append(len(came)))\n"
    program += "signal.setitimer(signal.ITIMER_REAL, 0.003, 0.003)\nrounds = 0\nwhile len(came) < 10:\n    rounds += 1\nsignal.setitimer(signal.ITIMER_REAL, 0)\nend = 1\n"
    with kept(tmp_path, program, "--checkpoint-interval", "0") as found:
        last = found.run.events - 1
        late = [last, last // 2, last // 3]
        assert set(as_recorded(found, 3, *late, unless="came amid a line")) >= {3}
        assert found.run.moment(last).stack[-1].locals["came"].text == str(list(range(10)))


def test_f12_a_signal_amid_a_line_is_handled_at_the_same_instruction(tmp_path: Path) -> None:
    """It comes in a function of C's that the loop calls, behind the first call in its line: there the interpreter looks, too."""
    program = "import ctypes, signal\ncame = []\n\ndef on_signal(number, frame):\n    came.append(frame.f_lasti)\n\n"
    program += "signal.signal(signal.SIGUSR1, on_signal)\nsend = ctypes.CDLL(None)['raise']\n"
    program += "for _ in map(send, [signal.SIGUSR1]): abs(1)\nend = 1\n"
    with kept(tmp_path, program) as found:
        last = found.run.events - 1
        if sys.implementation.version < (3, 13):  # where it can't be had wait for the instruction
            assert as_recorded(found, last, unless="came amid a line") in ([], [last])
            return
        events = [last, found.event_at("came.append")]
        assert as_recorded(found, *events) == events
        moment = found.enter(last)
        assert moment.evaluate("len(came)").value == "1"
        moment.close()


def test_f15_what_uses_a_gpu_is_only_looked_at(tmp_path: Path) -> None:
    """A mapping of the driver's device shows it: here a file of such a name."""
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "nvidia0").write_bytes(bytes(4096))
    program = "import mmap\nfile = open('dev/nvidia0', 'rb')\nmapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)\n"
    with kept(tmp_path, program + LONG, "--checkpoint-interval", "0") as found:
        marked = [each for each in found.checkpoints.list() if each.look_only]
        assert marked
        assert all("GPU" in " ".join(each.remarks) for each in marked)
        moment = found.enter(marked[-1].event)
        assert moment.evaluate("mapped[0]").value == "0"
        moment.close()


def test_f16_what_a_copy_does_is_not_recorded(tmp_path: Path) -> None:
    with kept(tmp_path, WORK + "end = 1\n") as found:
        before = found.run.events
        moment = found.enter(before - 1)
        assert moment.evaluate("work(1000)").value == str(sum(number % 7 for number in range(1000)))
        moment.close()
        found.run.refresh()
        assert found.run.events == before


def test_f17_copies_are_the_first_to_go_when_memory_is_short(tmp_path: Path) -> None:
    with kept(tmp_path, WORK + "end = 1\n") as found:
        moment = found.enter(found.run.events - 1)
        for pid in (*found.copies(), moment.pid):
            assert Path(f"/proc/{pid}/oom_score_adj").read_text() == "1000\n"
        moment.close()


SANDBOX = """
import ctypes, errno, struct

def forbid(number, error):
    \"\"\"From here on a system call fails.\"\"\"
    steps = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x00050000 | error), (0x06, 0, 0, 0x7FFF0000)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]
    program = Program(len(steps), ctypes.addressof(code))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    assert prctl(38, 1, 0, 0, 0) == 0 and prctl(22, 2, ctypes.byref(program), 0, 0) == 0
"""
CLONE = {"x86_64": 56, "aarch64": 220}


@pytest.mark.parametrize("error", ["EAGAIN", "EPERM"])
def test_f18_and_f20_where_there_may_be_no_more_processes_the_program_goes_on(error: str, tmp_path: Path) -> None:
    program = f"{SANDBOX}\nforbid({CLONE[platform.machine()]}, errno.{error})\n{LONG}print('went on')\n"
    with kept(tmp_path, program, "--checkpoint-interval", "0") as found:
        assert found.run.meta["exit_code"] == 0
        assert found.run.meta["checkpoints_not"]["clone"] > 0
        found.let_go()
        assert found.out == b"went on\n"


@pytest.mark.slow
def test_f19_a_very_large_program_is_not_copied(tmp_path: Path) -> None:
    with kept(tmp_path, f"heap = b'x' * 2_300_000_000\n{LONG}\nend = len(heap)\n", "--checkpoint-interval", "0") as found:
        assert found.run.meta["checkpoints_not"]["memory"] > 0
        assert all(each.event < found.event_at("def work") for each in found.checkpoints.list())


def test_f21_in_an_import_and_in_calls_from_c_code(tmp_path: Path) -> None:
    (tmp_path / "imported.py").write_text(WORK + "value = 3\n")
    program = "import imported\n\ndef key(number):\n    imported.work(50)\n    return -number\n\nordered = sorted(range(30), key=key)\n"
    program += "class Table(dict):\n    def __missing__(self, name):\n        return imported.work(50)\n\nfound = [Table()[number] for number in range(9)]\n"
    with kept(tmp_path, program, "--checkpoint-interval", "0") as found:
        events = [found.event_at(text) for text in ("total = 0", "value = 3", "return -number", "imported.work(50)")]
        events += [found.event_at("return imported.work", last=True), found.run.events - 1]
        assert as_recorded(found, *events) == events


def test_f22_no_copy_has_the_terminal(tmp_path: Path) -> None:
    with terminal(b"") as (slave, _), kept(tmp_path, WORK + "end = 1\n", terminal=slave) as found:
        moment = found.enter(found.run.events - 1)
        for pid in (*found.copies(), moment.pid):
            targets = [os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()]
            assert targets
            assert not [target for target in targets if target.startswith(("/dev/pts", "/dev/tty"))]
            assert int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[4]) == 0  # no controlling terminal
        moment.close()


def test_f23_no_other_process_reads_a_copys_memory(tmp_path: Path) -> None:
    with kept(tmp_path, "import ctypes\n" + WORK + "end = 1\n") as found:
        moment = found.enter(found.run.events - 1)
        assert moment.evaluate("ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)").value == "0"  # PR_GET_DUMPABLE
        moment.close()


def test_f23_copies_that_nobody_uses_any_more_are_let_go(tmp_path: Path) -> None:
    """A viewer that only asks what there is doesn't use them."""
    keeper = Keeper(tmp_path / "k", at_most=4, memory=1 << 30, idle=2.0)
    keeper.start(frozenset)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as copy, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as viewer:
            copy.connect(keeper.copies_report_to)
            viewer.connect(keeper.viewers_ask)
            copy.settimeout(0.2)
            viewer.settimeout(30)
            protocol.send(copy, protocol.Message(protocol.Kind.HELLO, event=1))
            began, held = time.monotonic(), 0
            while True:
                try:
                    if protocol.receive(copy) is None:
                        break
                except TimeoutError:
                    assert time.monotonic() - began < 30
                protocol.send_json(viewer, {"command": "list"})
                said, _ = protocol.receive_json(viewer)
                assert said is not None
                held = max(held, len(said["copies"]))
            assert held == 1
            assert time.monotonic() - began >= 1.5
            protocol.send_json(viewer, {"command": "list"})
            said, _ = protocol.receive_json(viewer)
            assert said is not None
            assert said["copies"] == []
    finally:
        keeper.stop()


def test_f24_a_program_that_profiles_itself(tmp_path: Path) -> None:
    program = "import cProfile, sys\n" + WORK + "profile = cProfile.Profile()\nprofile.enable()\nwork()\nprofile.disable()\n"
    program += (
        "seen = []\nsys.setprofile(lambda frame, event, argument: seen.append(event))\nwork(5)\nsys.setprofile(None)\ncount = len(seen)\n"
    )
    with kept(tmp_path, program, "--checkpoint-interval", "0") as found:
        last = found.run.events - 1
        events = [last, last // 2, found.event_at("work(5)")]
        assert as_recorded(found, *events) == events


@pytest.mark.parametrize("cycles", [60, pytest.param(5000, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])])
def test_entering_again_and_again_leaves_nothing_behind(cycles: int, tmp_path: Path) -> None:
    with kept(tmp_path, WORK + "end = 1\n") as found:
        event, pids = found.run.events - 1, []
        found.enter(event).close()
        copies, descriptors = found.copies(), len(os.listdir("/proc/self/fd"))
        held = len(os.listdir(f"/proc/{found.holder.pid}/fd"))
        inside = len(os.listdir(f"/proc/{copies[0]}/fd"))
        for _ in range(cycles):
            moment = found.enter(event)
            pids.append(moment.pid)
            moment.close()
        assert found.copies() == copies
        assert len(os.listdir("/proc/self/fd")) == descriptors
        give_up = time.monotonic() + 30  # it hears a little later that a moment was left
        while len(os.listdir(f"/proc/{found.holder.pid}/fd")) > held and time.monotonic() < give_up:
            time.sleep(0.01)
        assert len(os.listdir(f"/proc/{found.holder.pid}/fd")) == held
        assert len(os.listdir(f"/proc/{copies[0]}/fd")) == inside
        found.let_go()
    assert living([*copies, *pids]) == []


if sys.version_info >= (3, 12):

    def test_f24_a_program_that_uses_monitoring_itself(tmp_path: Path) -> None:
        program = "import sys\n" + WORK + "seen = []\nmonitoring = sys.monitoring\nmonitoring.use_tool_id(3, 'own')\n"
        program += "monitoring.register_callback(3, monitoring.events.PY_START, lambda code, offset: seen.append(code.co_name))\n"
        program += "monitoring.set_events(3, monitoring.events.PY_START)\nwork(5)\nmonitoring.set_events(3, 0)\ncount = len(seen)\n"
        with kept(tmp_path, program, "--checkpoint-interval", "0") as found:
            events = [found.run.events - 1, found.event_at("work(5)")]
            assert as_recorded(found, *events) == events


def test_a_viewer_is_forked_only_while_the_keeper_rests(tmp_path: Path) -> None:
    """A lock that its thread held then would be locked in the viewer for ever."""
    works, rested = threading.Event(), []

    def others() -> frozenset[int]:
        works.set()
        time.sleep(0.2)
        rested.append(True)
        return frozenset()

    keeper = Keeper(tmp_path / "k", at_most=1, memory=1 << 30)
    keeper.start(others)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as viewer:
            viewer.connect(keeper.viewers_ask)
            assert works.wait(30)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                child = os.fork()
            if not child:
                os._exit(0 if rested else 1)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        keeper.stop()


def test_shared_memory_is_as_it_was_when_the_copy_was_made(tmp_path: Path) -> None:
    """The program goes on at once, and writes there before the copy may get to it."""
    program = "import mmap\ni = 0\nshared = mmap.mmap(-1, 4096)\nfor i in range(400_000):\n    shared[:8] = i.to_bytes(8, 'little')\n"
    with kept(tmp_path, program, "--checkpoint-interval", "0") as found:
        ahead = []
        for copy in found.checkpoints.list()[1:]:
            moment = found.enter(copy.event)
            ahead.append(moment.evaluate("int.from_bytes(shared[:8], 'little') - i").value)
            moment.close()
        assert ahead
        assert set(ahead) <= {"0", "-1"}
