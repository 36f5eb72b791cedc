"""Runs the program of a recording again, when its processes are gone: from the start, with the inputs that were recorded, its
effects held back, compared with the recording event by event. On the way it makes checkpoints anew.
"""

import contextlib
import fcntl
import json
import os
import signal
import socket
import struct
import termios
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import tttui
from tttui.checkpoints import keeper, protocol
from tttui.checkpoints.client import Checkpoints, of_replays
from tttui.checkpoints.differing import describe, write_all
from tttui.checkpoints.protocol import Kind, Message
from tttui.checkpoints.suspects import with_cause
from tttui.config import BREAKPOINT, Settings
from tttui.errors import TttuiError
from tttui.native import reader
from tttui.orderly import undisturbed
from tttui.record import circumstances
from tttui.record.startup import VARIABLE
from tttui.record.target import interpreter

if TYPE_CHECKING:
    from tttui.store.run import Run

_PIECE: Final = 8
"""Chunks of the stream that are given at once."""
_NO_MORE: Final = (1 << 64) - 1
_READ_FROM_FILE: Final = 1
"""`SourceFile.origin`."""
_WAIT: Final = 0.5
_LARGEST_SOURCE: Final = 4 << 20
"""Bytes; of a larger file the recorder keeps nothing."""
_OF_NOBODY: Final = -1


@dataclass(slots=True)
class Replay:
    """How far the program was run again."""

    run: "Run"
    keeper: keeper.Keeper
    reached: int = 0
    """Events that were as recorded."""
    problem: str = ""
    """Why it went no further; empty where it came to the end of the recording."""
    notes: list[str] = field(default_factory=list)
    """What is not as it was when the program was recorded."""

    @property
    def text(self) -> str:
        """One line for a person."""
        count = len(self.keeper.copies())
        how_many = f"{count} checkpoint{'' if count == 1 else 's'}"
        if not self.problem:
            return f"run again, and verified to its last event ({self.reached:,} events, {how_many})"
        return f"run again up to event {self.reached:,} of {self.run.events:,} ({how_many}): {self.problem}"


@contextmanager
def replay(run: "Run", settings: Settings, progress: Callable[[int], None]) -> Iterator[Replay]:
    """Run it again; its checkpoints are there as long as the context is. `progress` is told how many events were as recorded.

    Raises `TttuiError` where it can't be begun. KeyboardInterrupt meanwhile ends it where it is.
    """
    facts = _facts(run)
    python = _interpreter(run)
    files = list(_changed_files(run))
    kept = keeper.make(settings.checkpoints, settings.checkpoint_memory, evenly=True)
    replayed = Replay(run, kept)
    pid = _OF_NOBODY
    others: list[int] = []
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    where = Path(kept.copies_report_to).with_suffix(".again")
    ring = Path(kept.copies_report_to).with_suffix(".ring")
    try:
        listener.bind(str(where))
        listener.listen(1)
        options = _options(run, facts, settings, kept.copies_report_to, str(where))
        reader.create_ring(str(ring), int(facts["capacity"]), options)
        environment = _environment(run, facts, replayed.notes)
        replayed.notes += _what_is_missing(run)
        replayed.notes += [f"{path} has changed since: its recorded text is run" for path, _ in files]
        pid = _start(run, facts, python, {**environment, VARIABLE: str(ring)}, others)
        kept.start(lambda: frozenset({pid}))
        of_replays[run.path.absolute()] = kept.viewers_ask
        connection = _accept(listener, pid, python)
        with connection, contextlib.suppress(KeyboardInterrupt):
            replayed.notes += _another_python(run, reader.Ring(str(ring)).python_hex)
            ring.unlink()
            _Feeder(replayed, connection).feed(files, progress)
        _end(pid)
        pid = _OF_NOBODY
        _take_in(run)
        yield replayed
    finally:
        with undisturbed():
            of_replays.pop(run.path.absolute(), None)
            if pid != _OF_NOBODY:
                _end(pid)
            listener.close()
            for descriptor in others:
                os.close(descriptor)
            for path in (where, ring):
                path.unlink(missing_ok=True)
            kept.stop()


