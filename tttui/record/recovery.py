"""Finishing recordings whose writer is gone: after a kill of everything, a crash or a full disk."""

import json
import os
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tttui.native import reader
from tttui.record import database, rings
from tttui.record.drain import RingMismatchError
from tttui.record.processes import is_the_one_that_ran_at
from tttui.record.writer import Writer

NO_LOG: Final = "no -wal file beside the recording when it was opened: what stood in that is missing"
_PATIENCE_SECONDS: Final = 10.0
"""How long somebody else who is finishing a recording may make no headway before it is read as it is."""
_ORPHAN_SECONDS: Final = 3600.0
"""How long a ring is kept whose recording isn't where it was: it may have been given another name."""
_HOPELESS_SECONDS: Final = 7 * 86400.0
"""How long a ring is kept whose recording can't be written."""


def recover(path: Path) -> bool:
    """Finish a recording that nobody writes any more; whether there was something to do.

    What its ring still holds is written first. While the program lives and only its writer is gone, the
    recording is brought up to date and left open. Where somebody else is finishing it just now, that is waited
    for. OSError, ValueError or sqlite3.Error where it can't be finished now: nothing is lost then, and another time
    may do.
    """
    log = database.has_log(path)  # before anything opens it and moves what is there
    facts = database.read_facts(path)
    if facts.get("state") != "recording":
        return False
    if facts.get("format") != database.FORMAT:
        raise ValueError("another version of tttui records it")
    ring = ring_of(facts)
    if ring is None or not _is_the_ring_of(ring, path):
        return _finish_without_ring(path, log=log)
    try:
        lock = _take_over(ring)
        if lock is None:
            return False
        try:
            return _finish_from_ring(path, ring)
        finally:
            os.close(lock)
    except FileNotFoundError:
        return _finish_without_ring(path)
    except reader.StreamError:
        if rings.has_a_header(ring):
            raise  # of another version, which can still read it
        return _finish_without_ring(path)


def ring_of(facts: Mapping[str, Any]) -> Path | None:
    """The ring that a recording's facts name."""
    named = facts.get("ring")
    return Path(os.fsdecode(named)) if isinstance(named, (str, bytes)) else None


def _is_the_ring_of(ring: Path, path: Path) -> bool:
    """Whether what a ring holds belongs into this recording: not where it comes from elsewhere, or is only a copy.

    A recording from elsewhere must not make us open any file it likes; and a copy must not take from the ring
    what the original needs.
    """
    if not ring.is_absolute() or ring.suffix != ".ring":
        return False
    try:
        found = os.lstat(ring)
        made_for = Path(os.readlink(rings.link_of(ring)))
    except OSError:
        return False
    if found.st_uid != os.geteuid():
        return False
    try:
        if made_for.samefile(path):
            return True
        facts = database.read_facts(made_for)
    except (OSError, ValueError, sqlite3.Error):
        return True  # what it was made for is not there any more: it got another name
    return ring_of(facts) != ring


def _take_over(ring: Path) -> int | None:
    """The lock of a ring, waited for while somebody finishes the recording; None where its writer is needed."""
    seen, since = -1, time.monotonic()
    while (lock := rings.lock(ring)) is None:
        header = reader.Ring(str(ring))
        if not _is_over(header, ring):
            return None
        now, written = time.monotonic(), header.tail + header.output_tail
        if written != seen:
            seen, since = written, now
        elif now - since > _PATIENCE_SECONDS:
            return None
        time.sleep(0.01)
    return lock


def _is_over(header: reader.Ring, ring: Path) -> bool:
    """Whether nothing can come into the ring any more."""
    if header.ended or header.attached == 2:
        return True
    if not header.program_pid:
        return not rings.maker_lives(ring)
    return not is_the_one_that_ran_at(header.program_pid, header.start_clock)


def _launcher_lives(header: reader.Ring, ring: Path) -> bool:
    """Whether there is somebody else than the program who will see to it that the recording is finished."""
    return rings.maker_of(ring) != header.program_pid and rings.maker_lives(ring)


def _finish_from_ring(path: Path, ring: Path) -> bool:
    """With the lock of the ring; as `recover`."""
    if database.read_facts(path).get("state") != "recording":
        return False  # somebody was faster
    header = reader.Ring(str(ring))
    # Asked before the last look into the ring, so that nothing can come after that.
    over = _is_over(header, ring)
    try:
        writer = Writer(ring, path)
    except (RingMismatchError, database.DamagedChunkError):
        # Somebody has put an older copy in the recording's place, or a part of the stream is damaged to which what is
        # in the ring belongs: what is recorded stands.
        rings.remove(ring)
        return _finish_without_ring(path)
    try:
        writer.catch_up()
        if not over or _launcher_lives(header, ring):
            return False
        writer.finish()
    finally:
        writer.close()
    return True


def _finish_without_ring(path: Path, *, log: bool = True) -> bool:
    """Finish with what is in the file: the ring went with the machine's memory. False where somebody has it open.

    That may be a writer elsewhere: in a container, or on another machine. Without its `log` the file was probably copied
    while it was recorded.
    """
    try:
        file = database.RecordingFile(path, alone=True)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    try:
        try:
            last = file.last_chunk()
            scan = None if last is None or last.number < int(file.fact("counted") or 0) else reader.scan(last.data)
        except (database.DamagedChunkError, reader.StreamError):
            last = scan = None  # whoever reads it will be told
        with file.transaction():
            if file.fact("state") != "recording":
                return False
            if last is not None and scan is not None:
                file.add_totals(scan)
                file.set_facts({"counted": last.number + 1})
            file.set_facts(
                {
                    "state": "cut short",
                    "ended": "killed",
                    "ring": None,
                    "cut": json.dumps({}),
                    "stopped": file.fact("stopped") or (None if log else NO_LOG),
                    "duration_ns": last.end_ns if last else 0,
                }
            )
            file.seal()
        file.make_one_file()
    finally:
        file.close()
    return True


def sweep() -> None:
    """Finish the recordings whose rings were left behind, and remove rings that nobody needs."""
    for ring, path in rings.left_behind():
        try:
            facts = database.read_facts(path)
            if facts.get("state") == "recording" and ring_of(facts) == ring:
                recover(path)
            else:
                _remove_orphan(ring)
        except Exception:
            # Somebody else's trouble: it must not keep this recording from being made.
            _remove_if_old(ring, _HOPELESS_SECONDS if os.path.lexists(path) else _ORPHAN_SECONDS)


def _remove_orphan(ring: Path) -> None:
    """The recording at the ring's path is finished, or another one; then this one's may have another name now."""
    header = reader.Ring(str(ring))
    if (header.head, header.output_head) == (header.tail, header.output_tail):
        rings.remove(ring)
    else:
        _remove_if_old(ring, _ORPHAN_SECONDS)


def _remove_if_old(ring: Path, seconds: float) -> None:
    """A ring whose recording can't be written now may be needed later, but not for ever."""
    try:
        if rings.quiet_seconds(ring) > seconds:
            rings.remove(ring)
    except OSError:
        pass
