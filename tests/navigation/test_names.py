"""What names mean where comprehensions have variables of the same name."""

from navigation.recordings import Recorded, recorded_text
from tttui.navigation.expressions import EvaluationError, compile_expression
from tttui.navigation.names import Names
from tttui.navigation.targets import target_at
from tttui.navigation.writes import last_write

PROGRAM = """
k = "global"
def function(xs):
    ys = [k * 2 for k in xs]
    return ys
class Class:
    names = [k for k in range(2)]
    k = 7
    other = k
def unbound():
    try:
        k
    except UnboundLocalError:
        pass
    k = 1
def deeper(xs, *, other=lambda k: k):
    def inner(k):
        return k
    here = xs, [inner(k) for k in xs]
    return here
@staticmethod
def captured(xs):
    there = [lambda: k for k in xs]
    return there
def bound(xs):
    ys = [n for n in xs if (k := n)]
    return ys
for k in range(2):
    function([1, 2])
unbound()
deeper([3])
captured([4])
bound([5])
print(k, [k for k in "ab"])
"""
LINES = PROGRAM.splitlines()


def at(record: Recorded, text: str) -> int:
    """The last event of a line's first run."""
    return next(row.number for row in record.rows if row.kind == "line" and LINES[row.line - 1].strip() == text)


def shown(record: Recorded, event: int) -> str:
    names = Names(record.run, event)
    try:
        return compile_expression("k").evaluate(names.lookup, names.expand).text
    except EvaluationError:
        return ""


def test_a_comprehensions_variable_hides_nothing_outside_of_it() -> None:
    record = recorded_text("comprehensions", PROGRAM)
    assert shown(record, at(record, "class Class:")) == "'global'"
    assert shown(record, at(record, "other = k")) == "7"
    assert shown(record, at(record, "function([1, 2])")) == "0"
    assert shown(record, at(record, 'print(k, [k for k in "ab"])')) == "1"


def test_nor_in_a_function() -> None:
    record = recorded_text("comprehensions", PROGRAM)
    assert shown(record, at(record, "ys = [k * 2 for k in xs]")) == "0"
    assert shown(record, at(record, "here = xs, [inner(k) for k in xs]")) == "1"
    assert shown(record, at(record, "there = [lambda: k for k in xs]")) == "1"
    assert shown(record, at(record, "return there")) == "1"


def test_a_local_variable_that_is_not_bound_hides_the_global() -> None:
    record = recorded_text("comprehensions", PROGRAM)
    assert shown(record, at(record, "k")) == ""
    assert shown(record, at(record, "ys = [n for n in xs if (k := n)]")) == ""


def test_its_writes_are_those_of_the_global() -> None:
    record = recorded_text("comprehensions", PROGRAM)
    event = at(record, 'print(k, [k for k in "ab"])')
    write = last_write(record.run, target_at(record.run, event, "k"), event)
    assert write is not None
    assert (write.line, write.new and write.new.text) == (LINES.index("for k in range(2):") + 1, "1")