# -- what it needs


def _refusal(what: str, hint: str = "") -> TttuiError:
    return TttuiError("this recording can't be run again", what, hint)


def _facts(run: "Run") -> Mapping[str, Any]:
    """What the program ran under; TttuiError where it can't be run again at all."""
    facts = run.meta.get("circumstances")
    command = run.meta.get("command")
    if run.meta.get("universe_of"):
        raise _refusal("it is what became of a change in another one", "run that one again")
    if not isinstance(facts, dict) or not isinstance(command, list) or not run.meta.get("hash_secret"):
        raise _refusal("it is of a part of a program, or an older tttui made it")
    if not run.events:
        raise _refusal("there are no events in it")
    if facts.get("tttui") != tttui.__version__:
        raise _refusal(f"tttui {facts.get('tttui')} made it, this is tttui {tttui.__version__}", "the one that made it can")
    directory = run.meta.get("cwd")
    if not isinstance(directory, str) or not os.path.isdir(directory):
        raise _refusal(f"the directory in which the program ran is gone: {directory}", "make it again")
    return facts


def _noted(run: "Run") -> bool:
    """Whether inputs were noted: they are for the copies that a program makes of itself."""
    return bool(run.meta.get("checkpoints"))


def _what_is_missing(run: "Run") -> Iterator[str]:
    """What there is to say of inputs that were not recorded."""
    if not _noted(run):
        yield "its inputs were not recorded: times and random bytes are new ones"
    elif run.meta.get("inputs_until"):
        event = int(run.meta["inputs_until"]) - 2
        yield f"not all of its inputs were recorded: the first that wasn't came after event {event:,}"


def _interpreter(run: "Run") -> str:
    """The interpreter that ran the program; TttuiError where it isn't there, or is another one by now."""
    python = str(run.meta.get("python"))
    if not os.path.exists(python):
        raise _refusal(f"its interpreter is gone: {python}", "install it there again")
    return interpreter(python)


def _another_python(run: "Run", now: int) -> Iterator[str]:
    """What there is to say where the interpreter's version is another one by now; TttuiError where its byte code is, too."""
    then = int(run.meta.get("python_hex") or now)
    if then >> 16 != now >> 16:
        raise _refusal(f"Python {_version(then)} ran the program, and at its place is Python {_version(now)} by now")
    if then != now:
        yield f"Python {_version(then)} ran the program then, and Python {_version(now)} runs it now"


def _version(number: int) -> str:
    """PY_VERSION_HEX as a person knows it: 3.13.0, 3.15.0b1."""
    stage = {0xA: "a", 0xB: "b", 0xC: "rc"}.get(number >> 4 & 15)
    return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}" + (f"{stage}{number & 15}" if stage else "")


def _changed_files(run: "Run") -> Iterator[tuple[str, bytes]]:
    """Source files that are no longer what they were, with what they were."""
    for file in run.files():
        source = run.file(file.id).source
        if file.origin != _READ_FROM_FILE or source is None or len(source) >= _LARGEST_SOURCE:
            continue
        path = os.path.join(str(run.meta.get("cwd")), file.path)
        try:
            now: bytes | None = Path(path).read_bytes()
        except (OSError, ValueError):
            now = None
        if now != source:
            yield path, source


def _options(run: "Run", facts: Mapping[str, Any], settings: Settings, copies: str, told: str) -> str:
    """The lines of `RingHeader.options` (ring.h): as they were, for else the recorder would record something else."""
    scope, limits = run.meta.get("scope") or {}, run.meta.get("limits") or {}
    stops = json.loads(run.meta.get("stops") or "[]")
    then = Settings(
        include=tuple(scope.get("include", ())),
        exclude=tuple(scope.get("exclude", ())),
        all=bool(scope.get("all")),
        max_items=int(limits.get("max_items", 1000)),
        max_depth=int(limits.get("max_depth", 20)),
        max_string=int(limits.get("max_string", 4096)),
        redact=tuple(facts.get("redact", ())),
        no_redact=bool(facts.get("no_redact")),
        checkpoint_interval=settings.checkpoint_interval,
        # Where it stopped, something may have been carried out in it.
        stop=tuple(place for place in stops if place != BREAKPOINT),
        breakpoint=BREAKPOINT in stops,
    )
    ids = ":".join(str(int(number or 0)) for number in (run.meta.get("pid"), facts.get("parent"), facts.get("group"), facts.get("session")))
    return f"{then.for_recorder(copies)}again_socket={told}\nagain_ids={ids}\n"


