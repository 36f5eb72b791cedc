"""Watching an expression: the events at which its value is another than just before.

What a value depends on is known: the variables, attributes and items that lead to it, and the objects that were
looked into. Only where one of those was written is it evaluated again, with the recording as it is there.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tttui.navigation.expression_errors import EvaluationError
from tttui.navigation.expressions import compile_expression
from tttui.navigation.finders import StreamFinder
from tttui.navigation.looking import Look, parse_path
from tttui.navigation.names import Names, hides, namespace_of
from tttui.navigation.search import Search
from tttui.navigation.targets import Target
from tttui.navigation.writes import raw_writes
from tttui.store.records import Value
from tttui.store.stream import object_of

_MODULE: Final = "<module>"
_DEPTH: Final = 1
"""Levels of a value that are compared: the content of a watched container, not what its items hold."""
_UNBOUND: Final = "not bound"


@dataclass(frozen=True, slots=True)
class Watched:
    """The value at one event."""

    signature: Any
    """Equal where the value is the same."""
    text: str
    targets: tuple[Target, ...]
    """What it depends on."""


class WatchFinder(StreamFinder):
    """Changes of an expression's value while one call is open; with `truth` only of whether it is true."""

    def __init__(self, search: Search, expression: str, call: int, pinned: Mapping[str, int], *, truth: bool = False) -> None:
        super().__init__(search)
        self._truth = truth
        self._expression = compile_expression(expression)
        self._tree = parse_path(expression)
        self._call = call
        self._pinned = pinned
        self._known: dict[int, Watched | None] = {}

    def hits(self, start: int, stop: int, back: bool) -> Iterator[int]:
        born = self.search.birth(self._call)
        first = 0 if born is None else born.number
        end = self.search.end(self._call, first) if born is not None else None
        last = self.search.run.events - 1 if end is None else end.number
        # Where the call begins there is nothing to compare with.
        start, stop = max(start, first + 1), min(stop, last + 1)
        yield from self._back(start, stop) if back else self._forward(start, stop)

    def _forward(self, start: int, stop: int) -> Iterator[int]:
        position = start - 1
        while position + 1 < stop:
            candidate = self._next(position, stop)
            if candidate is None:
                return
            if self._changes(candidate):
                yield candidate
            position = candidate

    def _back(self, start: int, stop: int) -> Iterator[int]:
        position = stop
        while position > start:
            candidate = self._previous(position - 1, start)
            if candidate is None:
                return
            if self._changes(candidate):
                yield candidate
            position = candidate

    def texts(self, event: int) -> tuple[str, str]:
        """The value before an event and at it."""
        before, now = self._before(event), self.at(event)
        return before.text if before is not None else _UNBOUND, now.text if now is not None else _UNBOUND

    # -- candidates

    def _next(self, position: int, stop: int) -> int | None:
        """The first event behind a position at which something was written that the value there depends on."""
        found: int | None = None
        for target in self._dependencies(position):
            write = next(raw_writes(self.search.run, target, position + 1, stop), None)
            if write is not None:
                found, stop = write.event, write.event
        return found

    def _previous(self, position: int, start: int) -> int | None:
        """The last event, `position` at the latest, at which something was written that the value there depends on."""
        found: int | None = None
        for target in self._dependencies(position):
            write = next(raw_writes(self.search.run, target, start, position + 1, backwards=True), None)
            if write is not None:
                found, start = write.event, write.event + 1
        return found

    def _dependencies(self, event: int) -> Iterable[Target]:
        watched = self.at(event) or self._before(event)
        return watched.targets if watched is not None else ()

    def _changes(self, event: int) -> bool:
        before, now = self._before(event), self.at(event)
        return before is not None and now is not None and before.signature != now.signature

    # -- values

    def at(self, event: int) -> Watched | None:
        """The value at an event; None where the call's frame is on no stack then."""
        if event not in self._known:
            if len(self._known) > 64:
                self._known.clear()
            self._known[event] = self._evaluate(event)
        return self._known[event]

    def _before(self, event: int) -> Watched | None:
        return self.at(event - 1) if event > 0 else None

    def _evaluate(self, event: int) -> Watched | None:
        look = Look(self.search.run, event, pinned=self._pinned, call=self._call)
        if look.frame is None:
            return None
        names = Names(self.search.run, event, pinned=self._pinned, depth=_DEPTH, call=self._call)
        expanded: list[int] = []

        def expand(value: Value) -> Value:
            if value.id is not None:
                expanded.append(value.id)
            return names.expand(value)

        try:
            result = self._expression.evaluate(names.lookup, expand, names.python)
            value = result.value
            signature, text = (_signature(value), value.text) if not self._truth else (result.truth(), "")
            if value.id is not None:
                expanded.append(value.id)
        except EvaluationError as error:
            signature = text = str(error)
        # Of an object that only leads on to an attribute or item, that one counts.
        looked_into = dict.fromkeys(expanded).keys() - _passed_through(look, self._tree)
        targets = [*_targets(look, self._tree), *(Target("object", f"object {id_}", object=id_) for id_ in looked_into)]
        return Watched(signature, text, tuple(dict.fromkeys(targets)))


