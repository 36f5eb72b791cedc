"""`tttui info` and `tttui list`: the JSON contract, and what people are told."""

import json
import os
from pathlib import Path

import pytest
from support.encoder import Stream

from report import building
from report.building import define_types
from report.commands import tttui
from tttui.paths import recordings_directory
from tttui.report.listing import listing, newest, recordings


def test_the_json_of_a_run_that_ended_in_an_exception(shop: Path) -> None:
    ended = tttui("info", shop, "--json")
    assert ended.exit_code == 0
    assert json.loads(ended.stdout) == {
        "format": 1,
        "command": ["shop.py", "--day", "2"],
        "python": "3.13.1",
        "platform": "Linux-6.1-x86_64",
        "started": "2026-11-21T10:00:00.000+00:00",
        "duration_s": 2.5,
        "ended": "exception",
        "exit_code": 1,
        "exception": {"type": "ValueError", "text": "ValueError('broke')"},
        "events": 22,
        "calls": 3,
        "threads": 1,
        "files": 1,
        "size_bytes": shop.stat().st_size,
        "lost": 0,
        "cut": {},
    }


def test_what_there_was_not_is_left_out(tmp_path: Path) -> None:
    found = json.loads(tttui("info", building.shop(tmp_path / "a.db", ended="exit", exit_code=0, exception=None), "--json").stdout)
    assert found["ended"] == "exit"
    assert "exception" not in found
    assert "signal" not in found
    killed = json.loads(
        tttui("info", building.shop(tmp_path / "b.db", ended="killed", exit_code=None, exception=None, signal=9), "--json").stdout
    )
    assert (killed["ended"], killed["exit_code"], killed["signal"]) == ("killed", None, 9)


def test_what_was_cut_is_told_with_its_limit(tmp_path: Path) -> None:
    path = building.shop(tmp_path / "run.db", cut=json.dumps({"items": 3, "depth": 0, "string": 1, "int": 2, "objects": 0}))
    assert json.loads(tttui("info", path, "--json").stdout)["cut"] == {
        "items": {"times": 3, "limit": 1000},
        "string": {"times": 1, "limit": 4096},
        "int": {"times": 2},
    }
    assert "items      3 times (limit 1,000)" in tttui("info", path).stdout


def test_people_are_told_what_happened(tmp_path: Path) -> None:
    path = building.shop(tmp_path / "run.db", forks=2, lost=5)
    said = tttui("info", path).stdout
    for piece in (
        "shop.py --day 2",
        "exception ValueError('broke')",
        "ran 2.50 s",
        "22 events, 3 calls, 1 thread, 1 file",
        "2 child processes forked: not recorded",
        "5 events lost",
        "14  line",
        "8             1  <module>  /home/user/shop.py:1",
        "6             2  pay  /home/user/shop.py:1",
    ):
        assert piece in said


def test_a_gap_is_told(tmp_path: Path) -> None:
    stream = define_types(Stream()).def_file(1, "/f.py", 0).def_code(1, 1, "f", 1).push(1, 1).gap(2, 7).call()
    assert (
        "not recorded for a while: the program replaced the tracer (7 events)"
        in tttui("info", building.record(tmp_path / "r.db", [stream.whole()])).stdout
    )


def test_a_recording_without_events_can_be_looked_at(tmp_path: Path) -> None:
    path = building.record(tmp_path / "run.db", [])
    assert json.loads(tttui("info", path, "--json").stdout)["events"] == 0
    assert "0 events" in tttui("info", path).stdout
    shown = tttui("show", path)
    assert shown.exit_code == 2
    assert "Nothing to show" in shown.stderr


def test_a_recording_that_nobody_writes_any_more_is_finished_on_opening(tmp_path: Path) -> None:
    path = building.shop(tmp_path / "run.db", state="recording", ended="recording", exit_code=None, exception=None)
    found = json.loads(tttui("info", path, "--json").stdout)
    assert (found["ended"], found["exit_code"], found["events"]) == ("killed", None, 22)
    said = tttui("info", path).stdout
    assert "cut short" in said
    assert "the last event, 21, is at line 11 of <module> in /home/user/shop.py" in said
    other = building.shop(tmp_path / "other.db", state="recording", ended="recording", exit_code=None, exception=None)
    assert json.loads(tttui("show", other, "--json").stdout)["event"] == 21


def test_an_unfinished_recording_that_can_not_be_written_is_read_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def can_not(path: Path) -> bool:
        raise PermissionError(path)

    monkeypatch.setattr("tttui.record.recovery.recover", can_not)
    path = building.shop(tmp_path / "run.db", state="recording", ended="recording", exit_code=None, exception=None)
    said = tttui("info", path).stdout
    assert "still being recorded" in said
    assert "22 events" in said


def test_why_recording_stopped_early_is_told(tmp_path: Path) -> None:
    assert "recording stopped early: disk full" in tttui("info", building.shop(tmp_path / "run.db", stopped="disk full")).stdout


# -- list


def test_recordings_are_listed_newest_first_and_none_given_means_the_newest(own_home: Path) -> None:
    directory = recordings_directory()
    directory.mkdir(parents=True)
    assert directory.is_relative_to(own_home)
    old = building.shop(directory / "old.db", command=json.dumps(["old.py"]))
    new = building.shop(directory / "new.db", command=json.dumps(["new.py"]), ended="exit", exit_code=0, exception=None)
    broken = directory / "broken.db"
    broken.write_text("this is no recording")
    (directory / "notes.txt").write_text("not looked at")
    (directory / "link.db").symlink_to("/etc/passwd")
    for age, path in enumerate((broken, new, old)):
        os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    assert recordings() == [broken, new, old]
    found = json.loads(tttui("list", "--json").stdout)
    assert [entry["path"] for entry in found] == [str(broken), str(new), str(old)]
    assert "not a tttui recording" in found[0]["error"]
    assert {"command": ["new.py"], "ended": "exit", "exit_code": 0, "events": 22}.items() <= found[1].items()
    said = tttui("list").stdout
    assert said.index("new.py") < said.index("old.py")
    os.utime(new)
    assert newest() == new
    assert json.loads(tttui("info", "--json").stdout)["command"] == ["new.py"]
    building.shop(directory / "new-universe-1.db", universe_of=str(new), universe_event=7, universe_change="x = 1")
    assert recordings()[0].name == "new-universe-1.db"
    assert newest() == new, "what became of a change is no newer run of the program"
    [universe] = [entry for entry in json.loads(tttui("list", "--json").stdout) if entry["path"].endswith("-1.db")]
    assert {"universe_of": str(new), "universe_event": 7, "universe_change": "x = 1"}.items() <= universe.items()


def test_where_there_is_no_recording_the_list_says_how_to_make_one() -> None:
    assert tttui("list").stdout == "No recordings yet: tttui record script.py makes one.\n"
    assert json.loads(tttui("list", "--json").stdout) == []
    ended = tttui("info")
    assert ended.exit_code == 2
    assert "No recording" in ended.stderr


def test_listing_reads_the_facts_alone(own_home: Path) -> None:
    directory = recordings_directory()
    directory.mkdir(parents=True)
    building.shop(directory / "run.db")
    (found,) = listing()
    assert set(found.json) == {
        "format", "path", "command", "python", "started", "duration_s", "ended", "exit_code", "exception", "events", "size_bytes",
    }  # fmt: skip
