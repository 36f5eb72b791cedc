"""Where each pane stands, by the size of the terminal alone: pure geometry."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from textual.geometry import Region

SMALLEST: Final = (60, 15)
WIDE: Final = ("calls", "output", "results", "stops", "threads")
"""Panes that take turns in one place, where there isn't room for all of them."""


@dataclass(frozen=True)
class Layout:
    """Where the panes stand; those that aren't in `regions` are hidden."""

    regions: Mapping[str, Region]
    junctions_above: tuple[int, ...] = ()
    """Columns in which a separator meets the rule below the header,"""
    junctions_below: tuple[int, ...] = ()
    """and the one above the timeline."""
    fits: bool = True


def arrange(width: int, height: int, wide: str = "", maximised: str = "") -> Layout:
    """A layout. `wide` is which of the panes that take turns is on top, empty: none where they can be hidden."""
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return Layout({"notice": Region(0, 0, width, height)}, fits=False)
    timeline = 3 if height < 30 else 4 if height < 45 else 5
    top, bottom = 2, height - timeline - 2
    regions = {
        "header": Region(0, 0, width, 2),
        "timeline": Region(0, bottom, width, timeline),
        "status": Region(0, height - 2, width, 1),
        "footer": Region(0, height - 1, width, 1),
    }
    body = Region(0, top, width, bottom - top)
    if maximised == "timeline":
        source = max(4, body.height // 3)
        regions["source"] = Region(0, top, width, source)
        regions["timeline"] = Region(0, top + source, width, height - 2 - top - source)
        return Layout(regions)
    if maximised:
        regions[maximised] = body
        return Layout(regions)
    if width >= 160 and body.height >= 20:
        return _three_columns(regions, body, wide)
    return _two_columns(regions, body, wide)


def _two_columns(regions: dict[str, Region], body: Region, wide: str) -> Layout:
    width, height = body.width, body.height
    strip = max(28, min(46, width * 3 // 8))
    left = width - strip
    tall = height >= 26
    lower = height // 2 - 1 if not tall else max(8, height // 3)
    show_wide = wide or ("calls" if tall else "")
    upper = height - lower if show_wide else height
    stack = max(3, min(upper * 2 // 5, 8 if not tall else 10))
    regions["source"] = Region(0, body.y, left, upper)
    regions["locals"] = Region(left, body.y, strip, upper - stack)
    regions["stack"] = Region(left, body.y + upper - stack, strip, stack)
    if not show_wide:
        return Layout(regions, (left,), (left,))
    if tall and width >= 100 and show_wide != "stops":
        # Room for the breakpoints beside it.
        regions["stops"] = Region(left, body.y + upper, strip, lower)
        regions[show_wide] = Region(0, body.y + upper, left, lower)
        return Layout(regions, (left,), (left,))
    regions[show_wide] = Region(0, body.y + upper, width, lower)
    return Layout(regions, (left,), ())


def _three_columns(regions: dict[str, Region], body: Region, wide: str) -> Layout:
    width, height = body.width, body.height
    left = width * 43 // 100
    middle = width * 31 // 100
    right = width - left - middle
    stack, stops = max(6, height // 5), max(7, height // 4)
    regions["source"] = Region(0, body.y, left, height)
    regions["locals"] = Region(left, body.y, middle, height - stack - stops)
    regions["stack"] = Region(left, body.y + height - stack - stops, middle, stack)
    regions["stops"] = Region(left, body.y + height - stops, middle, stops)
    lower_pane = wide if wide in ("output", "results", "threads") else "output"
    lower = height // 2 if wide == "results" else height * 2 // 5
    regions["calls"] = Region(left + middle, body.y, right, height - lower)
    regions[lower_pane] = Region(left + middle, body.y + height - lower, right, lower)
    return Layout(regions, (left, left + middle), (left, left + middle))
