"""Commands that enter a moment: real objects, in a copy of the program that has run forward to it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from tttui.checkpoints.client import Checkpoint, Checkpoints, Entered, Evaluated, Paused
from tttui.checkpoints.universe import branch
from tttui.errors import TttuiError
from tttui.navigation.diff import compare
from tttui.navigation.navigator import Navigator
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
    from tttui.store.run import Run

_KEEP: Final = "-k"
_LIVE: Final = ("-l", "--live")
_OUTPUT: Final = "-o"
_UNTIL: Final = ("-u", "--until")
_LET_OUT: Final = ("-l", "--let-out")


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
    return Answer(json, [*_result_texts(found), done], status=NOTHING if found.error else FOUND)


@command("resume res", "Entering")
def resume(session: "Session", request: Request) -> Answer:
    """Let the program, which is paused, go on to where it stops next.
    quit lets it go on to its end instead.
    """
    if not session.live:
        raise UsageError("the program isn't paused here", hint="tttui -b FILE:LINE SCRIPT pauses it there")
    session.goes_on = True
    answer = said("")
    answer.texts, answer.json, answer.quit = (), {}, True
    return answer


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
        notes = "".join(f"  · {safe(remark)}" for remark in (*(["look only"] if each.look_only else []), *each.remarks))
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


@command("whatif wi", "Entering", "[-o FILE] [-u FILE:LINE] [-l] [STATEMENTS]", completes="name")
def whatif(session: "Session", request: Request) -> Answer:
    """Let the program go on from this moment another way, and show where that parts from what was recorded.
    The statements change something first; without any, what exec -k has changed in the moment that was entered holds. It becomes a
    recording of its own, which begins like this one: FILE, or a name beside this one's. It goes on to its end, or with -u, --until, to a
    line ('FILE:LINE, CONDITION' for where that holds).
    What the program then does is held back. With -l, --let-out, it is really done: files are written, the network is used, the terminal
    is the program's.
    """
    output, until, let_out, text = _wishes(request.arguments)
    path = Path(output).expanduser().absolute() if output else _free_name(session.run.path)
    if path.exists():
        raise UsageError("there is such a file already", str(path))
    moment = session.enter()
    if text:
        moment = session.enter_anew()
    try:
        if text:
            done = moment.evaluate(text, session.navigator.frame_index, keep=True, let_out=let_out)
            if done.error:
                raise TttuiError("the statements failed", done.error)
        why_not = branch(moment, path, text, until=until, let_out=let_out)
    finally:
        if text:
            moment.close()
    with open_run(str(path)) as other:
        comparison = compare(session.run, other)
        answer = compared(comparison)
        here, there = _how_it_ended(session.run.meta, ""), _how_it_ended(other.meta, why_not)
        results = _results(session, other)
    json = {"recording": str(path), "ended": there, "let_out": let_out, "outcome": {"here": here, "there": there}, **answer.json}
    texts = [Text.assemble("another universe: ", (safe(str(path)), "bold"), (f"  · tttui open {safe(path.name)} shows it", "dim"))]
    if text:
        texts.append(Text.assemble("changed: ", (safe(text), "magenta")))
    texts.append(Text(safe(there), "yellow"))
    if here != there:
        texts.append(Text(safe(f"(here {here})"), "dim"))
    if results:
        json["returned"] = {"function": results[0], "here": results[1], "there": results[2]}
        texts.append(Text(safe(f"{results[0]} comes to {results[2]} there, to {results[1]} here")))
    return Answer(json, [*texts, *answer.texts])


def lets_out(line: str) -> bool:
    """Whether a line is a whatif whose effects are let out; what is no line of the shell isn't."""
    from tttui.shell.lines import parse  # which knows all commands

    try:
        parsed = parse(line)
    except UsageError:
        return False
    return parsed is not None and parsed[0].name == "whatif" and _wishes(parsed[1].arguments)[2]


def _wishes(arguments: str) -> tuple[str, str, bool, str]:
    """What whatif is told: (file, where to stop, whether its effects are let out, the statements)."""
    output, until, let_out, text = "", "", False, arguments.strip()
    while True:
        word, rest = split_word(text)
        if word == _OUTPUT:
            output, text = split_word(rest)
        elif word in _UNTIL:
            until, text = _quoted(rest)
        elif word in _LET_OUT:
            let_out, text = True, rest
        else:
            return output, until, let_out, text


def _quoted(text: str) -> tuple[str, str]:
    """(the first word, or what stands in quotes, the rest)"""
    if text[:1] in ("'", '"') and text[0] in text[1:]:
        word, _, rest = text[1:].partition(text[0])
        return word, rest.strip()
    return split_word(text)


def _results(session: "Session", other: "Run") -> tuple[str, str, str] | None:
    """(function, what its call here came to, and there), where the selected call came to something else in another universe."""
    event = session.navigator.position
    ends: list[str] = []
    name = ""
    for run in (session.run, other):
        navigator = Navigator(run, event)
        navigator.select_frame(session.navigator.frame_index)
        stack = navigator.moment(depth=0).stack
        frame = stack[len(stack) - 1 - navigator.frame_index]
        if frame.function == "<module>" or not navigator.finish().found:
            return None
        moment = navigator.moment(depth=2)
        name = frame.function
        if moment.returned is not None:
            ends.append(moment.returned.text)
        elif moment.exception is not None:
            ends.append(moment.exception.text)
        else:
            return None
    return (name, ends[0], ends[1]) if ends[0] != ends[1] else None


def _how_it_ended(meta: Mapping[str, Any], why_not: str) -> str:
    """One line: how a program that went on another way ended."""
    if why_not:
        return why_not if "where it was to stop" in why_not else f"it could not go on to its end: {why_not}"
    if meta.get("state") == "recording":
        return "it has not ended yet"
    exception = meta.get("exception")
    return f"it ended in {exception_text(exception)}" if exception else f"it ended with exit code {meta.get('exit_code')}"


def _free_name(path: Path) -> Path:
    numbers = (path.with_name(f"{path.stem}{UNIVERSE}{number}.db") for number in count(1))
    return next(name for name in numbers if not name.exists())
