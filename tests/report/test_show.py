"""`tttui show`: the JSON contract, which event is shown, and what people see."""

import json
from pathlib import Path

import pytest
from support.encoder import ITEMS, FrameRecord, Stream

from report import building
from report.building import LIST, OBJECT, VALUE_ERROR, define_types
from report.commands import tttui
from tttui.navigation.failure import find_failure
from tttui.report.show import event_at, source_lines
from tttui.store.run import Run


def test_the_json_of_a_moment(shop: Path) -> None:
    ended = tttui("show", shop, "--at", "8", "--json")
    assert ended.exit_code == 0
    account = {"type": "Account", "text": "<Account 3>", "id": 3, "version": 8, "attributes": {"balance": {"type": "int", "text": "5"}}}
    items = {
        "type": "list",
        "text": "[5, 7]",
        "id": 2,
        "version": 3,
        "length": 2,
        "items": [{"type": "int", "text": "5"}, {"type": "int", "text": "7"}],
    }
    assert json.loads(ended.stdout) == {
        "event": 8,
        "events": 22,
        "kind": "line",
        "time_ns": 1500,
        "thread": "MainThread",
        "file": "/home/user/shop.py",
        "line": 3,
        "function": "pay",
        "source": "    if account.balance < 0:",
        "stack": [
            {
                "function": "<module>",
                "file": "/home/user/shop.py",
                "line": 11,
                "column": None,
                "end_column": None,
                "locals": {
                    "total": {"type": "int", "text": "0"},
                    "items": items,
                    "account": account,
                    "amount": {"type": "int", "text": "5"},
                },
            },
            {
                "function": "pay",
                "file": "/home/user/shop.py",
                "line": 3,
                "column": None,
                "end_column": None,
                "locals": {"amount": {"type": "int", "text": "5"}, "account": account},
            },
        ],
    }


def test_what_is_returned_or_raised_is_in_the_json_of_those_events_alone(shop: Path) -> None:
    returning = json.loads(tttui("show", shop, "--at", "10", "--json").stdout)
    assert (returning["kind"], returning["returned"]) == ("return", {"type": "int", "text": "5"})
    assert "exception" not in returning
    raising = json.loads(tttui("show", shop, "--at", "exception", "--json").stdout)
    assert (raising["event"], raising["kind"], raising["function"], raising["line"]) == (18, "raise", "pay", 4)
    assert (raising["exception"]["type"], raising["exception"]["text"]) == ("ValueError", "ValueError('broke')")
    assert "returned" not in raising


def test_a_task_is_named(tmp_path: Path) -> None:
    stream = define_types(Stream()).def_thread(1, 1, "MainThread").def_task(4, "worker-1").def_file(1, "/f.py", 0)
    stream.def_code(1, 1, "f", 1).task(4).push(1, 1).call()
    path = building.record(tmp_path / "run.db", [stream.whole()])
    found = json.loads(tttui("show", path, "--json").stdout)
    assert found["task"] == "worker-1"
    assert found["source"] is None
    said = tttui("show", path).stdout
    assert "· MainThread · worker-1" in said
    assert "(the source is not in the recording)" in said


def test_people_see_source_stack_and_variables(shop: Path) -> None:
    said = tttui("show", shop, "--at", "exception").stdout
    assert said.startswith("event 18 of 22 · raise · 1.5 µs · MainThread\n  exception = ValueError('broke')")
    assert '\n  3 │     if account.balance < 0:\n> 4 │         raise ValueError("broke")\n  5 │' in said
    assert "\n  <module>  /home/user/shop.py:11\n      total = 5\n" in said
    assert "\n> pay  /home/user/shop.py:4\n      amount = 7\n      account = <Account 3>\n          .balance = -2\n" in said


def test_a_deep_stack_shows_its_inner_end(tmp_path: Path) -> None:
    stream = define_types(Stream()).def_file(1, "/f.py", 0).def_code(1, 1, "f", 1)
    for _ in range(100):
        stream.push(1, 1).call()
    path = building.record(tmp_path / "run.db", [stream.whole()])
    said = tttui("show", path).stdout
    assert "… 80 frames further out" in said
    assert said.count("  f  /f.py:1\n") == 19  # and the innermost one, which is marked
    assert tttui("show", path, "--frames", "0").stdout.count("  f  /f.py:1\n") == 99
    assert len(json.loads(tttui("show", path, "--json").stdout)["stack"]) == 100


def test_functions_and_modules_are_listed_by_name(tmp_path: Path) -> None:
    stream = define_types(Stream()).def_type(9, "builtins", "module", 15).def_file(1, "/f.py", 0)
    stream.def_code(1, 1, "f", 1, [("json", 0), ("x", 0)]).push(1, 1).call().var(0, (0x16, 9, "json")).var(1, 3).line(1)
    said = tttui("show", building.record(tmp_path / "run.db", [stream.whole()])).stdout
    assert "      x = 3\n      and json\n" in said


