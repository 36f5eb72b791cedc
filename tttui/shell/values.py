"""Commands that print values."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from tttui.navigation.expressions import EvaluationError, compile_expression
from tttui.report.render import value_texts
from tttui.safe import safe
from tttui.shell.answers import NOTHING, Answer, error_json, nothing, said
from tttui.shell.arguments import UsageError, number
from tttui.shell.table import Request, command

if TYPE_CHECKING:
    from tttui.errors import TttuiError
    from tttui.shell.session import Session
    from tttui.store.records import Value

_ONE_LINE = 1_000
"""A level of values at which nothing below is shown."""


@command("print p", "Looking", "EXPRESSION", completes="name")
def print_(session: "Session", request: Request) -> Answer:
    """Print the value of an expression in the selected frame.
    Python's syntax over what was recorded: names, attributes, items, slices, operators, comprehensions, f-strings, harmless builtins and
    methods. $1 is a pinned object, $returned and $exception are what the event is about. No code of the program runs.
    """
    return _printed(session, request, lambda text, value: value_texts(text, value, indent="", level=_ONE_LINE))


@command("pp", "Looking", "EXPRESSION", completes="name")
def pp(session: "Session", request: Request) -> Answer:
    """Print the value of an expression with all that it holds, as a tree."""
    return _printed(session, request, lambda text, value: value_texts(text, value, indent=""))


def _printed(session: "Session", request: Request, texts: "Callable[[str, Value], Iterator[Text]]") -> Answer:
    text = request.arguments.strip()
    expression = compile_expression(text)
    json = {"event": session.navigator.position, "frame": session.navigator.frame_index, "expression": text}
    try:
        value = session.evaluate(expression).value
    except EvaluationError as error:
        return _without_value(error, json)
    return Answer(json | {"value": value.to_json()}, texts(text, value))


def _without_value(error: "TttuiError", json: dict[str, object]) -> Answer:
    return Answer(json | error_json(error), [Text(safe(str(error.title)), "yellow")], status=NOTHING)


@command("whatis", "Looking", "EXPRESSION", completes="name")
def whatis(session: "Session", request: Request) -> Answer:
    """Print the type of an expression's value."""
    answer = _printed(session, request, lambda text, value: iter([Text(safe(value.type))]))
    if "value" in answer.json:
        answer.json["type"] = answer.json.pop("value")["type"]
    return answer


@command("locals lo", "Looking")
def locals_(session: "Session", request: Request) -> Answer:
    """Print the variables of the selected frame."""
    return _variables(session, arguments_only=False)


@command("args a", "Looking")
def args(session: "Session", request: Request) -> Answer:
    """Print the arguments of the selected frame's call."""
    return _variables(session, arguments_only=True)


def _variables(session: "Session", *, arguments_only: bool) -> Answer:
    frame = session.frame()
    if frame is None:
        return nothing("there is no frame here", variables={})
    found = {name: value for name, value in frame.locals.items() if not arguments_only or name in frame.arguments}
    json = {
        "event": session.navigator.position,
        "function": frame.function,
        "variables": {name: value.to_json() for name, value in found.items()},
    }
    if not found:
        return Answer(json | {"message": "none"}, [Text("none", "dim")], status=NOTHING)
    return Answer(json, _variable_texts(found))


def _variable_texts(found: "dict[str, Value]") -> Iterator[Text]:
    for name, value in found.items():
        yield from value_texts(name, value, indent="", level=_ONE_LINE)


@command("display", "Looking", "[EXPRESSION]", completes="name")
def display(session: "Session", request: Request) -> Answer:
    """Print an expression after every move, from now on; without one, print what is displayed."""
    text = request.arguments.strip()
    if text:
        expression = compile_expression(text)
        session.displays[session.next_display] = expression
        session.next_display += 1
    shown = session.displayed()
    if not shown:
        return nothing("nothing is displayed", displays=[])
    return Answer({"displays": [one.to_json() for one in shown]}, [one.text() for one in shown])


@command("undisplay", "Looking", "[NUMBER ...]")
def undisplay(session: "Session", request: Request) -> Answer:
    """Display an expression no longer; without a number, none."""
    chosen = [number(word, "a display's number") for word in request.arguments.split()] or list(session.displays)
    for one in chosen:
        if one not in session.displays:
            raise UsageError(f"there is no display {one}", hint="display lists them")
    for one in chosen:
        session.displays.pop(one, None)
    return said(f"not displayed any more: {', '.join(map(str, chosen)) or 'none'}", removed=chosen)


@command("pin", "Looking", "[EXPRESSION]", completes="name")
def pin(session: "Session", request: Request) -> Answer:
    """Give an object a name, $1, $2 ..., by which it is found at any other time; without one, list them."""
    text = request.arguments.strip()
    if text:
        made = session.pins.pin(session.navigator.position, text, frame=session.frame_index)
        return said(f"{made.name} is {made.label}, object #{made.object}", name=made.name, object=made.object, label=made.label)
    pins = session.pins.pins()
    if not pins:
        return nothing("no object is pinned", pins=[])
    json = [{"name": one.name, "object": one.object, "label": one.label, "event": one.event} for one in pins]
    return Answer({"pins": json}, [Text(safe(f"{one.name}  object #{one.object}  {one.label} at event {one.event:,}")) for one in pins])


@command("unpin", "Looking", "$NUMBER ...")
def unpin(session: "Session", request: Request) -> Answer:
    """Forget pinned objects."""
    names = request.arguments.split()
    if not names:
        raise UsageError("which?", hint="pin lists them")
    for name in names:
        if name not in session.pins:
            raise UsageError(f"there is no {name}", hint="pin lists them")
    for name in names:
        session.pins.unpin(name)
    return said(f"forgotten: {', '.join(names)}", removed=names)
