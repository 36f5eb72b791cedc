"""The commands as click knows them: what each takes, and its help. What a command does is elsewhere, and imported when it runs."""

import importlib
from typing import Final

import click

from tttui import __version__
from tttui.cli import VIEWS
from tttui.errors import TttuiError
from tttui.record.options import OPTIONS, Kind

_MODULES: Final = {"open": "tttui.tui.command", "replay": "tttui.cli_replay", "shell": "tttui.shell.command", "themes": "tttui.tui.command"}
"""Where a command is defined that isn't in `tttui.cli_views`."""

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
    """Loads commands late."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted({*self.commands, *VIEWS})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name in VIEWS:
            return _load(name)
        return super().get_command(context, name)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, VIEWS.get(name) or self.commands[name].get_short_help_str(80)) for name in self.list_commands(context)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


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


# Here is its help alone: what it takes is taken apart by `tttui.record.options`, as the interpreter would, before click is loaded.
cli.add_command(
    click.Command(
        "record",
        params=_as_click_options(),
        help="Run a program as 'python' would, and record it.\n\n"
        "Options before the script are tttui's and the interpreter's; all that follows it is the program's. "
        "Exit code and output are the program's own.",
        epilog=_RECORD_EXAMPLES,
        options_metavar="[OPTIONS]",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
)


def run() -> int:
    """Carry out the command line: an exit code."""
    try:
        result = cli.main(prog_name="tttui", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        hint = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx is not None else "tttui"
        raise TttuiError(error.format_message(), hint=f"See '{hint} --help'.", exit_code=error.exit_code) from None
    except click.Abort:
        raise KeyboardInterrupt from None
