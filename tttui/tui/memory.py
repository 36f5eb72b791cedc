"""What the viewer remembers from one day to the next: layouts, the theme that was chosen, what the timeline shows."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tttui.paths import state_directory
from tttui.tui.layouts import CLASSES, PANES, SLOTS, Wishes

FORMAT: Final = 1
_LARGEST: Final = 1 << 20
_SHARES: Final = frozenset({*SLOTS, "column 1", "column 2", "below", "timeline"})


class Memory:
    """A file of the user's. What in it can't be used is left out: nothing of it is worth an error."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.layouts: dict[str, Wishes] = {}
        """By class of sizes."""
        self.theme = ""
        self.graph = ""
        self.by_age = False
        """Whether the locals are sorted by when they changed."""
        if path is not None:
            self._read(path)

    @classmethod
    def of_the_user(cls) -> "Memory":
        return cls(state_directory() / "viewer.json")

    def _read(self, path: Path) -> None:
        try:
            if path.stat().st_size > _LARGEST:
                return
            content = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            return
        self.theme = _text(content.get("theme"))
        self.graph = _text(content.get("graph"))
        self.by_age = content.get("by_age") is True
        layouts = content.get("layouts")
        for name, wishes in (layouts if isinstance(layouts, dict) else {}).items():
            if name in CLASSES and isinstance(wishes, dict):
                self.layouts[name] = _wishes(wishes)

    def save(self) -> None:
        """Write it as a whole. Where that can't be done, nothing is remembered: that is no reason to disturb anybody."""
        if self._path is None:
            return
        content = {
            "format": FORMAT,
            "theme": self.theme,
            "graph": self.graph,
            "by_age": self.by_age,
            "layouts": {
                name: {"hidden": sorted(wishes.hidden), "places": dict(wishes.places), "shares": dict(wishes.shares)}
                for name, wishes in self.layouts.items()
            },
        }
        fresh = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
            os.replace(fresh, self._path)
        except OSError:
            pass


def _text(found: Any) -> str:
    return found if isinstance(found, str) else ""


def _wishes(found: Mapping[str, Any]) -> Wishes:
    hidden, places, shares = found.get("hidden"), found.get("places"), found.get("shares")
    stand = {
        slot: pane
        for slot, pane in (places.items() if isinstance(places, dict) else ())
        if slot in SLOTS and pane in PANES and pane != "timeline"
    }
    if len(set(stand.values())) != len(stand):
        stand = {}
    return Wishes(
        frozenset(pane for pane in (hidden if isinstance(hidden, list) else ()) if pane in PANES),
        stand,
        {
            name: float(share)
            for name, share in (shares.items() if isinstance(shares, dict) else ())
            if name in _SHARES and isinstance(share, (int, float)) and 0 < share < 1
        },
    )
