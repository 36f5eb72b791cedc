"""The commands that read a recording: `info`, `list`, `show`, `query`. Thin: the work is done in `tttui.report`.

What a command needs is imported when it runs, so that `tttui record` stays quick.
"""

import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from tttui.safe import safe

if TYPE_CHECKING:
    from rich.text import Text

    from tttui.report.expand import Progress

SECONDS_BEFORE_PROGRESS: Final = 1.0


@click.command(short_help="What a recording holds and how it ended.")
@click.argument("run", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the view for people.")
def info(run: str | None, as_json: bool) -> None:
    """What a recording holds: the command, how it ended, its size, what was cut, the hottest functions.

    RUN is a recording's path; without it, the newest recording.
    """
    from tttui.report.info import information
    from tttui.report.opening import open_run

    with open_run(run) as recording:
        found = information(recording)
    if as_json:
        _write_json(found.json)
    else:
        from tttui.report.render import information_texts

        _print(information_texts(found))


@click.command(short_help="The recordings that there are.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object per recording.")
def list(as_json: bool) -> None:
    """The recordings in the state directory, newest first: when, how large, how they ended, of which command."""
    from tttui.report.listing import listing

    found = listing()
    if as_json:
        from tttui.report.formats import json_text

        lines = ",\n ".join(json_text(recording.json) for recording in found)
        _write([f"[{lines}]\n"])
    else:
        from tttui.report.render import listing_texts

        _print(listing_texts(found))


@click.command(short_help="One moment: source, stack, variables.")
@click.argument("run", required=False)
@click.option(
    "--at", metavar="EVENT", default="last", show_default=True, help="Which: an event's number, first, last, or exception (what ended it)."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the view for people.")
@click.option(
    "--frames", type=click.IntRange(0), default=20, show_default=True, help="How many frames are shown, from the innermost; 0: all."
)
def show(run: str | None, at: str, as_json: bool, frames: int) -> None:
    """One moment of a run: the source around the line, the stack with every variable, what is returned or raised.

    RUN is a recording's path; without it, the newest recording.
    """
    from tttui.report.opening import open_run
    from tttui.report.show import event_at, moment_json

    with open_run(run) as recording:
        moment = recording.moment(event_at(recording, at))
        if as_json:
            _write_json(moment_json(recording, moment))
        else:
            from tttui.report.render import console, moment_texts

            _print(moment_texts(recording, moment, frames=frames, colors=console().is_terminal))


@click.command(short_help="SQL over a recording.")
@click.argument("words", metavar="[RUN] SQL", nargs=-1)
@click.option(
    "--json", "form", flag_value="json", help="A JSON array with one object per row; the default where the output isn't a terminal."
)
@click.option("--csv", "form", flag_value="csv", help="CSV with a header.")
@click.option("--table", "form", flag_value="table", help="A table for people; the default on a terminal.")
@click.option(
    "--timeout", type=click.FloatRange(0), default=0.0, metavar="SECONDS", help="Give up when the statement itself runs for longer."
)
@click.option("--views", is_flag=True, help="Show the views and their columns.")
def query(words: tuple[str, ...], form: str | None, timeout: float, views: bool) -> None:
    """Run one read-only SQL statement over the views of a recording.

    RUN is a recording's path; without it, the newest recording.
    """
    if views:
        from tttui.report.render import views_texts

        _print(views_texts())
        return
    if not 1 <= len(words) <= 2:
        raise click.UsageError("Give a statement, or a recording and a statement.")
    if len(words) == 1 and os.path.isfile(words[0]):
        raise click.UsageError(f"Give a statement behind the recording {safe(words[0])}.")
    from tttui.report.formats import csv_lines, json_array, table_lines
    from tttui.report.opening import open_run
    from tttui.report.query import Workspace

    with open_run(words[0] if len(words) == 2 else None) as recording, Workspace(recording) as workspace:
        with _progress() as progress:
            answer = workspace.ask(words[-1], timeout=timeout, progress=progress)
        form = form or ("table" if sys.stdout.isatty() else "json")
        if form == "csv":
            _write(csv_lines(answer.columns, answer.rows))
        elif form == "json":
            _write(line + "\n" for line in json_array(answer.columns, answer.rows))
        else:
            from tttui.report.render import console

            out = console()
            width = out.width if out.is_terminal else 10_000
            _write(line + "\n" for line in table_lines(answer.columns, answer.rows, width))


def _write_json(found: object) -> None:
    from tttui.report.formats import json_text

    _write([json_text(found, indent=2 if sys.stdout.isatty() else None) + "\n"])


def _print(texts: "Iterator[Text]") -> None:
    from tttui.report.render import console, print_texts

    with _output():
        print_texts(console(), texts)


def _write(lines: Iterable[str]) -> None:
    with _output():
        for line in lines:
            sys.stdout.write(line)


@contextmanager
def _output() -> Iterator[None]:
    """Standard output for text of any kind: what its encoding lacks is escaped; all is written when the block ends."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    yield
    sys.stdout.flush()


@contextmanager
def _progress() -> "Iterator[Progress | None]":
    """A progress bar on stderr, once the work has taken a second; none where stderr isn't a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from tttui.report.render import console

    bar = Progress(TextColumn("reading the recording"), BarColumn(), TimeRemainingColumn(), console=console(stderr=True), transient=True)
    task = bar.add_task("", total=None)
    started = time.monotonic()

    def step(done: int, total: int) -> None:
        if not bar.live.is_started and time.monotonic() - started > SECONDS_BEFORE_PROGRESS:
            bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield step
    finally:
        bar.stop()
