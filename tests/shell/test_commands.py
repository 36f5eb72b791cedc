"""What the commands answer."""

import json
from pathlib import Path

import pytest
from report import building

from shell.conftest import Do
from tttui.report.show import moment_json
from tttui.shell.lines import execute
from tttui.shell.printing import Printer
from tttui.shell.session import Session
from tttui.shell.start import start_session
from tttui.shell.table import commands, find, names
from tttui.store.run import Run

REQUIRED = [
    "step",
    "s",
    "next",
    "n",
    "finish",
    "f",
    "continue",
    "c",
    "reverse-step",
    "rs",
    "bs",
    "reverse-next",
    "rn",
    "bn",
    "reverse-finish",
    "rf",
    "reverse-continue",
    "rc",
    "bc",
    "where",
    "bt",
    "up",
    "down",
    "args",
    "locals",
    "p",
    "pp",
    "list",
    "display",
    "break",
    "b",
    "tbreak",
    "condition",
    "ignore",
    "watch",
    "rwatch",
    "info",
    "delete",
    "until",
    "goto",
    "last",
    "first",
    "writes",
    "why",
    "whynot",
    "print-all",
    "find",
    "diff",
    "tree",
    "output",
    "threads",
    "tasks",
    "history",
    "undo",
    "source",
    "help",
    "quit",
]


def test_the_names_of_gdb_and_pdb_are_there() -> None:
    assert set(REQUIRED) <= set(names())


@pytest.mark.parametrize("name", [entry.name for entry in commands()])
def test_each_command_says_what_it_does(name: str, do: Do) -> None:
    entry = find(name)
    assert entry.short_help.endswith((".", ":", ",")) or "\n" in entry.help
    shown = do(f"help {name}")
    assert shown.status == 0
    assert entry.short_help in shown.text
    assert entry.name in do("help").text


@pytest.mark.parametrize(
    ("there", "back"),
    [("step", "reverse-step"), ("next", "reverse-next"), ("to call total", "rt call total"), ("event", "reverse-event"), ("s 3", "3 back")],
)
def test_a_movement_is_taken_back_by_its_reverse(there: str, back: str, do: Do, session: Session) -> None:
    do("goto start")
    do(there if there.startswith("to") else "5 step")
    position = session.navigator.position
    assert do(there).status == 0
    assert session.navigator.position > position
    assert do(back).status == 0
    assert session.navigator.position == position


def test_it_begins_at_the_failure(session: Session, do: Do) -> None:
    assert session.navigator.moment().kind == "raise"
    assert do("p $exception").json["value"]["type"] == "AssertionError"
    assert "shop()" in do("where").lines[0].replace("> ", "")


def test_counts_go_before_or_behind_a_command_but_not_both(do: Do, session: Session) -> None:
    do("goto start")
    do("step 4")
    there = session.navigator.position
    do("goto start")
    do("4 step")
    assert session.navigator.position == there
    assert do("2 step 2").status == 2
    assert do("2 locals").status == 2


def test_breakpoints_stop_both_ways_at_the_same_places(do: Do, session: Session) -> None:
    assert do("b total if len(basket.items) == 2").status == 0
    do("goto start")
    forward = []
    while do("c").status == 0:
        forward.append(session.navigator.position)
    backward = []
    while do("rc").status == 0:
        backward.append(session.navigator.position)
    assert forward == backward[::-1]
    assert len(forward) == 1
    assert do("info breakpoints").json["breakpoints"][0]["condition"] == "len(basket.items) == 2"
    assert do("delete 1").status == 0
    assert do("info breakpoints").status == 1


def test_a_temporary_breakpoint_is_gone_after_its_hit(do: Do) -> None:
    do("goto start")
    do("tbreak Basket.add")
    assert do("c").status == 0
    assert do("c").status == 1
    assert do("delete").status == 1


def test_a_breakpoint_is_changed_by_its_number(do: Do) -> None:
    do("b total")
    assert do("condition 1 basket.owner == 'bob'").json["breakpoint"]["condition"] == "basket.owner == 'bob'"
    assert do("condition 1 (").status == 2
    assert do("ignore 1 2").json["breakpoint"]["ignore"] == 2
    assert do("every 1 3").json["breakpoint"]["every"] == 3
    assert do("log 1 basket.owner").json["breakpoint"]["log"] == "basket.owner"
    assert do("disable").json["breakpoints"][0]["enabled"] is False
    assert do("enable 1").json["breakpoints"][0]["enabled"] is True
    for line in ("condition 9", "ignore 9", "enable 9", "delete 9", "log x", "every 1"):
        assert do(line).status == 2, line


