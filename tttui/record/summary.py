"""The one line that `tttui record` prints when the program has ended."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tttui.config import BREAKPOINT, stop_of
from tttui.paths import sqlite_uri
from tttui.record.database import read_facts


def summary(path: Path) -> str:
    """What was recorded: events, seconds, size, path; and how it ended, where that is not plainly."""
    try:
        facts = read_facts(path)
        events = _events(path)
        size = os.stat(path).st_size
    except (OSError, sqlite3.Error) as error:
        return f"the recording {path} can't be read: {error}"
    if facts.get("state") == "recording":
        return f"the recording is not finished yet, and will be when it is opened: {path}"
    seconds = (facts.get("duration_ns") or 0) / 1e9
    line = f"recorded {events:,} events in {seconds:.2f} s ({_bytes(size)}): {path}"
    if facts.get("exception"):
        line += f"; it ended in {_exception(json.loads(facts['exception']))}"
    if facts.get("lost"):
        line += f"; {facts['lost']:,} events were lost"
    if facts.get("stopped"):
        line += f"; recording stopped early: {facts['stopped']}"
    if missed := [place for place in json.loads(facts.get("stops") or "[]") if not _came_to(path, place)]:
        line += f"; it never came to {' nor to '.join(missed)}"
    return line


def _came_to(path: Path, place: str) -> bool:
    """Whether the program ran a line at which it was to stop: FILE:LINE, with a condition or without; or any other place."""
    if place == BREAKPOINT:
        return True
    line, _, file = stop_of(place).partition("\t")[0].partition(":")
    with closing(sqlite3.connect(sqlite_uri(path, "mode=ro"), uri=True)) as connection:
        files = connection.execute(
            "SELECT file.path FROM line_hits JOIN code ON code.id = line_hits.code JOIN file ON file.id = code.file WHERE line = ?",
            (int(line),),
        ).fetchall()
    return any(f"/{known}".endswith(f"/{file}") for (known,) in files)


def _events(path: Path) -> int:
    with closing(sqlite3.connect(sqlite_uri(path, "mode=ro"), uri=True)) as connection:
        row = connection.execute("SELECT first_event + events FROM chunk ORDER BY id DESC LIMIT 1").fetchone()
    return int(row[0]) if row else 0


def _exception(exception: dict[str, Any]) -> str:
    text = exception.get("text") or exception.get("type") or "an exception"
    if exception.get("line"):
        text += f" at {os.path.basename(str(exception['file']))}:{exception['line']}"
    return str(text)


def _bytes(size: int) -> str:
    if size < 1000:
        return f"{size} bytes"
    for unit, power in (("KB", 1e3), ("MB", 1e6), ("GB", 1e9)):
        if size < power * 1000 or unit == "GB":
            break
    return f"{size / power:,.1f} {unit}"
