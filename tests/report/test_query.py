"""SQL over recordings: what the views hold, and what a statement may not do."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.encoder import ATTRIBUTES, ITEMS, PAIRS, UNBOUND, FrameRecord, Stream

from report import building
from report.building import ACCOUNT, DICT, LIST, OBJECT, VALUE_ERROR, define_types
from report.commands import PYTHON_CODE, WHEN_ASKED, tttui, tttui_on_terminal
from tttui.errors import TttuiError
from tttui.report.query import Workspace
from tttui.report.views import EXAMPLES, TABLES, VIEWS
from tttui.store.run import Run

Row = tuple[Any, ...]
ENDLESS = "with recursive n(x) as (select 1 union all select x + 1 from n) select x from n where x < 0"


def ask(path: Path, sql: str, timeout: float = 0.0) -> list[Row]:
    with Run.open(path) as run, Workspace(run) as workspace:
        return list(workspace.ask(sql, timeout=timeout).rows)


def one_function(*slots: str, arguments: int = 0) -> Stream:
    """A chunk in which code 1, a function with these variables, has been called (event 0)."""
    stream = define_types(Stream()).def_thread(1, 1, "MainThread").def_file(1, "/f.py", 0)
    return stream.def_code(1, 1, "f", 1, [(name, 0) for name in slots], argcount=arguments).push(1, 1)


# -- what the views hold


def test_calls_have_their_arguments_results_and_callers(shop: Path) -> None:
    rows = ask(shop, "select call, function, caller_function, caller_line, arguments, result, result_type, exception, ended from calls")
    assert [row[:4] for row in rows] == [(1, "<module>", None, None), (2, "pay", "<module>", 11), (3, "pay", "<module>", 11)]
    assert json.loads(rows[1][4]) == {"amount": 5, "account": "<Account 3: balance=10>"}
    assert rows[1][5:] == (5, "int", None, "return")
    assert rows[2][5:] == (None, None, "ValueError: broke", "exception")
    assert ask(shop, "select first_event, last_event, start_ns, end_ns, duration_ns from calls where call = 2") == [
        (6, 10, 1000, 1500, 500)
    ]


def test_lines_are_in_order_with_their_places(shop: Path) -> None:
    rows = ask(shop, "select event, function, file, line, thread, task from lines where call = 3")
    assert rows == [(event, "pay", "/home/user/shop.py", line, 1, None) for event, line in ((15, 2), (16, 3), (17, 4))]


def test_changes_name_the_line_that_made_them(shop: Path) -> None:
    rows = ask(shop, "select event, function, line, kind, name, object, old, new from changes")
    assert (8, "pay", 2, "attribute", "balance", 3, 10, 5) in rows
    assert (16, "pay", 2, "attribute", "balance", 3, 5, -2) in rows
    assert [row[6:] for row in rows if row[4] == "total"] == [(None, 0), (0, 5)]
    assert (3, "<module>", 8, "variable", "items", 1, None, "[5, 7]") in rows
    assert len(rows) == 8


def test_an_exception_is_one_row_however_many_frames_it_leaves(shop: Path) -> None:
    rows = ask(shop, "select event, type, message, function, line, handled_event, unwound from exceptions")
    assert rows == [(18, "ValueError", "broke", "pay", 4, None, 2)]


def test_output_is_text_with_the_event_before_it(shop: Path) -> None:
    assert ask(shop, "select * from output") == [(11, "stdout", "5\n", 2), (21, "stderr", "Traceback\n", 10)]


def test_the_plain_views(shop: Path) -> None:
    assert ask(shop, "select command, ended, exit_code, events, calls, duration_s from runs") == [
        ("shop.py --day 2", "exception", 1, 22, 3, 2.5)
    ]
    assert ask(shop, "select pid, exit_code from processes") == [(4711, 1)]
    assert ask(shop, "select * from threads") == [(1, 4711, "MainThread")]
    assert ask(shop, "select * from tasks") == []
    assert ask(shop, "select file, origin, lines, source from files") == [("/home/user/shop.py", "file", 12, building.SHOP_SOURCE)]
    assert ask(shop, "select function, kind, first_line, parameters, calls, line_events from functions") == [
        ("<module>", "module", 1, 0, 1, 8),
        ("pay", "function", 1, 2, 2, 6),
    ]


def test_values_are_numbers_and_texts_as_sql_has_them(tmp_path: Path) -> None:
    values: list[tuple[Any, Any, str]] = [
        (1, 1, "int"),
        (2**62, 2**62, "int"),
        (2**63, str(2**63), "int"),
        (2.5, 2.5, "float"),
        (float("inf"), float("inf"), "float"),
        (None, "None", "NoneType"),
        (True, "True", "bool"),
        ("it's", "it's", "str"),
        ("a\ud800", "a\\ud800", "str"),
        (b"\x00", "b'\\x00'", "bytes"),
        (1 + 2j, "(1+2j)", "complex"),
        ((0x10, 1, (1,)), "(1,)", "tuple"),
        ((0x12, 0, 5, 1), "range(0, 5)", "range"),
    ]
    stream = one_function("x").call()
    for value, _, _ in values:
        stream.var(0, value).line(1)
    stream.var(0, float("nan")).line(1).var(0, UNBOUND).line(1)
    rows = ask(building.record(tmp_path / "run.db", [stream.whole()]), "select new, new_type from changes")
    assert rows == [*((shown, type_) for _, shown, type_ in values), ("nan", "float"), (None, None)]


def test_changes_of_containers(tmp_path: Path) -> None:
    stream = one_function("x").new(1, LIST, (ITEMS, 3, [3, 1, 2], [])).new(2, DICT, (PAIRS, 1, [("a", 1)], [])).call()
    stream.splice(1, ITEMS, 3, 0, [9]).line(1)  # append
    stream.splice(1, ITEMS, 0, 3, [1, 2, 3]).line(1)  # sort
    stream.splice(1, ITEMS, 0, 1, []).line(1)  # pop(0)
    stream.setkey(2, PAIRS, "a", 2).setkey(2, PAIRS, (0x10, 2, (1, 2)), 3).line(1)
    stream.delkey(2, PAIRS, "a").line(1)
    rows = ask(
        building.record(tmp_path / "run.db", [stream.whole()]), "select event, kind, object, key, old, new from changes order by event, key"
    )
    assert rows == [
        (1, "item", 1, 3, None, 9),
        (2, "item", 1, 0, 3, 1),
        (2, "item", 1, 1, 1, 2),
        (2, "item", 1, 2, 2, 3),
        (3, "item", 1, 0, 1, None),
        (4, "item", 2, "(1, 2)", None, 3),
        (4, "item", 2, "a", 1, 2),
        (5, "item", 2, "a", 2, None),
    ]


def test_a_snapshot_that_says_nothing_new_is_no_change(tmp_path: Path) -> None:
    stream = one_function("x").new(1, LIST, (ITEMS, 2, [1, 2], [])).call()
    stream.snapshot(1, LIST, (ITEMS, 2, [1, 2], [])).line(1)
    stream.snapshot(1, LIST, (ITEMS, 3, [1, 5, 6], [])).line(1)
    path = building.record(tmp_path / "run.db", [stream.whole()])
    assert ask(path, "select event, key, old, new from changes") == [(2, 1, 2, 5), (2, 2, None, 6)]


def test_old_values_are_known_across_chunks(tmp_path: Path) -> None:
    first = one_function("x").call().var(0, 1).line(1)
    second = Stream(2, calls=1, threads=[(1, 0, [FrameRecord(1, 1, 2, slots=((0, 1),))])]).var(0, 2).line(1)
    path = building.record(tmp_path / "run.db", [first.whole(), second.whole()])
    assert ask(path, "select event, line, old, new from changes") == [(1, 1, None, 1), (2, 2, 1, 2)]
    assert ask(path, "select event, line from lines") == [(1, 2), (2, 3)]


def test_a_call_that_began_before_the_recording_has_no_beginning(tmp_path: Path) -> None:
    stream = Stream().def_thread(1, 1, "MainThread").def_file(1, "/f.py", 0).def_code(1, 1, "f", 1, [("x", 0)])
    stream.push(1, 4).var(0, 1).push(1, 7).var(0, 2).line(1).returns(5).var(0, 3).line(1)
    path = building.record(tmp_path / "run.db", [stream.whole()])
    rows = ask(path, "select call, caller, first_event, last_event, ended, result from calls")
    assert rows == [(1, None, None, None, "open", None), (2, 1, None, 1, "return", 5)]
    assert ask(path, "select event, call, old, new from changes") == [(2, 1, 1, 3)]


def test_a_workspace_answers_several_statements(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("tttui.report.query.time", SimpleNamespace(monotonic=lambda: now))
    with Run.open(shop) as run, Workspace(run) as workspace:
        assert list(workspace.ask("select count(*) from lines", timeout=1).rows) == [(14,)]
        now = 2.0  # that time is over, but not that of the next
        assert list(workspace.ask("select count(*) from changes").rows) == [(8,)]
        assert list(workspace.ask("select count(*) from lines, changes").rows) == [(112,)]


def test_a_generator_is_one_call_and_resuming_changes_nothing(tmp_path: Path) -> None:
    first = one_function("n", arguments=1).var(0, 3).call().line(1).yields(3)
    second = Stream(3, calls=1, threads=[(1, 0, [])]).reenter(1, 1, 2).var(0, 3).resume().var(0, 2).line(1).returns(None)
    path = building.record(tmp_path / "run.db", [first.whole(), second.whole()])
    assert ask(path, "select call, arguments, ended, first_event, last_event, result from calls") == [
        (1, '{"n": 3}', "return", 0, 5, "None")
    ]
    assert ask(path, "select event, old, new from changes") == [(4, 3, 2)]


def test_a_handled_exception_has_its_handler_and_one_raised_again_has_none(tmp_path: Path) -> None:
    stream = one_function("x").new(1, VALUE_ERROR, (ITEMS, 0, [], [])).new(2, VALUE_ERROR, (ITEMS, 2, [1, "b"], [])).call()
    stream.line(1).raises((OBJECT, 1)).handled((OBJECT, 1)).line(1)
    stream.raises((OBJECT, 2)).handled((OBJECT, 2)).line(1).reraises((OBJECT, 2)).unwind((OBJECT, 2))
    path = building.record(tmp_path / "run.db", [stream.whole()])
    rows = ask(path, "select event, message, handled_event, handled_function, unwound from exceptions")
    assert rows == [(2, "", 3, "f", 0), (5, "(1, 'b')", None, None, 1)]


def test_an_exception_that_only_passes_a_finally_is_not_handled_there(tmp_path: Path) -> None:
    stream = one_function("x").new(1, VALUE_ERROR, (ITEMS, 0, [], [])).call().push(1, 1).call()
    stream.raises((OBJECT, 1)).handled((OBJECT, 1)).line(1).unwind((OBJECT, 1)).raises((OBJECT, 1)).handled((OBJECT, 1)).line(1)
    path = building.record(tmp_path / "run.db", [stream.whole()])
    assert ask(path, "select event, call, handled_event, unwound from exceptions") == [(2, 2, 7, 1)]


def test_only_the_tables_that_a_statement_reads_are_filled(shop: Path) -> None:
    with Run.open(shop) as run, Workspace(run) as workspace:
        assert workspace.needs("select count(*) from lines") == {"_lines", "_functions", "_files"}
        assert workspace.needs("select file from files") == {"_files"}
        assert workspace.needs("select source from files") == {"_files", "_sources"}
        assert "_arguments" not in workspace.needs("select call from calls")
        assert {"_calls", "_arguments"} <= workspace.needs("select arguments from calls")
        assert workspace.needs("with x as (select type from exceptions) select * from x") >= {"_exceptions"}
        assert workspace.needs("select 1") == frozenset()


def test_the_columns_are_those_of_the_definition(shop: Path) -> None:
    with Run.open(shop) as run, Workspace(run) as workspace:
        assert workspace.views() == {view.name: tuple(column.name for column in view.columns) for view in VIEWS}


@pytest.mark.parametrize("question", [question for question, _ in EXAMPLES])
def test_every_documented_question_has_an_answer(shop: Path, question: str) -> None:
    with Run.open(shop) as run, Workspace(run) as workspace:
        answer = workspace.ask(dict(EXAMPLES)[question])
        assert answer.columns
        assert all(len(row) == len(answer.columns) for row in answer.rows)


# -- what a statement may not do


@pytest.mark.parametrize(
    "sql",
    [
        "delete from _lines",
        "insert into _lines values (1, 1, 1, 1, 1, 1, 1)",
        "update _runs set path = 'x'",
        "create table t (x)",
        "create temp table t (x)",
        "drop view lines",
        "attach 'other.db' as other",
        "pragma journal_mode = wal",
        "pragma table_info(lines)",
        "select * from pragma_table_info('lines')",
        "select load_extension('x')",
        "begin",
        "vacuum into 'copy.db'",
        "select 1; select 2",
        "select 1; delete from _lines",
        "select",
        "",
        "select * from nothing",
        "select nothing from lines",
        "select ?",
        "select :name",
    ],
)
def test_anything_but_one_reading_statement_is_refused_in_one_line(shop: Path, sql: str) -> None:
    with pytest.raises(TttuiError) as refused:
        ask(shop, sql)
    assert refused.value.exit_code == 2
    assert "\n" not in str(refused.value)
    ended = tttui("query", shop, sql)
    assert ended.exit_code == 2
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr


def test_a_statement_that_runs_too_long_is_stopped(shop: Path) -> None:
    started = time.process_time()
    with pytest.raises(TttuiError, match=r"longer than 0\.2 s"):
        ask(shop, ENDLESS, timeout=0.2)
    assert time.process_time() - started < 10


def test_a_statement_that_grows_too_large_is_stopped(shop: Path) -> None:
    with pytest.raises(TttuiError, match="too big"):
        ask(shop, "select length(zeroblob(1000000000))")


def test_control_c_stops_a_statement(shop: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", WHEN_ASKED + PYTHON_CODE, "query", str(shop), ENDLESS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.read(1) == b"?"
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=180)
    assert process.returncode == 130
    assert b"Traceback" not in stderr


def test_the_recording_is_not_touched(shop: Path) -> None:
    before = (shop.read_bytes(), sorted(shop.parent.iterdir()))
    ask(shop, "select * from changes, calls, exceptions limit 1")
    assert (shop.read_bytes(), sorted(shop.parent.iterdir())) == before


def test_long_work_shows_its_progress_on_stderr_and_takes_it_away(shop: Path) -> None:
    before = "import tttui.cli_views; tttui.cli_views.SECONDS_BEFORE_PROGRESS = 0"
    exit_code, written = tttui_on_terminal("query", shop, "select count(*) as number from lines", before=before)
    assert exit_code == 0
    assert b"reading the recording" in written
    assert written.endswith("number\r\n──────\r\n    14\r\n".encode())
    exit_code, written = tttui_on_terminal("query", shop, "select count(*) as number from lines")
    assert b"reading" not in written


# -- how answers are written


def test_json_is_an_array_with_an_object_per_row(shop: Path) -> None:
    ended = tttui("query", shop, "select call, result, function from calls where call > 1", "--json")
    assert json.loads(ended.stdout) == [{"call": 2, "result": 5, "function": "pay"}, {"call": 3, "result": None, "function": "pay"}]
    assert len(ended.stdout.splitlines()) == 2
    assert tttui("query", shop, "select 1 as x where 0", "--json").stdout == "[]\n"
    assert json.loads(tttui("query", shop, "select 1 as x, 2 as x", "--json").stdout) == [{"x": 1, "x_2": 2}]
    assert json.loads(tttui("query", shop, "select x'00ff' as b, 9e999 as i", "--json").stdout) == [
        {"b": {"$base64": True, "encoded": "AP8="}, "i": "inf"}
    ]


def test_json_is_the_default_where_nobody_looks(shop: Path) -> None:
    assert json.loads(tttui("query", shop, "select 1 as x").stdout) == [{"x": 1}]


def test_csv_has_a_header_and_no_formulas(shop: Path) -> None:
    ended = tttui("query", shop, "select '=1+1' as a, '-5' as b, -5 as c, 'x,y' as d, null as e, '@x' as \"=f\"", "--csv")
    assert list(csv.reader(io.StringIO(ended.stdout))) == [["a", "b", "c", "d", "e", "'=f"], ["'=1+1", "-5", "-5", "x,y", "", "'@x"]]


def test_a_table_has_aligned_columns(shop: Path) -> None:
    ended = tttui("query", shop, "select 'a' as name, 5 as n union all select 'longer', 123456", "--table")
    assert ended.stdout.splitlines() == ["name         n", "──────  ──────", "a            5", "longer  123456"]


def test_one_argument_is_sql_on_the_newest_recording(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "tttui record" in tttui("query", "select 1").stderr
    recordings = own_home / ".local/state/tttui/recordings"
    recordings.mkdir(parents=True)
    building.shop(recordings / "a.db")
    assert json.loads(tttui("query", "select command from runs").stdout) == [{"command": "shop.py --day 2"}]


def test_a_recording_without_a_statement_is_a_mistake(shop: Path) -> None:
    ended = tttui("query", shop)
    assert ended.exit_code == 2
    assert "Give a statement behind the recording" in ended.stderr
    assert tttui("query").exit_code == 2
    assert tttui("query", "a", "b", "c").exit_code == 2


def test_chunks_with_more_events_than_are_held_in_memory(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    statements = ("select * from calls", "select * from lines", "select * from changes", "select * from exceptions")
    whole = [ask(shop, sql) for sql in statements]
    monkeypatch.setattr("tttui.report.expand.MOST_EVENTS", 3)
    assert [ask(shop, sql) for sql in statements] == whole


def test_the_views_can_be_listed() -> None:
    ended = tttui("query", "--views")
    for view in VIEWS:
        assert f"\n{view.name}  " in f"\n{ended.stdout}"
    assert not any(table in ended.stdout.split() for table in TABLES)


def test_attributes_by_name(tmp_path: Path) -> None:
    stream = one_function("x").def_name(1, "size").new(1, ACCOUNT, (ATTRIBUTES, 0, [], [])).call()
    stream.setkey(1, ATTRIBUTES, "size", (OBJECT, 1)).line(1).delkey(1, ATTRIBUTES, "size").line(1)
    path = building.record(tmp_path / "run.db", [stream.whole()])
    assert ask(path, "select kind, name, new_type, new_object, old_object from changes") == [
        ("attribute", "size", "Account", 1, None),
        ("attribute", "size", None, None, 1),
    ]
