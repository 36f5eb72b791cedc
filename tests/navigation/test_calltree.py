"""The tree of calls, compared with a plain walk through all events, and by hand."""

import random
from dataclasses import dataclass, field
from functools import cache
from itertools import islice

import pytest

from navigation.programs import BANK
from navigation.recordings import LARGE, SMALL, Recorded, recorded, recorded_text
from tttui.errors import TttuiError
from tttui.navigation.calltree import CallTree


@dataclass
class Walked:
    """One call, as a walk through all events finds it."""

    call: int
    parent: int
    start: int
    end: int | None = None
    outcome: str = "running"
    calls: int = 0
    children: list[int] = field(default_factory=list)


@cache
def walk(made: Recorded) -> dict[int, Walked]:
    found: dict[int, Walked] = {0: Walked(0, 0, 0)}
    stacks: dict[int, list[int]] = {}
    for row in made.rows:
        stack = stacks.setdefault(row.thread, [])
        if row.kind == "call" or row.call not in found:  # An exception thrown into a generator that hasn't begun begins it.
            parent = stack[-1] if stack else 0
            for outer in stack:
                found[outer].calls += 1
            found[row.call] = Walked(row.call, parent, row.number)
            found[parent].children.append(row.call)
            stack.append(row.call)
        elif row.kind in ("resume", "throw"):
            stack.append(row.call)
            found[row.call].outcome = "running"
        if row.kind in ("return", "unwind"):
            found[row.call].end, found[row.call].outcome = row.number, "returned" if row.kind == "return" else "raised"
            stack.pop()
        elif row.kind == "yield":
            found[row.call].outcome = "suspended"
            stack.pop()
    return found


@pytest.mark.parametrize("name", [*SMALL, *LARGE])
def test_every_call_is_what_a_walk_through_all_events_finds(name: str) -> None:
    made = recorded(name)
    tree = CallTree(made.run)
    model = walk(made)
    calls = sorted(model)[1:]
    for number in calls if len(calls) < 300 else random.Random(name).sample(calls, 300):
        call, expected = tree.call(number), model[number]
        assert (call.parent, call.start, call.end, call.outcome, call.calls) == (
            expected.parent,
            expected.start,
            expected.end,
            expected.outcome,
            expected.calls,
        ), number
        callers = []
        while (number := model[number].parent) != 0:
            callers.append(number)
        assert [caller.call for caller in tree.callers(call.call)] == callers


@pytest.mark.parametrize("name", [*SMALL, *LARGE])
def test_children_are_given_in_order_from_any_place_and_backwards(name: str) -> None:
    made = recorded(name)
    tree = CallTree(made.run)
    model = walk(made)
    chooser = random.Random(name)
    parents = [0, *sorted(number for number, one in model.items() if one.children and number)]
    for parent in parents if len(parents) < 25 else [*parents[:5], *chooser.sample(parents, 20)]:
        children = model[parent].children
        few = children if len(children) < 500 else children[:500]
        assert [call.call for call in islice(tree.children(parent), len(few))] == few
        last = children[-len(few) :]
        assert [call.call for call in islice(tree.children(parent, backwards=True), len(few))] == last[::-1]
        pivot = chooser.choice(children)
        place = children.index(pivot)
        assert [call.call for call in islice(tree.children(parent, after=pivot), 5)] == children[place + 1 : place + 6]
        before = [call.call for call in islice(tree.children(parent, after=pivot, backwards=True), 5)]
        assert before == children[max(0, place - 5) : place][::-1]
        assert tree.has_children(parent)
    leaf = next(number for number, one in model.items() if number and not one.children)
    assert not tree.has_children(leaf)


@pytest.mark.parametrize("name", ["recursion", "long_recursion", "long_generators"])
def test_calls_of_a_function_are_all_its_calls(name: str) -> None:
    made = recorded(name)
    tree = CallTree(made.run)
    for code in made.run.codes():
        expected = [row.call for row in made.rows if row.kind == "call" and row.code == code.id]
        assert [call.call for call in islice(tree.calls_of(code.id), 50)] == expected[:50]
        assert [call.call for call in islice(tree.calls_of(code.id, backwards=True), 50)] == expected[::-1][:50]


def test_details_tell_arguments_results_and_exceptions() -> None:
    made = recorded_text("bank", BANK)
    tree = CallTree(made.run)
    transfers = [call for call in tree.children(1) if call.function == "transfer"]
    assert len(transfers) == 2
    details = tree.details(transfers[1].call)
    assert {name: value.text for name, value in details.arguments.items() if name == "amount"} == {"amount": "120"}
    assert details.arguments["source"].type == "Account"
    assert details.result is not None
    assert (details.result.text, details.exception) == ("3", None)
    assert transfers[1].calls == 1
    assert transfers[1].duration_ns is not None
    assert transfers[1].duration_ns >= 0
    module = tree.call(1)
    assert module.outcome == "raised"
    failed = tree.details(1)
    assert failed.exception is not None
    assert failed.exception.type == "ValueError"
    assert tree.at(transfers[0].start + 1).call == transfers[0].call


def test_a_call_that_there_is_not_is_an_error() -> None:
    tree = CallTree(recorded("recursion").run)
    with pytest.raises(TttuiError):
        tree.call(10**6)
    with pytest.raises(TttuiError):
        tree.call(-1)
