"""Where tttui keeps its files: recordings, settings, and rings while a recording is made.

On Linux these are the directories that `platformdirs` names too (a test compares them); they are worked
out here because recording must not need anything beyond the standard library.
"""

import os
import re
import stat
import time
from pathlib import Path
from typing import Final

SHARED_MEMORY: Final = "/dev/shm"  # noqa: S108  # the directory made in it is checked
PLACE_VARIABLE: Final = "TTTUI_SHARED_MEMORY"
"""In the environment: another file system in memory, where a container has too little of the usual one."""


def _home_directory(variable: str, default: str) -> Path:
    """An XDG base directory: absolute, from the environment or below the home directory."""
    named = os.environ.get(variable, "")
    if os.path.isabs(named):
        return Path(named)
    return Path(os.path.expanduser("~")) / default


def sqlite_uri(path: Path, mode: str) -> str:
    """How SQLite is told which file to open, and how: `Path.as_uri`, but that takes 3 ms to load what it needs."""
    quoted = str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return f"file://{quoted}?{mode}"


def state_directory() -> Path:
    return _home_directory("XDG_STATE_HOME", ".local/state") / "tttui"


def recordings_directory() -> Path:
    """Where recordings go that were not given a name."""
    return state_directory() / "recordings"


def settings_file() -> Path:
    return _home_directory("XDG_CONFIG_HOME", ".config") / "tttui" / "config.toml"


def recording_name(program: str) -> str:
    """A file name made of the date and what was recorded: ``2026-11-21-143005-report.db``."""
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", program).strip("-.")[:40] or "python"
    return f"{time.strftime('%Y-%m-%d-%H%M%S')}-{stem}.db"


def shared_ring_directory() -> Path | None:
    """A directory of this user for rings in shared memory; None where there is none, or where it isn't safe to use."""
    place = Path(os.environ.get(PLACE_VARIABLE) or SHARED_MEMORY)
    if not place.is_absolute() or not place.is_dir():
        return None
    directory = place / f"tttui-{os.getuid()}"
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        found = os.lstat(directory)
    except OSError:
        return None
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not stat.S_IMODE(found.st_mode) & 0o077
    return directory if ours else None
