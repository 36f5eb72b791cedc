"""The command line: thin, and quick to start. What a command does is elsewhere, and imported when it runs."""

import importlib
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import click

from tttui import __version__
from tttui.errors import OWN_FAILURE, TttuiError, say
from tttui.record.options import OPTIONS, Kind, parse

# Where each command is defined; its help line is kept here, so that --help loads none of them.
_VIEWS: Final = {
    "info": "What a recording holds, and how the program ended.",
    "list": "The recordings there are, newest first.",
    "open": "Look at a recording in the terminal.",
    "query": "Read-only SQL over a recording.",
    "replay": "Run a recorded program again, to have its checkpoints.",
    "shell": "Look around in a recording by typing commands.",
    "show": "The stack and the variables at one moment.",
    "themes": "The themes of the viewer.",
}
_MODULES: Final = {"open": "tttui.tui.command", "replay": "tttui.cli_replay", "shell": "tttui.shell.command", "themes": "tttui.tui.command"}
"""Where a command is defined that isn't in `tttui.cli_views`."""
_DEFAULT: Final = "run"

_EXAMPLES: Final = """\b
  tttui script.py arg --flag       record a program, then look at it
  tttui -b app.py:12 app.py        pause it before a line, to look around and to change things
  tttui                            choose a recording to look at
  tttui record -m package.module   record a module, as python -m would run it
  tttui open --at exception        look at the last recording
  tttui info                       what the last recording holds
  tttui show --at exception        the variables where it went wrong
  tttui query "select * from exceptions"
  tttui replay run.db              run it again: its real objects at any moment (K)
"""

_RECORD_EXAMPLES: Final = """\b
Examples:
  tttui record script.py arg1 --flag
  tttui record -o run.db -m package.module --its-option
  tttui record -c "print(sum(range(10)))"
  tttui record - < script.py
  tttui record -O -X dev --include "*/site-packages/thelib/*" script.py
  tttui record --python /srv/app/.venv/bin/python app.py
  tttui record --shell -b "app.py:12, n > 3" app.py
  tttui record --shell --breakpoint app.py
"""


def _load(name: str) -> click.Command:
    command = getattr(importlib.import_module(_MODULES.get(name, "tttui.cli_views")), name)
    assert isinstance(command, click.Command)
    return command


