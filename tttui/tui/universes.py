"""Other universes of a recording: how the program went on from a change, recorded beside it. Lanes, and what a list says of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from tttui.errors import TttuiError
from tttui.report.listing import SUFFIX, UNIVERSE
from tttui.tui.sources import short

_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Universe:
    """A recording that is like this one up to an event; or, for a universe, the one that it parted from."""

    path: Path
    name: str
    event: int
    """From which on they go different ways."""
    events: int
    change: str
    """The statements that changed something, empty for none."""
    ended: str
    failed: bool
    is_first: bool = False
    """Whether the other one is a universe of it, not the other way round."""


def universes(run: Any, more: Sequence[str] = ()) -> tuple[Universe, ...]:
    """The universes beside a recording, and those at other places; of a universe the one that it parted from, and its other ones."""
    from tttui.report.opening import open_run

    own = Path(run.path).absolute()
    first = _first(run)
    home = first or own
    found: list[Universe] = []
    beside = sorted(home.parent.glob(f"{_escaped(home.stem)}{UNIVERSE}*{SUFFIX}"), key=_number)
    paths = dict.fromkeys([*([home] if first is not None else []), *beside, *(Path(path).absolute() for path in more)])
    for path in islice((path for path in paths if path != own), _MOST):
        try:
            with open_run(path) as other:
                universe = _universe(run, other, path, home, is_first=path == first)
        except TttuiError:
            continue  # it is gone, or something else
        if universe is not None:
            found.append(universe)
    return tuple(found)


def _universe(run: Any, other: Any, path: Path, home: Path, *, is_first: bool) -> Universe | None:
    event = run.meta.get("universe_event") if is_first else other.meta.get("universe_event")
    if type(event) is not int or (not is_first and _first(other) != home):
        return None
    parted = run.meta.get("universe_event")
    if not is_first and type(parted) is int:
        event = min(event, parted)  # of two universes of one recording
    name = "the first one" if is_first else f"universe {_number(path)}" if _number(path) else short(str(path))
    change = "" if is_first else str(other.meta.get("universe_change") or "")
    return Universe(path, name, event, other.events, change, _ended(other.meta), bool(other.meta.get("exception")), is_first)


def _ended(meta: Mapping[str, Any]) -> str:
    from tttui.report.info import ended, exception_text

    if meta.get("universe_ended"):
        return str(meta["universe_ended"])
    if meta.get("exception"):
        return exception_text(meta["exception"])
    return {"exit": f"exit code {meta.get('exit_code')}", "killed": "it could not go on to its end"}.get(ended(meta), ended(meta))


def _first(run: Any) -> Path | None:
    """The recording that another one parted from."""
    path = run.meta.get("universe_of")
    return Path(path).absolute() if isinstance(path, str) and path else None


def _number(path: Path) -> int:
    digits = path.stem.rpartition(UNIVERSE)[2]
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def _escaped(text: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in text)


def lane(universe: Universe, start: int, stop: int, width: int, *, ascii_only: bool) -> str:
    """A universe over events start .. stop - 1 of the first one: from where it parted to where it ended."""
    line, corner, ends = ("-", "`", ("x", "|")) if ascii_only else ("─", "└", ("✖", "┤"))
    length = max(1, stop - start)

    def column(event: int) -> int:
        return (event - start) * width // length

    first, last = column(universe.event), column(max(universe.events - 1, universe.event))
    if first >= width or last < 0:
        return ""
    text = " " * max(0, first) + (corner if first >= 0 else line) + line * (min(last, width) - max(first, 0) - 1)
    return text[:width] if last >= width else text[: max(last, 0)].ljust(max(last, 0)) + ends[not universe.failed]


def parting(run: Any, universe: Universe, cancelled: Callable[[], bool]) -> Iterator[tuple[str, int | None]]:
    """(what is different first, at which event of this recording); nothing where they are alike."""
    from tttui.navigation.diff import compare
    from tttui.report.opening import open_run

    with open_run(universe.path) as other:
        found = compare(run, other, cancelled=cancelled)
        was_ended = bool(other.meta.get("universe_ended"))
    for one in found.partings:
        if cancelled() or (one.sort == "end" and was_ended):  # that is told by how it ended
            continue
        event = one.first.event if one.first is not None else None
        yield one.what, event
        for difference in one.differences[:3]:
            before = difference.old.text if difference.old is not None else "(nothing)"
            after = difference.new.text if difference.new is not None else "(gone)"
            yield f"  {difference.path}: {before} → {after}", event
