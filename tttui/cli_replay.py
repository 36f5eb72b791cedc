"""The command `replay`: runs a recorded program again, and shows the recording with its checkpoints."""

import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import click

_EXAMPLES = """\b
Examples:
  tttui replay                     the last recording, in the viewer: K enters the moment shown
  tttui replay run.db --shell      the same in the shell
  tttui replay run.db -x "goto 5000" -x "eval total / count"
"""


@click.command(short_help="Run a recorded program again, to have its checkpoints.", epilog=_EXAMPLES)
@click.argument("run", required=False)
@click.option("--shell", "in_shell", is_flag=True, help="Look at it in the shell (tttui shell) instead of the viewer.")
@click.option("-x", "--execute", "commands", metavar="COMMAND", multiple=True, help="Carry out a command of the shell, then end.")
@click.option("--at", metavar="MOMENT", default="", help="Where to begin: an event's number, first, last, or exception.")
@click.option("--json", "as_json", is_flag=True, help="With -x: one JSON object per command instead of the view for people.")
@click.option("--trust", is_flag=True, help="Also where somebody else made the recording: its program is run as you.")
@click.option("--checkpoints", metavar="N", help="Keep at most this many copies (24).")
@click.option("--checkpoint-memory", metavar="SIZE", help="What they may take together (a quarter of what is free, at most 2G).")
@click.option("--checkpoint-interval", metavar="MS", help="Milliseconds at work between two copies, at least (50).")
def replay(
    run: str | None,
    in_shell: bool,
    commands: tuple[str, ...],
    at: str,
    as_json: bool,
    trust: bool,
    checkpoints: str | None,
    checkpoint_memory: str | None,
    checkpoint_interval: str | None,
) -> int:
    """Run the program of a recording again, from the start, with the inputs that were recorded, and look at it with checkpoints.

    RUN is a recording's path; without it, the newest recording. Nothing that the program does leaves it: no file is written,
    nothing is sent. It is compared with the recording event by event; where it differs, or needs what was not recorded, it ends,
    and that is said: all moments before can be entered (K in the viewer; checkpoint, eval and exec in the shell). Ctrl-C ends
    it where it is.

    A recording that wasn't made by you, here, needs --trust: what is run is what it says.

    Exit code: 1 where it did not come to the end of the recording, else that of the viewer or the shell.
    """
    from tttui import config
    from tttui.checkpoints import replay as again
    from tttui.errors import TttuiError, say
    from tttui.orderly import ending_in_order
    from tttui.record import origin
    from tttui.report.opening import open_run
    from tttui.safe import safe

    given = {
        "checkpoints": checkpoints,
        "checkpoint_memory": checkpoint_memory,
        "checkpoint_interval": checkpoint_interval,
    }
    settings = config.load({key: value for key, value in given.items() if value is not None})
    with open_run(run) as recording:
        if recording.meta.get("state") == "recording":
            raise TttuiError("the program is still running", "its checkpoints are there: tttui shell enters them")
        if not trust and not origin.is_ours(recording.meta):
            command = shlex.join(map(str, recording.meta.get("command") or ()))
            what = f"to run it again would run {command}" if command else "it doesn't say what would be run"
            raise TttuiError("you did not make this recording here", safe(what), "tttui replay --trust, if you trust whoever made it")
        with ending_in_order(), again.replay(recording, settings, _progress(recording.events)) as replayed:
            _erase()
            for note in replayed.notes:
                say(safe(note))
            say(safe(replayed.text))
            if in_shell or commands:
                from tttui.shell.loop import run_shell
                from tttui.shell.start import start_session

                status = run_shell(start_session(recording, at), commands, json=as_json, interactive=not commands)
            else:
                # Where it went no further than that, no later moment can be entered: to be known in the viewer, too.
                status = _view(recording.path, at, safe(replayed.text) if replayed.problem else "")
            return status or int(bool(replayed.problem))


def _view(path: Path, at: str, notice: str) -> int:
    from tttui.tui import plain, start

    if start.can_show():
        return start.view(path, at, start.looks(), notice)
    plain.report(path)
    return 0


def _progress(events: int) -> Callable[[int], None]:
    """Tells on the terminal how far it is."""
    if sys.stderr is None or not sys.stderr.isatty():
        return lambda reached: None

    def tell(reached: int) -> None:
        sys.stderr.write(f"\rtttui: running it again, {reached * 100 // max(events, 1)} % ")
        sys.stderr.flush()

    return tell


def _erase() -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
