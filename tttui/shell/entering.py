"""Commands that enter a moment: real objects, in a copy of the program that has run forward to it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rich.text import Text

from tttui.checkpoints.client import Checkpoint, Checkpoints, Entered, Evaluated, Paused
from tttui.errors import TttuiError
from tttui.navigation.places import place_of
from tttui.safe import safe
from tttui.shell.answers import FOUND, NOTHING, Answer, nothing, said
from tttui.shell.arguments import UsageError, number, split_word
from tttui.shell.table import Request, command

if TYPE_CHECKING:
    from tttui.shell.session import Session

_KEEP: Final = "-k"
_LIVE: Final = ("-l", "--live")
_DONE: Final = "done: what it changed is gone again; exec -k keeps it"
_DONE_AND_KEPT: Final = "done: it stays so until the moment is left"


@command("checkpoint cp", "Entering")
def checkpoint(session: "Session", request: Request) -> Answer:
    """Enter this moment: a copy of the program runs forward to it and waits there, compared with the recording all the way.
    eval and exec then work on the real objects; uup leaves. Its effects on files, processes and the network are held back.
    """
    return _entered(session.enter())


def _entered(moment: Entered) -> Answer:
    json = {"event": moment.event, "verified": moment.verified, "pid": moment.pid, "from": moment.start}
    return Answer(json, [Text(safe(moment.badge), "green")])


@command("eval ev", "Entering", "[-l] EXPRESSION", completes="name")
def eval_(session: "Session", request: Request) -> Answer:
    """Evaluate an expression with the real objects of this moment: it may call the program's own code, and repr is the real one.
    What it changes is gone afterwards. -l, --live: in the program itself, where it is paused, as with exec.
    """
    word, rest = split_word(request.arguments)
    if word in _LIVE:
        return _carried_out_live(session, rest)
    return _evaluated(session, request.arguments, keep=False)


@command("exec ex", "Entering", "[-k | -l] STATEMENTS", completes="name")
def exec_(session: "Session", request: Request) -> Answer:
    """Carry out statements in the selected frame of this moment, with the real objects.
    What they change is gone afterwards; with -k it stays for the next eval and exec, until uup.
    -l, --live: in the program itself, while it is paused (tttui -b FILE:LINE): what they change stays, what they do is done, and the
    recording says that it was done from here.
    """
    word, rest = split_word(request.arguments)
    if word in _LIVE:
        return _carried_out_live(session, rest)
    return _evaluated(session, rest if word == _KEEP else request.arguments, keep=word == _KEEP)


def _carried_out_live(session: "Session", text: str) -> Answer:
    if not text.strip():
        raise UsageError("an expression is needed")
    found = session.carry_out_live(text.strip())
    json = {"event": session.navigator.position, "frame": session.navigator.frame_index, "live": True, **found.to_json()}
    done = Text(f"done in the program itself: noted at event {session.navigator.position:,}", "bold magenta")
    return Answer(json, [*result_texts(found), done], status=NOTHING if found.error else FOUND)


@command("resume res", "Entering", "[COUNT]")
def resume(session: "Session", request: Request) -> Answer:
    """Let the program, which is paused, go on to where it stops next; with a count, for the so-many-th time from here.
    quit lets it go on to its end instead.
    """
    stops = max(number(request.arguments, "a number of stops"), 1) if request.arguments.strip() else 1
    if not session.live:
        raise UsageError("the program isn't paused here", hint="tttui -b FILE:LINE SCRIPT pauses it there")
    session.stops_ahead = stops
    answer = said("")
    answer.texts, answer.json, answer.quit = (), {}, True
    return answer


def _evaluated(session: "Session", text: str, *, keep: bool) -> Answer:
    if not text.strip():
        raise UsageError("an expression is needed")
    moment = session.enter()
    found = moment.evaluate(text.strip(), session.navigator.frame_index, keep=keep)
    json = {"event": moment.event, "frame": session.navigator.frame_index, "verified": moment.verified, "changed": moment.changed}
    texts = list(result_texts(found)) or [Text(_DONE_AND_KEPT if keep else _DONE, "dim")]
    return Answer(json | found.to_json(), texts, status=NOTHING if found.error else FOUND)


def result_texts(found: Evaluated) -> Iterator[Text]:
    for reason in found.held:
        yield Text(safe(f"held back: {reason}"), "dim yellow")
    for line in found.output.splitlines():
        yield Text(safe(line, tab_size=8), "dim")
    if found.error:
        *trace, last = (found.traceback or found.error).splitlines()
        for line in trace:
            yield Text(safe(line, tab_size=8), "dim")
        yield Text(safe(last, tab_size=8), "yellow")
    elif found.value is not None and not (found.output and found.value == "None"):  # as of print(...)
        for at, line in enumerate(found.value.splitlines() or [""]):
            yield Text.assemble(*([(safe(found.text), "cyan"), (" = ", "dim")] if not at else []), safe(line, tab_size=8))


@command("ulist ul", "Entering")
def ulist(session: "Session", request: Request) -> Answer:
    """List the checkpoints: the paused copies of the program that there are, and the moment that was entered."""
    with Checkpoints.of(session.run) as checkpoints:
        found, paused = checkpoints.list(), checkpoints.paused()
    entered = session.entered
    json = {
        "checkpoints": [
            {"number": each.number, "event": each.event, "memory": each.memory, "at_raise": each.at_raise, "remarks": list(each.remarks)}
            for each in found
        ],
        "entered": None if entered is None else {"event": entered.event, "verified": entered.verified, "changed": entered.changed},
        "paused": None if paused is None else {"event": paused.event, "pid": paused.pid, "remark": paused.remark},
    }
    if not found and paused is None:
        return nothing("there are no checkpoints", **json)
    return Answer(json, _list_texts(session, found, paused))


def _list_texts(session: "Session", found: Sequence[Checkpoint], paused: Paused | None) -> Iterator[Text]:
    for each in found:
        try:
            place = place_of(session.run, each.event)
            where = f"{safe(place.function)}  {safe(place.file)}:{place.line}"
        except TttuiError:
            where = ""
        size = f"  {each.memory / 1e6:.1f} MB" if each.memory else ""
        notes = "".join(f"  · {safe(note)}" for note in each.notes)
        yield Text.assemble((f"◆ {each.number:>3}  ", "bold cyan"), (f"{each.event:>10,}  ", "bold"), (where + size + notes, "dim"))
    if paused is not None:
        remark = f": {paused.remark}" if paused.remark else ""
        yield Text.assemble(
            ("▶ ", "bold magenta"), safe(f"the program is paused{remark}"), ("  · exec -l changes it, resume goes on", "dim")
        )
    if session.entered is not None:
        yield Text(safe(f"entered: {session.entered.badge}"), "green")


@command("ujump uj", "Entering", "NUMBER")
def ujump(session: "Session", request: Request) -> Answer:
    """Go to a checkpoint by its number in ulist, and enter it."""
    wanted = number(request.arguments, "the number of a checkpoint")
    with Checkpoints.of(session.run) as checkpoints:
        found = {each.number: each for each in checkpoints.list()}
    if wanted not in found:
        raise UsageError("there is no such checkpoint", str(wanted), "ulist lists them")
    session.run.refresh()
    return _entered(session.enter(found[wanted].event))


@command("uup uu", "Entering")
def uup(session: "Session", request: Request) -> Answer:
    """Leave the moment that was entered; what was changed in it is gone."""
    if session.entered is None:
        return nothing("no moment has been entered")
    event = session.entered.event
    session.leave()
    return said(f"left event {event:,}", event=event)
