"""Breakpoints and watchpoints: the same hits in both directions, the nearest of all first, conditions as the program had them."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from navigation.recordings import Recorded, recorded_text
from tttui.errors import TttuiError
from tttui.navigation.breakpoints import Breakpoint, FunctionBreakpoint, LineBreakpoint
from tttui.navigation.conditions import Condition, ConditionalFinder
from tttui.navigation.finders import StreamFinder
from tttui.navigation.navigator import Navigator
from tttui.navigation.stops import Stop

PROGRAM = """
import json

rate = 3
log = []

class Account:
    def __init__(self, name, balance):
        self.name = name
        self.balance = balance
        self.notes = {}

    def add(self, amount):
        if amount < 0:
            raise ValueError(f"negative: {amount}")
        self.balance += amount
        self.notes["last"] = amount

def work(account, amounts):
    done = 0
    items = []
    for index, amount in enumerate(amounts):
        word = "even" if index % 2 == 0 else "odd"
        try:
            account.add(amount)
        except ValueError:
            log.append(index)
            continue
        items.append(amount * rate)
        done += 1
    return done

def spread(n):
    def inner(k):
        return k + n
    total = 0
    for k in range(10):
        total = inner(k)
    return total

account = Account("ann", 10)
print("work", work(account, [5, 7, -1, 8, 8, 0, 9, -2, 30]))
for step in range(6):
    rate = step // 2
    print("step", step)