def test_what_a_breakpoint_logs_is_reported_on_the_way(do: Do) -> None:
    do("goto start")
    do("b total log len(basket.items)")
    shown = do("c")
    assert [entry.rpartition(": ")[2] for entry in shown.lines if "total" in entry and ":" in entry][:3] == [
        "2",
        "3",
        "1",
    ] or "2" in shown.text


def test_exceptions_and_output_can_be_caught(do: Do) -> None:
    do("catch KeyError")
    assert do("rc").json["exception"]["type"] == "KeyError"
    do("delete")
    assert do("catch-output total of").status == 0
    do("goto start")
    assert do("c").status == 0
    assert do("rt call total").json["function"] == "total"


def test_a_watch_stops_where_it_changes_and_rwatch_goes_there(do: Do) -> None:
    do("rt exception KeyError")
    assert do("p amount").json["value"]["text"] == "4"
    shown = do("rwatch amount")
    assert shown.status == 0
    assert shown.json["stop"]["hits"][0]["new"] == "4"
    assert do("rc").json["stop"]["hits"][0]["new"] == "2"
    assert do("info b").json["breakpoints"][0]["kind"] == "watchpoint"


def test_frames_are_selected_and_their_names_meant(do: Do) -> None:
    do("rt exception KeyError")
    assert do("p item").json["value"]["text"] == "'cake'"
    assert do("up").json["frame"] == 1
    assert do("p bob.owner").json["value"]["text"] == "'bob'"
    assert do("p item").status == 1
    assert do("down").status == 0
    assert do("frame 2").json["frame"] == 2
    assert do("frame 99").status in (1, 2)
    assert [entry["function"] for entry in do("bt").json["stack"]] == ["total", "shop", "<module>"]
    assert len(do("bt 1").json["stack"]) == 1


def test_values_are_printed(do: Do) -> None:
    do("rt exception KeyError")
    assert do("p basket.items[-1] + '!'").lines == ["basket.items[-1] + '!' = 'cake!'"]
    assert "items" in do("pp basket").text
    assert set(do("locals").json["variables"]) == {"basket", "prices", "amount", "item", "price"}
    assert set(do("args").json["variables"]) == {"basket", "prices"}
    assert do("p basket.add('x')").status == 1
    assert "needs a checkpoint" in do("p basket.add('x')").text
    assert do("p 1 +").status == 2
    assert do("p").status == 2


def test_displays_follow_every_move(do: Do) -> None:
    do("rt exception KeyError")
    assert do("display amount").json["displays"][0]["value"]["text"] == "4"
    assert do("bn").json["displays"][0]["expression"] == "amount"
    assert "1: amount" in do("up").text
    assert do("undisplay 2").status == 2
    assert do("undisplay").status == 0
    assert do("display").status == 1


def test_objects_are_pinned_and_found_at_another_time(do: Do) -> None:
    do("rt exception KeyError")
    assert do("pin basket").json["name"] == "$1"
    do("rt call Basket.add")
    do("goto end")
    assert do("$1.items").json["value"]["text"] == "['tea', 'tea', 'cake']"
    assert do("$1").json["value"]["type"] == "Basket"
    assert do("unpin $1").status == 0
    assert do("p $1").status == 1


def test_the_source_is_shown_around_and_on(do: Do) -> None:
    do("rt exception KeyError")
    first = do("list").json
    assert first["current"] == 22
    assert [line["line"] for line in first["lines"]] == list(range(17, 28))
    assert do("list").json["lines"][0]["line"] == 28
    assert do("list 1,3").json["lines"][0]["text"].startswith('"""The program')
    assert do("list total").json["lines"][0]["text"] == "def total(basket, prices):"
    assert do("list shopping.py:7").json["lines"][5]["line"] == 7
    assert do("list 9999").status == 1
    assert do("list nowhere.py:3").status == 2
    assert [line["text"] for line in do("source numbers").json["lines"]] == ["def numbers():", "    yield 1", "    yield 2"]
    assert do("source").json["function"] == "total"


