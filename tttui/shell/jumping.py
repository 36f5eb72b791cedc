"""Commands that jump: to a place in time, to another frame, back along one's own way."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rich.text import Text

from tttui.errors import TttuiError
from tttui.navigation.places import place_of
from tttui.navigation.stops import Stop
from tttui.safe import safe
from tttui.shell.answers import Answer
from tttui.shell.arguments import UsageError, count, nanoseconds, number
from tttui.shell.table import Request, command

if TYPE_CHECKING:
    from tttui.shell.session import Session

_RELATIVE: Final = re.compile(r"([+-])\s*(\d[\d,_]*)")
_PERCENT: Final = re.compile(r"(\d+(?:\.\d+)?)\s*%")
HISTORY_SHOWN: Final = 20
WHERE: Final = "EVENT | +N | -N | N% | TIME | start | end | failure"


def event_of(session: "Session", text: str) -> int:
    """The event that a text names, without going there; raises `UsageError`."""
    found = text.strip()
    last = max(session.run.events - 1, 0)
    if found in ("here", "."):
        return session.navigator.position
    if found in ("start", "end"):
        return 0 if found == "start" else last
    if match := _RELATIVE.fullmatch(found):
        distance = number(match[2])
        return min(max(session.navigator.position + (distance if match[1] == "+" else -distance), 0), last)
    if match := _PERCENT.fullmatch(found):
        return round(last * min(float(match[1]), 100.0) / 100)
    wanted = number(found, f"an event ({WHERE})")
    if wanted > last:
        raise UsageError("there is no such event", text, f"the events are 0 to {last:,}")
    return wanted


@command("goto g", "Jumping", WHERE, completes="event")
def goto(session: "Session", request: Request) -> Answer:
    """Go to an event by its number, so many events on or back, a share of the run, a time (1.5s, 20ms), the start, the end,
    or the failure: the raise that ended the program or a thread of it.
    """
    wanted = request.arguments.strip()
    navigator = session.navigator
    if not wanted and request.repeat is not None:
        wanted = str(request.repeat)
    if wanted == "start":
        return session.arrived(navigator.start())
    if wanted == "end":
        return session.arrived(navigator.end())
    if wanted in ("failure", "exception"):
        return session.arrived(navigator.failure())
    if (time := nanoseconds(wanted)) is not None:
        return session.arrived(navigator.goto_time(time))
    if match := _PERCENT.fullmatch(wanted):
        return session.arrived(navigator.goto_percent(min(float(match[1]), 100.0)))
    return session.arrived(navigator.goto(event_of(session, wanted)))


@command("start", "Jumping")
def start(session: "Session", request: Request) -> Answer:
    """Go to the first event."""
    return session.arrived(session.navigator.start())


@command("end", "Jumping")
def end(session: "Session", request: Request) -> Answer:
    """Go to the last event."""
    return session.arrived(session.navigator.end())


@command("failure", "Jumping")
def failure(session: "Session", request: Request) -> Answer:
    """Go to the raise that ended the program or a thread of it."""
    return session.arrived(session.navigator.failure())


@command("up u", "Jumping", "[COUNT]", repeats=True)
def up(session: "Session", request: Request) -> Answer:
    """Select the caller's frame; time stands still."""
    return session.arrived(session.navigator.up(count(request.arguments, request.repeat)))


@command("down d", "Jumping", "[COUNT]", repeats=True)
def down(session: "Session", request: Request) -> Answer:
    """Select the frame that this one called."""
    return session.arrived(session.navigator.down(count(request.arguments, request.repeat)))


@command("frame fr", "Jumping", "[NUMBER]")
def frame(session: "Session", request: Request) -> Answer:
    """Select a frame by its number in `where`: 0 is the innermost. Without a number: show where we are."""
    if request.arguments.strip():
        return session.arrived(session.navigator.select_frame(number(request.arguments, "a frame's number")))
    return session.arrived(Stop(session.navigator.position, True, "frame"))


@command("undo", "Jumping", "[COUNT]", repeats=True)
def undo(session: "Session", request: Request) -> Answer:
    """Take back the last command that moved, of whatever kind."""
    return session.arrived(session.navigator.undo(count(request.arguments, request.repeat)))


@command("backward", "Jumping", "[COUNT]", repeats=True)
def backward(session: "Session", request: Request) -> Answer:
    """Go to where we were before the last jump, as in a browser."""
    return session.arrived(session.navigator.backward(count(request.arguments, request.repeat)))


@command("forward", "Jumping", "[COUNT]", repeats=True)
def forward(session: "Session", request: Request) -> Answer:
    """Go to where `backward` came from."""
    return session.arrived(session.navigator.forward(count(request.arguments, request.repeat)))


@command("history", "Jumping", "[COUNT]")
def history(session: "Session", request: Request) -> Answer:
    """Show the places between which we jumped; > marks where we are, or went on from."""
    visited = session.navigator.history
    most = number(request.arguments) if request.arguments.strip() else HISTORY_SHOWN
    places = [(index, event) for index, event in enumerate(visited.jumps)][-most:]
    json = {"current": visited.at, "places": [{"number": index, "event": event} for index, event in places]}
    return Answer(json, _history_texts(session, places, visited.at))


def _history_texts(session: "Session", places: list[tuple[int, int]], current: int) -> Iterator[Text]:
    for index, event in places:
        try:
            found = place_of(session.run, event)
            where = f"{safe(found.function)}  {safe(found.file)}:{found.line}"
        except TttuiError:
            where = ""
        yield Text.assemble((f"{'>' if index == current else ' '} {event:>10,}  ", "bold"), (where, "dim"))
