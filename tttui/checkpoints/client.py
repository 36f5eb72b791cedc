"""`Checkpoints`: a viewer's way into the copies of a program. `Entered`: one that has been entered.

Entering: the nearest earlier copy copies itself, and that one runs forward to the event that was asked for, compared with
the recording byte by byte as it goes. So what a moment shows is verified, or it says where and how it differs.
"""

import contextlib
import os
import select
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from tttui.checkpoints import protocol
from tttui.checkpoints.differing import describe, write_all, write_stream
from tttui.checkpoints.protocol import Kind, Message
from tttui.checkpoints.suspects import with_cause
from tttui.errors import TttuiError
from tttui.record.withheld import SUFFIX, kept_aside, with_secrets

if TYPE_CHECKING:
    from tttui.store.run import Run

_PATIENCE: Final = 60.0
"""Seconds that entering a moment, or evaluating in it, may take."""
_PATIENCE_WITH_LOCKS: Final = 5.0
"""The same in a copy without some of the program's threads: what waits for a lock of theirs waits for ever."""
_DYING: Final = 0.1
"""Seconds that all connections of a copy that ends may take to be closed."""
_AHEAD: Final = 1 << 20
"""Bytes of inputs that a copy gets in any case."""
_WIDTH: Final = 16_000
"""Characters of a value's text."""

of_replays: Final[dict[Path, str]] = {}
"""Where to ask for the checkpoints of recordings whose programs were run again, by the recordings' absolute paths."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A copy of the program, paused at an event."""

    number: int
    event: int
    pid: int
    position: int
    inputs: int
    memory: int
    """Its proportional set size in bytes; 0 where it wasn't measured yet."""
    at_raise: bool
    look_only: bool
    remarks: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to say of it, besides where it is."""
        return (*(["at an exception"] if self.at_raise else []), *(["look only"] if self.look_only else []), *self.remarks)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What came out of an evaluation."""

    text: str
    value: str | None
    """Its repr; None where there is none: statements, or an exception."""
    type: str
    output: str
    """What was printed."""
    error: str
    """The exception, empty for none; and where it came from."""
    traceback: str
    held: tuple[str, ...] = ()
    """What was held back or refused."""

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"expression": self.text, "output": self.output, "held": list(self.held)}
        if self.error:
            return found | {"error": self.error, "traceback": self.traceback}
        return found | ({"value": self.value, "type": self.type} if self.value is not None else {})