class _Commands(click.Group):
    """Loads commands late; what isn't a command is a program to record."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted({name for name in self.commands if not self.commands[name].hidden} | set(_VIEWS))

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name in _VIEWS:
            return _load(name)
        return super().get_command(context, name)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, _VIEWS.get(name) or self.commands[name].get_short_help_str(80)) for name in self.list_commands(context)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        ours = {"--help", "-h", "--version"}
        if arguments and arguments[0] not in ours and arguments[0] not in self.list_commands(context):
            arguments = [_DEFAULT, *arguments]
        return super().parse_args(context, arguments)


class _RecordCommand(click.Command):
    """Its options are shown by click and taken apart by `tttui.record.options`, as the interpreter would."""

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        if arguments and arguments[0] in ("--help", "-h"):
            return super().parse_args(context, ["--help"])
        context.params["invocation"] = parse(arguments)
        return []


def _as_click_options() -> list[click.Parameter]:
    shown: list[click.Parameter] = []
    for option in OPTIONS:
        flag = not option.takes_value
        shown.append(
            click.Option(
                list(option.names),
                help=option.help,
                is_flag=flag,
                metavar=None if flag else option.metavar,
                multiple=option.kind is Kind.LIST,
                expose_value=False,
            )
        )
    return shown


def _record_command(name: str, help: str, *, look: bool, hidden: bool = False) -> click.Command:
    def callback(invocation: Any) -> None:
        _record(invocation, look=look)

    return _RecordCommand(
        name,
        params=_as_click_options(),
        callback=callback,
        help=help,
        epilog=_RECORD_EXAMPLES,
        hidden=hidden,
        options_metavar="[OPTIONS]",
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def _record(invocation: Any, *, look: bool) -> None:
    """Record, say what was recorded, and end as the program ended."""
    from tttui import config
    from tttui.checkpoints.closer import bringing_closer
    from tttui.record import launch
    from tttui.record.summary import summary

    shell = "shell" in invocation.given
    settings = config.load(invocation.given)
    show = _look_in_shell if shell else _look if look else None
    if settings.stops and show is None:
        hint = "tttui SCRIPT opens the viewer there, tttui record --shell the shell"
        raise TttuiError("--break: there is nobody to look around", hint=hint)
    if settings.stops and (settings.no_checkpoints or not settings.checkpoints):
        raise TttuiError("--break needs checkpoints", "and they are turned off")
    outcome = launch.record(invocation, settings, keep=show is not None, look=show)
    try:
        if outcome.recording is not None:
            say(summary(outcome.recording))
            if show is not None:
                with bringing_closer(outcome.recording) if outcome.keeper is not None else nullcontext():
                    show(outcome.recording, None)
    finally:
        if outcome.keeper is not None:
            outcome.keeper.stop()
    launch.end_like(outcome.wait_status)


def _show_error(error: TttuiError) -> None:
    from tttui.console import report

    report(error)


def _look(recording: Path, paused: int | None) -> bool:
    """Open the viewer, or report in plain lines where there is no terminal; that this fails must not change how we end.

    `paused` is the event at which the program waits. Gives whether it is to go on to its next stop, not to its end.
    """
    from tttui.tui import plain, start

    try:
        if start.can_show():
            return start.view(recording, "" if paused is None else str(paused), start.looks(), live=paused is not None) == start.GOES_ON
        plain.report(recording)
    except TttuiError as error:
        _show_error(error)
    except OSError as error:
        say(str(error))
    return False


def _look_in_shell(recording: Path, paused: int | None) -> bool:
    """The shell, its commands from standard input; otherwise as `_look`."""
    from tttui.report.opening import open_run
    from tttui.shell.loop import run_shell
    from tttui.shell.start import start_session

    try:
        with open_run(str(recording)) as run:
            session = start_session(run, "" if paused is None else str(paused))
            session.live = paused is not None
            run_shell(session, (), json=False, interactive=True)
            return session.goes_on
    except TttuiError as error:
        _show_error(error)
    return False


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    epilog=_EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="tttui %(version)s")
@click.pass_context
def cli(context: click.Context) -> int:
    """A time-travel debugger for Python: record a program once, then look at any moment of it."""
    if context.invoked_subcommand is not None:
        return 0
    from tttui.tui.start import can_show

    if not can_show():
        click.echo(context.get_help())
        return 2
    from tttui.tui.command import choose

    return choose()


cli.add_command(
    _record_command(
        "record",
        "Run a program as 'python' would, and record it.\n\n"
        "Options before the script are tttui's and the interpreter's; all that follows it is the program's. "
        "Exit code and output are the program's own.",
        look=False,
    )
)
cli.add_command(_record_command(_DEFAULT, "Record a program, then show what was recorded.", look=True, hidden=True))


def main() -> int:
    """The `tttui` command: an exit code; no traceback reaches a user."""
    try:
        result = cli.main(prog_name="tttui", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except TttuiError as error:
        _show_error(error)
        return error.exit_code
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        hint = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx is not None else "tttui"
        _show_error(TttuiError(error.format_message(), hint=f"See '{hint} --help'."))
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing more must be written to it, not even at exit.
        sys.stdout = None
        return 141
    except Exception as error:
        _show_error(TttuiError("tttui failed", f"{type(error).__name__}: {error}", "Set TTTUI_TRACEBACK=1 to see where.", OWN_FAILURE))
        return _own_failure()


def _own_failure() -> int:
    import os
    import traceback

    if os.environ.get("TTTUI_TRACEBACK"):
        traceback.print_exc()
    return OWN_FAILURE
