"""`Keeper`: holds the copies of a program in the process that started it.

It takes in the copies as they report, measures what they cost, lets the less useful of them go, and hands a viewer's
wishes on to the right one. It runs in a thread of its own and touches nothing of the program: the copies are children
of this process, because they were made with CLONE_PARENT, and end with it.
"""

import contextlib
import os
import selectors
import socket
import stat
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from tttui import paths
from tttui.checkpoints import protocol
from tttui.checkpoints.copies import Copy, least_missed, width_before
from tttui.checkpoints.protocol import Kind, Message
from tttui.record.withheld import SUFFIX

_MEASURE_SECONDS: Final = 1.0
_MEASURE_SHARE: Final = 30
"""Measuring takes at most one part in so many of the time: of a copy of 2 GB it takes 50 ms."""
_LARGEST_BUDGET: Final = 2 << 30
_IDLE_SECONDS: Final = 8 * 3600.0
"""When nobody has used the copies for so long they were forgotten: what they hold in memory is let go."""
_MOST_STOPS: Final = 100
"""Copies that are kept of where the program stopped because it was to; the oldest go first."""
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
MOST_ADOPTED: Final = 96
"""Copies that are kept of those that the program didn't make; those that are nearest to others go first."""
_CREDENTIALS: Final = struct.Struct("3i")
_WORKING: Final = threading.Lock()
"""Held by a keeper's thread while it does anything but wait: so where this process is forked (a viewer is) it holds no lock of the
interpreter's or of a library's, which would stay locked in the child for ever."""
COPIES: Final = ".copies"
VIEWERS: Final = ".viewers"


class Live(NamedTuple):
    """The program itself, while it stops somewhere."""

    pid: int
    event: int
    remark: str
    connection: socket.socket

    def to_json(self) -> dict[str, Any]:
        return {"pid": self.pid, "event": self.event, "remark": self.remark}


os.register_at_fork(before=_WORKING.acquire, after_in_parent=_WORKING.release, after_in_child=_WORKING.release)