spread(5)
json.loads("[1, 2")
"""


@pytest.fixture(scope="module")
def record() -> Recorded:
    return recorded_text("bank", PROGRAM)


@pytest.fixture
def navigator(record: Recorded) -> Navigator:
    return record.navigator()


def line(text: str) -> int:
    return next(number for number, each in enumerate(PROGRAM.splitlines(), 1) if text in each)


def forwards(navigator: Navigator) -> list[int]:
    navigator.start()
    return list(_run(navigator, False))


def backwards(navigator: Navigator) -> list[int]:
    navigator.end()
    return list(_run(navigator, True))


def _run(navigator: Navigator, back: bool) -> Iterator[int]:
    while (stop := navigator.continue_(back=back)).found:
        assert stop.hits
        yield stop.position
    assert stop.reason == ("start" if back else "end")
    assert stop.message


def both_ways(navigator: Navigator) -> list[int]:
    found = forwards(navigator)
    assert backwards(navigator) == found[::-1]
    return found


def text(navigator: Navigator, event: int, name: str) -> str:
    frame = navigator.run.moment(event).stack[-1]
    return frame.locals[name].text


def hits_of(record: Recorded, wanted: int) -> list[int]:
    return record.events(lambda row: row.kind == "line" and row.line == wanted)


def test_a_line_is_hit_each_time_it_runs(record: Recorded, navigator: Navigator) -> None:
    breakpoint = navigator.breakpoints.line("bank.py", line("done += 1"))
    assert both_ways(navigator) == hits_of(record, line("done += 1"))
    assert breakpoint.hits == 14


@pytest.mark.parametrize(
    ("where", "condition", "expected"),
    [
        ("done += 1", "amount == 8", ["8", "8"]),
        ("done += 1", "word == 'odd' and amount > 7", ["8"]),
        ("done += 1", "len(items) > 6", ["30"]),
        ("done += 1", "account.balance == 38", ["8", "0"]),
        ("done += 1", "items[-1] == amount * rate and amount in (0, 9)", ["0", "9"]),
        ("done += 1", "nothing.of.that", []),
        ("done += 1", "amount.nothing", []),
        ("account.add(amount)", "amount < 0 or index == 0", ["5", "-1", "-2"]),
    ],
)
def test_a_condition_holds_where_it_held_in_the_program(navigator: Navigator, where: str, condition: str, expected: list[str]) -> None:
    navigator.breakpoints.line("bank.py", line(where), condition=condition)
    assert [text(navigator, event, "amount") for event in both_ways(navigator)] == expected


def test_conditions_see_globals_and_closures(navigator: Navigator) -> None:
    first = navigator.breakpoints.line("bank.py", line('print("step", step)'), condition="rate == 2")
    assert [text(navigator, event, "step") for event in both_ways(navigator)] == ["4", "5"]
    navigator.breakpoints.remove(first.number)
    navigator.breakpoints.line("bank.py", line("return k + n"), condition="k + n == 12")
    assert [text(navigator, event, "k") for event in both_ways(navigator)] == ["7"]


def test_functions_are_hit_where_they_are_called_with_their_arguments(navigator: Navigator) -> None:
    navigator.breakpoints.function("Account.add", condition="amount > 8")
    assert [text(navigator, event, "amount") for event in both_ways(navigator)] == ["9", "30"]
    navigator.breakpoints.clear()
    navigator.breakpoints.function("inner")
    assert len(both_ways(navigator)) == 10
    navigator.breakpoints.clear()
    navigator.breakpoints.function("bank.py:work")
    assert len(both_ways(navigator)) == 1


def test_exceptions_by_type_and_by_whether_anything_caught_them(record: Recorded, navigator: Navigator) -> None:
    navigator.breakpoints.exception()
    every = both_ways(navigator)
    assert len(every) == 3
    navigator.breakpoints.clear()
    navigator.breakpoints.exception("ValueError")
    assert both_ways(navigator) == every[:2], "that a JSONDecodeError is one is not in the recording"
    navigator.breakpoints.clear()
    navigator.breakpoints.exception("JSONDecodeError")
    assert both_ways(navigator) == every[2:]
    navigator.breakpoints.clear()
    navigator.breakpoints.exception("Exception", condition="amount == -2")
    assert both_ways(navigator) == every[1:2], "Python's own exceptions are known with their bases"
    navigator.breakpoints.clear()
    navigator.breakpoints.exception("KeyError")
    assert both_ways(navigator) == []
    navigator.breakpoints.clear()
    navigator.breakpoints.exception(mode="uncaught")
    assert both_ways(navigator) == every[-1:]
    assert navigator.failure().position == every[-1]


def test_output_is_hit_at_the_line_that_writes_it(record: Recorded, navigator: Navigator) -> None:
    navigator.breakpoints.output("step")
    hits = both_ways(navigator)
    assert len(hits) == 6
    assert {record.rows[event].line for event in hits} == {line('print("step", step)')}
    navigator.breakpoints.clear()
    navigator.breakpoints.output("step [35]", regex=True, fd=1)
    assert both_ways(navigator) == [hits[3], hits[5]]
    navigator.breakpoints.clear()
    navigator.breakpoints.output("step", fd=2)
    assert both_ways(navigator) == []


def test_the_nearest_of_all_stops_and_says_which(navigator: Navigator) -> None:
    first = navigator.breakpoints.line("bank.py", line("done += 1"))
    second = navigator.breakpoints.line("bank.py", line("log.append(index)"))
    third = navigator.breakpoints.function("add")
    same = navigator.breakpoints.line("bank.py", line("done += 1"))
    hits = both_ways(navigator)
    assert hits == sorted(hits)
    navigator.start()
    order = [tuple(hit.number for hit in navigator.continue_().hits) for _ in range(6)]
    both = (first.number, same.number)
    assert order == [(third.number,), both, (third.number,), both, (third.number,), (second.number,)]


def test_many_hits_at_once_are_the_same_ones_and_counted(navigator: Navigator) -> None:
    navigator.breakpoints.line("bank.py", line("done += 1"))
    navigator.breakpoints.function("add", condition="amount != 7")
    hits = both_ways(navigator)
    counted = [each.hits for each in navigator.breakpoints]
    navigator.start()
    assert navigator.continue_(len(hits)).position == hits[-1]
    assert [each.hits for each in navigator.breakpoints] == [3 * number // 2 for number in counted]
    assert navigator.continue_(len(hits) - 1, back=True).position == hits[0]
    assert (navigator.continue_(9999).reason, navigator.position) == ("end", navigator.run.events - 1)
    navigator.start()
    navigator.breakpoints.function("add", temporary=True)
    assert navigator.continue_(3).position == hits[2]
    assert len(navigator.breakpoints) == 2


def test_disabled_ignored_temporary_and_counted(record: Recorded, navigator: Navigator) -> None:
    wanted = hits_of(record, line("done += 1"))
    breakpoint = navigator.breakpoints.line("bank.py", line("done += 1"))
    breakpoint.enabled = False
    assert both_ways(navigator) == []
    breakpoint.enabled, breakpoint.ignore = True, 2
    assert forwards(navigator) == wanted[2:]
    breakpoint.every = 3
    assert both_ways(navigator) == wanted[2::3]
    breakpoint.condition = "amount < 9"
    assert both_ways(navigator) == [
        wanted[2],
    ]
    navigator.breakpoints.clear()
    navigator.breakpoints.line("bank.py", line("done += 1"), temporary=True)
    assert forwards(navigator) == wanted[:1]
    assert len(navigator.breakpoints) == 0


def test_a_log_expression_reports_and_does_not_stop(navigator: Navigator) -> None:
    navigator.breakpoints.line("bank.py", line("done += 1"), log="amount * 2", condition="amount > 7")
    stop = navigator.continue_()
    assert stop.reason == "end"
    assert [hit.log for _, hit in stop.logs] == ["16", "16", "18", "60"]
    assert [event for event, _ in stop.logs] == sorted(event for event, _ in stop.logs)
    assert [hit.log for _, hit in navigator.continue_(back=True).logs] == ["60", "18", "16", "16"]


def watched(navigator: Navigator, expression: str, where: str, frame: int = 0) -> list[tuple[str | None, str | None]]:
    navigator.breakpoints.clear()
    navigator.start()
    navigator.line("bank.py", line(where))
    navigator.breakpoints.watch(expression, navigator.position, frame=frame)
    changes = []
    navigator.start()
    while (stop := navigator.continue_()).found:
        assert stop.reason == "watchpoint"
        changes.append((stop.hits[0].old, stop.hits[0].new))
    backwards_changes = []
    while (stop := navigator.continue_(back=True)).found:
        backwards_changes.append((stop.hits[0].old, stop.hits[0].new))
    assert backwards_changes == changes[::-1]
    return changes


def chain(*values: str) -> list[tuple[Any, Any]]:
    return list(pairwise(values))


def test_watching_a_variable_stops_where_its_value_is_another(navigator: Navigator) -> None:
    assert watched(navigator, "done", "for index, amount") == chain("name 'done' is not bound here", "0", "1", "2", "3", "4", "5", "6", "7")
    assert watched(navigator, "word", "done += 1")[1:] == chain("'even'", "'odd'", *["'even'", "'odd'"] * 3, "'even'")


def test_watching_an_attribute_an_item_and_a_container(navigator: Navigator) -> None:
    assert watched(navigator, "account.balance", "for index, amount") == chain("10", "15", "22", "30", "38", "47", "77")
    assert [new for _, new in watched(navigator, "account.notes['last']", "for index, amount")] == ["5", "7", "8", "0", "9", "30"]
    assert [new for _, new in watched(navigator, "log", "done += 1")] == ["[]", "[2]", "[2, 7]"]
    assert [new for _, new in watched(navigator, "items[-1]", "done += 1")][2:5] == ["21", "24", "0"]


def test_watching_an_expression_and_a_global(navigator: Navigator) -> None:
    assert watched(navigator, "len(items) > 4", "done += 1")[-1] == ("False", "True")
    assert watched(navigator, "account.balance // 10", "for index, amount") == chain("1", "2", "3", "4", "7")
    assert watched(navigator, "rate", "done += 1")[-3:] == chain("3", "0", "1", "2")


def test_pinned_objects_have_their_names_in_expressions(navigator: Navigator) -> None:
    navigator.line("bank.py", line("done += 1"))
    account = navigator.moment().stack[-1].locals["account"].id
    assert account is not None
    navigator.breakpoints.pinned = {"$1": account}
    assert watched(navigator, "$1.balance", 'print("work"')[-2:] == chain("38", "47", "77")
    navigator.breakpoints.clear()
    navigator.breakpoints.function("inner", condition="k == 3 and $1.balance == 77")
    assert len(both_ways(navigator)) == 1


def test_what_can_match_nothing_is_refused(navigator: Navigator) -> None:
    breakpoints = navigator.breakpoints
    bad: list[Breakpoint] = [
        LineBreakpoint(file="nowhere.py", line=1),
        LineBreakpoint(file="bank.py", line=1),
        FunctionBreakpoint(function="nothing"),
        LineBreakpoint(file="bank.py", line=4, condition="1 +"),
        LineBreakpoint(file="bank.py", line=4, every=0),
    ]
    for breakpoint in bad:
        with pytest.raises(TttuiError):
            breakpoints.add(breakpoint)
    with pytest.raises(TttuiError):
        breakpoints.watch("import os", 5)
    with pytest.raises(TttuiError):
        breakpoints.output("(", regex=True)
    with pytest.raises(TttuiError):
        breakpoints[1]
    assert len(breakpoints) == 0
    assert breakpoints.line("bank.py", line("def inner") - 2).line >= line("def inner") - 2


def test_a_stop_tells_all_in_json(navigator: Navigator) -> None:
    navigator.breakpoints.line("bank.py", line("done += 1"))
    stop: Stop = navigator.continue_()
    assert stop.to_json() == {
        "position": stop.position,
        "moved": True,
        "reason": "breakpoint",
        "message": f"1: bank.py:{line('done += 1')}",
        "hits": [{"number": 1, "description": f"bank.py:{line('done += 1')}"}],
    }


ATTRIBUTES = """\
class Node:
    def __init__(self, key):
        self.key = key
        self.count = 0

    def hit(self, step):
        self.count += 1
        if step % 1000 == 3:
            del self.key; self.other = step
        elif step % 1000 == 7:
            self.key = "odd" if step % 2 else None
        return step

