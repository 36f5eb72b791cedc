"""Why not this line: by hand."""

from functools import cache

import pytest

from navigation.recordings import Recorded, recorded_text
from tttui.navigation.whynot import WhyNot, why_not

SHOP = """\
def discount(price, member):
    if price > 100:
        if member:
            return price * 0.8
        return price * 0.9
    for code in []:
        price -= 1
        print("code")
    return price

def audit(x):
    return x

def checkout(cart, member):
    total = 0
    for price in cart:
        total += discount(price, member)
        if price > 500:
            print("dear")
    if total > 1000:
        audit(total)
    try:
        value = 1 / total
    except ZeroDivisionError:
        value = 0
    else:
        value += 1
    while total > 500:
        total -= 1
    match total:
        case 7:
            print("seven")
        case _:
            value = 2
    return total

def never():
    print("never")

print(checkout([50, 120], False))
"""

FAILS = """\
def parse(text):
    number = int(text)
    return number + 1

def work(texts):
    done = []
    for text in texts:
        if not text:
            continue
        done.append(parse(text))
        print(text)
    return done

try:
    work(["1", "", "x", "4"])
except ValueError:
    pass
"""


@cache
def made(text: str) -> Recorded:
    return recorded_text("whynot", text)


def asked(text: str, line: int, event: int | None = None) -> WhyNot:
    run = made(text).run
    return why_not(run, run.events - 1 if event is None else event, "whynot.py", line)


def seen(found: WhyNot | None) -> list[tuple[str, int, str, dict[str, str]]]:
    """(reason, line, test, values) of an answer and what it is because of."""
    result: list[tuple[str, int, str, dict[str, str]]] = []
    while found is not None:
        result.append((found.reason, found.line, found.test, {name: value.text for name, value in found.values}))
        found = found.because
    return result


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(4, [("branch", 3, "member", {"member": "False"})], id="the test beside it was false"),
        pytest.param(7, [("left", 5, "", {}), ("branch", 2, "price > 100", {"price": "120"})], id="a return left before it"),
        pytest.param(19, [("branch", 18, "price > 500", {"price": "120"})], id="in the last round of a loop"),
        pytest.param(21, [("branch", 20, "total > 1000", {"total": "158.0"})], id="after the loop"),
        pytest.param(25, [("branch", 22, "", {})], id="a handler without an exception"),
        pytest.param(29, [("branch", 28, "total > 500", {"total": "158.0"})], id="a loop that was not entered"),
        pytest.param(32, [("branch", 30, "total", {"total": "158.0"})], id="a case that did not match"),
        pytest.param(
            12,
            [("not called", 20, "", {}), ("branch", 20, "total > 1000", {"total": "158.0"})],
            id="a function that was not called: why its caller didn't",
        ),
    ],
)
def test_the_branch_that_went_elsewhere_is_told_with_its_values(line: int, expected: list[tuple[str, int, str, dict[str, str]]]) -> None:
    found = asked(SHOP, line)
    assert seen(found) == expected
    assert found.event is not None
    assert found.text


def test_a_line_that_ran_is_told_as_such() -> None:
    found = asked(SHOP, 5)
    assert (found.reason, found.line) == ("ran", 5)
    assert found.event is not None
    state = made(SHOP).run.state(found.event)
    assert state["threads"][1][-1][2] == 5


def test_a_function_that_nothing_calls_is_told_as_such() -> None:
    found = asked(SHOP, 38)
    assert found.reason == "not called"
    assert found.because is None


def test_a_line_without_a_statement_is_told_as_such() -> None:
    assert asked(SHOP, 10).reason == "no code"


def test_a_line_that_comes_later_is_not_reached_yet() -> None:
    first = next(row.number for row in made(SHOP).rows if row.kind == "line" and row.line == 15)
    assert asked(SHOP, 20, first).reason == "not reached"


def test_an_exception_that_left_is_told_with_its_line() -> None:
    found = asked(FAILS, 3)
    assert (found.reason, found.line, found.function) == ("raised", 2, "parse")
    found = asked(FAILS, 12)
    assert (found.reason, found.line, found.function) == ("raised", 10, "work")


def test_a_continue_left_before_it_with_its_reason() -> None:
    third = [row.number for row in made(FAILS).rows if row.kind == "line" and row.line == 7][2]
    found = asked(FAILS, 10, third)
    assert seen(found)[:1] == [("left", 9, "", {})]
    assert found.because is not None
    assert {name: value.text for name, value in found.because.values} == {"text": "''"}


LEAVING = """\
class Quiet:
    def __enter__(self):
        return self
    def __exit__(self, *error):
        return True

def quiet(text):
    with Quiet():
        value = int(text)
        value += 1
    return 0

def caught(text):
    try:
        value = int(text)
        value += 1
    except ValueError:
        value = 0
    return value

def groups():
    try:
        raise ExceptionGroup("g", [ValueError(1)])
    except* ValueError:
        one = 1
    except* TypeError:
        two = 2
    n = 3
    while n > 0:
        n -= 1
        if n == 1:
            break
    else:
        n = 9
    match [n]:
        case [x] if x > 5:
            n = 8
    return n

quiet("x")
caught("x")
groups()
"""


@pytest.mark.parametrize(
    ("line", "reason", "text"),
    [
        (10, "raised", "an exception at line 9 kept it from going on"),
        (16, "raised", "an exception at line 15 kept it from going on"),
        (27, "branch", "`except TypeError` did not fit the exception"),
        (34, "left", "`break` at line 32 left before that"),
        (37, "branch", "`match [n]` at line 35 did not come to, or did not take `case [x] if x > 5`"),
    ],
)
def test_exceptions_that_are_held_back_groups_and_breaks_are_told(line: int, reason: str, text: str) -> None:
    run = recorded_text("leaving", LEAVING).run
    found = why_not(run, run.events - 1, "leaving.py", line)
    assert (found.reason, found.text) == (reason, text)
    assert found.event is not None


WAITING = """\
import asyncio

async def save():
    print("saved")

def lines():
    print("begun")
    yield 1

def half(n):
    assert n % 2 == 0 and n > 0
    return n // 2

async def main():
    gone = lines()
    lost = save()
    await asyncio.sleep(0)
    half(3)

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (4, "save was called at line 16 of main, but what that gave was not awaited"),
        (7, "lines was called at line 15 of main, but nothing went through what that gave"),
        (12, "an exception left half at line 11"),
    ],
)
def test_what_waits_to_be_run_and_what_was_asserted(line: int, text: str) -> None:
    made = recorded_text("waiting", WAITING)
    left = next(row.number for row in made.rows if row.kind == "unwind")  # the generator and the coroutine are still there
    found = why_not(made.run, left, "waiting.py", line)
    assert found.text == text
    assert found.event is not None
    assert [(name, value.text) for name, value in found.values] == ([("n", "3")] if line == 12 else [])