def test_lists_that_were_cut_say_so(tmp_path: Path) -> None:
    stream = define_types(Stream()).def_file(1, "/f.py", 0).def_code(1, 1, "f", 1, [("x", 0)]).push(1, 1).call()
    stream.new(1, LIST, (ITEMS, 5000, [1, 2], [9])).var(0, (OBJECT, 1)).line(1)
    path = building.record(tmp_path / "run.db", [stream.whole()])
    value = json.loads(tttui("show", path, "--json").stdout)["stack"][0]["locals"]["x"]
    assert (value["length"], value["badge"]) == (5000, "cut")
    said = tttui("show", path).stdout
    assert "list[5,000] #1  (cut)" in said
    assert "… 4,997 left out" in said
    assert "[4999] = 9" in said


# -- which event


@pytest.mark.parametrize(("where", "event"), [("first", 0), ("last", 21), ("0", 0), ("21", 21), ("exception", 18)])
def test_an_event_can_be_named(shop: Path, where: str, event: int) -> None:
    with Run.open(shop) as run:
        assert event_at(run, where) == event


@pytest.mark.parametrize("where", ["22", "-1", "1.5", "9" * 40, "٣", "nowhere", ""])
def test_a_wrong_event_is_refused_in_one_line(shop: Path, where: str) -> None:
    ended = tttui("show", shop, "--at", where)
    assert ended.exit_code == 2
    assert ended.stdout == ""
    assert "No such event" in ended.stderr


def test_where_no_exception_ended_anything_that_is_said(tmp_path: Path) -> None:
    stream = define_types(Stream()).def_thread(1, 1, "MainThread").def_file(1, "/f.py", 0).def_code(1, 1, "f", 1).push(1, 1).call()
    path = building.record(tmp_path / "run.db", [stream.returns(None).whole()])
    ended = tttui("show", path, "--at", "exception")
    assert ended.exit_code == 2
    assert "No exception ended this program" in ended.stderr


def test_an_exception_that_ended_a_thread_is_found(tmp_path: Path) -> None:
    stream = define_types(Stream()).def_thread(1, 1, "MainThread").def_thread(2, 2, "worker").def_file(1, "/f.py", 0)
    stream.def_code(1, 1, "f", 1).new(1, VALUE_ERROR, (ITEMS, 0, [], [])).push(1, 1).call()
    stream.thread(2).push(1, 1).call().push(1, 1).call().raises((OBJECT, 1)).unwind((OBJECT, 1)).raises((OBJECT, 1)).unwind((OBJECT, 1))
    path = building.record(tmp_path / "run.db", [stream.thread(1).line(1).returns(None).whole()])
    with Run.open(path) as run:
        failure = find_failure(run)
    assert failure is not None
    assert (failure.raised, failure.unwound, failure.thread, failure.ended_program) == (3, 6, 2, False)


def test_a_thread_that_ends_by_system_exit_did_not_fail(tmp_path: Path) -> None:
    stream = define_types(Stream()).def_thread(1, 1, "MainThread").def_thread(2, 2, "worker").def_file(1, "/f.py", 0)
    stream.def_type(9, "builtins", "SystemExit", 12).def_code(1, 1, "f", 1).new(1, 9, (ITEMS, 0, [], []))
    stream.push(1, 1).call().thread(2).push(1, 1).call().raises((OBJECT, 1)).unwind((OBJECT, 1))
    path = building.record(tmp_path / "run.db", [stream.thread(1).returns(None).whole()])
    with Run.open(path) as run:
        assert find_failure(run) is None


def test_the_failure_is_found_across_chunks_and_where_unwinds_name_no_exception(tmp_path: Path) -> None:
    first = define_types(Stream()).def_thread(1, 1, "MainThread").def_file(1, "/f.py", 0).def_code(1, 1, "f", 1)
    first.new(1, VALUE_ERROR, (ITEMS, 0, [], [])).push(1, 1).call().push(1, 1).call().line(1).raises((OBJECT, 1)).unwind((0x00,))
    frames = [FrameRecord(1, 1, 1)]
    second = Stream(5, calls=2, objects=1, threads=[(1, 0, frames)]).unwind((0x00,))
    path = building.record(tmp_path / "run.db", [first.whole(), second.whole()], ended="exception", exit_code=1)
    with Run.open(path) as run:
        failure = find_failure(run)
    assert failure is not None
    assert (failure.raised, failure.unwound, failure.ended_program) == (3, 5, True)


def test_lines_end_where_python_says() -> None:
    assert source_lines("a\nb\x0cc\u2028d\r\ne\rf") == ["a", "b\x0cc\u2028d", "e", "f"]
    assert source_lines("a\n") == ["a"]
    assert source_lines("") == []
