"""Finishing recordings whose writer is gone: after a kill of everything, a crash or a full disk."""

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tttui.native import reader
from tttui.record import database, rings
from tttui.record.processes import is_the_one_that_ran_at
from tttui.record.writer import Writer


def recover(path: Path) -> bool:
    """Finish a recording that nobody writes any more; whether there was something to do.

    What its ring still holds is written first. While the program lives and only its writer is gone, the
    recording is brought up to date and left open. OSError or sqlite3.Error where the recording can't be written.
    """
    facts = database.read_facts(path)
    if facts.get("state") != "recording":
        return False
    ring = ring_of(facts)
    if ring is None or not _is_a_ring_of_ours(ring):
        _finish_without_ring(path)
        return True
    try:
        lock = rings.lock(ring)
    except FileNotFoundError:
        _finish_without_ring(path)
        return True
    if lock is None:
        return False
    try:
        return _finish_from_ring(path, ring)
    finally:
        os.close(lock)


def ring_of(facts: Mapping[str, Any]) -> Path | None:
    """The ring that a recording's facts name."""
    named = facts.get("ring")
    return Path(os.fsdecode(named)) if isinstance(named, (str, bytes)) else None


def _is_a_ring_of_ours(ring: Path) -> bool:
    """A recording from elsewhere must not make us open any file it likes."""
    return ring.is_absolute() and ring.suffix == ".ring" and not ring.is_symlink()


def _finish_from_ring(path: Path, ring: Path) -> bool:
    try:
        header = reader.Ring(str(ring))
    except (OSError, ValueError):
        _finish_without_ring(path)
        return True
    program_lives = header.attached != 2 and not header.ended and is_the_one_that_ran_at(header.program_pid, header.start_clock)
    try:
        writer = Writer(ring, path)
    except ValueError:
        # The ring goes on from somewhere else than where the recording ends: what is recorded stands.
        _finish_without_ring(path)
        rings.remove(ring)
        return True
    writer.drain()
    if program_lives or rings.maker_lives(ring):
        writer.close()
        return False
    writer.finish()
    return True


def _finish_without_ring(path: Path) -> None:
    """Finish with what is in the file: the ring went with the machine's memory."""
    file = database.RecordingFile(path)
    try:
        last = file.last_chunk()
        counted = int(file.fact("counted") or 0)
        with file.transaction():
            if file.fact("state") != "recording":
                return
            if last is not None and last.number >= counted:
                file.add_totals(reader.scan(last.data))
                file.set_facts({"counted": last.number + 1})
            file.set_facts(
                {
                    "state": "cut short",
                    "ended": "killed",
                    "ring": None,
                    "cut": json.dumps({}),
                    "duration_ns": last.end_ns if last else 0,
                }
            )
        file.make_one_file()
    finally:
        file.close()


def sweep() -> None:
    """Finish the recordings whose rings were left behind, and remove rings that nobody needs."""
    for ring, path in rings.left_behind():
        try:
            facts = database.read_facts(path)
            if facts.get("state") == "recording" and ring_of(facts) == ring:
                recover(path)
            else:
                rings.remove(ring)
        except Exception:
            # Somebody else's trouble: it must not keep this recording from being made.
            _remove_if_old(ring, path)


def _remove_if_old(ring: Path, path: Path) -> None:
    """A ring whose recording can't be written now may be needed later, but not for ever."""
    try:
        if not path.exists() or time.time() - ring.stat().st_mtime > 7 * 86400:
            rings.remove(ring)
    except OSError:
        pass
