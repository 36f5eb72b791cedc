"""Where each pane stands, by the size of the terminal and a user's wishes alone: pure geometry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from textual.geometry import Region

SMALLEST: Final = (60, 15)
WIDE: Final = ("calls", "output", "results", "stops", "threads")
"""Panes that take turns in one place, where there isn't room for all of them."""
PANES: Final = ("source", "locals", "stack", "timeline", "calls", "output", "stops", "results", "threads")
"""All of them, by the digit that goes to them."""
TURN: Final = "turn"
"""The place in which they do."""
SLOTS: Final = ("source", "locals", "stack", "stops", "calls", TURN)
"""The places. Each is called after the pane that stands there unless it was exchanged for another."""
CLASSES: Final = ("narrow", "tall", "middle", "wide")
"""Classes of sizes: what is wished for one doesn't touch the others."""
_TOP: Final = 2
_MIDDLE: Final = 30
"""Rows from which on the timeline has a scale,"""
_HIGH: Final = 45
"""a legend, and room for lanes:"""
_MOST_LANES: Final = 5
"""at most so many, where nothing else is wished."""
_LEAST_WIDTH: Final = 20
_LEAST_HEIGHT: Final = 3


@dataclass(frozen=True)
class Wishes:
    """What a user made of a layout."""

    hidden: frozenset[str] = frozenset()
    """Panes that are not wanted."""
    places: Mapping[str, str] = field(default_factory=dict)
    """Place → the pane that stands there instead of its own."""
    shares: Mapping[str, float] = field(default_factory=dict)
    """Place, ``column N``, ``below`` or ``timeline`` → which part of the body's width or height it has."""


NONE: Final = Wishes()


@dataclass(frozen=True)
class Layout:
    """Where the panes stand; those that aren't in `regions` are hidden."""

    regions: Mapping[str, Region]
    junctions_above: tuple[int, ...] = ()
    """Columns in which a separator meets the rule below the header,"""
    junctions_below: tuple[int, ...] = ()
    """and the one above the timeline."""
    fits: bool = True
    body: Region = Region(0, 0, 0, 0)  # noqa: RUF009 - it can't be changed
    columns: tuple[tuple[str, ...], ...] = ()
    """The panes of each column, from above."""
    numbers: tuple[int, ...] = ()
    """Of those columns, counted with those that are hidden."""
    below: str = ""
    """The pane below all columns."""
    slots: Mapping[str, str] = field(default_factory=dict)
    """Pane → its place."""


@dataclass(frozen=True)
class _Plan:
    """A layout before it has a size: the first column and the first pane of a column take what the others leave."""

    columns: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    """Of the columns behind the first."""
    heights: Mapping[str, int]
    """Of the panes that aren't the first of their column."""
    turn: str = ""
    """What stands in the place where panes take turns."""
    below: bool = False
    """Whether that place is below all columns."""


def size_class(width: int, height: int) -> str:
    """Which wishes are about a size."""
    body = height - _timeline_height(height) - _TOP - 2
    if width >= 160 and body >= 20:
        return "wide"
    if body < 26:
        return "narrow"
    return "middle" if width >= 100 else "tall"


