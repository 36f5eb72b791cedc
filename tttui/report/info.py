"""What there is to say about a recording as a whole."""

import json
import os
import shlex
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tttui.native import reader

if TYPE_CHECKING:
    from tttui.store.run import Run

FORMAT: Final = 1
"""Version of the JSON that `info` and `list` write."""

LIMIT_OF_CUT: Final = {"items": "max_items", "depth": "max_depth", "string": "max_string"}
"""Which setting made a cut; what isn't named here was cut by a limit that is built in."""


@dataclass(frozen=True)
class HotFunction:
    """A function and how often it and its lines ran."""

    function: str
    file: str
    first_line: int
    calls: int
    lines: int


@dataclass(frozen=True)
class Information:
    """A recording as a whole: the JSON, and what only people are shown."""

    json: dict[str, Any]
    path: Path
    hottest: tuple[HotFunction, ...]
    kinds: tuple[tuple[str, int], ...]
    forks: int
    waits: int
    gaps: tuple[tuple[str, int], ...]
    stopped: str | None
    """Why recording stopped before the program did."""
    unfinished: bool
    """The recording was cut short, or is still being made."""
    last: str | None
    """Where an unfinished one ends: ``line 3 of main in job.py``."""


def information(run: "Run", *, functions: int = 10) -> Information:
    """Everything about a recording, from its plain rows alone: quick however long it is."""
    meta = run.meta
    unfinished = meta.get("state") not in ("finished", None)
    return Information(
        json=_json(run),
        path=run.path,
        hottest=hottest(run, functions),
        kinds=_kinds(run),
        forks=_number(meta, "forks"),
        waits=_number(meta, "waits"),
        stopped=str(meta["stopped"]) if meta.get("stopped") else None,
        unfinished=unfinished,
        last=_last_place(run) if unfinished else None,
        gaps=tuple((GAP_REASONS.get(gap.reason, f"reason {gap.reason}"), gap.count) for gap in run.gaps()),
    )


def _last_place(run: "Run") -> str | None:
    if run.events == 0:
        return None
    frames = run.moment(run.events - 1, depth=0).stack
    return f"line {frames[-1].line} of {frames[-1].function} in {frames[-1].file}" if frames else None


GAP_REASONS: Final = {
    1: "the writer was gone",
    2: "the program replaced the tracer",
    3: "out of memory",
    4: "recording was stopped",
}


def _json(run: "Run") -> dict[str, Any]:
    meta = run.meta
    found: dict[str, Any] = {
        "format": FORMAT,
        "command": command(meta),
        "python": meta.get("python"),
        "platform": meta.get("platform"),
        "started": meta.get("started"),
        "duration_s": duration_s(meta),
        "ended": ended(meta),
        "exit_code": meta.get("exit_code"),
    }
    if type(version := meta.get("python_hex")) is int:
        found["python_version"] = ".".join(str(version >> bits & 0xFF) for bits in (24, 16, 8))
    if meta.get("signal") is not None:
        found["signal"] = meta["signal"]
    if meta.get("exception") is not None:
        found["exception"] = meta["exception"]
    found.update(
        events=run.events,
        calls=run.calls,
        threads=len(run.threads()),
        files=len(run.files()),
        size_bytes=size_on_disk(run.path),
        lost=_number(meta, "lost"),
        cut=cut(meta),
    )
    made = checkpoints(run)
    if made is not None:
        found["checkpoints"] = made
    return found


NOT_MADE: Final = {
    "threads": "several threads were running",
    "main thread": "not in the main thread",
    "memory": "the program was too large",
    "parent": "tttui was gone",
    "clone": "no room for another process",
    "wanted": "none were wanted then",
}


def checkpoints(run: "Run") -> dict[str, Any] | None:
    """What is known of the copies of the program that were made; None where none were to be."""
    meta = run.meta
    if meta.get("checkpoints") is None:
        return None
    times = meta.get("checkpoints_not")
    found: dict[str, Any] = {
        "made": _number(meta, "checkpoints_made"),
        "took_ms": round(_number(meta, "checkpoint_ns") / 1e6, 3),
        "most_memory_bytes": _number(meta, "checkpoint_memory"),
        "not_made": {},
    }
    if isinstance(times, dict):
        found["not_made"] = {NOT_MADE.get(str(why), str(why)): number for why, number in times.items() if number}
    from tttui.checkpoints.client import Checkpoints
    from tttui.errors import TttuiError

    try:
        with Checkpoints.of(run) as living:
            kept = living.list()
        found |= {"kept": len(kept), "memory_bytes": sum(each.memory for each in kept)}
    except TttuiError:
        found["kept"] = 0
    return found


