"""One moment of a run, as `tttui show` gives it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tttui.errors import TttuiError
from tttui.navigation.failure import find_failure

if TYPE_CHECKING:
    from tttui.store.records import Frame, Moment
    from tttui.store.run import Run


@dataclass(frozen=True)
class Excerpt:
    """Some lines of a source file: `first` is the number of the first of them."""

    first: int
    lines: tuple[str, ...]


def event_at(run: "Run", where: str) -> int:
    """The event that ``--at`` names: a number, first, last or exception. TttuiError where there is no such event."""
    if run.events == 0:
        raise TttuiError(
            "Nothing to show", "the recording holds no events", "was anything of the program's own code run? See --all of tttui record"
        )
    if where == "first":
        return 0
    if where == "last":
        return run.events - 1
    if where == "exception":
        failure = find_failure(run)
        if failure is None:
            raise TttuiError(
                "No exception ended this program",
                "neither it nor one of its threads",
                'those that were handled: tttui query "select * from exceptions"',
            )
        return failure.raised
    digits = where.replace(",", "").replace("_", "")
    if not (digits.isascii() and digits.isdigit()):
        raise TttuiError("No such event", f"--at {where}", "--at takes a number, first, last or exception")
    if len(digits) > 18 or int(digits) >= run.events:
        raise TttuiError("No such event", f"--at {where}", f"the events of this recording are 0 to {run.events - 1}")
    return int(digits)


def moment_json(run: "Run", moment: "Moment") -> dict[str, Any]:
    """A moment in the form of the JSON contract."""
    frame = moment.stack[-1] if moment.stack else None
    found: dict[str, Any] = {
        "event": moment.event,
        "events": moment.events,
        "kind": moment.kind,
        "time_ns": moment.time_ns,
        "thread": moment.thread.name,
    }
    if moment.task is not None:
        found["task"] = moment.task.name
    found.update(
        file=frame.file if frame else None,
        line=frame.line if frame else None,
        function=frame.function if frame else None,
        source=source_line(run, frame) if frame else None,
        stack=[_frame_json(frame) for frame in moment.stack],
    )
    if moment.returned is not None:
        found["returned"] = moment.returned.to_json()
    if moment.exception is not None:
        found["exception"] = moment.exception.to_json()
    return found


def _frame_json(frame: "Frame") -> dict[str, Any]:
    return {
        "function": frame.function,
        "file": frame.file,
        "line": frame.line,
        "column": frame.column,
        "end_column": frame.end_column,
        "locals": {name: value.to_json() for name, value in frame.locals.items()},
    }


def source_line(run: "Run", frame: "Frame") -> str | None:
    """The text of the line on which a frame stands; None where the source isn't known."""
    excerpt = source_around(run, frame, 0)
    return excerpt.lines[0] if excerpt is not None and excerpt.lines else None


def source_around(run: "Run", frame: "Frame", around: int) -> Excerpt | None:
    """The line on which a frame stands and `around` lines on either side; None where the source isn't known."""
    text = run.source(frame.code.file)
    if text is None:
        return None
    lines = source_lines(text)
    if not 1 <= frame.line <= len(lines):
        return None
    first = max(1, frame.line - around)
    return Excerpt(first, tuple(lines[first - 1 : frame.line + around]))


def source_lines(text: str) -> list[str]:
    """Lines as Python counts them: only newlines end one, not form feeds or Unicode's separators."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines if lines[-1] else lines[:-1]
