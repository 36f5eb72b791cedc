"""What starting a recording takes, from the command line as from within a running program."""

import json
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tttui.config import BREAKPOINT, Settings
from tttui.record import database, rings
from tttui.record.processes import command_of, own_environment


def first_facts(
    command: Sequence[str], python: str, settings: Settings, ring: Path | None, checkpoints: str = ""
) -> dict[str, database.Fact]:
    """What is known of a run before it starts: enough to make sense of a recording that a kill cut short."""
    return {
        "format": database.FORMAT,
        "command": json.dumps(list(command)),
        "python": database.storable(python),
        "platform": platform_name(),
        "cwd": working_directory(),
        "started": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "scope": json.dumps(settings.scope),
        "limits": json.dumps(settings.limits),
        "ended": "recording",
        # As bytes, where it can't be a text: the ring must be found again.
        "ring": None if ring is None else _text_or_bytes(str(ring)),
        "checkpoints": checkpoints or None,
        "stops": json.dumps([*settings.stop, *([BREAKPOINT] if settings.breakpoint else [])]) if settings.stops else None,
        "state": "recording",
    }


def platform_name() -> str:
    """What `platform.platform()` says, which takes 5 ms and a process of its own to find it out."""
    system, libc = os.uname(), (os.confstr("CS_GNU_LIBC_VERSION") or "").replace(" ", "")
    return "-".join(filter(None, (system.sysname, system.release, system.machine, libc and f"with-{libc}")))


def _text_or_bytes(path: str) -> str | bytes:
    return path if database.storable(path) == path else os.fsencode(path)


def working_directory() -> str | None:
    """The working directory; None where it has been removed."""
    try:
        return database.storable(os.getcwd())
    except OSError:
        return None


def spawn_writer(ring: Path, path: Path, *arguments: str) -> int:
    """Start a writer in a session of its own; its process id. OSError where it can't be started."""
    log = (os.POSIX_SPAWN_OPEN, 2, str(rings.log_of(ring)), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    return os.posix_spawn(
        sys.executable,
        [*command_of("tttui.record.writer"), str(ring), str(path), *arguments],
        own_environment(),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            log,
        ],
        setsid=True,
        setsigmask=[],
        setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
    )
