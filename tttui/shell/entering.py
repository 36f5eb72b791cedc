"""Commands that enter a moment: real objects, in a copy of the program that has run forward to it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from tttui.checkpoints.client import Checkpoint, Checkpoints, Entered, Evaluated
from tttui.checkpoints.universe import branch
from tttui.errors import TttuiError
from tttui.navigation.diff import compare
from tttui.navigation.places import place_of
from tttui.report.info import exception_text
from tttui.report.listing import UNIVERSE
from tttui.report.opening import open_run
from tttui.safe import safe
from tttui.shell.answers import FOUND, NOTHING, Answer, nothing, said
from tttui.shell.arguments import UsageError, number, split_word
from tttui.shell.comparing import compared
from tttui.shell.table import Request, command

if TYPE_CHECKING:
    from tttui.shell.session import Session

_KEEP: Final = "-k"
_OUTPUT: Final = "-o"


@command("checkpoint cp", "Entering")
def checkpoint(session: "Session", request: Request) -> Answer:
    """Enter this moment: a copy of the program runs forward to it and waits there, compared with the recording all the way.
    eval and exec then work on the real objects; uup leaves. Its effects on files, processes and the network are held back.
    """
    return _entered(session.enter())


def _entered(moment: Entered) -> Answer:
    json = {"event": moment.event, "verified": moment.verified, "pid": moment.pid, "from": moment.start}
    return Answer(json, [Text(safe(moment.badge), "green")])


@command("eval ev", "Entering", "EXPRESSION", completes="name")
def eval_(session: "Session", request: Request) -> Answer:
    """Evaluate an expression with the real objects of this moment: it may call the program's own code, and repr is the real one.
    What it changes is gone afterwards.
    """
    return _evaluated(session, request.arguments, keep=False)


@command("exec ex", "Entering", "[-k] STATEMENTS", completes="name")
def exec_(session: "Session", request: Request) -> Answer:
    """Carry out statements in the selected frame of this moment, with the real objects.
    What they change is gone afterwards; with -k it stays for the next eval and exec, until uup.
    """
    word, rest = split_word(request.arguments)
    return _evaluated(session, rest if word == _KEEP else request.arguments, keep=word == _KEEP)


def _evaluated(session: "Session", text: str, *, keep: bool) -> Answer:
    if not text.strip():
        raise UsageError("an expression is needed")
    moment = session.enter()
    found = moment.evaluate(text.strip(), session.navigator.frame_index, keep=keep)
    json = {"event": moment.event, "frame": session.navigator.frame_index, "verified": moment.verified, "changed": moment.changed}
    return Answer(json | found.to_json(), _result_texts(found), status=NOTHING if found.error else FOUND)


def _result_texts(found: Evaluated) -> Iterator[Text]:
    for reason in found.held:
        yield Text(safe(f"held back: {reason}"), "dim yellow")
    for line in found.output.splitlines():
        yield Text(safe(line, tab_size=8), "dim")
    if found.error:
        for line in found.traceback.splitlines():
            yield Text(safe(line, tab_size=8), "dim")
        yield Text(safe(found.error), "yellow")
    elif found.value is not None:
        for at, line in enumerate(found.value.splitlines() or [""]):
            yield Text.assemble(*([(safe(found.text), "cyan"), (" = ", "dim")] if not at else []), safe(line, tab_size=8))


@command("ulist ul", "Entering")
def ulist(session: "Session", request: Request) -> Answer:
    """List the checkpoints: the paused copies of the program that there are, and the moment that was entered."""
    with Checkpoints.of(session.run) as checkpoints:
        found = checkpoints.list()
    entered = session.entered
    json = {
        "checkpoints": [
            {"number": each.number, "event": each.event, "memory": each.memory, "at_raise": each.at_raise, "remarks": list(each.remarks)}
            for each in found
        ],
        "entered": None if entered is None else {"event": entered.event, "verified": entered.verified, "changed": entered.changed},
    }
    if not found:
        return nothing("there are no checkpoints", **json)
    return Answer(json, _list_texts(session, found))


def _list_texts(session: "Session", found: Sequence[Checkpoint]) -> Iterator[Text]:
    for each in found:
        try:
            place = place_of(session.run, each.event)
            where = f"{safe(place.function)}  {safe(place.file)}:{place.line}"
        except TttuiError:
            where = ""
        size = f"  {each.memory / 1e6:.1f} MB" if each.memory else ""
        notes = "".join(f"  · {safe(remark)}" for remark in (*(["look only"] if each.look_only else []), *each.remarks))
        yield Text.assemble((f"◆ {each.number:>3}  ", "bold cyan"), (f"{each.event:>10,}  ", "bold"), (where + size + notes, "dim"))
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
    session.navigator.goto(found[wanted].event)
    return _entered(session.enter())


@command("uup uu", "Entering")
def uup(session: "Session", request: Request) -> Answer:
    """Leave the moment that was entered; what was changed in it is gone."""
    if session.entered is None:
        return nothing("no moment has been entered")
    event = session.entered.event
    session.leave()
    return said(f"left event {event:,}", event=event)


@command("whatif wi", "Entering", "[-o FILE] [STATEMENTS]", completes="name")
def whatif(session: "Session", request: Request) -> Answer:
    """Let the program go on from this moment another way, and show where that parts from what was recorded.
    The statements change something first; without any, what exec -k has changed in the moment that was entered holds. What the program
    then does is held back. It becomes a recording of its own, which begins like this one: FILE, or a name beside this one's.
    """
    word, rest = split_word(request.arguments)
    output, text = split_word(rest) if word == _OUTPUT else ("", request.arguments.strip())
    path = Path(output) if output else _free_name(session.run.path)
    if path.exists():
        raise UsageError("there is such a file already", str(path))
    moment = session.enter()
    if text:
        moment = session.enter_anew()
    try:
        if text:
            done = moment.evaluate(text, session.navigator.frame_index, keep=True)
            if done.error:
                raise TttuiError("the statements failed", done.error)
        why_not = branch(moment, path, text)
    finally:
        if text:
            moment.close()
    with open_run(str(path)) as other:
        comparison = compare(session.run, other)
        answer = compared(comparison)
        ended = _how_it_ended(other.meta, why_not)
    json = {"recording": str(path), "ended": ended, **answer.json}
    texts = [Text.assemble("another universe: ", (safe(str(path)), "bold")), Text(safe(ended), "yellow"), *answer.texts]
    return Answer(json, texts)


def _how_it_ended(meta: Mapping[str, Any], why_not: str) -> str:
    """One line: how a program that went on another way ended."""
    if why_not:
        return f"it could not go on to its end: {why_not}"
    exception = meta.get("exception")
    return f"it ended in {exception_text(exception)}" if exception else f"it ended with exit code {meta.get('exit_code')}"


def _free_name(path: Path) -> Path:
    numbers = (path.with_name(f"{path.stem}{UNIVERSE}{number}.db") for number in count(1))
    return next(name for name in numbers if not name.exists())
