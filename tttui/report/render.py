"""Reports for people: Rich texts of what `info`, `list`, `show` and `query` found.

Only `Text` objects are made here, never markup, and recorded text goes into them through `safe`.
"""

import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.text import Text

from tttui.report.info import Information, exception_text, signal_name
from tttui.report.listing import Listed
from tttui.report.show import Excerpt, source_around
from tttui.report.views import VIEWS
from tttui.safe import safe

if TYPE_CHECKING:
    from tttui.store.records import Frame, Moment, Value
    from tttui.store.run import Run

AROUND: Final = 4
"""Source lines shown on either side of the current one."""
MOST_CHILDREN: Final = 12
"""Entries of one container that are shown."""
DEEPEST: Final = 3
"""Levels of values that are shown."""
LONGEST_TEXT: Final = 500
"""Characters of one value that are shown where it can't be cut at the edge of the screen."""

NAME, DIM, GOOD, BAD, MARK = "cyan", "dim", "green", "bold red", "bold yellow"


def console(*, stderr: bool = False) -> Console:
    """The console that all human views are printed through: no markup, no emoji codes, no guessing at highlights."""
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)


def print_texts(out: Console, texts: Iterator[Text]) -> None:
    """Print each text on a line of its own: cut at the edge of a terminal, whole where the output is a file."""
    for text in texts:
        if out.is_terminal:
            out.print(text, no_wrap=True, overflow="ellipsis", crop=True)
        else:
            out.print(text, soft_wrap=True)


def count(number: int, what: str, plural: str = "") -> str:
    """``1 event``, ``1,234 events``."""
    return f"{number:,} {what if number == 1 else plural or what + 's'}"


def size(number: int) -> str:
    """Bytes in the unit that suits them."""
    amount = float(number)
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"


def duration(seconds: float) -> str:
    """A stretch of time as one would say it."""
    if seconds < 0.001:
        return f"{seconds * 1e6:.3g} µs"
    if seconds < 1:
        return f"{seconds * 1e3:.3g} ms"
    if seconds < 60:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def how_it_ended(found: dict[str, Any]) -> Text:
    """One phrase for the end of a run, from the JSON of `info` or `list`."""
    ended = found["ended"]
    if ended == "exit":
        code = found.get("exit_code")
        return Text(f"exit code {code}", GOOD if code == 0 else BAD)
    if ended == "exception":
        return Text(f"exception {safe(exception_text(found.get('exception')))}".rstrip(), BAD)
    if ended in ("signal", "killed"):
        return Text(f"{ended} {safe(signal_name(found) or '')}".rstrip(), BAD)
    if ended == "recording":
        return Text("still being recorded", MARK)
    return Text(safe(str(ended)), BAD)


# -- info


def information_texts(found: Information) -> Iterator[Text]:
    """The human view of `info`."""
    facts = found.json
    version = f"{facts['python_version']}, " if "python_version" in facts else ""
    yield Text(safe(shlex.join(facts["command"])) or "(command not known)", "bold")
    yield from _facts(
        ("ended", how_it_ended(facts)),
        ("started", Text(f"{safe(str(facts['started']))}, ran {duration(facts['duration_s'])}")),
        ("python", Text(f"{version}{safe(str(facts['python']))} on {safe(str(facts['platform']))}")),
        ("recorded", Text(f"{count(facts['events'], 'event')}, {count(facts['calls'], 'call')}, {_threads_and_files(facts)}")),
        ("size", Text(_size_of_events(facts))),
        ("file", Text(safe(str(found.path)))),
    )
    if "checkpoints" in facts:
        yield from _checkpoints(facts["checkpoints"])
    if found.stopped:
        yield Text(f"recording stopped early: {safe(found.stopped)}", MARK)
    if found.unfinished:
        yield Text(
            "cut short: the program or its writer was killed" if facts["ended"] != "recording" else "the program is still running", MARK
        )
    if found.last:
        yield Text(f"the last event, {facts['events'] - 1:,}, is at {safe(found.last)}", MARK)
    if facts["lost"]:
        yield Text(f"{count(facts['lost'], 'event')} lost", BAD)
    for reason, events in found.gaps:
        yield Text(f"not recorded for a while: {reason}" + (f" ({count(events, 'event')})" if events else ""), MARK)
    if found.forks:
        yield Text(f"{count(found.forks, 'child process', 'child processes')} forked: not recorded", MARK)
    if facts["cut"]:
        yield Text("cut or left out", "bold")
        for what, how in facts["cut"].items():
            limit = f" (limit {how['limit']:,})" if "limit" in how else ""
            yield Text(f"  {safe(what):<10} {count(how['times'], 'time')}{limit}")
    if found.kinds:
        yield Text("events by kind", "bold")
        for kind, times in found.kinds:
            yield Text(f"  {times:>14,}  {safe(kind)}")
    if found.hottest:
        yield Text("hottest functions", "bold")
        yield Text(f"  {'lines':>14}  {'calls':>12}  function", DIM)
        for function in found.hottest:
            line = Text(f"  {function.lines:>14,}  {function.calls:>12,}  ")
            line.append(safe(function.function), NAME)
            line.append(f"  {safe(function.file)}:{function.first_line}", DIM)
            yield line


