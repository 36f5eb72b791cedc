"""Questions about a value: who set it, why it is what it is; and why a line did not run."""

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from rich.text import Text

from tttui.navigation import origin, whynot, writes
from tttui.navigation.targets import Target
from tttui.safe import safe
from tttui.shell.answers import FOUND, NOTHING, Answer, Row, nothing
from tttui.shell.arguments import UsageError, options, place
from tttui.shell.questions import meant, short_text
from tttui.shell.table import Request, command

if TYPE_CHECKING:
    from tttui.navigation.writes import Write
    from tttui.shell.session import Session


# -- who set this?


@command("last lw", "Asking", "[-o] EXPRESSION", completes="name", repeats=True)
def last(session: "Session", request: Request) -> Answer:
    """Go back to the write that gave a variable, attribute or item the value that it has.
    -o: to the last change of the object itself, of anything in it.
    """
    target = _target(session, request)
    return _to_write(session, target.label, writes.last_write(session.run, target, session.navigator.position), "was not written before")


@command("next-write nw", "Asking", "[-o] EXPRESSION", completes="name", repeats=True)
def next_write(session: "Session", request: Request) -> Answer:
    """Go to the next write of a variable, attribute or item. -o: to the next change of the object itself."""
    target = _target(session, request)
    return _to_write(session, target.label, writes.next_write(session.run, target, session.navigator.position), "is not written any more")


@command("first", "Asking", "[-o] EXPRESSION", completes="name")
def first(session: "Session", request: Request) -> Answer:
    """Go to the first write of a variable, attribute or item in the run. -o: to the first change of the object itself."""
    target = _target(session, request)
    return _to_write(session, target.label, writes.first_write(session.run, target), "was never written")


def _target(session: "Session", request: Request) -> Target:
    chosen = options(request.arguments, "o")
    return session.target(meant(chosen.rest), content="o" in chosen.letters)


@command("created", "Asking", "EXPRESSION", completes="name")
def created(session: "Session", request: Request) -> Answer:
    """Go to where an object was seen for the first time."""
    text = meant(request.arguments)
    value = session.value(text)
    if value.id is None:
        return nothing(f"{text} is a {value.type}: it has no identity in the recording")
    return _to_write(session, text, writes.creation(session.run, value.id), "was there when recording began")


def _to_write(session: "Session", label: str, found: "Write | None", missing: str) -> Answer:
    if found is None:
        return nothing(f"{label} {missing}")
    stop = session.navigator.goto(found.event if found.by is None else found.by)
    answer = session.arrived(stop)
    answer.json["write"] = write_json(found)
    answer.status = 0
    answer.texts = _write_texts(session, label, found, list(answer.texts))
    return answer


def _write_texts(session: "Session", label: str, found: "Write", arrived: list[Text]) -> Iterator[Text]:
    yield Text.assemble((safe(label), "cyan"), f" {found.kind}: ", _change_text(found))
    if found.by is None:
        yield Text("  by code that is not recorded: this is where it was seen", "yellow")
    yield from arrived


def _change_text(found: "Write") -> str:
    old = "(nothing)" if found.old is None else short_text(found.old)
    new = "(deleted)" if found.new is None else short_text(found.new)
    return safe(new if found.kind == "created" else f"{old} → {new}")


def write_json(found: "Write") -> dict[str, object]:
    """A write as an object."""
    json: dict[str, object] = {
        "kind": found.kind, "event": found.event, "by": found.by, "function": found.function, "file": found.file, "line": found.line,
    }  # fmt: skip
    if found.old is not None:
        json["old"] = found.old.to_json()
    if found.new is not None:
        json["new"] = found.new.to_json()
    return json


@command("writes", "Asking", "[-b] [-o] EXPRESSION", completes="name")
def writes_(session: "Session", request: Request) -> Answer:
    """Show every write of a variable, attribute or item: event, line, old and new value.
    -o: every change of the object itself, of anything in it. -b: the latest first.
    """
    chosen = options(request.arguments, "bo")
    target = session.target(meant(chosen.rest), content="o" in chosen.letters)
    found = writes.writes(session.run, target, backwards="b" in chosen.letters)
    rows = (
        Row(
            Text.assemble(
                (f"{(write.event if write.by is None else write.by):>10,} ", "bold"),
                (f"{safe(write.function)}:{write.line}  ", "dim"), f"{write.kind}: ", _change_text(write),
            ),
            write_json(write),
        )
        for write in found
    )  # fmt: skip
    return Answer({"target": target.label}, rows=rows, rows_name="writes", nothing=f"{target.label} was never written")