def arrange(
    width: int, height: int, wide: str = "", maximised: str = "", wishes: Wishes = NONE, lanes: int = 1, universes: int = 0
) -> Layout:
    """A layout. `wide` is which of the panes that take turns is on top, empty: the one that usually is.

    `lanes`: of the timeline, which is higher where there is room for several; `universes` of them are other universes, for one of
    which there is room in smaller terminals, too.
    """
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return Layout({"notice": Region(0, 0, width, height)}, fits=False)
    timeline = _timeline_height(height)
    if height >= _HIGH:
        timeline += min(lanes, _MOST_LANES) if lanes > 1 else 0
    elif height >= _MIDDLE:
        timeline += min(universes, 1)
    if "timeline" in wishes.shares:
        timeline = min(max(3, round(wishes.shares["timeline"] * height)), height // 2)
    if "timeline" in wishes.hidden and maximised != "timeline":
        timeline = 0
    bottom = height - timeline - 2
    regions = {
        "header": Region(0, 0, width, _TOP),
        "status": Region(0, height - 2, width, 1),
        "footer": Region(0, height - 1, width, 1),
    }
    if timeline:
        regions["timeline"] = Region(0, bottom, width, timeline)
    body = Region(0, _TOP, width, bottom - _TOP)
    if maximised == "timeline":
        source = max(4, body.height // 3)
        regions["source"] = Region(0, _TOP, width, source)
        regions["timeline"] = Region(0, _TOP + source, width, height - 2 - _TOP - source)
        return Layout(regions, body=body)
    if maximised:
        regions[maximised] = body
        return Layout(regions, body=body)
    plan = _plan(size_class(width, height), body, wide)
    return _placed(plan, body, regions, wide, wishes)


def _timeline_height(height: int) -> int:
    return 3 if height < _MIDDLE else 4 if height < _HIGH else 6


def _plan(kind: str, body: Region, wide: str) -> _Plan:
    width, height = body.width, body.height
    if kind == "wide":
        stack, stops = max(6, height // 5), max(7, height // 4)
        turn = height // 2 if wide == "results" else height * 2 // 5
        return _Plan(
            (("source",), ("locals", "stack", "stops"), ("calls", TURN)),
            (width * 31 // 100, width - width * 43 // 100 - width * 31 // 100),
            {"stack": stack, "stops": stops, TURN: turn},
            "output",
        )
    strip = max(28, min(46, width * 3 // 8))
    if kind == "middle":
        lower = max(8, height // 3)
        stack = max(3, min((height - lower) * 2 // 5, 10))
        heights = {"stack": stack, "stops": lower, TURN: lower}
        return _Plan((("source", TURN), ("locals", "stack", "stops")), (strip,), heights, "calls")
    tall = kind == "tall"
    lower = max(8, height // 3) if tall else height // 2 - 1
    upper = height - lower if wide or tall else height
    stack = max(3, min(upper * 2 // 5, 10 if tall else 8))
    return _Plan((("source",), ("locals", "stack")), (strip,), {"stack": stack, TURN: lower}, "calls" if tall else "", below=True)


def _placed(plan: _Plan, body: Region, regions: dict[str, Region], wide: str, wishes: Wishes) -> Layout:
    """Put the panes into a plan, as they are wished."""
    own = [slot for column in plan.columns for slot in column if slot != TURN]
    panes = {slot: wishes.places.get(slot, slot) for slot in own}
    if len(set(panes.values())) < len(panes):
        panes = {slot: slot for slot in own}  # from a file that somebody edited
    panes[TURN] = wishes.places.get(TURN, plan.turn)
    if wide and wide not in [panes[slot] for slot in own]:
        panes[TURN] = wide
    for slot, pane in list(panes.items()):
        taken = [other for kept, other in panes.items() if kept != slot]
        if not pane or pane in wishes.hidden or (pane in taken and slot == TURN):
            del panes[slot]
    columns = [(number, [slot for slot in column if slot in panes]) for number, column in enumerate(plan.columns)]
    columns = [(number, column) for number, column in columns if column]
    below = panes.get(TURN, "") if plan.below else ""
    if not columns and not below:
        columns, panes = [(0, ["source"])], {**panes, "source": "source"}
    height = body.height
    if below and columns:
        # Two rows at least stay above it.
        lower = _share(wishes, "below", height, plan.heights[TURN], _LEAST_HEIGHT, height - _LEAST_HEIGHT)
        height -= lower
        regions[below] = Region(0, body.y + height, body.width, lower)
    elif below:
        regions[below] = body
    widths = _widths(columns, plan, body.width, wishes)
    edges: list[int] = []
    x = 0
    for (_, column), width in zip(columns, widths, strict=True):
        edges.append(x)
        y = body.y
        for slot, rows in zip(column, _heights(column, plan, height, wishes), strict=True):
            regions[panes[slot]] = Region(x, y, width, rows)
            y += rows
        x += width
    inner = tuple(edges[1:])
    return Layout(
        regions, inner, () if below else inner, True, body, tuple(tuple(panes[slot] for slot in column) for _, column in columns),
        tuple(number for number, _ in columns), below, {pane: slot for slot, pane in panes.items()},
    )  # fmt: skip


def _share(wishes: Wishes, name: str, whole: int, usual: int, least: int, most: int) -> int:
    wanted = round(wishes.shares[name] * whole) if name in wishes.shares else usual
    return max(min(wanted, most), min(least, most), 1)


def _widths(columns: Sequence[tuple[int, Sequence[str]]], plan: _Plan, width: int, wishes: Wishes) -> list[int]:
    """The widths of the columns: the first has what the others leave, however many there are."""
    found = []
    rest = width
    for place, (number, _) in reversed(list(enumerate(columns))):
        if not place:
            break
        usual = plan.widths[number - 1]
        mine = _share(wishes, f"column {number}", width, usual, _LEAST_WIDTH, rest - _LEAST_WIDTH * place)
        found.append(mine)
        rest -= mine
    return [rest, *reversed(found)] if columns else []


def _heights(column: Sequence[str], plan: _Plan, height: int, wishes: Wishes) -> list[int]:
    """The heights of a column's panes: the first has what the others leave."""
    found = []
    rest = height
    for place, slot in reversed(list(enumerate(column))):
        if not place:
            break
        usual = plan.heights.get(slot, height // len(column))
        mine = _share(wishes, slot, height, usual, _LEAST_HEIGHT, rest - _LEAST_HEIGHT * place)
        found.append(mine)
        rest -= mine
    return [rest, *reversed(found)]


# -- what can be wished


def exchanged(layout: Layout, wishes: Wishes, one: str, other: str) -> Wishes:
    """Two panes that are shown change places."""
    here, there = layout.slots.get(one), layout.slots.get(other)
    if here is None or there is None:
        return wishes
    return replace(wishes, places={**wishes.places, here: other, there: one})


def hidden(wishes: Wishes, pane: str, *, hide: bool) -> Wishes:
    """A pane is hidden, or shown again."""
    return replace(wishes, hidden=wishes.hidden | {pane} if hide else wishes.hidden - {pane})


def resized(layout: Layout, wishes: Wishes, pane: str, wider: int, taller: int) -> Wishes:
    """A pane gets so many cells more, or fewer; its neighbours give them."""
    shares = dict(wishes.shares)
    body = layout.body
    if pane == "timeline" and taller:
        # Of the whole screen: the body shrinks with it.
        height = layout.regions["footer"].bottom
        shares["timeline"] = (layout.regions["timeline"].height + taller) / height
        return replace(wishes, shares=shares)
    if pane == layout.below and taller:
        shares["below"] = (layout.regions[pane].height + taller) / body.height
    for number, column in enumerate(layout.columns):
        if pane not in column:
            continue
        place = column.index(pane)
        if taller:
            height = sum(layout.regions[name].height for name in column)
            if place:
                shares[layout.slots[pane]] = (layout.regions[pane].height + taller) / height
            elif len(column) > 1:
                shares[layout.slots[column[1]]] = (layout.regions[column[1]].height - taller) / height
            elif layout.below:
                shares["below"] = (layout.regions[layout.below].height - taller) / body.height
        if wider and len(layout.columns) > 1:
            which = max(number, 1)
            neighbour = layout.columns[which]
            width = layout.regions[neighbour[0]].width + (wider if number else -wider)
            shares[f"column {layout.numbers[which]}"] = width / body.width
    return replace(wishes, shares={name: min(max(share, 0.02), 0.95) for name, share in shares.items()})
