"""The notebook of a recording: marks with notes, watches and breakpoints, saved beside it and never in it."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

SUFFIX: Final = ".notes.json"
FORMAT: Final = 1
_LARGEST: Final = 4 << 20
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment with a name."""

    event: int
    note: str = ""


@dataclass
class Notebook:
    """What a person wrote about a recording."""

    path: Path
    marks: dict[str, Mark] = field(default_factory=dict)
    watches: list[str] = field(default_factory=list)
    breakpoints: list[dict[str, Any]] = field(default_factory=list)
    universes: list[str] = field(default_factory=list)
    """Paths of recordings in which the program went on another way, and that stand elsewhere than they usually do."""
    problem: str = ""
    """Why it could not be read or saved, empty where it could."""

    @classmethod
    def beside(cls, recording: Path) -> "Notebook":
        """The notebook of a recording; an empty one where there is none."""
        path = recording.with_name(recording.name + SUFFIX)
        notebook = cls(path)
        try:
            if path.stat().st_size > _LARGEST:
                raise ValueError("it is too large")
            notebook._read(json.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            pass
        except (OSError, ValueError, RecursionError) as error:
            notebook.problem = f"the notes in {path.name} can't be read: {error}"
        return notebook

    def _read(self, content: Any) -> None:
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise ValueError("it is no notebook of this version")
        marks = content.get("marks", {})
        for name, mark in list(marks.items() if isinstance(marks, Mapping) else ())[:_MOST]:
            if isinstance(mark, dict) and type(mark.get("event")) is int and isinstance(mark.get("note", ""), str):
                self.marks[str(name)] = Mark(mark["event"], mark.get("note", ""))
        self.watches = [text for text in content.get("watches", [])[:_MOST] if isinstance(text, str)]
        self.universes = [path for path in content.get("universes", [])[:_MOST] if isinstance(path, str)]
        self.breakpoints = [entry for entry in content.get("breakpoints", [])[:_MOST] if isinstance(entry, dict)]

    def save(self) -> None:
        """Write it as a whole, so that a kill leaves the old one or the new one."""
        if self.problem.startswith("the notes in"):
            return  # never overwrite what could not be read
        content = {
            "format": FORMAT,
            "marks": {name: {"event": mark.event, "note": mark.note} for name, mark in self.marks.items()},
            "watches": self.watches,
            "breakpoints": self.breakpoints,
            **({"universes": self.universes} if self.universes else {}),
        }
        fresh = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            fresh.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8", errors="surrogateescape")
            os.replace(fresh, self.path)
            self.problem = ""
        except OSError as error:
            self.problem = f"notes can't be saved: {error.strerror or error}"