def command(meta: Mapping[str, Any]) -> list[str]:
    """The command line that was recorded, word by word."""
    words = meta.get("command")
    return [str(word) for word in words] if isinstance(words, list) else [] if words is None else [str(words)]


def command_line(meta: Mapping[str, Any]) -> str:
    """The same as one would type it."""
    return shlex.join(command(meta))


def duration_s(meta: Mapping[str, Any]) -> float:
    """How long the run took, in seconds; 0 while that isn't known."""
    return _number(meta, "duration_ns") / 1e9


def signal_name(meta: Mapping[str, Any]) -> str | None:
    """``SIGTERM``; None where no signal ended the program."""
    number = meta.get("signal")
    if not isinstance(number, int):
        return None if number is None else str(number)
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def exception_text(exception: object) -> str:
    """The exception that ended a program, as the recording has it, in one line; "" for none."""
    if isinstance(exception, dict):
        where = f" at {os.path.basename(str(exception.get('file')))}:{exception['line']}" if exception.get("line") else ""
        return str(exception.get("text") or exception.get("type") or "not known") + where
    return "" if exception is None else str(exception)


def ended(meta: Mapping[str, Any]) -> str:
    """How the program ended: exit, exception, signal, killed or recording."""
    return str(meta.get("ended") or "recording")


def cut(meta: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """What limits cut off: ``{"items": {"times": 3, "limit": 1000}}``, only what there was."""
    counts, limits = meta.get("cut"), meta.get("limits")
    if not isinstance(counts, dict):
        return {}
    result = {}
    for what, times in counts.items():
        if isinstance(times, int) and times > 0:
            result[str(what)] = {"times": times}
            limit = limits.get(LIMIT_OF_CUT.get(str(what), "")) if isinstance(limits, dict) else None
            if isinstance(limit, int):
                result[str(what)]["limit"] = limit
    return result


def size_on_disk(path: Path) -> int:
    """Bytes of a recording, with the log beside it while it is being written."""
    total = 0
    for name in (path, path.with_name(f"{path.name}-wal")):
        try:
            total += os.stat(name).st_size
        except OSError:
            pass
    return total


def hottest(run: "Run", number: int) -> tuple[HotFunction, ...]:
    """The functions in which most lines ran, most first."""
    lines: dict[int, int] = {}
    for code, _, hits in run.line_hits():
        lines[code] = lines.get(code, 0) + hits
    paths = {file.id: file.path for file in run.files()}
    codes = sorted(run.codes(), key=lambda code: (-lines.get(code.id, 0), -code.calls, code.id))
    return tuple(
        HotFunction(code.qualname, paths.get(code.file, ""), code.first_line, code.calls, lines.get(code.id, 0))
        for code in codes[:number]
        if code.calls or lines.get(code.id, 0)
    )


def _kinds(run: "Run") -> tuple[tuple[str, int], ...]:
    """Events by kind, where the writer counted them; else what can be told from the plain rows."""
    counted = run.meta.get("kinds")
    if isinstance(counted, str):
        try:
            counted = json.loads(counted)
        except (ValueError, RecursionError):
            counted = None
    last = run.uncounted()
    if isinstance(counted, list) or last is not None:
        more = last["kinds"] if last is not None else [0] * len(reader.KINDS)
        numbers = counted if isinstance(counted, list) and len(counted) == len(more) else [0] * len(more)
        totals = [(kind, times + new) for kind, times, new in zip(reader.KINDS, numbers, more, strict=True) if isinstance(times, int)]
        pairs = [(kind, times) for kind, times in totals if times > 0]
        return tuple(sorted(pairs, key=lambda pair: -pair[1]))
    lines = sum(hits for _, _, hits in run.line_hits())
    rest = run.events - lines - run.calls
    return tuple(pair for pair in (("line", lines), ("call", run.calls), ("return, yield, raise and others", rest)) if pair[1] > 0)


def _number(meta: Mapping[str, Any], key: str) -> int:
    value = meta.get(key)
    return value if isinstance(value, int) else 0