def test_goto_takes_events_shares_times_and_names(do: Do, session: Session) -> None:
    last = session.run.events - 1
    for line, expected in [
        ("goto start", 0),
        ("goto end", last),
        ("goto 10", 10),
        ("goto +5", 15),
        ("goto -3", 12),
        ("goto 100%", last),
        ("goto 0%", 0),
    ]:
        do(line)
        assert session.navigator.position == expected, line
    assert do("goto 0.000001ms").status == 0
    assert session.navigator.position < 5
    assert do("goto failure").json["kind"] == "raise"
    for line in ("goto", "goto 99999999", "goto nowhere", "goto -x"):
        assert do(line).status == 2, line


def test_the_ends_and_the_failure_have_commands_of_their_own(do: Do, session: Session) -> None:
    failed = session.navigator.position
    for command, event in (("start", 0), ("end", session.run.events - 1), ("failure", failed)):
        assert do(command).status == 0
        assert session.navigator.position == event
    assert find("st").name == "step"  # as before there was a start
    assert find("en").name == "enable"


def test_types_sources_and_what_is_nowhere(do: Do) -> None:
    assert do("whatis 1 + 1").text == "int"
    assert do("whatis nothing").status == 1
    assert do("why nothing").status == 1
    assert do("ll").text == do("source").text
    around = do("list").lines
    do("list")
    assert do("list .").lines == around
    assert "shopping.py" in do("info files").text


def test_jumps_are_remembered_and_moves_undone(do: Do, session: Session) -> None:
    begin = session.navigator.position
    do("goto 5")
    do("goto 20")
    assert do("backward").json["event"] == 5
    assert do("forward").json["event"] == 20
    assert [place["event"] for place in do("history").json["places"]][-2:] == [5, 20]
    do("step")
    assert do("undo").json["event"] == 20
    do("backward")
    do("backward")
    assert session.navigator.position == begin


def test_writes_are_found(do: Do) -> None:
    do("rt exception KeyError")
    assert [row["new"]["text"] for row in do("writes amount").rows] == ["0", "2", "4"]
    assert [row["new"]["text"] for row in do("writes -b amount").rows] == ["4", "2", "0"]
    shown = do("last amount")
    assert (shown.json["write"]["old"]["text"], shown.json["write"]["new"]["text"]) == ("2", "4")
    assert shown.json["line"] == 23
    assert do("last nothing_like_that").status == 2
    assert do("last -o basket.items").json["function"] == "Basket.add"
    do("goto failure")
    do("rt exception KeyError")
    assert do("created basket").json["function"] in ("shop", "Basket.__init__")


def test_output_is_shown_up_to_here_or_whole(do: Do) -> None:
    assert [row["text"] for row in do("output").rows][:1] == ["total of ann: 4"]
    assert len(do("output 1").rows) == 1
    do("goto start")
    assert do("output").status == 1
    assert len(do("output all").rows) >= 2


def test_threads_calls_functions_and_files_are_listed(do: Do) -> None:
    assert len(do("threads").rows) == 2
    assert do("tasks").status == 1
    assert "Basket.add" in do("info functions").text
    assert [row["function"] for row in do("info functions numb").rows] == ["numbers"]
    assert do("info sources").rows[0]["file"].endswith("shopping.py")
    assert do("info line").json["hits"] == 1
    assert do("info run").json["ended"] == "exception"
    assert do("info nonsense").status == 2
    tree = do("tree")
    assert tree.json["call"]["function"] == "shop"
    assert [row["function"] for row in tree.rows][:3] == ["Basket.__init__", "Basket.__init__", "Basket.add"]
    assert do("tree 0").rows[0]["function"] == "<module>"


def test_to_and_its_reverse_know_what_they_are_told(do: Do) -> None:
    do("goto start")
    assert do("to call Basket.add").json["function"] == "Basket.add"
    assert do("2 to call Basket.add").json["function"] == "Basket.add"
    assert do("to exception").json["exception"]["type"] == "KeyError"
    assert do("rt line 15").json["line"] == 15
    assert do("to thread").status == 0
    assert do("to thread").status == 0
    assert do("rt thread").status == 0
    for line in ("to", "to nothing", "to line x", "to thread 3"):
        assert do(line).status == 2, line
    assert do("to call nobody").status in (1, 2)