def _checkpoints(made: dict[str, Any]) -> Iterator[Text]:
    text = f"{count(made['made'], 'checkpoint')} made in {made['took_ms']:,.1f} ms, {made['kept']:,} kept"
    if made.get("memory_bytes") or made["most_memory_bytes"]:
        text += f", {max(made.get('memory_bytes', 0), made['most_memory_bytes']) / 1e6:,.1f} MB at most"
    yield Text(text, DIM)
    for reason, times in made["not_made"].items():
        yield Text(f"  {count(times, 'time')} none: {safe(reason)}", DIM)


def _facts(*pairs: tuple[str, Text]) -> Iterator[Text]:
    for name, value in pairs:
        yield Text.assemble((f"  {name:<10}", DIM), value)


def _threads_and_files(facts: dict[str, Any]) -> str:
    return f"{count(facts['threads'], 'thread')}, {count(facts['files'], 'file')}"


def _size_of_events(facts: dict[str, Any]) -> str:
    each = f" ({facts['size_bytes'] / facts['events']:.1f} bytes per event)" if facts["events"] else ""
    return size(facts["size_bytes"]) + each


# -- list


def listing_texts(listed: Sequence[Listed]) -> Iterator[Text]:
    """The human view of `list`."""
    if not listed:
        yield Text("No recordings yet: tttui record script.py makes one.")
        return
    for recording in listed:
        facts = recording.json
        line = Text(f"{recording.modified:%Y-%m-%d %H:%M}  {size(facts['size_bytes']):>10}  ")
        if "error" in facts:
            line.append(safe(facts["error"]), BAD)
        else:
            line.append_text(how_it_ended(facts))
            line.append(f"  {safe(shlex.join(facts['command']))}", "bold")
        yield line
        yield Text(f"    {safe(facts['path'])}", DIM)


# -- query


def views_texts() -> Iterator[Text]:
    """The views of `query` and their columns."""
    for view in VIEWS:
        yield Text.assemble((view.name, "bold"), (f"  {view.row}", DIM))
        width = max(len(column.name) for column in view.columns)
        for column in view.columns:
            yield Text.assemble(("  "), (f"{column.name:<{width}}", NAME), (f"  {column.type:<7}  ", DIM), column.meaning)
        yield Text()


# -- show


def moment_texts(run: "Run", moment: "Moment", *, frames: int, colors: bool) -> Iterator[Text]:
    """The human view of one moment; `frames`: how many of the innermost frames are shown with their variables."""
    yield _heading(moment)
    if moment.returned is not None:
        yield from value_texts("yields" if moment.kind == "yield" else "returns", moment.returned, indent="  ", style=GOOD)
    if moment.exception is not None:
        yield from value_texts("exception", moment.exception, indent="  ", style=BAD)
    if moment.stack:
        yield Text()
        yield from _source(run, moment.stack[-1], colors)
    yield Text()
    hidden = max(0, len(moment.stack) - frames) if frames else 0
    if hidden:
        yield Text(f"… {count(hidden, 'frame')} further out (--frames 0 shows all)", DIM)
    for depth, frame in enumerate(moment.stack):
        if depth >= hidden:
            yield from _frame(frame, innermost=depth == len(moment.stack) - 1)


def _heading(moment: "Moment") -> Text:
    heading = Text(f"event {moment.event:,} of {moment.events:,}", "bold")
    heading.append(f" · {moment.kind}", MARK)
    heading.append(f" · {duration(moment.time_ns / 1e9)} · {safe(moment.thread.name)}")
    if moment.task is not None:
        heading.append(f" · {safe(moment.task.name)}")
    return heading


