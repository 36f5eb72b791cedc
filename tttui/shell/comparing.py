"""What differs: between two moments, or two recordings."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rich.text import Text

from tttui.navigation import diff as differences
from tttui.report.opening import open_run
from tttui.safe import safe
from tttui.shell.answers import Answer, Row, nothing
from tttui.shell.arguments import UsageError, split_word
from tttui.shell.jumping import event_of
from tttui.shell.questions import meant, short_text
from tttui.shell.table import Request, command

if TYPE_CHECKING:
    from tttui.navigation.diff import Comparison, Difference, FrameDifference, Parting
    from tttui.shell.session import Session

_MOST: Final = 10
"""Differences that are shown of where two recordings part: they may be a whole list."""


@command("diff", "Asking", "EVENT [EVENT] [EXPRESSION] | RECORDING", completes="event")
def diff(session: "Session", request: Request) -> Answer:
    """Show what differs between two moments (the second is this one unless it is given): the whole visible state, or an expression.
    With the path of another recording: where the two first part, in control flow and in a value.
    """
    text = meant(request.arguments)
    if os.path.isfile(text):
        with open_run(text) as other:
            return compared(differences.compare(session.run, other))
    word, rest = split_word(text)
    old, new = event_of(session, word), session.navigator.position
    if rest:
        second, behind = split_word(rest)
        try:
            new, rest = event_of(session, second), behind
        except UsageError:
            pass  # it is an expression
    if rest:
        found = differences.diff_at(session.run, rest, old, new, frame=session.frame_index)
        rows = (Row(_difference_text(one), _difference_json(one)) for one in found)
        return Answer({"old": old, "new": new, "expression": rest}, rows=rows, rows_name="differences", nothing="no difference")
    frames = differences.diff_frames(session.run, old, new)
    rows = (row for frame in frames for row in _frame_rows(frame))
    return Answer({"old": old, "new": new}, rows=rows, rows_name="frames", nothing="no difference")


def _frame_rows(frame: "FrameDifference") -> Iterator[Row]:
    if not frame.variables and frame.old_line == frame.new_line:
        return
    lines = f"line {frame.old_line} → {frame.new_line}"
    if frame.old_line is None:
        lines = f"is new, at line {frame.new_line}"
    elif frame.new_line is None:
        lines = f"is gone, was at line {frame.old_line}"
    text = Text.assemble((safe(frame.function), "bold"), (f"  {lines}", "dim"))
    for one in frame.variables:
        text.append("\n  ")
        text.append_text(_difference_text(one))
    json = {
        "function": frame.function, "call": frame.call, "old_line": frame.old_line, "new_line": frame.new_line,
        "variables": [_difference_json(one) for one in frame.variables],
    }  # fmt: skip
    yield Row(text, json)


def _difference_text(one: "Difference") -> Text:
    old = "(nothing)" if one.old is None else short_text(one.old)
    new = "(gone)" if one.new is None else short_text(one.new)
    text = Text.assemble((safe(one.path), "cyan"), f": {safe(old)} → {safe(new)}")
    if one.identity:
        text.append("  (another object)", "yellow")
    return text


def _difference_json(one: "Difference") -> dict[str, object]:
    return {
        "path": one.path,
        "old": None if one.old is None else one.old.to_json(),
        "new": None if one.new is None else one.new.to_json(),
        "identity": one.identity,
    }


def compared(found: "Comparison") -> Answer:
    """Where two recordings part."""
    if not found.partings:
        return nothing("the two recordings are alike", control=None, value=None)
    json = {"control": _parting_json(found.control), "value": _parting_json(found.value)}
    return Answer(json, [text for one in found.partings for text in _parting_texts(one)])


def _parting_texts(one: "Parting") -> Iterator[Text]:
    what = "value" if one.sort == "value" else "control flow"
    yield Text.assemble((f"{what}: ", "bold yellow"), safe(one.what))
    for side, found in (("here", one.first), ("there", one.second)):
        if found is None:
            yield Text(f"  {side}: has ended", "dim")
        else:
            yield Text.assemble(
                f"  {side}: event {found.event:,}  ", (safe(found.function), "bold"), (f"  {safe(found.file)}:{found.line}", "dim")
            )
    for difference in one.differences[:_MOST]:
        yield Text("  ").append_text(_difference_text(difference))
    if len(one.differences) > _MOST:
        yield Text(f"  … and {len(one.differences) - _MOST:,} more", "dim")


def _parting_json(one: "Parting | None") -> dict[str, object] | None:
    if one is None:
        return None
    sides = {
        side: None if found is None else {"event": found.event, "function": found.function, "file": found.file, "line": found.line}
        for side, found in (("first", one.first), ("second", one.second))
    }
    return {"sort": one.sort, "what": one.what, **sides, "differences": [_difference_json(difference) for difference in one.differences]}
