"""What a witness wrote down, read back: one `Sight` for each event."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oracle.structure import Node

NO_VALUE: Node = {"no": "value"}


@dataclass(frozen=True)
class FrameSeen:
    call: int
    line: int
    file: str
    function: str
    optimized: bool
    """Whether its variables are fast locals: not so for modules, class bodies and exec'ed code."""
    locals: Mapping[str, Node]


@dataclass(frozen=True)
class Sight:
    """One event, with everything that could be seen at it."""

    kind: str
    thread: int
    task: tuple[int, str | None] | None
    """Its number, and its name when it was first seen: a task may be named later."""
    value: Node
    """What the event carries, or `NO_VALUE`."""
    stack: tuple[FrameSeen, ...]
    objects: Mapping[int, dict[str, Any]]


@dataclass(frozen=True)
class Observations:
    python: str
    keep: bool
    """Whether a number means one object through the whole run; else only within one event."""
    max_items: int
    sights: list[Sight]


def read_testimony(path: Path) -> Observations:
    with path.open(encoding="ascii") as file:
        lines = iter(file)
        header = json.loads(next(lines))
        return Observations(header["python"], header["keep"], header["max_items"], list(_sights(lines)))


def _sights(lines: Iterator[str]) -> Iterator[Sight]:
    objects: dict[int, dict[str, Any]] = {}
    frames: dict[int, dict[str, Any]] = {}
    for line in lines:
        event = json.loads(line)
        if "objects" in event:
            objects = objects | {int(number): entry for number, entry in event["objects"].items()}
        for number, entry in event.get("frames", {}).items():
            frames[int(number)] = entry
        stack = tuple(FrameSeen(call=call, line=where, **frames[call]) for call, where in event["stack"])
        task = tuple(event["task"]) if "task" in event else None
        yield Sight(event["kind"], event["thread"], task, event.get("value", NO_VALUE), stack, objects)