# -- when?


@command("when", "Asking", "[-a] [-b] EXPRESSION", completes="name")
def when(session: "Session", request: Request) -> Answer:
    """Show when an expression became true, for the first and the last time, and each event at which that changed.
    In this call, or of the module where only globals are named. -a: in all calls of this function. -b: the latest first.
    """
    chosen = options(request.arguments, "ab")
    text = meant(chosen.rest)
    truth = session.navigator.truth(text, every_call="a" in chosen.letters)
    first, last = truth.first(), truth.last()
    json = {"expression": text, "call": truth.call, "first": first, "last": last}
    if first is None or last is None:
        summary, status = "it was never true", NOTHING
    else:
        summary, status = f"first true at {first:,}; the last time that it became true was at {last:,}", FOUND
    rows = (
        Row(
            Text.assemble(
                (f"{turn.event:>10,} ", "bold"),
                (f"call {turn.call}  ", "dim"),
                safe(str(turn.holds) if turn.holds is not None else turn.problem),
            ),
            {"event": turn.event, "call": turn.call, "holds": turn.holds, **({"problem": turn.problem} if turn.problem else {})},
        )
        for turn in truth.turns(back="b" in chosen.letters)
    )
    return Answer(json, [Text(summary)], rows=rows, rows_name="turns", nothing="it never changed", status=status)


# -- why?


@command("why", "Asking", "EXPRESSION", completes="name")
def why(session: "Session", request: Request) -> Answer:
    """Show where a value came from, hop by hop: writes, operands, arguments, returns, until a literal, an input or unrecorded code.
    Each hop begins with the event to go to.
    """
    text = meant(request.arguments)
    hops = origin.origin(session.run, session.navigator.position, text, frame=session.frame_index, pinned=session.pins)
    first = next(hops)
    rows = (
        Row(
            Text.assemble(
                (f"{hop.event:>10,} ", "bold"), safe(hop.text),
                ("" if hop.value is None else safe(f"  = {short_text(hop.value)}"), "cyan"), (f"  {safe(hop.file)}:{hop.line}", "dim"),
            ),
            {
                "kind": hop.kind, "what": hop.what, "text": hop.text, "event": hop.event, "function": hop.function, "file": hop.file,
                "line": hop.line, "value": None if hop.value is None else hop.value.to_json(), "source": hop.source, "final": hop.final,
            },
        )
        for hop in chain([first], hops)
    )  # fmt: skip
    json = {"event": session.navigator.position, "expression": text}
    status = NOTHING if first.kind == "unknown" else FOUND
    return Answer(json, rows=rows, rows_name="hops", nothing="its origin is not known", status=status)


@command("whynot", "Asking", "[FILE:]LINE", completes="place")
def whynot_(session: "Session", request: Request) -> Answer:
    """Show why a line did not run (again) before this moment: the last branch that went elsewhere, and what its test saw."""
    wanted = place(request.arguments)
    file = wanted.file if wanted.file is not None else session.current_file()
    if wanted.line is None or file is None:
        raise UsageError("a line is needed", request.arguments, "LINE or FILE:LINE")
    found: whynot.WhyNot | None = whynot.why_not(session.run, session.navigator.position, file, wanted.line)
    assert found is not None
    json = _whynot_json(found)
    texts: list[Text] = []
    while found is not None:
        where = f"  {safe(found.file)}:{found.line}" if found.file else ""
        event = f"{found.event:>10,} " if found.event is not None else " " * 11
        texts.append(Text.assemble((event, "bold"), safe(found.text), (where, "dim")))
        texts += [Text.assemble(" " * 13, (safe(name), "cyan"), f" = {safe(short_text(value))}") for name, value in found.values]
        found = found.because
    return Answer(json, texts, status=NOTHING if json["reason"] in ("no code", "unknown") else 0)


def _whynot_json(found: whynot.WhyNot) -> dict[str, object]:
    return {
        "reason": found.reason, "text": found.text, "event": found.event,
        "function": found.function, "file": found.file, "line": found.line,
        "test": found.test, "values": {name: value.to_json() for name, value in found.values},
        "because": None if found.because is None else _whynot_json(found.because),
    }  # fmt: skip
