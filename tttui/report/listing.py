"""The recordings that there are: which, and which is the newest."""

import datetime
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tttui.errors import TttuiError
from tttui.paths import recordings_directory
from tttui.report.info import FORMAT, command, duration_s, ended, size_on_disk
from tttui.store.run import Run

SUFFIX: Final = ".db"
UNIVERSE: Final = "-universe-"
"""In the names of recordings in which a program went on another way."""


@dataclass(frozen=True)
class Listed:
    """One recording in the state directory."""

    json: dict[str, Any]
    """What `info` says that can be had from the meta table alone, and `path`; `error` where it can't be read."""
    modified: datetime.datetime


def recordings(directory: Path | None = None) -> list[Path]:
    """The recordings in a directory (none: the user's), newest first."""
    try:
        with os.scandir(directory or recordings_directory()) as entries:
            found = [
                (entry.stat(follow_symlinks=False).st_mtime_ns, entry.name, Path(entry.path))
                for entry in entries
                if entry.name.endswith(SUFFIX) and entry.is_file(follow_symlinks=False)
            ]
    except OSError:
        return []
    return [path for _, _, path in sorted(found, reverse=True)]


def newest(directory: Path | None = None) -> Path:
    """The newest recording of a program, not another universe of an older one. TttuiError where there is none."""
    found = recordings(directory)
    if not found:
        raise TttuiError("No recording", f"there is none in {directory or recordings_directory()}", "tttui record script.py makes one")
    return next((path for path in found if UNIVERSE not in path.stem), found[0])


def find(run: str | Path | None) -> Path:
    """The recording that RUN names: a path, or the newest one where it is None."""
    return newest() if run is None else Path(run)


def listing(directory: Path | None = None) -> list[Listed]:
    """Every recording with what its meta table says. One that can't be read is listed with the reason."""
    return [_listed(path) for path in recordings(directory)]


def _listed(path: Path) -> Listed:
    facts: dict[str, Any] = {"format": FORMAT, "path": str(path)}
    try:
        with Run.open(path) as run:
            meta = run.meta
            facts.update(
                command=command(meta),
                python=meta.get("python"),
                started=meta.get("started"),
                duration_s=duration_s(meta),
                ended=ended(meta),
                exit_code=meta.get("exit_code"),
                events=run.events,
            )
            for optional in ("signal", "exception", "universe_of", "universe_event", "universe_change"):
                if meta.get(optional) is not None:
                    facts[optional] = meta[optional]
    except TttuiError as error:
        facts["error"] = str(error)
    facts["size_bytes"] = size_on_disk(path)
    try:
        modified = datetime.datetime.fromtimestamp(path.stat().st_mtime)
    except OSError:
        modified = datetime.datetime.fromtimestamp(0)
    return Listed(facts, modified)
