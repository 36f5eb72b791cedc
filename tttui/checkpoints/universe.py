"""Other universes: from a moment that was entered the program goes on another way, and that is a recording of its own.

The new recording begins as the first one did, up to the moment: so everything works in it that works in any recording,
and comparing the two shows what became of the change.
"""

import json
import os
import signal
import socket
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from tttui.checkpoints import protocol
from tttui.checkpoints.client import Entered
from tttui.checkpoints.protocol import Kind, Message
from tttui.config import stop_of
from tttui.errors import TttuiError
from tttui.native import reader
from tttui.record import database, rings
from tttui.record.drain import Drain
from tttui.record.start import spawn_writer

if TYPE_CHECKING:
    from tttui.store.run import Run

_PATIENCE: Final = 120.0
"""Seconds that another universe may run."""
WHERE_IT_WAS_TO: Final = ", where it was to stop"
"""What the reason ends with where a program ended because it came to where it was to."""
_OF_THE_END: Final = frozenset(
    {
        "ended", "exit_code", "signal", "exception", "duration_ns", "forks", "waits", "cut", "lost", "stopped", "kinds", "counted",
        "last_raise", "outputs_to", "checkpoints", "checkpoints_made", "checkpoint_ns", "checkpoint_memory", "checkpoints_not",
    }
)  # fmt: skip
"""Facts of the first recording that are not facts of another that begins like it."""


def branch(moment: Entered, path: Path, change: str = "", *, until: str = "", let_out: bool = False) -> str:
    """Let the program go on from a moment, recorded in a new file; `change` is a remark for it.

    It goes on to its end, or `until` a place as ``-b`` takes it. Its effects are held back, or `let_out`: then it writes files,
    uses the network and has this process's standard input, output and error, as far as the program's were no files.

    Returns how it ended: empty when the program came to its end, else why it did not. Raises `TttuiError`.
    """
    place = stop_of(until, "--until") if until else ""
    if not moment.verified:
        raise TttuiError("the program can't go on from here", moment.badge)
    run = moment.run
    path = path.absolute()  # the writer works elsewhere
    try:
        ring_path = rings.create(path, "")
    except OSError as error:
        raise TttuiError("there is no room for the ring", error.strerror or str(error)) from None
    try:
        _copy_beginning(run, moment.event, moment.position, path, ring_path, change, let_out)
        why = _record(moment, path, ring_path, place, let_out)
        if why:
            _note_end(path, why)
        return why
    except BaseException:
        database.remove(path)
        raise
    finally:
        rings.remove(ring_path)


def _copy_beginning(run: "Run", event: int, position: int, path: Path, ring: Path, change: str, let_out: bool) -> None:
    facts: dict[str, database.Fact] = {}
    for key, value in run.meta.items():
        if key not in _OF_THE_END:
            facts[key] = value if isinstance(value, (str, int, bytes)) or value is None else json.dumps(value)
    facts |= {"universe_of": database.storable(str(run.path)), "universe_event": event, "universe_change": database.storable(change)}
    facts["universe_let_out"] = int(let_out)
    database.create(path, facts | {"ring": str(ring), "state": "recording", "ended": "recording", "checkpoints": None})
    with closing(database.RecordingFile(path)) as file:
        drain = Drain(cast(reader.Ring, _Beginning(run, event, position)), file)
        while drain.step(everything=True):
            pass
        with file.transaction():
            file.set_facts({"outputs_to": 0})


class _Beginning:
    """What a recording holds up to an event, with what `Drain` asks of a ring."""

    def __init__(self, run: "Run", event: int, position: int) -> None:
        self._run = run
        self._chunks = run.chunks()[: run.chunk_of(event).id + 1]
        self._outputs = [(found.event, found.fd, found.data) for found in run.outputs(0, event - 1)]
        self.head = position
        self.chunks = len(self._chunks)
        self.output_head = len(self._outputs)
        self.tail = self.output_tail = 0

    def chunk_start(self, number: int) -> int:
        return self._run.chunk_position(self._chunks[number])

    def outputs(self, start: int) -> tuple[int, list[tuple[int, int, bytes]]]:
        return len(self._outputs), self._outputs[start:]

    def inputs(self, start: int, stop: int) -> tuple[int, bytes]:
        return 0, b""

    def read(self, start: int, stop: int) -> bytes:
        """Bytes of the stream, which lie in one chunk."""
        chunk = next(chunk for chunk in reversed(self._chunks) if self._run.chunk_position(chunk) <= start)
        first = self._run.chunk_position(chunk)
        return self._run.chunk_bytes(chunk)[start - first : stop - first]


def _note_end(path: Path, why: str) -> None:
    """It was ended from here: by no signal of the program's."""
    with closing(database.RecordingFile(path)) as file:
        with file.transaction():
            file.set_facts({"signal": None, "universe_ended": database.storable(why)})
        file.make_one_file()


def _record(moment: Entered, path: Path, ring_path: Path, place: str, let_out: bool) -> str:
    ring = reader.Ring(str(ring_path))
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        with theirs:
            text = os.fsencode(ring_path) + (b"\0" + os.fsencode(place) if place else b"")
            flags = protocol.LET_OUT if let_out else 0
            moment.send(Message(Kind.UNIVERSE, flags, text=text), (theirs.fileno(), *((0, 1, 2) if let_out else ())))
        ours.settimeout(_PATIENCE)
        first = _heard(ours)
        if first.kind != Kind.ARRIVED:
            raise TttuiError("the program can't go on from here", _reason(first))
        writer = spawn_writer(ring_path, path, "--launcher", str(os.getpid()))
        try:
            last = _last_heard(ours, let_out)
            ring.wait_status = (last.numbers[0] & 0xFF) << 8 if last.kind == Kind.ENDED else signal.SIGKILL
            ring.ended = 1
            _, status = os.waitpid(writer, 0)
        except BaseException:  # a key of the viewer's, which comes again until all of this is over
            os.kill(writer, signal.SIGKILL)
            os.waitpid(writer, 0)
            raise
    if status or ring_path.exists():
        raise TttuiError("the recording of the other universe could not be finished", rings.last_words(ring_path))
    if last.kind == Kind.ARRIVED:
        line, _, rest = place.partition(":")
        return f"it came to {rest.partition(chr(9))[0]}:{line}{WHERE_IT_WAS_TO}"
    return "" if last.kind == Kind.ENDED else _reason(last)


def _last_heard(connection: socket.socket, let_out: bool) -> Message:
    """What the copy says when it goes no further."""
    if let_out:
        connection.settimeout(None)
    try:
        return _heard(connection)
    except KeyboardInterrupt:
        return Message(Kind.HELD, text=b"it was interrupted")


def _reason(message: Message) -> str:
    return message.text.decode("utf-8", "replace") or "it crashed"


def _heard(connection: socket.socket) -> Message:
    """What the copy says; an empty message where it is gone or takes too long."""
    try:
        return protocol.receive(connection) or Message(Kind.HELD)
    except TimeoutError:
        return Message(Kind.HELD, text=f"it was still running after {_PATIENCE:.0f} s".encode())
    except OSError:
        return Message(Kind.HELD)