def _environment(run: "Run", facts: Mapping[str, Any], notes: list[str]) -> dict[str, str]:
    """The environment as it was, as far as it was kept: the rest of it is taken from this process."""
    found: dict[str, str] = {}
    for name, value in facts.get("environment", ()):
        if isinstance(value, str):
            found[name] = value
        elif name not in os.environ:
            notes.append(f"the environment variable {name} was set then, and is not now")
        else:
            found[name] = os.environ[name]
            if circumstances.checksum(os.environb[os.fsencode(name)]) != value:
                notes.append(f"the environment variable {name} has another value than then")
    if "LD_PRELOAD" in found:
        found["TTTUI_LD_PRELOAD"] = found["LD_PRELOAD"]
    # No part of it is Python's, so one that was built for any version is good for all.
    preload = next(Path(tttui.__file__).parent.joinpath("native").glob("preload.*.so"), None)
    if preload is not None:
        found["LD_PRELOAD"] = f"{preload}:{found['LD_PRELOAD']}" if "LD_PRELOAD" in found else str(preload)
        found["TTTUI_HASH_SECRET"] = str(run.meta.get("hash_secret"))
        found["TTTUI_MAIN_THREAD"] = str(run.meta.get("main_thread"))
    return found


# -- starting it


def _start(run: "Run", facts: Mapping[str, Any], python: str, environment: Mapping[str, str], others: list[int]) -> int:
    """Start the interpreter as it was started then; its process id. `others` get the other ends of its descriptors."""
    given: list[int] = []
    actions: list[tuple[Any, ...]] = []
    here = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for number, noted in enumerate(facts.get("descriptors", ())):
            if noted.get("kind") == "closed":
                actions.append((os.POSIX_SPAWN_CLOSE, number))
                continue
            descriptor = _like(noted, number, others)
            given.append(descriptor)
            actions.append((os.POSIX_SPAWN_DUP2, descriptor, number))
        ours, theirs = set(circumstances.inherited()), {int(number) for number in facts.get("inherited", ())}
        actions += [(os.POSIX_SPAWN_CLOSE, number) for number in ours - theirs]
        actions += [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in sorted(theirs)]
        os.chdir(str(run.meta.get("cwd")))
        return os.posix_spawn(
            python,
            [str(word) for word in run.meta["command"]],
            environment,
            file_actions=actions,
            setsigmask=[],
            setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
        )
    except OSError as error:
        raise TttuiError(f"{python} can't be executed", error.strerror or str(error)) from None
    finally:
        os.fchdir(here)
        for descriptor in {here, *given}:
            os.close(descriptor)


def _like(noted: Mapping[str, Any], number: int, others: list[int]) -> int:
    """A descriptor of the same kind as the program had: all but files are nobody's before it begins."""
    kind = noted.get("kind")
    if kind == "terminal":
        ours, theirs = os.openpty()
        others.append(ours)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", int(noted.get("rows", 0)), int(noted.get("columns", 0)), 0, 0))
        return theirs
    if kind == "file" and number == 0:
        try:
            descriptor = os.open(str(noted.get("path")), os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            reason = error.strerror or str(error)
            raise _refusal(f"its standard input was {noted.get('path')}: {reason}") from None
        os.lseek(descriptor, int(noted.get("offset", 0)), os.SEEK_SET)
        return descriptor
    if kind == "file":
        return os.memfd_create("output", os.MFD_CLOEXEC)
    if kind == "pipe":
        ends = os.pipe()
        others.append(ends[number == 0])
        return ends[number != 0]
    if kind == "socket":
        first, second = socket.socketpair()
        others.append(second.detach())
        return first.detach()
    return os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)


