"""When an expression is true: as a look at every event tells it, forwards and back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from navigation.recordings import Recorded, recorded, recorded_text
from tttui.errors import TttuiError
from tttui.navigation.expressions import EvaluationError, compile_expression
from tttui.navigation.names import Names
from tttui.navigation.truth import Truth, Turn

SHOP = """
class Line:
    def __init__(self, price, discount):
        self.price = price
        self.discount = discount

    def lower(self, by):
        self.price -= by
        self.price += by
        self.price -= by


def total(lines):
    amount = 0
    for line in lines:
        price = line.price
        if line.discount:
            price -= line.discount
            line.lower(2)
        amount += price
    del price
    return amount


def visit(n):
    global count
    count += n
    if n:
        visit(n - 1)
    return n


def numbers():
    for n in range(5):
        yield n


count = 0
basket = [Line(8, 2), Line(3, 12), Line(9, 0)]
for turn in range(3):
    print(total(basket))
visit(4)
visit(3)
pairs = list(zip(numbers(), numbers()))
"""
EXPRESSIONS = {
    "total": ("amount > 7", "price < 0", "line.discount > line.price", "line.price == 6", "len(lines) > 2 and price", "not amount"),
    "visit": ("n > 2", "n % 2", "not n", "n == 3 and count > 3"),
    "numbers": ("n", "n == 2 or n == 4", "n > 9"),
    "lower": ("self.price > 5", "self.price < by", "by"),
    "<module>": ("count", "count > 8", "basket[0].price < 5", "turn == 1", "len(basket) == 3", "nothing"),
}


def plainly(record: Recorded, expression: str, event: int, call: int) -> bool | str | None:
    """Whether it holds in the frame of a call; "gone" where that is on no stack."""
    run = record.run
    if all(frame[0] != call for stack in run.state(event)["threads"].values() for frame in stack):
        return "gone"
    names = Names(run, event, call=call)
    try:
        return compile_expression(expression).evaluate(names.lookup, names.expand).truth()
    except EvaluationError:
        return None


def turns_of_call(record: Recorded, expression: str, call: int, own_events: bool) -> list[tuple[int, int, bool | None]]:
    before: bool | str | None = False
    found: list[tuple[int, int, bool | None]] = []
    for row in record.rows:
        if own_events and row.call != call:
            continue
        now = plainly(record, expression, row.number, call)
        if isinstance(now, str):
            continue
        if now is not before:
            found.append((row.number, call, now))
        before = now
    return found


def told(turns: "list[Turn]") -> list[tuple[int, int, bool | None]]:
    return [(turn.event, turn.call, turn.holds) for turn in turns]


def check(truth: Truth, expected: list[tuple[int, int, bool | None]], start: int, stop: int) -> None:
    assert told(list(truth.turns())) == expected
    assert told(list(truth.turns(back=True))) == expected[::-1]
    between = [turn for turn in expected if start <= turn[0] < stop]
    assert told(list(truth.turns(start, stop))) == between
    assert told(list(truth.turns(start, stop, back=True))) == between[::-1]
    true = [event for event, _, holds in expected if holds]
    assert truth.first() == (true[0] if true else None)
    assert truth.last() == (true[-1] if true else None)
    assert list(truth.hits(0, 1 << 60, False)) == true


@settings(max_examples=60, deadline=None)
@given(data=some.data())
def test_truth_turns_where_a_look_at_every_event_says(data: some.DataObject) -> None:
    record = recorded_text_once()
    function = data.draw(some.sampled_from(sorted(EXPRESSIONS)))
    expression = data.draw(some.sampled_from(EXPRESSIONS[function]))
    codes = {code.id for code in record.run.codes() if code.name == function}
    row = data.draw(some.sampled_from([row for row in record.rows if row.code in codes and row.kind != "call"]))
    start, stop = sorted(data.draw(some.tuples(*[some.integers(0, len(record.rows))] * 2)))
    navigator = record.navigator()
    navigator.goto(row.number)
    check(navigator.truth(expression), turns_of_call(record, expression, row.call, False), start, stop)
    calls = dict.fromkeys(other.call for other in record.rows if other.code == row.code)
    everywhere = sorted(turn for call in calls for turn in turns_of_call(record, expression, call, True))
    check(navigator.truth(expression, every_call=True), everywhere, start, stop)


_kept: list[Recorded] = []


def recorded_text_once() -> Recorded:
    if not _kept:
        _kept.append(recorded_text("shop", SHOP))
    return _kept[0]


@pytest.mark.parametrize("every_call", [False, True])
def test_truth_in_a_recording_of_many_chunks(every_call: bool) -> None:
    record = recorded("long_recursion")
    navigator = record.navigator()
    assert navigator.call("deep").found
    expression = "n == 250" if every_call else "n == 300"
    truth = navigator.truth(expression, every_call=every_call)
    codes = {code.id for code in record.run.codes() if code.name == "deep"}
    values = {
        row.call: plainly(record, expression, row.number, row.call) for row in record.rows if row.code in codes and row.kind == "call"
    }
    expected = [row.number for row in record.rows if row.kind == "call" and values.get(row.call) is True]
    if not every_call:
        expected = expected[:1]
    assert list(truth.hits(0, 1 << 60, False)) == expected
    assert list(truth.hits(0, 1 << 60, True)) == expected[::-1]
    assert (truth.first(), truth.last()) == (expected[0], expected[-1])


def test_moves_go_to_where_it_becomes_true_and_back() -> None:
    record = recorded_text_once()
    navigator = record.navigator()
    assert navigator.call("total").found
    call = navigator.here.call if navigator.here else 0
    expected = [event for event, _, holds in turns_of_call(record, "line.price == 6", call, False) if holds]
    assert len(expected) > 1
    visited = []
    while (stop := navigator.true("line.price == 6")).found:
        visited.append(stop.position)
        assert stop.reason == "true"
        navigator.goto(stop.position)
        if navigator.here and navigator.here.call != call:
            navigator.up()
    assert visited == expected
    assert "no later" in stop.message


def test_what_is_no_expression_is_said() -> None:
    with pytest.raises(TttuiError):
        recorded_text_once().navigator().truth("x >")
