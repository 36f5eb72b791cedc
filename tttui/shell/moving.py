"""Commands that move by the program's structure; each has its exact reverse."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from tttui.shell.answers import Answer
from tttui.shell.arguments import UsageError, count, place, split_word
from tttui.shell.questions import meant
from tttui.shell.table import Request, command

if TYPE_CHECKING:
    from tttui.navigation.stops import Stop
    from tttui.shell.session import Session


@command("step s st", "Moving", "[COUNT]", repeats=True)
def step(session: "Session", request: Request) -> Answer:
    """Go to the next statement, into calls."""
    return session.arrived(session.navigator.step(count(request.arguments, request.repeat)))


@command("reverse-step rs bs back", "Moving", "[COUNT]", repeats=True)
def reverse_step(session: "Session", request: Request) -> Answer:
    """Go back to the statement before, into calls from their ends: `step` taken back."""
    return session.arrived(session.navigator.step(count(request.arguments, request.repeat), back=True))


@command("next n", "Moving", "[COUNT]", repeats=True)
def next_(session: "Session", request: Request) -> Answer:
    """Go to the next statement of this call, over the calls that it makes."""
    return session.arrived(session.navigator.next(count(request.arguments, request.repeat)))


@command("reverse-next rn bn", "Moving", "[COUNT]", repeats=True)
def reverse_next(session: "Session", request: Request) -> Answer:
    """Go back to the statement before in this call, over the calls that it made: `next` taken back."""
    return session.arrived(session.navigator.next(count(request.arguments, request.repeat), back=True))


@command("finish f fin return r", "Moving", "[COUNT]", repeats=True)
def finish(session: "Session", request: Request) -> Answer:
    """Go to the end of this call: its return, or where an exception leaves it."""
    return session.arrived(session.navigator.finish(count(request.arguments, request.repeat)))


@command("reverse-finish rf bf", "Moving", "[COUNT]", repeats=True)
def reverse_finish(session: "Session", request: Request) -> Answer:
    """Go back to the beginning of this call."""
    return session.arrived(session.navigator.finish(count(request.arguments, request.repeat), back=True))


@command("continue c cont", "Moving", "[COUNT]", repeats=True)
def continue_(session: "Session", request: Request) -> Answer:
    """Go to the next hit of a breakpoint or watchpoint; without one to the end."""
    return session.arrived(session.navigator.continue_(count(request.arguments, request.repeat)))


@command("reverse-continue rc bc", "Moving", "[COUNT]", repeats=True)
def reverse_continue(session: "Session", request: Request) -> Answer:
    """Go back to the hit of a breakpoint or watchpoint before; without one to the start."""
    return session.arrived(session.navigator.continue_(count(request.arguments, request.repeat), back=True))


def _until(session: "Session", request: Request, *, back: bool) -> Answer:
    if not request.arguments.strip():
        return session.arrived(session.navigator.until(back=back))
    wanted = place(request.arguments)
    if wanted.line is None:
        raise UsageError("a line is needed", request.arguments, "LINE or FILE:LINE; to call FUNCTION goes to a call")
    return session.arrived(session.navigator.until(wanted.file, wanted.line, back=back))


@command("until unt advance", "Moving", "[[FILE:]LINE]", completes="place", repeats=True)
def until(session: "Session", request: Request) -> Answer:
    """Go to where a line runs, or to the end of this call if it comes first.
    Without a line: to a line behind this one, so out of a loop.
    """
    return _until(session, request, back=False)


@command("reverse-until ru bu", "Moving", "[[FILE:]LINE]", completes="place", repeats=True)
def reverse_until(session: "Session", request: Request) -> Answer:
    """Go back to where a line ran, or to the beginning of this call."""
    return _until(session, request, back=True)


@command("event e", "Moving", "[COUNT]", repeats=True)
def event(session: "Session", request: Request) -> Answer:
    """Go to the next event, of any kind and thread."""
    return session.arrived(session.navigator.event(count(request.arguments, request.repeat)))


@command("reverse-event re be", "Moving", "[COUNT]", repeats=True)
def reverse_event(session: "Session", request: Request) -> Answer:
    """Go back to the event before."""
    return session.arrived(session.navigator.event(count(request.arguments, request.repeat), back=True))


def _to_line(session: "Session", arguments: str, times: int, back: bool) -> "Stop":
    if not arguments:
        return session.navigator.line(count=times, back=back)
    wanted = place(arguments)
    if wanted.line is None:
        raise UsageError("a line is needed", arguments, "LINE or FILE:LINE")
    return session.navigator.line(wanted.file, wanted.line, times, back=back)


_TO: dict[str, "Callable[[Session, str, int, bool], Stop]"] = {
    "line": _to_line,
    "call": lambda session, what, times, back: session.navigator.call(what.removesuffix("()") or None, times, back=back),
    "exception": lambda session, what, times, back: session.navigator.exception(what, times, back=back),
    "output": lambda session, what, times, back: session.navigator.output(what, times, back=back),
    "thread": lambda session, what, times, back: session.navigator.thread(times, back=back),
    "task": lambda session, what, times, back: session.navigator.task(times, back=back),
    "true": lambda session, what, times, back: session.navigator.true(meant(what), times, back=back),
}


def _to(session: "Session", request: Request, *, back: bool) -> Answer:
    word, rest = split_word(request.arguments)
    chosen = [name for name in _TO if word and name.startswith(word)]
    if len(chosen) != 1:
        raise UsageError("to what?", word, f"one of {', '.join(_TO)}")
    if chosen[0] in ("thread", "task") and rest:
        raise UsageError(f"to {chosen[0]} takes no more than a count before it", rest)
    return session.arrived(_TO[chosen[0]](session, rest, 1 if request.repeat is None else request.repeat, back))


_PLACES: Final = "line [[FILE:]LINE] | call [FUNCTION] | exception [TYPE] | output [TEXT] | thread | task | true EXPRESSION"


@command("to", "Moving", _PLACES, completes="place", repeats=True)
def to(session: "Session", request: Request) -> Answer:
    """Go to the next hit of a line, call, exception, output or switch, or to where an expression becomes true.
    Without more: of this line, of this function, any exception, any output. A count goes before it: 3 to exception.
    """
    return _to(session, request, back=False)


@command("reverse-to rt", "Moving", _PLACES, completes="place", repeats=True)
def reverse_to(session: "Session", request: Request) -> Answer:
    """Go back to the hit before of a line, call, exception, output or switch, or to where an expression became true."""
    return _to(session, request, back=True)