def _accept(listener: socket.socket, pid: int, python: str) -> socket.socket:
    """The connection to the program; TttuiError where it ends before it has made one."""
    listener.settimeout(_WAIT)
    while True:
        try:
            return listener.accept()[0]
        except TimeoutError:
            found, _ = os.waitpid(pid, os.WNOHANG)
            if found:
                raise TttuiError("the program could not be run again", f"{python} ended at once") from None


def _take_in(run: "Run") -> None:
    """See that all copies that have reported are known: the keeper accepts one in one round, and hears it in the next."""
    with contextlib.suppress(TttuiError), Checkpoints.of(run) as checkpoints:
        for _ in range(3):
            checkpoints.list()


def _end(pid: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


# -- giving it what was recorded


class _Feeder:
    """Gives a program what was recorded, a piece at a time, and hears how far it got."""

    def __init__(self, replayed: Replay, connection: socket.socket) -> None:
        self._replayed = replayed
        self._run = replayed.run
        self._connection = connection
        self._given = 0

    def feed(self, files: Sequence[tuple[str, bytes]], progress: Callable[[int], None]) -> None:
        """Until it has come to the end of the recording, or can't go on."""
        hello = self._hear()
        if hello is None or hello.kind != Kind.HELLO:
            self._replayed.problem = "it ended at once"
            return
        if hello.text.hex() != self._run.meta.get("hash_secret"):
            self._replayed.notes.append("hashes of texts are others than then, so sets may have another order")
        for path, source in files:
            self._send(Message(Kind.FILE, text=os.fsencode(path)), [source])
        self._give_piece([b"".join(self._run.inputs(0))])
        while (said := self._hear()) is not None:
            self._replayed.reached = (said.event + 1) & _NO_MORE  # the event before the first one is number -1
            progress(self._replayed.reached)
            if said.kind == Kind.MORE:
                self._give_piece([])
                continue
            if said.kind == Kind.DIFFERS:
                self._replayed.reached = said.event
                difference = describe(self._run, said)
                self._replayed.problem = f"it differs at event {said.event:,}: {difference}"
                if "likely because" not in difference:
                    self._replayed.problem += " (addresses in memory are others than then: id(), the order of sets of objects)"
            elif said.kind == Kind.HELD:
                self._replayed.problem = with_cause(said.text.decode("utf-8", "replace"))
            return
        self._replayed.problem = "it crashed"

    def _give_piece(self, inputs: Sequence[bytes]) -> None:
        """The next chunks, and one more, so that no event is cut where the next piece begins."""
        run = self._run
        chunks = run.chunks()
        part = chunks[self._given : self._given + _PIECE + 1]
        self._given += _PIECE
        more = run.chunk_position(chunks[self._given]) if self._given < len(chunks) else _NO_MORE
        stream = b"".join(run.chunk_bytes(chunk) for chunk in part)
        numbers = (run.chunk_position(part[0]), len(stream), sum(map(len, inputs)), more)
        flags = 0 if _noted(run) else protocol.UNNOTED
        self._send(Message(Kind.RUN, flags, event=run.events - 1, numbers=numbers), [stream, *inputs])

    def _send(self, message: Message, contents: Sequence[bytes]) -> None:
        """A message with files in memory."""
        descriptors: list[int] = []
        try:
            for content in contents:
                descriptors.append(os.memfd_create("recorded", os.MFD_CLOEXEC))
                write_all(descriptors[-1], content)
                os.lseek(descriptors[-1], 0, os.SEEK_SET)
            with contextlib.suppress(OSError):  # it is gone: that is heard
                protocol.send(self._connection, message, descriptors)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _hear(self) -> Message | None:
        """What it says; None where it is gone."""
        self._connection.settimeout(None)
        try:
            return protocol.receive(self._connection)
        except OSError:
            return None