class Keeper:
    """Keeps the copies that report at `<stem>.copies`; viewers talk to it at `<stem>.viewers`."""

    def __init__(self, stem: Path, *, at_most: int, memory: int, evenly: bool = False, idle: float = _IDLE_SECONDS) -> None:
        self._stem = stem
        self._evenly = evenly
        self._idle = idle
        self._used = time.monotonic()
        self._at_most = at_most
        self._budget = memory
        self._copies: list[Copy] = []
        self._live: Live | None = None
        self._lock = threading.Lock()
        self._selector = selectors.DefaultSelector()
        self._listeners = {suffix: _listen(Path(f"{stem}{suffix}")) for suffix in (COPIES, VIEWERS)}
        for suffix, listener in self._listeners.items():
            self._selector.register(listener, selectors.EVENT_READ, suffix)
        self._wake, self._woken = socket.socketpair()
        self._selector.register(self._woken, selectors.EVENT_READ, "stop")
        self._thread: threading.Thread | None = None
        self._others: Callable[[], frozenset[int]] = frozenset
        self._measured = 0.0
        self._measuring = 0.0  # seconds that the copies took for it the last time
        self._unmeasured = False  # whether a copy has come since
        self._full = False
        self._looked_at: int | None = None
        self.most_memory = 0
        """The most that all of them took together, in bytes."""

    @property
    def copies_report_to(self) -> str:
        return f"{self._stem}{COPIES}"

    @property
    def viewers_ask(self) -> str:
        return f"{self._stem}{VIEWERS}"

    def start(self, others: Callable[[], frozenset[int]]) -> None:
        """Begin; `others` gives the children of this process that somebody else waits for."""
        self._others = others
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)
        self._thread.start()

    def copies(self) -> Sequence[Copy]:
        """Those that there are, by event."""
        with self._lock:
            return list(self._copies)

    def stop(self) -> None:
        """End all copies, and remove what was made."""
        self._wake.close()
        if self._thread is not None:
            self._thread.join()
        self._close()

    def _close(self) -> None:
        for copy in self._copies:
            protocol.hang_up(copy.connection)
        self._copies.clear()
        give_up = time.monotonic() + 1
        while reap(self._others()) and time.monotonic() < give_up:
            time.sleep(0.005)
        for key in list(self._selector.get_map().values()):
            if key.data in ("viewer", "new") and isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        for suffix, listener in self._listeners.items():
            listener.close()
            with contextlib.suppress(OSError):
                os.unlink(f"{self._stem}{suffix}")
        Path(f"{self._stem}{SUFFIX}").unlink(missing_ok=True)
        self._selector.close()
        self._woken.close()

    # -- the thread

    def _run(self) -> None:
        while True:
            ready = self._selector.select(_MEASURE_SECONDS)
            with _WORKING:
                if not self._work(ready):
                    return

    def _work(self, ready: Sequence[tuple[selectors.SelectorKey, int]]) -> bool:
        """One round; whether there is to be another."""
        for key, _ in ready:
            if key.data == "stop":
                return False
            assert isinstance(key.fileobj, socket.socket)
            self._hear(key.fileobj, key.data)
        reap(self._others())
        if time.monotonic() - self._measured >= max(_MEASURE_SECONDS, _MEASURE_SHARE * self._measuring):
            self._measure()
        if time.monotonic() - self._used >= self._idle:
            for copy in self.copies():
                self._let_go(copy)
        return True

    def _hear(self, connection: socket.socket, what: Any) -> None:
        try:
            if what in (COPIES, VIEWERS):
                self._accept(connection, what)
            elif isinstance(what, Copy):
                self._hear_copy(what)
            elif isinstance(what, Live):
                self._forget(connection)  # it has gone on: nothing is said over this one
            elif what == "new":
                self._take_in(connection)
            else:
                self._serve(connection)
        except OSError:
            self._forget(connection)

    def _accept(self, listener: socket.socket, suffix: str) -> None:
        connection, _ = listener.accept()
        _, user, _ = _CREDENTIALS.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
        if user != os.getuid():
            connection.close()
            return
        connection.settimeout(5)
        self._selector.register(connection, selectors.EVENT_READ, "new" if suffix == COPIES else "viewer")

    def _take_in(self, connection: socket.socket) -> None:
        """A copy's first words."""
        pid, _, _ = _CREDENTIALS.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
        message = protocol.receive(connection)
        if message is None or message.kind != Kind.HELLO:
            self._forget(connection)
            return
        if message.flags & protocol.LIVE:
            self._live = Live(pid, message.event, message.text.decode("utf-8", "replace"), connection)
            self._selector.modify(connection, selectors.EVENT_READ, self._live)
            return
        position, inputs, fork_ns, faults = message.numbers
        remarks = tuple(message.text.decode("utf-8", "replace").split("\n")[:-1])
        copy = Copy(pid, message.event, position, inputs, fork_ns, message.flags, remarks, connection)
        self._selector.modify(connection, selectors.EVENT_READ, copy)
        self._used = time.monotonic()
        if message.flags & protocol.ADOPTED:
            copy.estimate, copy.fork_ns, copy.width = faults * _PAGE, 0, fork_ns / 1e9
            self._unmeasured = True
        self._add(copy)
        self._obey_budget()
        stops = [copy for copy in self._copies if copy.flags & protocol.AT_STOP]
        for oldest in stops[:-_MOST_STOPS]:
            self._let_go(oldest)
        adopted = [copy for copy in self._copies if copy.flags & protocol.ADOPTED]
        while len(self._copies) - min(len(stops), _MOST_STOPS) - len(adopted) > self._at_most:
            self._thin()
        if len(adopted) > MOST_ADOPTED:
            self._thin()

    def _adopt(self, said: dict[str, Any], connection: socket.socket) -> None:
        """A copy that ran forward for a viewer becomes one that is kept."""
        copy = Copy(
            int(said["pid"]), int(said["event"]), int(said["position"]), int(said["inputs"]), 0, protocol.ADOPTED, (), connection
        )  # fmt: skip
        connection.settimeout(5)
        self._unmeasured = True
        self._selector.register(connection, selectors.EVENT_READ, copy)
        self._add(copy)

    def _add(self, copy: Copy) -> None:
        with self._lock:
            self._copies.append(copy)
            self._copies.sort(key=lambda each: each.event)
            behind = self._copies[self._copies.index(copy) + 1 :]
            if behind and behind[0].width is not None:
                behind[0].width = max(behind[0].width - (copy.width or 0), 0)

    def _remove(self, copy: Copy) -> None:
        with self._lock, contextlib.suppress(ValueError):
            at = self._copies.index(copy)
            behind = self._copies[at + 1 :]
            if behind and behind[0].width is not None:
                behind[0].width += width_before(self._copies, at)
            del self._copies[at]

    def _room(self) -> int:
        """How many bytes more copies may take, as far as that is known; 0 where another one seems to be too much."""
        with self._lock:
            memory = [copy.memory or copy.estimate for copy in self._copies]
        known = [each for each in memory if each]
        mean = sum(known) // max(len(known), 1)
        room = self._budget - sum(known) - mean * (len(memory) - len(known))
        return room if not self._full and room > 2 * mean else 0

    def _hear_copy(self, copy: Copy) -> None:
        message = protocol.receive(copy.connection)
        if message is None:
            self._let_go(copy)
        elif message.kind == Kind.MEMORY:
            copy.memory, copy.own, nanoseconds = message.numbers[:3]
            copy.asked = False
            self._measuring += nanoseconds / 1e9
            self._obey_budget()

    def _forget(self, connection: socket.socket) -> None:
        try:
            what = self._selector.unregister(connection).data
        except (KeyError, ValueError):
            what = None
        protocol.hang_up(connection)
        if isinstance(what, Copy):
            self._remove(what)
        elif what is not None and what is self._live:
            self._live = None

    # -- what they cost

    def _measure(self) -> None:
        self._measured = time.monotonic()
        self._measuring = 0.0
        self._unmeasured = False
        for copy in self.copies():
            if not copy.asked:
                copy.asked = True
                try:
                    protocol.send(copy.connection, Message(Kind.ASK_MEMORY))
                except OSError:
                    self._let_go(copy)

    def _obey_budget(self) -> None:
        self.most_memory = max(self.most_memory, sum(copy.memory for copy in self._copies))
        total = sum(copy.memory or copy.estimate for copy in self._copies)
        while total > self._budget and self._copies:
            self._full = True
            victim = self._thin(for_memory=True)
            total -= victim.memory or victim.estimate

    def _thin(self, *, for_memory: bool = False) -> Copy:
        """Let go of the one that is missed least; those of stops only where there are no others."""
        copies = [copy for copy in self._copies if not copy.flags & protocol.AT_STOP] or self._copies
        victim = least_missed(copies, evenly=self._evenly, for_memory=for_memory)
        self._let_go(victim)
        return victim

    def _let_go(self, copy: Copy) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(copy.connection)
        protocol.hang_up(copy.connection)
        self._remove(copy)

    # -- viewers

    def _serve(self, connection: socket.socket) -> None:
        said, descriptors = protocol.receive_json(connection)
        if said is not None and said.get("command") != "list":  # a viewer that is left alone may go on to ask what there is
            self._used = time.monotonic()
        try:
            if said is None:
                self._forget(connection)
            elif said.get("command") == "list":
                live = None if self._live is None else self._live.to_json()
                copies = [copy.to_json() for copy in self.copies()]
                room = self._room()
                if not room and self._unmeasured:
                    self._measure()
                measured = all(copy.memory and not copy.asked for copy in self.copies())
                about = {"most_memory": self.most_memory, "room": room, "measured": measured, "looked_at": self._looked_at}
                protocol.send_json(connection, {"copies": copies, "live": live, **about})
            elif said.get("command") == "look":  # nobody waits for an answer
                self._looked_at = int(said["event"])
            elif said.get("command") == "run" and len(descriptors) >= 2:
                protocol.send_json(connection, self._run_copy(said, descriptors))
            elif said.get("command") == "keep" and len(descriptors) == 1:
                self._adopt(said, socket.socket(fileno=descriptors.pop()))
                protocol.send_json(connection, {"done": True})
            elif said.get("command") == "evaluate" and descriptors:
                protocol.send_json(connection, self._evaluate_live(said, descriptors[:1]))
            else:
                protocol.send_json(connection, {"error": "there is no such command"})
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _run_copy(self, said: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        copy = next((copy for copy in self._copies if copy.pid == said.get("pid")), None)
        if copy is None:
            return {"error": "this checkpoint is gone"}
        numbers = (int(said["position"]), int(said["length"]), int(said.get("inputs", 0)), int(said.get("room", 0)))
        message = Message(Kind.RUN, int(said.get("every", 0)), event=int(said["event"]), numbers=numbers)
        try:
            protocol.send(copy.connection, message, descriptors)
        except OSError:
            self._let_go(copy)
            return {"error": "this checkpoint is gone"}
        return {"done": True}

    def _evaluate_live(self, said: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        live = self._live
        if live is None:
            return {"error": "the program doesn't stop now"}
        source, text = str(said["source"]).encode(), str(said["text"]).encode("utf-8", "surrogatepass")
        numbers = (int(said["frame"]), len(source), 0, 0)
        try:
            protocol.send(live.connection, Message(Kind.EVALUATE, protocol.IN_PROGRAM, numbers=numbers, text=source + text), descriptors)
        except OSError:
            self._forget(live.connection)
            return {"error": "the program doesn't stop any more"}
        return {"done": True}


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        listener.bind(str(path))
        os.chmod(path, stat.S_IRUSR | stat.S_IWUSR)
        listener.listen(64)
    except OSError:
        listener.close()
        raise
    return listener


def reap(others: frozenset[int]) -> bool:
    """Wait for copies that have ended; whether there are any that have not.

    Copies stand in sessions of their own, whoever made them; `others` may, too.
    """
    here = os.getsid(0)
    left = False
    for pid in _children():
        try:
            if pid in others or os.getsid(pid) == here:
                continue
            left = not os.waitpid(pid, os.WNOHANG)[0] or left
        except (ChildProcessError, ProcessLookupError):
            pass
    return left


def _children() -> Iterator[int]:
    for thread in os.listdir("/proc/self/task"):
        try:
            yield from map(int, Path(f"/proc/self/task/{thread}/children").read_text().split())
        except (OSError, ValueError):
            pass  # it has ended


def make(at_most: int, memory: int | None, *, evenly: bool = False) -> Keeper:
    """A keeper that listens at sockets of its own; OSError where it can't. `evenly`: the past is as dear as the present."""
    directory = paths.shared_ring_directory()
    if directory is None:
        raise OSError("there is no directory for the sockets")
    stem = directory / f"{os.getpid()}-{os.urandom(6).hex()}"
    return Keeper(stem, at_most=at_most, memory=memory or _some_of_what_is_free(), evenly=evenly)


def _some_of_what_is_free() -> int:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return min(int(line.split()[1]) * 1024 // 4, _LARGEST_BUDGET)
    except (OSError, ValueError, IndexError):
        pass
    return _LARGEST_BUDGET // 4
