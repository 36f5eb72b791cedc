"""Breakpoints and watchpoints: what `continue` looks for, in both directions."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from tttui.errors import TttuiError
from tttui.navigation.conditions import Condition, ConditionalFinder, EveryFinder
from tttui.navigation.expressions import compile_expression
from tttui.navigation.filters import LINE, EventFilter, calls
from tttui.navigation.finders import FilterFinder, OutputFinder, RaiseFinder, StreamFinder, UncaughtFinder
from tttui.navigation.search import Search
from tttui.navigation.sources import Sources
from tttui.navigation.watching import WatchFinder, home_of

Raised = Literal["raised", "uncaught"]
Any_ = TypeVar("Any_", bound="Breakpoint")


@dataclass(slots=True)
class Breakpoint:
    """One place or thing to stop at. `number` is given when it is added, and never used again."""

    number: int = 0
    enabled: bool = True
    temporary: bool = False
    """Removed by the first continue that stops at it."""
    condition: str = ""
    """An expression that must be true. Where a name that it reads isn't bound, or it raises, it is not; where the
    recording can't tell, it stops and says why."""
    ignore: int = 0
    """Pass over so many matches, once, as with gdb's `ignore`."""
    every: int = 1
    """Stop at each n-th match only, counted from the first of the run: so both directions stop at the same ones."""
    log: str = ""
    """An expression whose value is reported instead of stopping."""
    hits: int = 0
    """How often a continue stopped at it."""

    @property
    def description(self) -> str:
        """What it stops at, in a few words."""
        raise NotImplementedError