def test_settings_are_shown_and_changed(do: Do, session: Session) -> None:
    assert do("set").json["settings"] == {"threads": "stay", "step": "statement"}
    assert do("set threads follow").json["settings"]["threads"] == "follow"
    assert session.navigator.across_threads is True
    assert do("set step line").status == 0
    for line in ("set threads sideways", "set nothing 1", "set threads"):
        assert do(line).status == 2, line


def test_a_move_answers_with_the_object_of_show(do: Do, session: Session) -> None:
    shown = do("back")
    expected = moment_json(session.run, session.navigator.moment())
    assert expected.items() <= shown.json.items()
    assert shown.json["stop"]["moved"] is True
    json.dumps(shown.json)


def test_at_the_ends_it_says_so_and_stays(do: Do, session: Session) -> None:
    do("goto start")
    for line in ("back", "bn", "bf", "rc", "be", "undo 99"):
        do("goto start")
        shown = do(line)
        if line != "undo 99":
            assert shown.status == 1, line
            assert session.navigator.position == 0
    do("goto end")
    for line in ("s", "n", "f", "c", "e"):
        assert do(line).status == 1, line


def test_unknown_and_ambiguous_commands_are_mistakes(do: Do) -> None:
    for line in (
        "fly",
        "re-",
        "p[0]",
        "5",
        "!x",
        "reverse",
        "he llo",
        "-",
        "next x",
        "step -1",
        "watch",
        "print-all",
        "diff",
        "find",
        "find -z x",
        "whynot x",
    ):
        assert do(line).status == 2, line
    assert do("cond 1").status == 2
    assert do("hel").status == 0


def test_nothing_is_asked_of_an_empty_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Run.open(building.record(tmp_path / "empty.db", [])) as run:
        session = start_session(run)
        for entry in commands():
            for arguments in ("", " x", " 1", " 1 x"):
                answer = execute(session, entry.name + arguments)
                assert answer is not None
                assert Printer(json=False).show(answer) in (0, 1, 2)
    assert "Traceback" not in capsys.readouterr().out


def test_when_tells_every_turn_of_an_expression(do: Do) -> None:
    assert do("to call total").status == 1  # it stands at the failure, behind all calls
    do("goto start")
    do("to call total")
    answer = do("when amount >= 4")
    assert answer.status == 0
    true = [turn["event"] for turn in answer.rows if turn["holds"]]
    assert (answer.json["first"], answer.json["last"]) == (true[0], true[-1])
    assert f"{true[0]:,}" in answer.lines[0]
    assert [turn["holds"] for turn in do("when -b amount >= 4").rows] == [turn["holds"] for turn in answer.rows][::-1]
    everywhere = do("when -a amount >= 4")
    assert len({turn["call"] for turn in everywhere.rows}) > 1
    assert do("to true amount >= 4").json["stop"]["position"] == true[0]
    assert do("reverse-to true amount >= 4").status == 1
    never = do("when amount > 1000")
    assert (never.json["first"], never.json["last"]) == (None, None)
    assert "never true" in never.lines[0]
    assert do("when amount >").status == 2
    assert do("when").status == 2


def test_an_expression_may_have_an_if_of_its_own_before_the_condition(do: Do) -> None:
    where = "print-all shopping.py:23"
    plain = do(f"{where} 'much' if amount else 'none'")
    assert {hit["value"]["text"] for hit in plain.rows} == {"'much'", "'none'"}
    some = do(f"{where} 'much' if amount else 'none' if amount")
    assert {hit["value"]["text"] for hit in some.rows} == {"'much'"}
    assert do(f"{where} [x for x in basket.items if x] if amount").rows
    do("goto start")
    do("to call total")
    watched = do("watch [x for x in basket.items if x] if amount > 1").json["breakpoint"]
    assert (watched["expression"], watched["condition"]) == ("[x for x in basket.items if x]", "amount > 1")
    watched = do("watch 'if ' if amount else 'log ' log amount").json["breakpoint"]
    assert (watched["expression"], watched["condition"], watched["log"]) == ("'if ' if amount else 'log '", "", "amount")


def test_what_is_not_there_is_called_by_its_name(do: Do) -> None:
    do("goto start")
    answer = do("writes missing.items")
    assert answer.status == 2
    assert "there is no 'missing'" in answer.text
