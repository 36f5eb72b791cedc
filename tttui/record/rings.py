"""Ring files (ring.h): where they are made, who holds one, and clearing away those that nobody needs.

A ring in shared memory is called ``<pid>-<random>.ring``; beside it stands a symbolic link ``….run`` to its
recording, so that what a dead recording left behind can be found, and a ``….log`` of the writer's complaints.
The writer holds a lock on the ring file as long as it lives: who gets the lock knows that no writer does.
"""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tttui import paths
from tttui.record import processes

LARGEST: Final = 64 << 20
SMALLEST: Final = 4 << 20
_MAGIC: Final = b"tttring1"  # RING_MAGIC, little endian


def create(database: Path, options: str) -> Path:
    """Make a ring for a recording; OSError where there is no room for one anywhere."""
    from tttui.native import reader

    name = f"{os.getpid()}-{os.urandom(6).hex()}.ring"
    failure: OSError | None = None
    for directory in (paths.shared_ring_directory(), database.parent):
        if directory is None:
            continue
        # A ring in another place than shared memory is hidden, and named after its recording.
        ring = directory / (f".{database.name}-{name}" if directory == database.parent else name)
        size = LARGEST
        while size >= SMALLEST:
            try:
                free = os.statvfs(directory)
                if size > SMALLEST and free.f_bavail * free.f_frsize < 2 * size:
                    size //= 2
                    continue
                reader.create_ring(str(ring), size, options)
                os.symlink(database, link_of(ring))
                return ring
            except OSError as error:
                failure = error
                remove(ring)
                size //= 2
    raise failure or OSError("there is no directory for the ring")


def link_of(ring: Path) -> Path:
    return ring.with_suffix(".run")


def log_of(ring: Path) -> Path:
    return ring.with_suffix(".log")


def last_words(ring: Path) -> str:
    """The last line that a writer of this ring complained in; empty if none did."""
    try:
        return log_of(ring).read_text(errors="replace").strip().rpartition("\n")[2]
    except OSError:
        return ""


def remove(ring: Path) -> None:
    """Remove a ring and what stands beside it; the ring last, so that nothing is left when it is gone."""
    for file in (link_of(ring), log_of(ring), ring):
        try:
            file.unlink()
        except OSError:
            pass


def lock(ring: Path) -> int | None:
    """Become the writer of a ring: a descriptor to keep open, or None where a living writer holds it.

    OSError (FileNotFoundError) where there is no such ring.
    """
    descriptor = os.open(ring, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.fstat(descriptor).st_nlink:
            # Whoever held the lock has finished the recording and removed the ring.
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(ring))
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def maker_of(ring: Path) -> int:
    """The process that made the ring: the launcher, or the program itself; 0 where its name doesn't say."""
    pid = ring.name.rpartition("-")[0].rpartition("-")[2]
    return int(pid) if pid.isdecimal() else 0


def maker_lives(ring: Path) -> bool:
    """Whether the process that made the ring is still there."""
    maker = maker_of(ring)
    return maker > 0 and processes.started_ticks(maker) is not None


def has_a_header(ring: Path) -> bool:
    """Whether a file begins like a ring, be it of another version."""
    with ring.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def quiet_seconds(ring: Path) -> float:
    """For how long nobody has done anything with a ring. By the clock that nobody sets, where the ring can be read."""
    from tttui.native import reader

    try:
        header = reader.Ring(str(ring))
    except ValueError:
        return time.time() - ring.stat().st_mtime
    return (time.monotonic_ns() - max(header.writer_beat, header.start_clock)) / 1e9


def remove_sockets(viewers: Path) -> None:
    """Remove what checkpoints were reached by: where viewers asked, and beside it where copies reported."""
    for suffix in (".viewers", ".copies"):
        viewers.with_suffix(suffix).unlink(missing_ok=True)


def left_behind() -> Iterator[tuple[Path, Path]]:
    """Rings in shared memory whose maker is gone and that no writer holds, each with its recording."""
    directory = paths.shared_ring_directory()
    if directory is None:
        return
    for beside in (*directory.glob("*.run"), *directory.glob("*.log")):
        ring = beside.with_suffix(".ring")
        if not maker_lives(ring) and not ring.exists():
            remove(ring)
    for pattern in ("*.copies", "*.viewers", "*.again", "*.withheld"):
        for beside in directory.glob(pattern):
            if not maker_lives(beside):
                beside.unlink(missing_ok=True)
    for ring in sorted(directory.glob("*.ring")):
        if maker_lives(ring):
            continue
        if not link_of(ring).is_symlink():
            remove(ring)  # of a program that was run again: nothing is in it
            continue
        try:
            descriptor = lock(ring)
            database = Path(os.readlink(link_of(ring)))
        except OSError:
            continue
        if descriptor is not None:
            os.close(descriptor)
            yield ring, database
