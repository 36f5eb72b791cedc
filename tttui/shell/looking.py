"""Commands that show where we are: the stack, the source, what the recording holds."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from tttui.errors import TttuiError
from tttui.report.show import source_lines
from tttui.safe import safe
from tttui.shell.answers import NOTHING, Answer, Row, nothing
from tttui.shell.arguments import UsageError, number, place, split_word
from tttui.shell.stopping import breakpoint_texts, to_json
from tttui.shell.table import Request, command

if TYPE_CHECKING:
    from tttui.shell.session import Session
    from tttui.store.records import Code, Frame

LINES: Final = 11
"""Lines that `list` shows at a time."""


@command("where bt w backtrace", "Looking", "[COUNT]")
def where(session: "Session", request: Request) -> Answer:
    """Show the stack, the innermost frame first; > marks the selected one. With a count: so many frames."""
    stack = session.navigator.moment(depth=1).stack
    most = number(request.arguments) if request.arguments.strip() else len(stack)
    frames = list(islice(enumerate(reversed(stack)), most))
    json = {
        "event": session.navigator.position,
        "selected": session.navigator.frame_index,
        "stack": [{"number": index, "function": frame.function, "file": frame.file, "line": frame.line} for index, frame in frames],
    }
    if not frames:
        return nothing("there is no frame here", **json)
    return Answer(json, _stack_texts(frames, session.navigator.frame_index, len(stack)))


def _stack_texts(frames: "list[tuple[int, Frame]]", selected: int, deep: int) -> Iterator[Text]:
    for index, frame in frames:
        line = Text(f"{'>' if index == selected else ' '} {index:>2} ", "bold" if index == selected else "")
        line.append(safe(frame.function), "bold")
        arguments = ", ".join(f"{name}={frame.locals[name].text}" for name in frame.arguments)
        line.append(safe(f"({arguments if len(arguments) <= 100 else arguments[:99] + '…'})"))
        line.append(f"  {safe(frame.file)}:{frame.line}", "dim")
        yield line
    if deep > len(frames):
        yield Text(f"     … {deep - len(frames):,} more", "dim")


@command("list l", "Looking", "[[FILE:]LINE | FIRST,LAST | FUNCTION | .]", completes="place", repeats=True)
def list_(session: "Session", request: Request) -> Answer:
    """Show source: around where we are, then what follows; around a line, a range of lines, or a function's beginning.
    With . it begins where we are again.
    """
    text = request.arguments.strip()
    frame = session.frame(depth=0)
    file, first, last = _wanted_lines(session, text, frame)
    source = session.run.source(file)
    if source is None:
        return nothing("the source is not in the recording")
    lines = source_lines(source)
    shown = list(enumerate(lines, 1))[max(first, 1) - 1 : last]
    if not shown:
        return nothing(f"the file has {len(lines):,} lines")
    session.listed = file, shown[-1][0] + 1
    path = session.run.file_path(file)
    current = frame.line if frame is not None and frame.code.file == file else None
    json = {"file": path, "current": current, "lines": [{"line": line, "text": text} for line, text in shown]}
    return Answer(json, _source_texts(path, shown, current))


def _wanted_lines(session: "Session", text: str, frame: "Frame | None") -> tuple[int, int, int]:
    """(file, first line, last line) that `list` was asked for."""
    if not text and session.listed is not None:
        file, first = session.listed
        return file, first, first + LINES - 1
    if text == ".":
        text = ""
    first_text, comma, last_text = text.partition(",")
    if comma and frame is not None:
        return frame.code.file, number(first_text, "a line"), number(last_text, "a line")
    if text:
        wanted = place(text)
        if wanted.function is not None:
            code = _function(session, wanted.function)
            return code.file, code.first_line, code.first_line + LINES - 1
        assert wanted.line is not None
        if wanted.file is not None:
            return file_of(session, wanted.file), wanted.line - LINES // 2, wanted.line + LINES // 2
        if frame is not None:
            return frame.code.file, wanted.line - LINES // 2, wanted.line + LINES // 2
    if frame is None:
        raise UsageError("there is no frame here", hint="list FILE:LINE shows a line")
    return frame.code.file, frame.line - LINES // 2, frame.line + LINES // 2


def file_of(session: "Session", name: str) -> int:
    """The file of a path, or of the end of one; raises `UsageError`."""
    files = session.run.files()
    ending = "/" + name.removeprefix("./").lstrip("/")
    found = [file for file in files if file.path == name] or [file for file in files if file.path.endswith(ending)]
    if not found:
        raise UsageError(f"no file {name!r} in the recording", hint="info sources lists them")
    return found[0].id


def _function(session: "Session", name: str) -> "Code":
    codes = [code for code in session.run.codes() if code.qualname == name or f".{code.qualname}".endswith(f".{name}")]
    if not codes:
        raise UsageError(f"no function {name!r} ran in the recording", hint="info functions lists them")
    return codes[0]


def _source_texts(path: str, shown: list[tuple[int, str]], current: int | None) -> Iterator[Text]:
    yield Text(safe(path), "dim")
    width = len(str(shown[-1][0]))
    for line, text in shown:
        mark = ">" if line == current else " "
        yield Text.assemble((f"{mark} {line:>{width}} ", "bold yellow" if line == current else "dim"), safe(text, tab_size=4))


@command("source ll", "Looking", "[FUNCTION]", completes="function")
def source(session: "Session", request: Request) -> Answer:
    """Show the whole source of a function; without a name, of the one that we are in."""
    text = request.arguments.strip()
    frame = session.frame(depth=0)
    if text:
        code = _function(session, text.removesuffix("()"))
    elif frame is not None:
        code = frame.code
    else:
        raise UsageError("there is no frame here", hint="source FUNCTION shows a function")
    whole = session.run.source(code.file)
    if whole is None:
        return nothing("the source is not in the recording")
    lines = source_lines(whole)
    block = _block(lines, code.first_line) if code.name != "<module>" else lines
    shown = list(enumerate(block, code.first_line if code.name != "<module>" else 1))
    if not shown:
        return nothing("the source is not in the recording")
    path = session.run.file_path(code.file)
    current = frame.line if frame is not None and frame.code.id == code.id else None
    json = {"file": path, "function": code.qualname, "current": current, "lines": [{"line": line, "text": text} for line, text in shown]}
    return Answer(json, _source_texts(path, shown, current))


def _block(lines: list[str], first: int) -> list[str]:
    """The lines of the definition that begins at a line: to the next one that is not indented further."""
    import inspect

    return [line.removesuffix("\n") for line in inspect.getblock([f"{line}\n" for line in lines[first - 1 :]])]


@command("info i", "Looking", "breakpoints | display | files | frame | functions [TEXT] | line | locals | output | pins | run | tasks ...")
def info(session: "Session", request: Request) -> Answer:
    """Show what there is: breakpoints, displayed expressions, functions that ran, files, the run as a whole ..."""
    from tttui.shell import calls, values

    word, rest = split_word(request.arguments)
    kinds: dict[str, Any] = {
        "breakpoints": lambda: _breakpoints(session),
        "watchpoints": lambda: _breakpoints(session),
        "display": lambda: values.display(session, Request("")),
        "files": lambda: _sources(session),
        "frame": lambda: where(session, Request("")),
        "functions": lambda: _functions(session, rest),
        "line": lambda: _line(session),
        "locals": lambda: values.locals_(session, Request("")),
        "args": lambda: values.args(session, Request("")),
        "output": lambda: calls.output(session, Request("")),
        "pins": lambda: values.pin(session, Request("")),
        "run": lambda: _run(session),
        "sources": lambda: _sources(session),
        "threads": lambda: calls.threads(session, Request("")),
        "tasks": lambda: calls.tasks(session, Request("")),
    }
    chosen = [kind for kind in kinds if word and kind.startswith(word)]
    if word in kinds:
        chosen = [word]
    if len(chosen) != 1:
        raise UsageError("info about what?", word, f"one of {', '.join(kinds)}")
    found = kinds[chosen[0]]()
    assert isinstance(found, Answer)
    return found


def _breakpoints(session: "Session") -> Answer:
    json = [to_json(found) for found in session.navigator.breakpoints]
    if not json:
        return nothing("there are no breakpoints", breakpoints=[])
    return Answer({"breakpoints": json}, breakpoint_texts(session))


def _functions(session: "Session", text: str) -> Answer:
    codes = sorted((code for code in session.run.codes() if text in code.qualname), key=lambda code: (code.file, code.first_line))
    rows = (
        Row(
            Text.assemble(
                (f"{code.calls:>12,} calls  ", "dim"), (safe(code.qualname), "bold"), (f"  {safe(path)}:{code.first_line}", "dim")
            ),
            {"function": code.qualname, "file": path, "line": code.first_line, "calls": code.calls},
        )
        for code in codes
        for path in (session.run.file_path(code.file),)
    )
    return Answer(rows=rows, rows_name="functions", nothing="no such function ran")


def _sources(session: "Session") -> Answer:
    rows = (Row(Text(safe(file.path)), {"file": file.path}) for file in session.run.files())
    return Answer(rows=rows, rows_name="files", nothing="there are no files")


def _line(session: "Session") -> Answer:
    frame = session.frame(depth=0)
    if frame is None:
        return nothing("there is no frame here")
    hits = sum(times for code, line, times in session.run.line_hits() if code == frame.code.id and line == frame.line)
    return Answer(
        {"file": frame.file, "line": frame.line, "function": frame.function, "hits": hits},
        [Text(safe(f"{frame.file}:{frame.line} in {frame.function}: ran {hits:,} times in all"))],
    )


def _run(session: "Session") -> Answer:
    from tttui.report.info import information
    from tttui.report.render import information_texts

    try:
        found = information(session.run)
    except TttuiError as error:
        return Answer({"error": error.title}, [Text(safe(error.title))], status=NOTHING)
    return Answer(dict(found.json), information_texts(found))
