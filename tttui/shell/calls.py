"""Commands about calls, threads, tasks and output."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from rich.text import Text

from tttui.navigation.calltree import Call, CallTree
from tttui.report.render import duration
from tttui.safe import safe
from tttui.shell.answers import NOTHING, Answer, Row
from tttui.shell.arguments import UsageError, number, options
from tttui.shell.table import Request, command

if TYPE_CHECKING:
    from tttui.navigation.position import Event
    from tttui.shell.session import Session
    from tttui.store.records import Frame

MOST_CHILDREN: Final = 50
"""Calls of one call that `tree` shows unless all are asked for."""
MOST_OUTPUT: Final = 20
"""Lines of output that `output` shows."""
LONGEST: Final = 100
"""Characters of arguments and of a result."""


@command("tree", "Asking", "[-a] [CALL]")
def tree(session: "Session", request: Request) -> Answer:
    """Show the call that we are in: its callers, itself (>), and the calls that it made, each with arguments and result.
    With a number: that call; 0: the calls without a recorded caller. -a: all of its calls, not only the first 50.
    """
    chosen = options(request.arguments, "a")
    calls = CallTree(session.run)
    if chosen.rest:
        wanted = number(chosen.rest, "a call's number")
        center = calls.call(wanted) if wanted else None
    else:
        center = calls.at(session.navigator.position)
    callers = tuple(reversed(calls.callers(center.call))) if center is not None else ()
    return Answer(
        {"call": None if center is None else call_json(calls, center), "callers": [call_json(calls, one) for one in callers]},
        _tree_texts(calls, callers, center),
        rows=_children(calls, center, None if "a" in chosen.letters else MOST_CHILDREN, len(callers) + (center is not None)),
        rows_name="calls",
        status=NOTHING if center is None else 0,
    )


def _children(calls: CallTree, center: Call | None, most: int | None, level: int) -> Iterator[Row]:
    for shown, child in enumerate(calls.children(0 if center is None else center.call)):
        if shown == most:
            yield Row(Text(f"{'  ' * level}  … more (tree -a shows all)", "dim"), {"more": True})
            return
        yield Row(_call_text(calls, child, level, " "), call_json(calls, child))


def _tree_texts(calls: CallTree, callers: tuple[Call, ...], center: Call | None) -> Iterator[Text]:
    for level, caller in enumerate(callers):
        yield _call_text(calls, caller, level, " ")
    if center is not None:
        yield _call_text(calls, center, len(callers), ">")


def _call_text(calls: CallTree, call: Call, level: int, mark: str) -> Text:
    details = calls.details(call.call)
    arguments = ", ".join(f"{name}={value.text}" for name, value in details.arguments.items())
    line = Text(f"{'  ' * level}{mark} ", "bold yellow")
    line.append(safe(call.function), "bold")
    line.append(safe(f"({_short(arguments)})"))
    if details.result is not None:
        line.append(safe(f" → {_short(details.result.text)}"), "green")
    elif details.exception is not None:
        line.append(safe(f" raised {_short(details.exception.text)}"), "bold red")
    elif call.outcome not in ("returned", "raised"):
        line.append(f" {call.outcome}", "yellow")
    line.append(f"  call {call.call:,}, event {call.start:,}", "dim")
    if call.calls:
        line.append(f", {call.calls:,} calls in it", "dim")
    if call.duration_ns is not None:
        line.append(f", {duration(call.duration_ns / 1e9)}", "dim")
    return line


def call_json(calls: CallTree, call: Call) -> dict[str, object]:
    """A call as an object."""
    details = calls.details(call.call)
    found: dict[str, object] = {
        "call": call.call, "parent": call.parent, "function": call.function, "file": call.file, "line": call.line, "thread": call.thread,
        "start": call.start, "end": call.end, "outcome": call.outcome, "duration_ns": call.duration_ns, "calls": call.calls,
        "arguments": {name: value.to_json() for name, value in details.arguments.items()},
    }  # fmt: skip
    if details.result is not None:
        found["result"] = details.result.to_json()
    if details.exception is not None:
        found["exception"] = details.exception.to_json()
    return found


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


@command("output", "Asking", "[all | COUNT]")
def output(session: "Session", request: Request) -> Answer:
    """Show what the program had written by now: the last lines of it, so many of them, or all of the run."""
    text = request.arguments.strip()
    if text == "all":
        return Answer(rows=_written(session, None, None), rows_name="lines", nothing="nothing was written")
    most = number(text) if text else MOST_OUTPUT
    if not most:
        raise UsageError("how many lines?", text)
    # What was written after the event that we are at has not been written yet.
    rows = _written(session, session.navigator.position - 1, most)
    return Answer(rows=rows, rows_name="lines", nothing="nothing had been written yet")


def _written(session: "Session", last: int | None, most: int | None) -> Iterator[Row]:
    """Lines of output, each with the event after which it began."""
    lines: Iterator[Row] | deque[Row] = _lines(session, last)
    yield from lines if most is None else deque(lines, maxlen=most)


def _lines(session: "Session", last: int | None) -> Iterator[Row]:
    pending: dict[int, tuple[int, bytes]] = {}
    for written in session.run.outputs(0, last):
        event, begun = pending.pop(written.fd, (written.event, b""))
        data = begun + written.data
        *whole, rest = data.split(b"\n")
        for line in whole:
            yield _output_row(event, written.fd, line)
            event = written.event
        if rest:
            pending[written.fd] = event if whole == [] else written.event, rest
    for fd, (event, rest) in sorted(pending.items()):
        yield _output_row(event, fd, rest)


def _output_row(event: int, fd: int, line: bytes) -> Row:
    text = line.decode("utf-8", "backslashreplace")
    name = "stderr" if fd == 2 else "stdout"
    return Row(Text.assemble((f"{event:>10,} {name} ", "dim"), safe(text)), {"event": event, "stream": name, "text": text})


@command("threads", "Asking")
def threads(session: "Session", request: Request) -> Answer:
    """Show every thread, and where it stood at this moment."""
    stacks = session.run.stacks(session.navigator.position) if session.run.events else {}
    current = session.navigator.here
    return Answer({"event": session.navigator.position}, rows=_threads(session, stacks, current), rows_name="threads", nothing="no threads")


def _threads(session: "Session", stacks: "Mapping[int, tuple[Frame, ...]]", current: "Event | None") -> Iterator[Row]:
    for thread in session.run.threads():
        stack = stacks.get(thread.id, ())
        frame = stack[-1] if stack else None
        here = current is not None and current.thread == thread.id
        where = f"{frame.function}  {frame.file}:{frame.line}" if frame is not None else "no recorded frame"
        json = {"thread": thread.id, "name": thread.name, "current": here}
        if frame is not None:
            json |= {"function": frame.function, "file": frame.file, "line": frame.line}
        yield Row(Text.assemble((f"{'>' if here else ' '} {thread.id:>3} ", "bold"), f"{safe(thread.name)}  ", (safe(where), "dim")), json)


@command("tasks", "Asking")
def tasks(session: "Session", request: Request) -> Answer:
    """Show the asyncio tasks of the run; > marks the one that runs at this moment."""
    current = session.navigator.here
    rows = (
        Row(
            Text.assemble((f"{'>' if here else ' '} {task.id:>3} ", "bold"), safe(task.name)),
            {"task": task.id, "name": task.name, "current": here},
        )
        for task in session.run.tasks()
        for here in (current is not None and current.task == task.id,)
    )
    return Answer({"event": session.navigator.position}, rows=rows, rows_name="tasks", nothing="there are no tasks")
