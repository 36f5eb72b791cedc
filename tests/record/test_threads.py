"""Threads are told from each other, whatever the interpreter uses again."""

import subprocess
import sys
from pathlib import Path

from tttui.store.run import Run

ONE_AFTER_THE_OTHER = """
import operator
import threading
def work():
    return threading.current_thread().name
threads = [threading.Thread(target=work, name=f"worker-{n}") for n in range(6)]
steps = [step for thread in threads for step in (thread.start, thread.join)]
list(map(operator.call, steps))
"""


def test_threads_that_run_one_after_the_other_are_different_ones(tmp_path: Path) -> None:
    """Nothing recorded runs between them, and each has the interpreter's state of the one before."""
    script, recording = tmp_path / "program.py", tmp_path / "run.db"
    script.write_text(ONE_AFTER_THE_OTHER)
    subprocess.run([sys.executable, "-P", "-m", "tttui", "record", "-o", str(recording), str(script)], check=True, timeout=60)
    with Run.open(recording) as run:
        moments = [run.moment(event, depth=0) for event in range(run.events)]
    names = [(moment.thread.name, moment.returned.text) for moment in moments if moment.kind == "return" and moment.returned is not None]
    returned = [(name, text) for name, text in names if name != "MainThread"]
    assert returned == [(f"worker-{n}", f"'worker-{n}'") for n in range(6)]


AT_ONCE = """
import sys
import threading
sys.setswitchinterval(1e-6)  # whoever starts a thread loses the GIL to it at once
seen = []
def work(number):
    seen.append(number)
for number in range(300):
    thread = threading.Thread(target=work, args=(number,))
    thread.start()
    thread.join()
"""


def test_a_thread_is_recorded_from_its_first_line(tmp_path: Path) -> None:
    script, recording = tmp_path / "program.py", tmp_path / "run.db"
    script.write_text(AT_ONCE)
    subprocess.run([sys.executable, "-P", "-m", "tttui", "record", "-o", str(recording), str(script)], check=True, timeout=60)
    with Run.open(recording) as run:
        moments = [run.moment(event, depth=0) for event in range(run.events)]
    began = [moment.thread.id for moment in moments if (moment.kind, moment.stack[-1].function) == ("call", "work")]
    assert (len(began), len(set(began))) == (300, 300)


AUDITED = """
import sys
import threading
def hook(event, arguments):
    if event.startswith(("sys.settrace", "sys.monitoring")):
        raise RuntimeError(event)
sys.addaudithook(hook)
def work():
    print("ran")
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


def test_an_audit_hook_is_told_nothing_of_threads_that_are_recorded(tmp_path: Path) -> None:
    script, recording = tmp_path / "program.py", tmp_path / "run.db"
    script.write_text(AUDITED)
    command = [sys.executable, "-P", "-m", "tttui", "record", "-o", str(recording), str(script)]
    done = subprocess.run(command, check=True, timeout=60, capture_output=True)
    assert done.stdout == b"ran\n"
    with Run.open(recording) as run:
        moments = [run.moment(event, depth=0) for event in range(run.events)]
    assert [moment.kind for moment in moments if moment.stack[-1].function == "work"] == ["call", "line", "return"]


BEGUN_BY_A_CLASS = """
import socketserver
import threading
import unittest.mock
class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        seen.append(self.request)
def serve():
    for number in range(20):
        server.finish_request(number, None)
seen = []
server = unittest.mock.Mock(RequestHandlerClass=Handler)
server.finish_request = socketserver.BaseServer.finish_request.__get__(server)
serve()
thread = threading.Thread(target=server.finish_request, args=("last", None))
thread.start()
thread.join()
print(seen)
"""


def test_a_thread_whose_first_function_is_called_by_a_librarys_init(tmp_path: Path) -> None:
    """Below that the interpreter has a frame of its own, from CPython 3.13 on, whose code must not be touched."""
    script, recording = tmp_path / "program.py", tmp_path / "run.db"
    script.write_text(BEGUN_BY_A_CLASS)
    command = [sys.executable, "-P", "-m", "tttui", "record", "-o", str(recording), str(script)]
    assert "'last']" in subprocess.run(command, check=True, timeout=60, capture_output=True, text=True).stdout
    with Run.open(recording) as run:
        moments = [run.moment(event, depth=0) for event in range(run.events)]
    stacks = [[frame.function for frame in moment.stack] for moment in moments if moment.thread.id != 1]
    assert {tuple(stack) for stack in stacks} == {("Handler.handle",)}