nodes = [Node(number) for number in range(12)]
resting = Node(100)

def main():
    for step in range(16000):
        node = nodes[step % 7 if step < 8000 else step % 12]
        node.hit(step)
        done = resting

main()
"""


@pytest.mark.parametrize(
    ("where", "condition"),
    [
        ("self.count += 1", "self.count == 800"),
        ("return step", "self.key == 3 or self.count % 500 == 9"),
        ("return step", "self.key == 'odd' and step > 8000"),
        ("return step", "self.key is None"),
        ("return step", "self.other == step"),
        ("done = resting", "node.key == 11 and resting.key == 100"),
    ],
)
def test_conditions_on_attributes_hold_where_a_hit_by_itself_says_so(where: str, condition: str) -> None:
    navigator = recorded_text("attributes", ATTRIBUTES).navigator()
    assert len(navigator.run.chunks()) >= 2
    number = next(number for number, text in enumerate(ATTRIBUTES.splitlines(), 1) if where in text)
    plain = navigator.breakpoints.finder(navigator.breakpoints.line("attributes.py", number))
    chosen = navigator.breakpoints.finder(navigator.breakpoints.line("attributes.py", number, condition=condition))
    assert isinstance(plain, StreamFinder)
    assert isinstance(chosen, ConditionalFinder)
    test = Condition(navigator.search, condition, {})
    found = list(chosen.hits(0, navigator.run.events, False))
    assert list(chosen.hits(0, navigator.run.events, True)) == found[::-1]
    assert found
    # One by one takes long: some of all hits, and the first that were found.
    asked = sorted({*list(plain.hits(0, navigator.run.events, False))[::31], *found[:50]})
    assert [event for event in asked if test.holds(event)] == [event for event in asked if event in set(found)]
