"""The command that lets a program go on another way: what it is told, and what it tells."""

import shlex
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import count, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from tttui.checkpoints.client import Evaluated
from tttui.checkpoints.universe import WHERE_IT_WAS_TO, branch
from tttui.errors import TttuiError
from tttui.navigation.diff import compare
from tttui.navigation.navigator import Navigator
from tttui.report.info import exception_text
from tttui.report.listing import UNIVERSE
from tttui.report.opening import open_run
from tttui.safe import safe
from tttui.shell.answers import Answer
from tttui.shell.arguments import UsageError, split_word
from tttui.shell.comparing import compared
from tttui.shell.entering import result_texts
from tttui.shell.table import Request, command

if TYPE_CHECKING:
    from tttui.shell.session import Session
    from tttui.store.run import Run

_OUTPUT: Final = "-o"
_UNTIL: Final = ("-u", "--until")
_LET_OUT: Final = ("-l", "--let-out")
_STANDARD_OUTPUT: Final = 1
_LONGEST_LINE: Final = 80
"""Characters of a line of output that is shown."""


@command("whatif wi", "Entering", "[-o FILE] [-u FILE:LINE] [-l] [STATEMENTS]", completes="name")
def whatif(session: "Session", request: Request) -> Answer:
    """Let the program go on from this moment another way, and show where that parts from what was recorded.
    The statements change something first, and what exec -k has changed in the moment that was entered holds. It becomes a recording of
    its own, which begins like this one: FILE, or a name beside this one's. It goes on to its end, or with -u, --until, to a line
    ('FILE:LINE, CONDITION' for where that holds).
    What the program then does is held back. With -l, --let-out, it is really done: files are written, the network is used, the terminal
    is the program's.
    """
    wish = _wish(request.arguments)
    path = Path(wish.output).expanduser().absolute() if wish.output else _free_name(session.run.path)
    if path.exists():
        raise UsageError("there is such a file already", str(path))
    changed, why_not = _gone_on(session, wish, path)
    is_where_it_was_to = why_not.endswith(WHERE_IT_WAS_TO)
    with open_run(str(path)) as other:
        comparison = compare(session.run, other)
        if is_where_it_was_to and comparison.control is not None and comparison.control.sort == "end":
            comparison = replace(comparison, control=None)  # it ended there because it was to
        found = compared(comparison)
        here, there = _how_it_ended(session.run.meta, ""), _how_it_ended(other.meta, why_not)
        results = _results(session, other)
        written = _written(session.run, other)
        events = other.events
    if wish.until and not why_not:
        there = f"it did not come to {wish.until}: {there}"
    texts = [Text.assemble("changed: ", (safe(wish.statements), "magenta"))] if wish.statements else []
    texts += result_texts(changed) if changed is not None else ()
    texts.append(Text(safe(there), "yellow"))
    if here != there and not is_where_it_was_to:
        texts.append(Text(safe(f"(here {here})"), "dim"))
    json = {"recording": str(path), "events": events, "ended": there, "let_out": wish.let_out, "outcome": {"here": here, "there": there}}
    if results is not None:
        json["returned"] = {"function": results[0], "here": results[1], "there": results[2]}
        texts.append(Text(safe(f"{results[0]} comes to {results[2]} there, to {results[1]} here")))
    if written is not None and (written[1] is not None or not is_where_it_was_to):
        json["written"] = {"here": written[0], "there": written[1]}
        texts.append(Text(safe(f"it writes {_shown(written[1])} there, {_shown(written[0])} here")))
    shown_by = Text.assemble("another universe: ", (safe(f"tttui open {shlex.quote(str(path))}"), "bold"), (" shows it", "dim"))
    return Answer({**json, **found.json}, [*texts, *found.texts, shown_by])


def _gone_on(session: "Session", wish: "_Wish", path: Path) -> tuple[Evaluated | None, str]:
    """The program has gone on another way: (what came of the statements, why it did not come to its end)."""
    if not wish.statements:
        return None, branch(session.enter(), path, until=wish.until, let_out=wish.let_out)
    entered, event = session.enter(), session.navigator.position
    with closing(entered.go_on(event) if entered.changed else session.enter_anew(event)) as moment:
        changed = moment.evaluate(wish.statements, session.navigator.frame_index, keep=True, let_out=wish.let_out)
        if changed.error:
            raise TttuiError("the statements failed", changed.error)
        return changed, branch(moment, path, wish.statements, until=wish.until, let_out=wish.let_out)


def lets_out(line: str) -> bool:
    """Whether a line is a whatif whose effects are let out; what is no line of the shell isn't."""
    from tttui.shell.lines import parse  # which knows all commands

    try:
        parsed = parse(line)
        return parsed is not None and parsed[0].name == "whatif" and _wish(parsed[1].arguments).let_out
    except UsageError:
        return False


@dataclass(frozen=True, slots=True)
class _Wish:
    """What whatif is told."""

    output: str
    """The file, empty: one beside this one."""
    until: str
    """Where to stop, empty: at the end."""
    let_out: bool
    statements: str


def _wish(arguments: str) -> _Wish:
    output, until, let_out, text = "", "", False, arguments.strip()
    while True:
        word, rest = split_word(text)
        if word == _OUTPUT:
            output, text = _behind(word, rest, "the path of a file")
        elif word in _UNTIL:
            until, text = _behind(word, rest, "a place")
        elif word in _LET_OUT:
            let_out, text = True, rest
        else:
            return _Wish(output, until, let_out, text)


def _behind(option: str, text: str, what: str) -> tuple[str, str]:
    """(what an option is given: the first word, or what stands in quotes; the rest)"""
    word, rest = _quoted(text)
    if not word:
        raise UsageError(f"{what} is needed behind {option}")
    return word, rest


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


def _written(run: "Run", other: "Run") -> tuple[str | None, str | None] | None:
    """The first line of standard output that is another one: (here, there), None for no line; None where all are alike."""
    for here, there in zip_longest(_lines(run), _lines(other)):
        if here != there:
            return here, there
    return None


def _lines(run: "Run") -> Iterator[str]:
    rest = b""
    for output in run.outputs():
        if output.fd != _STANDARD_OUTPUT:
            continue
        *lines, rest = (rest + output.data).split(b"\n")
        yield from (line.decode("utf-8", "replace") for line in lines)
    if rest:
        yield rest.decode("utf-8", "replace")


def _shown(line: str | None) -> str:
    if line is None:
        return "no more"
    return repr(line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…")


def _how_it_ended(meta: Mapping[str, Any], why_not: str) -> str:
    """One line: how a program that went on another way ended."""
    if why_not:
        return why_not if why_not.endswith(WHERE_IT_WAS_TO) else f"it could not go on to its end: {why_not}"
    if meta.get("state") == "recording":
        return "it has not ended yet"
    exception = meta.get("exception")
    return f"it ended in {exception_text(exception)}" if exception else f"it ended with exit code {meta.get('exit_code')}"


def _free_name(path: Path) -> Path:
    numbers = (path.with_name(f"{path.stem}{UNIVERSE}{number}.db") for number in count(1))
    return next(name for name in numbers if not name.exists())
