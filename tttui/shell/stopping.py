"""Breakpoints and watchpoints: what `continue` and `reverse-continue` stop at."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from tttui.navigation.breakpoints import (
    Breakpoint,
    ExceptionBreakpoint,
    FunctionBreakpoint,
    LineBreakpoint,
    OutputBreakpoint,
    Watchpoint,
)
from tttui.navigation.expressions import compile_expression
from tttui.safe import safe
from tttui.shell.answers import Answer, nothing, said
from tttui.shell.arguments import UsageError, clauses, count, number, options, place, split_word
from tttui.shell.table import Request, command

if TYPE_CHECKING:
    from tttui.shell.session import Session


def _set(session: "Session", request: Request, *, temporary: bool) -> Answer:
    wanted, condition, log = clauses(request.arguments)
    breakpoints = session.navigator.breakpoints
    found = place(wanted) if wanted else None
    if found is not None and found.function is not None:
        return _answer(breakpoints.function(found.function, condition=condition, log=log, temporary=temporary))
    frame = session.frame(depth=0)
    file = found.file if found is not None and found.file is not None else frame.file if frame is not None else None
    line = found.line if found is not None else frame.line if frame is not None else None
    if file is None or line is None:
        raise UsageError("a place is needed", hint="LINE, FILE:LINE or FUNCTION")
    return _answer(breakpoints.line(file, line, condition=condition, log=log, temporary=temporary))


def _answer(breakpoint: Breakpoint) -> Answer:
    kind = "watchpoint" if isinstance(breakpoint, Watchpoint) else "breakpoint"
    return said(f"{kind} {breakpoint.number}: {describe(breakpoint)}", breakpoint=to_json(breakpoint))


@command("break b", "Stopping", "[FILE:]LINE | FUNCTION [if CONDITION] [log EXPRESSION]", completes="place")
def break_(session: "Session", request: Request) -> Answer:
    """Set a breakpoint; without a place, at the line where we are.
    if: only where a condition holds. log: report the value of an expression and go on.
    """
    return _set(session, request, temporary=False)


@command("tbreak tb", "Stopping", "[FILE:]LINE | FUNCTION [if CONDITION]", completes="place")
def tbreak(session: "Session", request: Request) -> Answer:
    """Set a breakpoint that is removed by the first stop at it."""
    return _set(session, request, temporary=True)


@command("catch", "Stopping", "[exception | uncaught] [TYPE] [if CONDITION]", completes="exception")
def catch(session: "Session", request: Request) -> Answer:
    """Stop where exceptions set out: all of them, those that no recorded code catches, or those of a type."""
    wanted, condition, log = clauses(request.arguments)
    word, rest = split_word(wanted)
    if word in ("exception", "raised", "uncaught"):
        mode, type_ = word, rest
    else:
        mode, type_ = "raised", wanted
    breakpoints = session.navigator.breakpoints
    return _answer(breakpoints.exception(type_, mode="uncaught" if mode == "uncaught" else "raised", condition=condition, log=log))


@command("catch-output", "Stopping", "[-r] TEXT")
def catch_output(session: "Session", request: Request) -> Answer:
    """Stop where a line is written that holds a text; -r: that matches a regular expression."""
    chosen = options(request.arguments, "r")
    if not chosen.rest:
        raise UsageError("a text is needed")
    return _answer(session.navigator.breakpoints.output(chosen.rest, regex="r" in chosen.letters))


def _watch(session: "Session", request: Request) -> Watchpoint:
    wanted, condition, log = clauses(request.arguments, of_expression=True)
    if not wanted:
        raise UsageError("an expression is needed", hint="a variable, an attribute, an item, or anything that p prints")
    navigator = session.navigator
    return navigator.breakpoints.watch(wanted, navigator.position, frame=navigator.frame_index, condition=condition, log=log)


@command("watch wa", "Stopping", "EXPRESSION [if CONDITION] [log EXPRESSION]", completes="name")
def watch(session: "Session", request: Request) -> Answer:
    """Stop where a variable, an attribute, an item or a whole expression changes."""
    return _answer(_watch(session, request))


@command("rwatch", "Stopping", "EXPRESSION [if CONDITION]", completes="name")
def rwatch(session: "Session", request: Request) -> Answer:
    """Watch an expression, and go back at once to where it got its value: `watch`, then `reverse-continue`.
    gdb's command of this name stops at reads; what the program reads is not recorded.
    """
    watched = _watch(session, request)
    answer = session.arrived(session.navigator.continue_(back=True))
    answer.json["breakpoint"] = to_json(watched)
    return answer


@command("condition", "Stopping", "NUMBER [CONDITION]", completes="breakpoint")
def condition(session: "Session", request: Request) -> Answer:
    """Stop at a breakpoint only where a condition holds; without one, always."""
    word, rest = split_word(request.arguments)
    found = session.navigator.breakpoints[number(word, "a breakpoint's number")]
    if rest:
        compile_expression(rest)
    found.condition = rest
    return _answer(found)


@command("log", "Stopping", "NUMBER [EXPRESSION]", completes="breakpoint")
def log(session: "Session", request: Request) -> Answer:
    """Report an expression at each hit of a breakpoint and go on; without one, stop again."""
    word, rest = split_word(request.arguments)
    found = session.navigator.breakpoints[number(word, "a breakpoint's number")]
    if rest:
        compile_expression(rest)
    found.log = rest
    return _answer(found)


@command("ignore", "Stopping", "NUMBER [COUNT]", completes="breakpoint")
def ignore(session: "Session", request: Request) -> Answer:
    """Pass over so many hits of a breakpoint, once."""
    word, rest = split_word(request.arguments)
    found = session.navigator.breakpoints[number(word, "a breakpoint's number")]
    found.ignore = count(rest, request.repeat)
    return _answer(found)


@command("every", "Stopping", "NUMBER COUNT", completes="breakpoint")
def every(session: "Session", request: Request) -> Answer:
    """Stop at each so-many-th hit of a breakpoint only, counted from the start of the run: the same ones in both directions."""
    word, rest = split_word(request.arguments)
    found = session.navigator.breakpoints[number(word, "a breakpoint's number")]
    found.every = max(1, number(rest, "how many hits"))
    return _answer(found)


def _switch(session: "Session", request: Request, enabled: bool) -> Answer:
    breakpoints = session.navigator.breakpoints
    chosen = [breakpoints[number(word)] for word in request.arguments.split()] or list(breakpoints)
    if not chosen:
        return nothing("there are no breakpoints")
    for found in chosen:
        found.enabled = enabled
    return said(
        f"{'on' if enabled else 'off'}: {', '.join(str(found.number) for found in chosen)}",
        breakpoints=[to_json(found) for found in chosen],
    )


@command("enable en", "Stopping", "[NUMBER ...]", completes="breakpoint")
def enable(session: "Session", request: Request) -> Answer:
    """Stop at breakpoints again; without numbers, at all."""
    return _switch(session, request, True)


@command("disable", "Stopping", "[NUMBER ...]", completes="breakpoint")
def disable(session: "Session", request: Request) -> Answer:
    """Pass over breakpoints for now; without numbers, over all."""
    return _switch(session, request, False)


@command("delete del clear", "Stopping", "[NUMBER ...]", completes="breakpoint")
def delete(session: "Session", request: Request) -> Answer:
    """Remove breakpoints and watchpoints; without numbers, all."""
    breakpoints = session.navigator.breakpoints
    chosen = [breakpoints[number(word)].number for word in request.arguments.split()] or [found.number for found in breakpoints]
    if not chosen:
        return nothing("there are no breakpoints")
    for one in dict.fromkeys(chosen):
        breakpoints.remove(one)
    return said(f"removed: {', '.join(map(str, dict.fromkeys(chosen)))}", removed=list(dict.fromkeys(chosen)))


def describe(breakpoint: Breakpoint) -> str:
    """A breakpoint in a few words."""
    if isinstance(breakpoint, LineBreakpoint):
        what = f"{breakpoint.file}:{breakpoint.line}"
    elif isinstance(breakpoint, FunctionBreakpoint):
        what = f"calls of {breakpoint.function}"
    elif isinstance(breakpoint, ExceptionBreakpoint):
        what = f"{'uncaught ' if breakpoint.mode == 'uncaught' else ''}{breakpoint.type or 'exceptions'}"
    elif isinstance(breakpoint, OutputBreakpoint):
        what = f"output {'matching' if breakpoint.regex else 'with'} {breakpoint.text!r}"
    elif isinstance(breakpoint, Watchpoint):
        what = f"changes of {breakpoint.expression}"
    else:
        what = type(breakpoint).__name__
    return what + "".join(_details(breakpoint))


def _details(breakpoint: Breakpoint) -> Iterator[str]:
    if breakpoint.condition:
        yield f" if {breakpoint.condition}"
    if breakpoint.log:
        yield f" log {breakpoint.log}"
    if breakpoint.temporary:
        yield ", once"
    if breakpoint.ignore:
        yield f", ignoring {breakpoint.ignore}"
    if breakpoint.every > 1:
        yield f", every {breakpoint.every}"
    if not breakpoint.enabled:
        yield ", off"


def to_json(breakpoint: Breakpoint) -> dict[str, object]:
    """A breakpoint as an object."""
    found: dict[str, object] = {"number": breakpoint.number, "kind": type(breakpoint).__name__.removesuffix("Breakpoint").lower()}
    for name in ("file", "line", "function", "mode", "type", "text", "regex", "fd", "expression"):
        if hasattr(breakpoint, name):
            found[name] = getattr(breakpoint, name)
    for name in ("enabled", "temporary", "condition", "ignore", "every", "log", "hits"):
        found[name] = getattr(breakpoint, name)
    return found


def breakpoint_texts(session: "Session") -> Iterator[Text]:
    """All of them, one on a line."""
    for found in session.navigator.breakpoints:
        hits = f"  {found.hits:,} hits" if found.hits else ""
        yield Text.assemble((f"{found.number:>3} ", "bold"), safe(describe(found)), (hits, "dim"))
