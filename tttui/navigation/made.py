"""The calls that a line of a frame made, and where in it they were made."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from tttui.navigation.calltree import Call, CallTree
from tttui.navigation.parsed import parsed
from tttui.store.positions import position_of

if TYPE_CHECKING:
    from tttui.store.run import Run


class Made(NamedTuple):
    """A call that a frame made, and the expression that made it."""

    call: Call
    node: ast.expr | None


def made_between(run: "Run", tree: CallTree, call: int, code: int, start: int, stop: int) -> Iterator[Made]:
    """The calls that a call made itself between its event `start` and event `stop`, in order."""
    for child in tree.children(call, after=run.state(start)["calls"]):
        if child.start >= stop:
            return
        if child.start > start:
            yield Made(child, calling_expression(run, child.start, code))


def made_by(run: "Run", tree: CallTree, call: int, code: int, start: int, stop: int, node: ast.expr) -> Call | None:
    """The last call that an expression made; None where no recorded code ran for it."""
    wanted = (node, node.value) if isinstance(node, ast.Await | ast.YieldFrom) else (node,)
    found = None
    for made in made_between(run, tree, call, code, start, stop):
        # What is let go of there may have a finaliser, which nobody calls.
        if made.node in wanted and run.code(made.call.code).name != "__del__":
            found = made.call
    return found


def calling_expression(run: "Run", event: int, code: int) -> ast.expr | None:
    """The expression of the caller (its code object) that made the call which begins at an event."""
    state = run.state(event)
    frame = state["threads"][state["thread"]][-1]
    caller = run.code(code)
    return parsed(run, caller.file).expression(position_of(caller.linetable, caller.first_line, frame[3]))
