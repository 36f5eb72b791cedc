"""The `tttui shell` command. Thin, and quick to load: the shell itself is imported when it runs."""

import click


@click.command(short_help="Look around in a recording by typing commands.")
@click.argument("run", required=False)
@click.option(
    "-x",
    "--execute",
    "commands",
    metavar="COMMAND",
    multiple=True,
    help="Carry out a command; may be given several times. Then end, unless -i.",
)
@click.option("-i", "--interactive", is_flag=True, help="After the commands of -x, read more from standard input.")
@click.option(
    "--at",
    metavar="EVENT",
    default="",
    help="Where to begin: an event's number, first, last, or exception.  [default: exception, else last]",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per command instead of the view for people.")
def shell(run: str | None, commands: tuple[str, ...], interactive: bool, at: str, as_json: bool) -> int:
    """Move through a recording and ask about it, in a line interface: for dumb terminals, scripts and other programs.

    RUN is a recording's path; without it, the newest recording. Commands have the names that gdb and pdb users type;
    `help` lists them. They come from -x, or else from standard input.

    Exit code: 0, or 1 where the last command found nothing, 2 for a mistake (which ends a script).
    """
    from tttui.report.opening import open_run
    from tttui.shell.loop import run_shell
    from tttui.shell.start import start_session

    with open_run(run) as recording:
        return run_shell(start_session(recording, at), commands, json=as_json, interactive=interactive)
