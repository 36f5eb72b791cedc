"""The writer: a process that moves the stream out of the ring into the recording, and finishes the recording.

    writer RING RECORDING [--launcher PID] [--program PID] [--detach 1]

It belongs to nobody's terminal, takes nothing from the program but memory that the program has already given,
and may be killed at any time: another one takes over. It ends when the program has ended and all is written.
`--launcher` is the process that will say how the program ended; `--program` the program, where there is no launcher.
With `--detach` the process that was started ends as soon as the writer is at work in another one.
"""

import gc
import json
import os
import resource
import signal
import sqlite3
import sys
import time
from pathlib import Path
from typing import Final

from tttui.native import reader
from tttui.record import ending, rings
from tttui.record.database import Facts, RecordingFile
from tttui.record.drain import Drain
from tttui.record.processes import Process, is_the_one_that_ran_at
from tttui.record.room import Room, free_in

_SHORTEST_PAUSE: Final = 0.002
_LONGEST_PAUSE: Final = 0.02
_ATTACH_SECONDS: Final = 10.0
"""How long to wait for a program that hasn't opened the ring when its launcher is gone."""
_LOCK_SECONDS: Final = 15.0
_TROUBLE_SECONDS: Final = 1.0
"""How long writing may fail, for another reason than a full disk, before recording stops: the ring holds it meanwhile."""
_NOT_MADE: Final = ("threads", "main thread", "memory", "parent", "clone", "wanted")
"""NOT_* of native/checkpoint.h: why a checkpoint that was due was not made."""
_CHUNK: Final = 512 << 10
"""Bytes of the stream that are written at once, even where there is little room: CHUNK_BYTES of native/ring.h."""
_CUTS: Final = ("items", "depth", "string", "int", "objects", "output", "secret")

DISK_FULL: Final = "disk full"
TOO_LARGE: Final = "size limit"
DAMAGED: Final = "damaged stream"
WRITE_ERROR: Final = "write error"


class LimitError(sqlite3.OperationalError):
    """What room there is, is not for this process, or for the end of the recording alone."""


