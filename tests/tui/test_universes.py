"""Universes as lanes."""

import datetime
from pathlib import Path

import pytest

from tttui.report.listing import Listed
from tttui.tui import theme as themes
from tttui.tui.chooser import Recordings
from tttui.tui.universes import Universe, lane


def of(event: int, events: int, *, failed: bool = False) -> Universe:
    return Universe(Path("run-universe-1.db"), "universe 1", event, events, "x = 1", "exit code 0", failed)


@pytest.mark.parametrize(
    ("universe", "stretch", "wanted"),
    [
        (of(50, 81), (0, 100), "     └──┤"),
        (of(50, 81, failed=True), (0, 100), "     └──✖"),
        (of(50, 500), (0, 100), "     └────"),
        (of(50, 81), (60, 80), "──────────"),
        (of(50, 81), (0, 20), ""),
        (of(10, 21), (50, 100), ""),
        (of(0, 10), (0, 10), "└────────┤"),
        (of(99, 100), (0, 100), "         ┤"),
    ],
)
def test_a_lane_goes_from_where_it_parted_to_where_it_ended(universe: Universe, stretch: tuple[int, int], wanted: str) -> None:
    found = lane(universe, *stretch, 10, ascii_only=False)
    assert found == wanted
    assert len(found) <= 10
    plain = lane(universe, *stretch, 10, ascii_only=True)
    assert plain == wanted.translate(str.maketrans("└─┤✖", "`-|x"))


def test_a_universe_is_told_apart_in_the_list_of_recordings() -> None:
    facts = {"path": "run-universe-1.db", "events": 5, "command": ["python", "program.py"], "ended": "exit"}
    modified = datetime.datetime(2026, 1, 2)
    shown = Recordings([], themes.load("night"))
    plain = shown._row(Listed(facts, modified), 100).text
    assert "python program.py" in plain
    assert "universe" not in plain
    other = shown._row(Listed({**facts, "universe_of": "run.db", "universe_change": "limit = 2"}, modified), 100).text
    assert "another universe: limit = 2" in other
