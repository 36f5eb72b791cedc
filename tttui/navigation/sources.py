"""Finding files, lines and functions of a recording by what a person calls them."""

from collections.abc import Sequence

from tttui.errors import TttuiError
from tttui.store.records import Code
from tttui.store.run import Run

Places = frozenset[tuple[int, int]]
"""(code, line) each: a line may be in several code objects, a generic function's in many."""


class Sources:
    """The code of a run. What the writer adds while it is open is seen once `Run.refresh` has seen it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._events = -1
        self._codes: dict[int, Code] = {}
        self._lines: dict[int, dict[int, set[int]]] = {}

    def _look(self) -> None:
        if self._events == self._run.events:
            return
        self._events = self._run.events
        self._codes = {code.id: code for code in self._run.codes()}
        self._lines = {}
        for id_, line, hits in self._run.line_hits():
            if hits > 0 and (code := self._codes.get(id_)) is not None:
                self._lines.setdefault(code.file, {}).setdefault(line, set()).add(id_)

    # -- files and lines

    def files(self, name: str) -> Sequence[int]:
        """Files of a name: the whole path as recorded, else those whose path ends with it; TttuiError where there is none."""
        known = {file.id: file.path for file in self._run.files()}
        found = [id_ for id_, path in known.items() if path == name]
        ending = "/" + name.removeprefix("./").lstrip("/")
        found = found or [id_ for id_, path in known.items() if path.endswith(ending)]
        if not found:
            raise TttuiError(f"no file {name!r} in the recording", "", "`info sources` lists them")
        return found

    def places(self, name: str, line: int) -> Places:
        """The code at a line of a file that ran; empty where none did."""
        self._look()
        return frozenset((code, line) for file in self.files(name) for code in self._lines.get(file, {}).get(line, ()))

    def places_of(self, file: int, line: int) -> Places:
        """The same of a file by its id."""
        self._look()
        return frozenset((code, line) for code in self._lines.get(file, {}).get(line, ()))

    def next_line(self, name: str, line: int) -> int | None:
        """The first line from `line` on that ran in a file; None where none did."""
        self._look()
        return min((ran for file in self.files(name) for ran in self._lines.get(file, {}) if ran >= line), default=None)

    # -- functions

    def functions(self, name: str) -> frozenset[int]:
        """Code objects of a function: its qualified name or the end of one behind a dot, `file:` before it where wanted.

        TttuiError where none of that name ran.
        """
        self._look()
        file, _, function = name.rpartition(":")
        files = set(self.files(file)) if file else None
        found = frozenset(
            id_
            for id_, code in self._codes.items()
            if (files is None or code.file in files) and (code.qualname == function or _tail(code.qualname).endswith("." + function))
        )
        if not found:
            raise TttuiError(f"no function {function!r} ran in the recording", "", "`info functions` lists them")
        return found

    def code(self, id_: int) -> Code:
        return self._run.code(id_)


def _tail(qualname: str) -> str:
    """The qualified name as something of which each name, and each row of names at its end, stands behind a dot."""
    return "." + qualname.replace(".<locals>.", ".")