@dataclass(slots=True)
class Entered:
    """A copy that has run forward to an event, and waits there."""

    run: "Run"
    event: int
    pid: int
    connection: socket.socket
    verified: bool
    """Whether all up to here was as recorded."""
    start: int
    """The event at which the copy was that ran forward to here."""
    position: int = 0
    """Where in the recorded stream it stands,"""
    inputs: int = 0
    """and how many inputs it has had."""
    difference: str = ""
    """If it isn't as recorded: what was different."""
    changed: bool = field(default=False)
    """Whether something was changed here, and kept."""
    look_only: str = ""
    """Why the copy can't go on from here; empty where it can."""
    has_ended: bool = False
    """Whether the copy is gone, or was left."""

    @property
    def badge(self) -> str:
        """What is known of it, in one line."""
        if self.look_only:
            return f"at event {self.event:,}, look only: {self.look_only}" + (" · changed since" if self.changed else "")
        if self.difference:
            return f"differs at event {self.event:,}: {self.difference}"
        return f"verified to event {self.event:,}" + (" · changed since" if self.changed else "")

    @property
    def left(self) -> str:
        """What there is to say where it has ended."""
        return "the moment was left" + (", and what was changed in it is gone" if self.changed else "")

    def evaluate(
        self, text: str, frame: int = 0, *, keep: bool = False, let_out: bool = False, seconds: float = _PATIENCE, width: int = _WIDTH
    ) -> Evaluated:
        """An expression, or statements, in a frame of recorded code (0 is the innermost).

        What they change is gone afterwards, unless it is to be kept; what they do is held back, unless it is to be `let_out` (then
        this moment is good for nothing but letting the program go on the same way). Of texts at most `width` characters are told, up
        to 100,000. Raises `TttuiError` where no answer comes.
        """
        source, request = inside(), f"{int(keep)}\n{width}\n{text}".encode("utf-8", "surrogatepass")
        flags = (protocol.KEEP if keep else 0) | (protocol.LET_OUT if let_out else 0)
        message = Message(Kind.EVALUATE, flags, numbers=(frame, len(source), 0, 0), text=source + request)
        if self.look_only:
            seconds = min(seconds, _PATIENCE_WITH_LOCKS)
        try:
            answer = self._answer_in_itself(message, seconds) if keep else self._answer_of_a_copy(message, seconds)
        except TttuiError as error:
            if self.look_only and error.what:
                hint = f"it may wait for a lock that another thread held: {self.look_only}"
                raise TttuiError("the evaluation was given up", error.what, hint) from None
            raise TttuiError(error.title, error.what, self.left if self.has_ended else "the moment itself is as it was") from None
        return _evaluated(text, answer)

    def _answer_in_itself(self, message: Message, seconds: float) -> Message:
        self.changed = True
        try:
            self.send(message)
            return _answer(self.connection, seconds)
        except BaseException:
            self.close()  # nobody knows what has become of it by now
            raise

    def _answer_of_a_copy(self, message: Message, seconds: float) -> Message:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours:
            with theirs:
                self.send(message, (theirs.fileno(),))
            try:
                return _answer(ours, seconds)
            except TttuiError:
                if _has_hung_up(self.connection):
                    self.close()
                raise

    def go_on(self, event: int) -> "Entered":
        """Another moment, at or after this one, reached from here; raises `TttuiError` as `Checkpoints.enter` does."""

        def ask(numbers: tuple[int, int, int], descriptors: Sequence[int]) -> None:
            self.send(Message(Kind.RUN, event=event, numbers=(*numbers, 0)), descriptors)

        return _begin(self.run, event, self, ask).arrived()

    def send(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        """A command for the copy; TttuiError where it is gone."""
        try:
            protocol.send(self.connection, message, descriptors)
        except OSError:
            self.close()
            raise _gone() from None

    def close(self) -> None:
        """Leave: the copy ends."""
        self.has_ended = True
        protocol.hang_up(self.connection)


@dataclass(frozen=True, slots=True)
class Paused:
    """The program itself, which stops at an event and waits."""

    event: int
    pid: int
    remark: str
    """What there is to say about the stop: breakpoint(), or why its condition could not be told."""


@dataclass(frozen=True, slots=True)
class Room:
    """Memory for more copies."""

    bytes: int
    """How much; 0 where there is not enough for another one."""
    measured: bool
    """Whether all copies were measured since the last one came; else it was estimated."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """That a copy which runs forward leaves others on its way."""

    seconds: float
    """Processor time between two of them."""
    room: int
    """Bytes of memory that they may take together."""


class Checkpoints:
    """The copies of the program that a recording is of. Close it; a moment lives on until it is closed itself."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    @classmethod
    def of(cls, run: "Run") -> Self:
        """TttuiError where there are none (any more)."""
        path = of_replays.get(run.path.absolute(), run.meta.get("checkpoints"))
        if not isinstance(path, str):
            raise TttuiError("there are no checkpoints", "the program was recorded without", "tttui SCRIPT makes them")
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            if not _ours(Path(path)):
                raise OSError
            connection.connect(path)
        except OSError:
            connection.close()
            raise TttuiError(
                "the checkpoints are gone",
                "they end with the 'tttui' that recorded the program",
                "tttui replay runs the program again to have them anew",
            ) from None
        connection.settimeout(_PATIENCE)
        return cls(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ignored: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def list(self) -> "Sequence[Checkpoint]":
        """The copies there are, by event."""
        return [
            Checkpoint(
                number,
                each["event"],
                each["pid"],
                each["position"],
                each["inputs"],
                each["memory"],
                each["at_raise"],
                each["look_only"],
                tuple(each["remarks"]),
            )
            for number, each in enumerate(self._ask({"command": "list"})["copies"], 1)
        ]

    def look(self, event: int) -> None:
        """Say that somebody looks at an event: copies come closer together there first. Waits for nothing."""
        with contextlib.suppress(OSError):
            protocol.send_json(self._connection, {"command": "look", "event": event})

    def looked_at(self) -> int | None:
        """The event that somebody looks at, as far as anybody said."""
        event = self._ask({"command": "list"})["looked_at"]
        return None if event is None else int(event)

    def paused(self) -> Paused | None:
        """The program, where it stops now; None where it runs or has ended."""
        live = self._ask({"command": "list"}).get("live")
        return None if live is None else Paused(int(live["event"]), int(live["pid"]), str(live["remark"]))

    def evaluate_live(self, text: str, frame: int = 0, *, seconds: float = _PATIENCE) -> Evaluated:
        """An expression, or statements, in the program itself, while it stops: what they change stays, what they do is done.

        The recording notes it as an input, and the line at which the program stops once more. Raises `TttuiError`.
        """
        wish = {"command": "evaluate", "source": inside().decode(), "text": f"1\n{_WIDTH}\n{text}", "frame": frame}
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours:
            with theirs:
                said = self._ask(wish, (theirs.fileno(),))
            if "error" in said:
                raise TttuiError(str(said["error"]), hint="it can be changed while it stops at a breakpoint: -b FILE:LINE")
            return _evaluated(text, _answer(ours, seconds))

    def nearest(self, event: int) -> Checkpoint:
        """The last one at or before an event; TttuiError where there is none."""
        found = [each for each in self.list() if each.event <= event and (each.event == event or not each.look_only)]
        if not found:
            raise TttuiError("there is no checkpoint before this event", f"event {event:,}")
        return found[-1]

    def enter(self, run: "Run", event: int) -> Entered:
        """A moment at an event; raises `TttuiError` where it can't be reached."""
        try:
            return self.begin(run, event).arrived()
        except TttuiError as error:
            near = _to_look_at(self.list(), event)
            if near and "thread" in error.what:
                raise TttuiError(error.title, error.what, f"a copy that can be looked at is at event {near}") from None
            raise

    def begin(self, run: "Run", event: int, leaving: Leaving | None = None) -> "Entering":
        """The same without waiting for it: several may be on their way, and leave copies there."""
        checkpoint = self.nearest(event)
        leaves = {} if leaving is None else {"every": max(round(leaving.seconds * 1000), 1), "room": leaving.room}

        def ask(numbers: tuple[int, int, int], descriptors: Sequence[int]) -> None:
            position, length, inputs = numbers
            wish = {"command": "run", "pid": checkpoint.pid, "event": event, "position": position, "length": length, "inputs": inputs}
            wish.update(leaves)
            said = self._ask(wish, descriptors)
            if "error" in said:
                raise TttuiError(str(said["error"]))

        entering = _begin(run, event, checkpoint, ask)
        if checkpoint.look_only:
            entering.look_only = ", ".join(checkpoint.remarks)
        return entering

    def keep(self, moment: Entered) -> None:
        """Make a checkpoint of a moment that was entered, which it then is no more; TttuiError where that isn't possible."""
        wish = {"command": "keep", "pid": moment.pid, "event": moment.event, "position": moment.position, "inputs": moment.inputs}
        with moment.connection:
            said = self._ask(wish, (moment.connection.fileno(),))
        if "error" in said:
            raise TttuiError(str(said["error"]))

    def room(self) -> Room:
        """Whether there may be more of them."""
        said = self._ask({"command": "list"})
        return Room(int(said["room"]), bool(said["measured"]))

    def _ask(self, wish: Mapping[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
        try:
            protocol.send_json(self._connection, wish, descriptors)
            said, _ = protocol.receive_json(self._connection)
        except OSError:
            said = None
        if said is None:
            raise TttuiError("the checkpoints are gone")
        return said


def _to_look_at(checkpoints: Sequence[Checkpoint], event: int) -> str:
    """The events next to this one at which there are copies that can only be looked at."""
    events = [each.event for each in checkpoints if each.look_only]
    before = [f"{found:,}" for found in events if found < event][-1:]
    behind = [f"{found:,}" for found in events if found > event][:1]
    return " and at ".join((*before, *behind))


class _Start(Protocol):
    """A copy, wherever it stands."""

    @property
    def event(self) -> int: ...
    @property
    def position(self) -> int: ...
    @property
    def inputs(self) -> int: ...


@dataclass(slots=True, eq=False)
class Entering:
    """A copy on its way to an event."""

    run: "Run"
    start: int
    look_only: str
    connection: socket.socket

    def fileno(self) -> int:
        """What can be read from once it has arrived."""
        return self.connection.fileno()

    def arrived(self) -> Entered:
        """Wait for it; raises `TttuiError` where the moment can't be reached."""
        try:
            answer = _answer(self.connection, _PATIENCE)
            if answer.kind not in (Kind.ARRIVED, Kind.DIFFERS):
                reason = with_cause(answer.text.decode("utf-8", "replace"))
                raise TttuiError("this moment can't be entered", reason, f"moments up to event {answer.event:,} can be")
            entered = Entered(self.run, answer.event, answer.pid, self.connection, answer.kind == Kind.ARRIVED, self.start)
            entered.look_only = self.look_only
            if entered.verified:
                entered.position, entered.inputs, _, _ = answer.numbers
            else:
                entered.difference = describe(self.run, answer)
            return entered
        except BaseException:
            self.connection.close()
            raise

    def close(self) -> None:
        """It ends where it is."""
        protocol.hang_up(self.connection)


def _begin(run: "Run", event: int, start: _Start, ask: Callable[[tuple[int, int, int], Sequence[int]], None]) -> Entering:
    """Have a copy run forward; `ask` tells it to: (position of what is recorded, its bytes, bytes of inputs), descriptors."""
    run.refresh()
    stream, inputs = os.memfd_create("recorded", os.MFD_CLOEXEC), os.memfd_create("inputs", os.MFD_CLOEXEC)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        with theirs:
            length = write_stream(run, start.position, start.event, event, stream) if start.event < event else 0
            given = write_all(inputs, with_secrets(start.inputs, _inputs(run, start.inputs, event), _withheld(run)))
            ask((start.position, length, given), (theirs.fileno(), stream, inputs))
        return Entering(run, start.event, "", ours)
    except BaseException:
        ours.close()
        raise
    finally:
        os.close(stream)
        os.close(inputs)


def _inputs(run: "Run", first: int, event: int) -> bytes:
    """The inputs from number `first` on that a copy needs up to an event: some more than those before it, as it looks ahead."""
    pieces: list[bytes] = []
    length = 0
    for piece in run.inputs(first):
        if length > _AHEAD and int.from_bytes(piece[:8], sys.byteorder) > event + 1:
            break
        pieces.append(piece)
        length += len(piece)
    return b"".join(pieces)


def _withheld(run: "Run") -> dict[int, bytes]:
    """Inputs that hold secrets, as long as the program's first checkpoints live."""
    path = run.meta.get("checkpoints")
    try:
        return kept_aside(Path(path).with_suffix(SUFFIX)) if isinstance(path, str) and _ours(Path(path)) else {}
    except OSError:
        return {}


def inside() -> bytes:
    """The source of what evaluates in a copy, or in the program."""
    return resources.files("tttui.checkpoints").joinpath("inside.py").read_bytes()


def _evaluated(text: str, answer: Message) -> Evaluated:
    if answer.kind != Kind.RESULT:
        raise TttuiError("this can't be evaluated here", answer.text.decode("utf-8", "replace"))
    found = fields(answer.text)
    error = found.get("error", "")
    if error and found.get("message"):
        error = f"{error}: {found['message']}"
    return Evaluated(
        text,
        found.get("value"),
        found.get("type", ""),
        found.get("output", "") + found.get("written", ""),
        error,
        found.get("traceback", ""),
        tuple(found.get("held", "").splitlines()),
    )


def _answer(connection: socket.socket, seconds: float) -> Message:
    """What a copy answers; TttuiError where nothing comes."""
    connection.settimeout(seconds)
    began = time.monotonic()
    try:
        message = protocol.receive(connection)
    except TimeoutError:
        raise TttuiError("the checkpoint gave no answer", f"after {time.monotonic() - began:.0f} s") from None
    except OSError:
        message = None
    if message is None:
        raise _gone()
    return message


def _has_hung_up(connection: socket.socket) -> bool:
    """Whether a copy from which nothing is to come has ended, or is just ending."""
    if not select.select([connection], [], [], _DYING)[0]:
        return False
    try:
        return not connection.recv(1, socket.MSG_PEEK)
    except OSError:
        return True


def _gone() -> TttuiError:
    return TttuiError("the checkpoint has ended", "it was killed, crashed or ended itself")


def _ours(path: Path) -> bool:
    """Whether nobody else could have put a socket there: a recording may name any path."""
    found = os.stat(path.parent)
    return found.st_uid == os.getuid() and not found.st_mode & 0o077


def fields(data: bytes) -> dict[str, str]:
    """What `answer` of inside.py encoded; broken off where it isn't that."""
    found: dict[str, str] = {}
    while data:
        head, _, rest = data.partition(b"\n")
        name, _, length = head.partition(b" ")
        if not length.isdigit():
            break
        found[name.decode("utf-8", "replace")] = rest[: int(length)].decode("utf-8", "replace")
        data = rest[int(length) :]
    return found