@dataclass(slots=True)
class LineBreakpoint(Breakpoint):
    """A line of a file (`file` as recorded, or the end of its path)."""

    file: str = ""
    line: int = 0

    @property
    def description(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(slots=True)
class FunctionBreakpoint(Breakpoint):
    """Calls of a function: its qualified name, or the end of one behind a dot, `file:` before it where wanted."""

    function: str = ""

    @property
    def description(self) -> str:
        return f"call of {self.function}"


@dataclass(slots=True)
class ExceptionBreakpoint(Breakpoint):
    """Where exceptions set out: all, those that no recorded code caught, or those of a type (by its name)."""

    mode: Raised = "raised"
    type: str = ""

    @property
    def description(self) -> str:
        return f"{self.type or 'exception'}{' that nothing caught' if self.mode == 'uncaught' else ''}"


@dataclass(slots=True)
class OutputBreakpoint(Breakpoint):
    """Output: `text` is part of it, or a regular expression; `fd` 1 or 2, 0 for both."""

    text: str = ""
    regex: bool = False
    fd: int = 0

    @property
    def description(self) -> str:
        return f"output of {self.text!r}" if self.text else "output"


@dataclass(slots=True)
class Watchpoint(Breakpoint):
    """Changes of a variable (`x`), attribute (`x.y`), item (`x["k"]`, `x[0]`) or any expression.

    It is about one call: that of the frame in which it was set, or of its module where only globals are named.
    """

    expression: str = ""
    call: int = 0

    @property
    def description(self) -> str:
        return self.expression


class Breakpoints:
    """The breakpoints of a session, by number."""

    def __init__(self, search: Search, sources: Sources) -> None:
        self.search = search
        self.pinned: Mapping[str, int] = {}
        """The object of each ``$1`` that expressions may name."""
        self._sources = sources
        self._known: dict[int, Breakpoint] = {}
        self._finders: dict[int, tuple[tuple[object, ...], StreamFinder]] = {}
        self._watchers: dict[tuple[str, int], WatchFinder] = {}
        self._next = 1

    # -- adding

    def add(self, breakpoint: Any_) -> Any_:
        """Check it and give it its number; `TttuiError` where it can't match anything in this run."""
        if breakpoint.every < 1 or breakpoint.ignore < 0:
            raise TttuiError("a hit count is at least 1")
        for text in (breakpoint.condition, breakpoint.log):
            if text:
                compile_expression(text)
        self._make(breakpoint)
        breakpoint.number = self._next
        self._next += 1
        self._known[breakpoint.number] = breakpoint
        return breakpoint

    def line(self, file: str, line: int, *, condition: str = "", log: str = "", temporary: bool = False) -> LineBreakpoint:
        """Stop at a line; the next line that ran in that file where this one never did."""
        ran = self._sources.next_line(file, line)
        if ran is None:
            raise TttuiError(f"nothing ran at line {line} of {file}, or behind it")
        return self.add(LineBreakpoint(file=file, line=ran, condition=condition, log=log, temporary=temporary))

    def function(self, function: str, *, condition: str = "", log: str = "", temporary: bool = False) -> FunctionBreakpoint:
        """Stop where a function is called, its arguments bound."""
        return self.add(FunctionBreakpoint(function=function, condition=condition, log=log, temporary=temporary))

    def exception(
        self, type_: str = "", *, mode: Raised = "raised", condition: str = "", log: str = "", temporary: bool = False
    ) -> ExceptionBreakpoint:
        """Stop where exceptions set out."""
        return self.add(ExceptionBreakpoint(type=type_, mode=mode, condition=condition, log=log, temporary=temporary))

    def output(
        self, text: str = "", *, regex: bool = False, fd: int = 0, condition: str = "", log: str = "", temporary: bool = False
    ) -> OutputBreakpoint:
        """Stop at what writes a text."""
        return self.add(OutputBreakpoint(text=text, regex=regex, fd=fd, condition=condition, log=log, temporary=temporary))

    def watch(
        self, expression: str, position: int, *, frame: int = 0, condition: str = "", log: str = "", temporary: bool = False
    ) -> Watchpoint:
        """Watch what an expression means at a position, in a frame counted outwards from the innermost."""
        compile_expression(expression)
        call = home_of(self.search, expression, position, frame)
        return self.add(Watchpoint(expression=expression, call=call, condition=condition, log=log, temporary=temporary))

    # -- the list

    def __getitem__(self, number: int) -> Breakpoint:
        """`TttuiError` where there is none of that number."""
        try:
            return self._known[number]
        except KeyError:
            raise TttuiError(f"there is no breakpoint {number}") from None

    def __iter__(self) -> Iterator[Breakpoint]:
        return iter(list(self._known.values()))

    def __len__(self) -> int:
        return len(self._known)

    def remove(self, number: int) -> None:
        """Forget one; `TttuiError` where there is none of that number."""
        del self._known[self[number].number]
        self._finders.pop(number, None)

    def clear(self) -> None:
        """Forget all."""
        self._known.clear()
        self._finders.clear()
        self._watchers.clear()

    # -- finding

    def finder(self, breakpoint: Breakpoint) -> StreamFinder:
        """What finds its matches; kept while it stays as it is."""
        facts = (self.search.run.events, *_facts(breakpoint))
        known = self._finders.get(breakpoint.number)
        if known is None or known[0] != facts:
            known = self._finders[breakpoint.number] = facts, self._make(breakpoint)
        return known[1]

    def watcher(self, watchpoint: Watchpoint) -> WatchFinder:
        """What knows the values of a watched expression; the values that were looked up last are kept in it."""
        key = (watchpoint.expression, watchpoint.call)
        known = self._watchers.get(key)
        if known is None:
            known = self._watchers[key] = WatchFinder(self.search, *key, self.pinned)
        return known

    def _make(self, breakpoint: Breakpoint) -> StreamFinder:
        finder = _MAKERS[type(breakpoint)](self, breakpoint)
        if breakpoint.condition:
            condition = Condition(self.search, breakpoint.condition, self.pinned)
            finder = ConditionalFinder(self.search, finder, condition)
        return finder if breakpoint.every == 1 else EveryFinder(self.search, finder, breakpoint.every)

    def _line_finder(self, breakpoint: LineBreakpoint) -> StreamFinder:
        places = self._sources.places(breakpoint.file, breakpoint.line)
        if not places:
            raise TttuiError(f"line {breakpoint.line} of {breakpoint.file} never ran")
        stops = self.search.line_stops(places, False)
        return FilterFinder(
            self.search, EventFilter(kinds=1 << LINE, lines=places, codes=frozenset(code for code, _ in places), stops=stops)
        )

    def _function_finder(self, breakpoint: FunctionBreakpoint) -> StreamFinder:
        return FilterFinder(self.search, calls(self._sources.functions(breakpoint.function)))

    def _exception_finder(self, breakpoint: ExceptionBreakpoint) -> StreamFinder:
        if breakpoint.mode == "uncaught":
            return UncaughtFinder(self.search, breakpoint.type)
        return RaiseFinder(self.search, breakpoint.type)

    def _output_finder(self, breakpoint: OutputBreakpoint) -> StreamFinder:
        return OutputFinder(self.search, breakpoint.text, regex=breakpoint.regex, fd=breakpoint.fd)

    def _watch_finder(self, breakpoint: Watchpoint) -> StreamFinder:
        return self.watcher(breakpoint)


_MAKERS: Mapping[type[Breakpoint], Callable[..., StreamFinder]] = {
    LineBreakpoint: Breakpoints._line_finder,
    FunctionBreakpoint: Breakpoints._function_finder,
    ExceptionBreakpoint: Breakpoints._exception_finder,
    OutputBreakpoint: Breakpoints._output_finder,
    Watchpoint: Breakpoints._watch_finder,
}


def _facts(breakpoint: Breakpoint) -> tuple[object, ...]:
    """What its finder depends on: all but what changes while it is used."""
    changing = {"hits", "ignore", "enabled", "log", "temporary"}
    names = [name for kind in type(breakpoint).__mro__ for name in getattr(kind, "__slots__", ())]
    return tuple(getattr(breakpoint, name) for name in names if name not in changing)