class Writer:
    """Writes one recording from its ring."""

    def __init__(self, ring_path: Path, database: Path, launcher: int = 0, program: int = 0) -> None:
        free = free_in(database.parent)  # before more of it is taken
        self._ring_path = ring_path
        self._ring = reader.Ring(str(ring_path))
        self._file = RecordingFile(database)
        try:
            self._drain = Drain(self._ring, self._file)
            limits = json.loads(self._file.fact("limits") or "{}")
            self._max_size: int | None = limits.get("max_size")
            # Where not even the reason could be written: the recorder has been told, and it has recorded no more.
            self._stopped: str | None = self._file.fact("stopped") or (WRITE_ERROR if self._ring.stop else None)
        except BaseException:
            self._file.close()
            raise
        self._launcher = Process(launcher) if launcher else None
        self._program = Process(program) if program else None
        self._launched = bool(launcher)
        self._since = time.monotonic()
        self._clock_known = False
        self._trouble_since: float | None = None
        self._largest = _largest_file()
        # What is in the log needs its room twice until it is moved: where there is little, little at a time.
        self._slice = min(sys.maxsize if free is None else free // 16, sys.maxsize if self._largest is None else self._largest // 8)
        self._file.keep_log_below(self._slice)
        self._room = Room(database)

    def run(self) -> None:
        """Write until the program has ended, then finish; sqlite3.Error where it could not be finished."""
        ring = self._ring
        ring.writer_pid = os.getpid()
        pause = _SHORTEST_PAUSE
        while True:
            ring.writer_beat = time.monotonic_ns()
            # Asked before the last look into the ring, so that nothing can come after that.
            over = self._program_is_over()
            if self._step(everything=over):
                pause = _SHORTEST_PAUSE
            elif over and self._trouble_since is None:
                break
            else:
                pause = min(pause * 1.5, _LONGEST_PAUSE)
            if self._drain.behind < ring.capacity // 8:
                time.sleep(0 if over and self._trouble_since is None else pause)
        self.finish()

    def catch_up(self) -> None:
        """Write what is published by now, and no more. sqlite3.Error where it can't be written: the ring keeps it."""
        published = self._ring.head, self._ring.output_head
        try:
            while self._stopped not in (TOO_LARGE, DAMAGED) and any(
                done < there for done, there in zip(self._drain.reached, published, strict=True)
            ):
                if not self._try_step(everything=True):
                    break
        except ValueError as error:  # StreamError among them
            self._stop(DAMAGED, error)

    def finish(self) -> None:
        """Write the facts about the end and make the recording one plain file; then the ring is no longer needed."""
        ended_at = time.monotonic_ns()
        ring, file = self._ring, self._file
        if self._stopped in (DISK_FULL, WRITE_ERROR):
            self._try_the_rest()
        if self._stopped is not None:
            self._room.give_some()
            file.empty_log()
        known = bool(ring.ended)
        status = ring.wait_status if known else 0 if ring.attached == 2 and not self._launched else None
        facts = ending.facts_of(file.path, status, file.fact("last_raise"))
        if not known:
            facts["exit_code"] = None
        last = file.last_chunk()
        duration = ended_at - ring.start_clock if known and ring.start_clock else last.end_ns if last else 0
        facts.update(
            **self._facts_of_start(),
            duration_ns=duration,
            forks=ring.forks,
            waits=ring.waits,
            checkpoints_made=ring.checkpoints,
            checkpoint_ns=ring.checkpoint_ns,
            inputs_until=ring.inputs_until,
            checkpoint_memory=ring.checkpoint_memory,
            checkpoints_not=json.dumps(dict(zip(_NOT_MADE, ring.checkpoints_not, strict=False))),
            cut=json.dumps(dict(zip(_CUTS, ring.cut, strict=False))),
            lost=self._lost(),
            stopped=self._stopped,
            ring=None,
            state="finished" if status is not None else "cut short",
        )
        try:
            self._write_end(facts, count=True)
        except sqlite3.Error as error:
            if not _is_full(error):
                raise
            # The totals of the last chunk change many pages. Without them it takes one or two, and readers can do
            # without the totals of one chunk.
            self._write_end(facts, count=False)
        self._room.give_back()
        sockets = file.fact("checkpoints") if self._launched and self._launcher is None else None
        file.make_one_file()
        file.close()
        if isinstance(sockets, str) and os.path.dirname(sockets) == str(self._ring_path.parent):
            rings.remove_sockets(Path(sockets))  # whoever made them was killed
        rings.remove(self._ring_path)

    def _write_end(self, facts: Facts, *, count: bool) -> None:
        with self._file.transaction():
            if count:
                self._drain.finish()
            self._file.set_facts(facts)
            self._file.seal()

    def _lost(self) -> int:
        """How many published events are not in the recording, and should be."""
        if self._stopped == TOO_LARGE or not self._drain.behind:
            # What came after a limit that the user set was not to be recorded. And the count of events alone
            # proves nothing: a kill can fall between the publication of the count and of the event.
            return 0
        return max(0, self._ring.events - self._file.events())

    def close(self) -> None:
        """Leave the recording as it stands, for another writer."""
        self._file.close()

    def _program_is_over(self) -> bool:
        ring = self._ring
        if ring.ended:
            return True
        if self._launcher is not None:
            if self._launcher.alive():
                return False
            self._launcher = None
            self._since = time.monotonic()
        if ring.attached == 2:
            return True
        if self._program is None:
            pid = ring.program_pid
            if not pid:
                return time.monotonic() - self._since > _ATTACH_SECONDS
            if not is_the_one_that_ran_at(pid, ring.start_clock):
                return True
            self._program = Process(pid)
        return not self._program.alive()

    def _step(self, *, everything: bool) -> bool:
        """One transaction; whether there was something to write and it was written."""
        if self._stopped is not None:
            return False
        try:
            moved = self._try_step(everything=everything)
        except sqlite3.Error as error:
            if _is_full(error):
                self._stop(DISK_FULL, error)
            elif self._trouble_since is None:
                self._trouble_since = time.monotonic()
            elif time.monotonic() - self._trouble_since > _TROUBLE_SECONDS:
                self._stop(WRITE_ERROR, error)
        except ValueError as error:  # StreamError among them
            self._stop(DAMAGED, error)
        else:
            self._trouble_since = None
            return moved
        return False

    def _try_step(self, *, everything: bool) -> bool:
        """One transaction, within the limits on the recording's size."""
        size = self._file.size()
        room = sys.maxsize if self._max_size is None else max(0, self._max_size - size)
        if not room:
            self._stop(TOO_LARGE)
            return False
        if self._largest is not None and size > self._largest * 5 // 8:
            raise LimitError("the limit on file sizes is near")
        at_most = min(room, max(1, self._slice))
        if not self._room.keep(size, min(self._drain.behind, max(at_most, _CHUNK))):
            raise LimitError("the disk is nearly full")
        moved = self._move(everything=everything, at_most=at_most)
        if moved and not self._clock_known and self._ring.start_clock:
            with self._file.transaction():
                self._file.set_facts(self._facts_of_start())
            self._clock_known = True
        return moved

    def _move(self, *, everything: bool, at_most: int) -> bool:
        """One transaction; where that is too much for the disk, a smaller one, for the sake of what still fits."""
        try:
            return self._drain.step(everything=everything, at_most=at_most)
        except sqlite3.Error as error:
            if not _is_full(error):
                raise
            return self._drain.step(everything=everything, at_most=1)

    def _stop(self, reason: str, error: Exception | None = None) -> None:
        """Tell the recorder to stop, and note why; the program goes on."""
        self._ring.stop = 1
        self._stopped = reason
        self._trouble_since = None
        if error is not None:
            print(f"{reason}: {error}", file=sys.stderr, flush=True)
        try:
            with self._file.transaction():
                self._file.set_facts({"stopped": reason})
        except sqlite3.Error:
            pass  # the end of the run brings another chance

    def _try_the_rest(self) -> None:
        """If there is room again, or more than it takes to finish, use it."""
        self._room.give_some()
        try:
            self._file.empty_log()
            while self._try_step(everything=True):
                self._file.empty_log()
        except (sqlite3.Error, ValueError):
            pass

    def _facts_of_start(self) -> dict[str, str | int | None]:
        ring = self._ring
        if not ring.start_clock:
            return {}
        return {
            "start_wall_ns": ring.start_wall,
            "start_clock_ns": ring.start_clock,
            "pid": ring.program_pid,
            "python_hex": ring.python_hex,
            "hash_secret": ring.hash_secret.hex(),
            "main_thread": ring.main_thread,
        }


def _largest_file() -> int | None:
    """The limit on the size of a file (ulimit -f), if there is one that a recording may come to.

    Behind it not even the end of the run could be written; so writing stops before, and leaves some room for that.
    """
    soft, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    return None if soft == resource.RLIM_INFINITY else soft


def _is_full(error: sqlite3.Error) -> bool:
    # Extended codes have the plain one in their low byte.
    return isinstance(error, LimitError) or getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL


def _leave_the_launchers_world() -> None:
    """Take no part in the terminal, the directory, the limits or the signals of whoever started this process."""
    os.chdir("/")
    os.umask(0o077)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)
    for limit in (resource.RLIMIT_FSIZE, resource.RLIMIT_AS, resource.RLIMIT_DATA, resource.RLIMIT_CPU):
        hard = resource.getrlimit(limit)[1]
        resource.setrlimit(limit, (hard, hard))


def take_lock(ring: Path) -> int | None:
    """The ring's lock, waited for if somebody who repairs the recording holds it for a moment."""
    give_up = time.monotonic() + _LOCK_SECONDS
    while True:
        descriptor = rings.lock(ring)
        if descriptor is not None or time.monotonic() > give_up:
            return descriptor
        time.sleep(0.02)


def main(arguments: list[str] | None = None) -> int:
    """The writer process. Returns 0 when the recording is finished, or when there is nothing left to do."""
    given = sys.argv[1:] if arguments is None else arguments
    ring, database = Path(given[0]), Path(given[1])
    numbers = {given[at].lstrip("-"): int(given[at + 1]) for at in range(2, len(given), 2)}
    _leave_the_launchers_world()
    try:
        lock = take_lock(ring)
    except FileNotFoundError:
        return 0
    if lock is None:
        print("another writer is at work", file=sys.stderr)
        return 1
    if numbers.get("detach") and os.fork():
        os._exit(0)
    Writer(ring, database, numbers.get("launcher", 0), numbers.get("program", 0)).run()
    gc.freeze()  # what is left is freed with the process, without being looked through for garbage
    return 0


if __name__ == "__main__":
    sys.exit(main())