def _passed_through(look: Look, tree: ast.expr) -> set[int]:
    """The objects in which attributes and items are looked up."""
    return {object_of(look.value(node.value)) for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Subscript)}


def _targets(look: Look, tree: ast.expr) -> Iterator[Target]:
    """What the names, attributes and items in an expression are."""
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Subscript)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            continue
        if isinstance(node, ast.Name):
            yield from _namespaces_of(look, node.id)
        target = look.target(node)
        if target is None and not isinstance(node, ast.Name):
            # It leads nowhere yet: it may once what it is looked up in changes.
            held = object_of(look.value(node.value))
            target = Target("object", f"object {held}", object=held) if held else None
        elif target is not None and target.sort == "item" and type(target.key) is int:
            # Items of a list move when others come or go before them.
            target = Target("object", target.label, object=target.object)
        if target is not None:
            yield target
            if id(node) not in inner and (held := object_of(look.of(target) if target.sort != "object" else look.value(node))):
                yield Target("object", f"object {held}", object=held)


def _namespaces_of(look: Look, name: str) -> Iterator[Target]:
    """Where a name that is no variable of the frame is looked up: bound there or not, it may come to be."""
    if look.frame is None or look.code is None or hides(look.run, look.code, name):
        return
    for namespace in {look.frame[4], namespace_of(look.run, look.code.file)}:
        if namespace:
            yield Target("name", name, object=namespace, key=name)


def _signature(value: Value) -> Any:
    """What a value is, without when it was written."""
    parts = (value.items, value.entries, value.attributes)
    if value.id is not None and any(part is not None for part in parts):
        items = None if value.items is None else [_short(item) for item in value.items]
        entries = None if value.entries is None else [(_short(key), _short(item)) for key, item in value.entries]
        attributes = None if value.attributes is None else {name: _short(item) for name, item in value.attributes.items()}
        return value.type, value.id, value.length, items, entries, attributes
    return _short(value)


def _short(value: Value) -> tuple[str, int | None, str]:
    return value.type, value.id, "" if value.id is not None else value.text


def home_of(search: Search, expression: str, position: int, frame: int) -> int:
    """The call that a watch of an expression is about: the frame's, its module's where it names no variable of the frame."""
    stack = search.stack(position)
    chosen = stack[max(len(stack) - 1 - frame, 0)]
    code = search.run.code(chosen.code)
    own = {name for name, _ in code.slots}
    if not own.intersection(compile_expression(expression).names):
        for entry in stack:
            outer = search.run.code(entry.code)
            if outer.name == _MODULE and outer.file == code.file:
                return entry.call
    return chosen.call