def _source(run: "Run", frame: "Frame", colors: bool) -> Iterator[Text]:
    yield Text.assemble((safe(frame.function), "bold"), (f"  {safe(frame.file)}:{frame.line}", DIM))
    excerpt = source_around(run, frame, AROUND)
    if excerpt is None:
        yield Text("  (the source is not in the recording)", DIM)
        return
    width = len(str(excerpt.first + len(excerpt.lines)))
    for number, line in enumerate(_highlighted(excerpt, colors), excerpt.first):
        current = number == frame.line
        shown = Text.assemble((f"{'>' if current else ' '} {number:>{width}} ", MARK if current else DIM), ("│ ", DIM))
        yield shown.append_text(line)


def _highlighted(excerpt: Excerpt, colors: bool) -> Sequence[Text]:
    """The lines of an excerpt, in colours where they can be shown."""
    lines = [safe(line, tab_size=4) for line in excerpt.lines]
    if not colors:
        return [Text(line) for line in lines]
    from rich.syntax import Syntax  # loads Pygments: only for a terminal

    whole = Syntax("", "python", theme="ansi_dark", background_color="default").highlight("\n".join(lines))
    shown = list(whole.split("\n", allow_blank=True))
    # Pygments drops blank lines at the ends; the numbers beside the lines must stay right.
    return shown[: len(lines)] if [line.plain for line in shown[: len(lines)]] == lines else [Text(line) for line in lines]


def _frame(frame: "Frame", *, innermost: bool) -> Iterator[Text]:
    title = Text("> " if innermost else "  ", MARK)
    title.append(safe(frame.function), "bold")
    title.append(f"  {safe(frame.file)}:{frame.line}", DIM)
    yield title
    definitions = []
    for name, value in frame.locals.items():
        if name not in frame.arguments and (value.type in DEFINITIONS or (name.startswith("__") and name.endswith("__"))):
            definitions.append(name)
        else:
            yield from value_texts(name, value, indent="      ", style=NAME)
    if definitions:
        yield Text(f"      and {safe(', '.join(definitions))}", DIM)


DEFINITIONS: Final = frozenset({"function", "module", "type", "builtin_function_or_method", "ABCMeta", "EnumType", "EnumMeta"})
"""Types of what a frame's variables usually name for good: they are listed by name alone."""


def value_texts(name: str, value: "Value", *, indent: str, style: str = NAME, level: int = 1) -> Iterator[Text]:
    """A value as a tree: a line of its own, and below it what it holds, where that says more than the line."""
    line = Text(indent)
    line.append(safe(name), style)
    line.append(" = ", DIM)
    line.append_text(_value_text(value))
    yield line
    if level > DEEPEST or not _says_more(value):
        return
    below = indent + "    "
    for shown, (child_name, child) in enumerate(_children(value)):
        if shown == MOST_CHILDREN:
            yield Text(f"{below}… {count(_number_of_children(value) - shown, 'more', 'more')}", DIM)
            return
        if is_gap(child):
            yield Text(f"{below}… {child.length or 0:,} left out", MARK)
        else:
            yield from value_texts(child_name, child, indent=below, level=level + 1)


def _value_text(value: "Value") -> Text:
    text = value.text if len(value.text) <= LONGEST_TEXT else value.text[:LONGEST_TEXT] + "…"
    line = Text(safe(text))
    if value.id is not None and not value.text.endswith(f" {value.id}>"):
        line.append(f"  {safe(value.type)}", DIM)
        if value.length is not None:
            line.append(f"[{value.length:,}]", DIM)
        line.append(f" #{value.id}", DIM)
    if value.badge is not None:
        line.append(f"  ({value.badge})", MARK)
    return line


def _children(value: "Value") -> Iterator[tuple[str, "Value"]]:
    index = 0
    for item in value.items or ():
        yield ("•" if value.type in ("set", "frozenset") else f"[{index}]"), item
        index += (item.length or 0) if is_gap(item) else 1
    for key, item in value.entries or ():
        yield f"[{key.text}]", item
    for name, item in (value.attributes or {}).items():
        yield f".{name}", item


def is_gap(value: "Value") -> bool:
    """Whether a value stands for entries that are left out: by the recorder, or because there are too many to show."""
    return value.type == "" and value.badge == "cut"


def _number_of_children(value: "Value") -> int:
    return len(value.items or ()) + len(value.entries or ()) + len(value.attributes or ())


def _says_more(value: "Value") -> bool:
    """Whether what a value holds is worth lines of its own: the one line doesn't show it whole."""
    if value.attributes:
        return True
    if len(value.text) > 60 or "…" in value.text or "..." in value.text:
        return _number_of_children(value) > 0
    return any(child.id is not None for _, child in _children(value))
