"""The call tree: only what is unfolded and near the screen is ever asked for, however many calls there were."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import ClassVar, Final

from tttui.navigation.calltree import Call, CallDetails, CallTree
from tttui.navigation.position import StackEntry
from tttui.tui.desk import Desk
from tttui.tui.lines import Line
from tttui.tui.panes.base import Pane
from tttui.tui.sources import short

PAGE: Final = 50
"""Siblings that are shown at once; a row at the end asks for as many more."""
_MOST_DETAILS: Final = 2_000
_DEEPEST_INDENT: Final = 12
_RECURSION: Final = (2, 3)
"""Of a function that calls itself and itself again: so many calls are shown at the top, and at the bottom."""
_PATH: Final = (20, 40)
"""The same of any other way down to a call."""
_MOST_PARENTS: Final = 2_000
_LEAST: Final = 0.002
"""Seconds that are taken for the siblings of a call, however little is left for what can wait."""
_MOST_IN_VAIN: Final = 20
_BEFORE: Final = PAGE // 4
_BEHIND: Final = PAGE // 2
"""Siblings that are shown around a call that is gone to."""


@dataclass
class _Children:
    """Siblings, as far as they were asked for."""

    calls: list[Call] = field(default_factory=list)
    more: bool = False
    earlier: bool = False
    wanted_before: int = 0
    wanted_behind: int = 0
    """How many are still to be found, as soon as there is time."""
    in_vain: int = 0
    """How often nothing was found in the time that there was."""

    @property
    def is_wanting(self) -> bool:
        """Whether it is still to be looked for more: not for ever, the rows that ask for more are there."""
        return bool(self.wanted_before or self.wanted_behind) and self.in_vain < _MOST_IN_VAIN


@dataclass(frozen=True, slots=True)
class _Row:
    level: int
    call: Call | None
    """None: more siblings, or calls that are folded into one row."""
    parent: int
    earlier: bool = False
    fold: "_Fold | None" = None


@dataclass(frozen=True, slots=True)
class _Fold:
    """A stretch of the way down to the present call, shown as one row."""

    calls: tuple[int, ...]
    function: str
    """What they all are calls of; empty where they are of several functions."""
    after: int
    """The call that the last of them made."""


class CallsPane(Pane):
    TITLE: ClassVar[str] = "Calls"
    HELP: ClassVar[str] = (
        "{enter} goes to the beginning of a call; {toggle} {fold} {unfold} fold and unfold it; "
        "{next_call} {back_call} next and previous call of the function"
    )

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(desk, name)
        self._tree = CallTree(desk.run)
        self._children: dict[int, _Children] = {}
        self._path: frozenset[int] = frozenset({0})
        """What leads to the present call: it is unfolded as long as we are in it."""
        self._unfolded_by_hand: set[int] = set()
        """What was unfolded by hand,"""
        self._folded_by_hand: set[int] = set()
        """and folded, of the path."""
        self._folds: dict[int, _Fold] = {}
        """Call → what is folded below it."""
        self._spread: set[int] = set()
        """Calls of folds that were asked for."""
        self._rows_of: list[_Row] = []
        self._details: dict[int, CallDetails] = {}
        self._made_of: tuple[int, ...] = ()
        self._current = -1
        self._generation = 0
        self._hurried: set[int] = set()
        """Whose calls there was too little time for."""

    def note(self) -> str:
        return f"{self.desk.run.calls:,} calls"

    # -- rows

    def update_rows(self) -> None:
        view = self.desk.view
        if view.moment is None or not view.moment.stack:
            self._rows_of = []
            return
        frame = view.frame
        current = frame.call if frame is not None else 0
        if (current, self._generation, view.events) == self._made_of and not self._hurried:
            return
        moved = current != self._current
        if moved:
            self._current = current
            self._folded_by_hand.clear()
            self._spread.clear()
        self._reveal(self.desk.navigator.stack())
        self._made_of = (current, self._generation, view.events)
        selected = self._rows_of[self.cursor] if self.cursor < len(self._rows_of) else None
        self._rows_of = list(self._visible())
        if not moved:
            self._stay_on(selected)
        if moved:
            self.cursor = next((index for index, row in enumerate(self._rows_of) if row.call is not None and row.call.call == current), 0)

    def _stay_on(self, selected: _Row | None) -> None:
        """The same call stays selected, and where it stands on the screen, whatever was found above it."""
        if selected is None or selected.call is None:
            return
        for index, row in enumerate(self._rows_of):
            if row.call is not None and row.call.call == selected.call.call:
                self.top = max(0, self.top + index - self.cursor)
                self.cursor = index
                return

    def _reveal(self, stack: Sequence[StackEntry]) -> None:
        """Unfold what leads to a call, with the page of siblings that each stands on. Recursion is folded, however deep."""
        if len(self._children) > _MOST_PARENTS:
            self._children.clear()
        self._hurried.clear()
        shown = _without_the_middle(stack, self._spread)
        self._path = frozenset({0, *(stack[index].call for index in shown)})
        self._folds = {}
        parent = 0
        last = -1
        for index in shown:
            if index > last + 1:
                between = stack[last + 1 : index]
                codes = {frame.code for frame in between}
                calls = tuple(frame.call for frame in between)
                function = str(self.desk.run.code(codes.pop()).qualname) if len(codes) == 1 else ""
                self._folds[parent] = _Fold(calls, function, stack[index].call)
            else:
                self._load(parent, stack[index].call)
            parent, last = stack[index].call, index

    def _load(self, parent: int, call: int) -> None:
        """The siblings around a call: as many as there is time for, the others with the next paints."""
        siblings = self._children.get(parent)
        if siblings is None or not any(known.call == call for known in siblings.calls):
            siblings = self._children[parent] = _Children([self._tree.call(call)], True, True, _BEFORE, _BEHIND)
        if not siblings.is_wanting:
            return
        if self.desk.spare.allows():
            found = len(siblings.calls)
            with self.desk.spare.spend():
                self._look_around(parent, siblings)
            siblings.in_vain += len(siblings.calls) == found
        if siblings.is_wanting:
            self._hurried.add(parent)
            self.desk.spare.fall_behind()

    def _look_around(self, parent: int, siblings: _Children) -> None:
        calls = siblings.calls
        if siblings.wanted_before:
            no_time = self.desk.spare.ends(_LEAST)
            before = list(
                islice(self._tree.children(parent, after=calls[0].call, backwards=True, cancelled=no_time), siblings.wanted_before)
            )
            calls[:0] = reversed(before)
            siblings.earlier = len(before) == siblings.wanted_before or no_time()
            siblings.wanted_before -= len(before) if siblings.earlier else siblings.wanted_before
        if siblings.wanted_behind:
            no_time = self.desk.spare.ends(_LEAST)
            behind = list(islice(self._tree.children(parent, after=calls[-1].call, cancelled=no_time), siblings.wanted_behind))
            calls.extend(behind)
            siblings.more = len(behind) == siblings.wanted_behind or no_time()
            siblings.wanted_behind -= len(behind) if siblings.more else siblings.wanted_behind

    def _is_open(self, call: int) -> bool:
        return call in self._unfolded_by_hand or (call in self._path and call not in self._folded_by_hand)

    def _siblings(self, parent: int) -> _Children:
        known = self._children.get(parent)
        if known is None:
            calls = list(islice(self._tree.children(parent), PAGE))
            known = self._children[parent] = _Children(calls, len(calls) == PAGE)
        return known

    def _visible(self) -> Iterator[_Row]:
        """The unfolded rows, in order; by a stack of its own, for recursion may be thousands deep."""
        waiting: list[tuple[int, Iterator[_Row]]] = [(0, iter(self._rows_below(0, 0)))]
        while waiting:
            _, rows = waiting[-1]
            row = next(rows, None)
            if row is None:
                waiting.pop()
                continue
            yield row
            if row.call is not None and self._is_open(row.call.call):
                waiting.append((row.level + 1, iter(self._rows_below(row.call.call, row.level + 1))))

    def _rows_below(self, parent: int, level: int) -> list[_Row]:
        fold = self._folds.get(parent)
        if fold is not None:
            return [_Row(level, None, parent, fold=fold), _Row(level + len(fold.calls), self._tree.call(fold.after), fold.calls[-1])]
        siblings = self._siblings(parent)
        rows = [_Row(level, call, parent) for call in siblings.calls]
        if siblings.earlier:
            rows.insert(0, _Row(level, None, parent, True))
        if siblings.more:
            rows.append(_Row(level, None, parent))
        return rows

    def count(self) -> int:
        return len(self._rows_of)

    def row(self, index: int, width: int) -> Line:
        row = self._rows_of[index]
        theme = self.theme
        indent = "  " * min(row.level, _DEEPEST_INDENT)
        if row.call is None:
            return Line().add("  " + indent, theme["text"]).cut(_words(row), theme["muted"], width - len(indent) - 2)
        call = row.call
        here = call.call == self._current
        line = Line().add(">" if here else " ", theme["pointer"]).add(indent, theme["text"])
        if row.level > _DEEPEST_INDENT:
            line.add(f"{row.level} ", theme["muted"])
        line.add(("-" if self._is_open(call.call) else "+") if self._can_unfold(call) else " ", theme["muted"])
        duration = _duration(call.duration_ns)
        right = f" {short(call.file)}:{call.line}  {duration:>8}" if width >= 60 else f" {duration}"
        room = max(8, width - line.width - len(right))
        inside = Line().cut(call.function, theme["text"], room)
        details = self._details_of(call)
        if details is not None:
            arguments = ", ".join(f"{name}={value.text}" for name, value in details.arguments.items())
            ending = ""
            if details.exception is not None:
                ending = f" ! {details.exception.text}"
            elif details.result is not None:
                ending = f" → {details.result.text}"
            inside.cut(f"({arguments})", theme["muted"], max(2, room - inside.width - min(len(ending), room // 3)))
            inside.cut(ending, theme["exception" if details.exception is not None else "value"], room - inside.width)
        line.join(inside.exactly(room, theme["text"]))
        return line.add(right, theme["faint"])

    def _can_unfold(self, call: Call) -> bool:
        return call.calls > 0

    def _details_of(self, call: Call) -> CallDetails | None:
        known = self._details.get(call.call)
        if known is None and self.desk.spare.allows():
            if len(self._details) >= _MOST_DETAILS:
                self._details.clear()
            with self.desk.spare.spend():
                known = self._details[call.call] = self._tree.details(call.call)
        return known

    # -- moving

    def enter(self) -> None:
        row = self._rows_of[self.cursor] if self.cursor < len(self._rows_of) else None
        if row is None:
            return
        if row.call is None:
            self._page(row)
            return
        start = row.call.start
        self.debugger.move(lambda navigator: navigator.goto(start))

    def toggle(self) -> None:
        self._set_open(None)

    def fold(self, count: int) -> None:
        row = self._rows_of[self.cursor] if self.cursor < len(self._rows_of) else None
        if row is not None and (row.call is None or not self._is_open(row.call.call)) and row.parent:
            self.cursor = next((i for i, other in enumerate(self._rows_of) if other.call is not None and other.call.call == row.parent), 0)
            self.show()
            return
        self._set_open(False)

    def unfold(self, count: int) -> None:
        self._set_open(True)

    def _set_open(self, wanted: bool | None) -> None:
        row = self._rows_of[self.cursor] if self.cursor < len(self._rows_of) else None
        if row is None:
            return
        if row.call is None:
            self._page(row)
            return
        number = row.call.call
        if not self._can_unfold(row.call):
            self.debugger.say("it made no recorded calls")
        elif wanted is None or wanted != self._is_open(number):
            opened = not self._is_open(number)
            (self._unfolded_by_hand.add if opened else self._unfolded_by_hand.discard)(number)
            (self._folded_by_hand.discard if opened else self._folded_by_hand.add)(number)
            self._generation += 1
            self.show()

    def _page(self, row: _Row) -> None:
        """Ask for more siblings, or more of what is folded."""
        if row.fold is not None:
            self._spread.update(row.fold.calls[:PAGE])
            self._generation += 1
            self.show()
            return
        siblings = self._siblings(row.parent)
        if row.earlier:
            before = list(islice(self._tree.children(row.parent, after=siblings.calls[0].call, backwards=True), PAGE))
            siblings.calls[:0] = reversed(before)
            siblings.earlier = len(before) == PAGE
        else:
            after = list(islice(self._tree.children(row.parent, after=siblings.calls[-1].call), PAGE))
            siblings.calls.extend(after)
            siblings.more = len(after) == PAGE
        self._generation += 1
        self.show()


def _without_the_middle(stack: Sequence[StackEntry], spread: set[int]) -> list[int]:
    """Which frames of a stack are shown: not the middle of a recursion, nor of a way down that is very long."""
    shown: list[int] = []
    for _, group in groupby(range(len(stack)), key=lambda index: stack[index].code):
        run = list(group)
        shown.extend(_ends(run, *_RECURSION))
    shown = _ends(shown, *_PATH)
    if not spread:
        return shown
    return sorted({*shown, *(index for index, frame in enumerate(stack) if frame.call in spread)})


def _ends(run: list[int], first: int, last: int) -> list[int]:
    return run if len(run) <= first + last + 1 else [*run[:first], *run[-last:]]


def _words(row: _Row) -> str:
    if row.fold is not None:
        count = len(row.fold.calls)
        return f"… {count:,} more calls of {row.fold.function}, one in the other" if row.fold.function else f"… {count:,} calls between"
    return "… earlier calls" if row.earlier else "… more calls"


def _duration(nanoseconds: int | None) -> str:
    if nanoseconds is None:
        return "not ended"
    if not nanoseconds:
        return "< 1 µs"  # the clock isn't read at each event
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.1f} {unit}"
    return f"{nanoseconds} ns"
