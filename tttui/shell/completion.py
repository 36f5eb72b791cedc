"""Completion of commands and of their arguments; and the history of what was typed, where there is readline."""

import builtins
import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from tttui.errors import TttuiError
from tttui.paths import state_directory
from tttui.shell.table import Command, find, names

if TYPE_CHECKING:
    from tttui.shell.session import Session

_HISTORY_LINES: Final = 2_000
_MOST: Final = 500
"""Completions that are offered."""
_WORD: Final = re.compile(r"[\w$.]*$")
_EXCEPTIONS: Final = sorted(name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, BaseException))


def complete(session: "Session", line: str) -> list[str]:
    """What the last word of a line could become."""
    stripped = re.sub(r"^\s*\d[\d,]*\s+", "", line).lstrip()
    if not re.search(r"\s", stripped):
        return [name for name in names() if name.startswith(stripped)]
    word, _, arguments = stripped.partition(" ")
    try:
        entry = find(word)
    except TttuiError:
        return []
    found: list[str] = []
    try:
        for candidate in _candidates(session, entry, arguments):
            if candidate not in found:
                found.append(candidate)
            if len(found) >= _MOST:
                break
    except TttuiError:
        pass  # a damaged recording is no reason to fail at a key press
    return sorted(found)


def _candidates(session: "Session", entry: Command, arguments: str) -> Iterator[str]:
    last = arguments.rpartition(" ")[2]
    if entry.name == "info":
        kinds = ["breakpoints", "display", "frame", "functions", "line", "locals", "pins", "run", "sources", "threads", "tasks"]
        yield from (kind for kind in kinds if kind.startswith(last))
    elif entry.name in ("to", "reverse-to") and " " not in arguments:
        yield from (kind for kind in ("line", "call", "exception", "output", "thread", "task") if kind.startswith(last))
    elif entry.name == "set":
        yield from (word for word in ("threads", "follow", "stay", "step", "line", "statement") if word.startswith(last))
    elif (entry.name == "print-all" and " " in arguments) or entry.completes == "name":
        yield from _expression_ends(session, arguments)
    elif entry.completes in ("place", "function"):
        if entry.completes == "place":
            yield from (f"{os.path.basename(file.path)}:" for file in session.run.files() if os.path.basename(file.path).startswith(last))
        yield from (code.qualname for code in session.run.codes() if code.qualname.startswith(last))
    elif entry.completes == "breakpoint":
        yield from (str(one.number) for one in session.navigator.breakpoints if str(one.number).startswith(last))
    elif entry.completes == "command":
        yield from (name for name in names() if name.startswith(last))
    elif entry.completes == "event":
        yield from (word for word in ("start", "end", "failure") if word.startswith(last))
    elif entry.completes == "exception":
        yield from (name for name in ("exception", "uncaught", *_EXCEPTIONS) if name.startswith(last))


def _expression_ends(session: "Session", arguments: str) -> Iterator[str]:
    """Names and attributes that could follow; each with what stands before it in the word."""
    match = _WORD.search(arguments)
    word = match[0] if match is not None else ""
    before, dot, begun = word.rpartition(".")
    if dot:
        value = session.value(before)
        yield from (f"{before}.{name}" for name in (value.attributes or {}) if name.startswith(begun))
        return
    frame = session.frame(depth=0)
    yield from (name for name in (frame.locals if frame is not None else ()) if name.startswith(word))
    yield from (name for name in session.pins if name.startswith(word))


class Readline:
    """readline, where this Python has it: history in a file, completion by Tab."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._found: list[str] = []
        self._library: Any = None
        try:
            import readline
        except ImportError:
            return
        self._library = readline
        self._path = state_directory() / "shell_history"
        try:
            readline.read_history_file(self._path)
        except OSError:
            pass  # there is none yet, or it can't be read: then there is no history
        readline.set_history_length(_HISTORY_LINES)
        readline.set_completer(self._complete)
        readline.set_completer_delims(" \t\n+-*/%=<>()[]{},!|&^~")
        backend = getattr(readline, "backend", "editline" if "libedit" in (readline.__doc__ or "") else "readline")
        readline.parse_and_bind("bind ^I rl_complete" if backend == "editline" else "tab: complete")

    def _complete(self, text: str, state: int) -> str | None:
        if state == 0:
            line = self._library.get_line_buffer()[: self._library.get_endidx()]
            try:
                self._found = [found for found in complete(self._session, line) if found.startswith(text)]
            except Exception:  # readline would swallow it, and the next key press shows no trace of it either
                self._found = []
        return self._found[state] if state < len(self._found) else None

    def save(self) -> None:
        """Keep the history for the next shell."""
        if self._library is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._library.write_history_file(self._path)
            os.chmod(self._path, 0o600)
        except OSError:
            pass  # a read-only home is no reason to fail
