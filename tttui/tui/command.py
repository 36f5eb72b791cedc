"""The commands of the viewer: `open`, `themes`, and what `tttui` alone does."""

import sys

import click


@click.command(short_help="Look at a recording.")
@click.argument("run", required=False)
@click.option(
    "--at", metavar="MOMENT", default="", help="An event's number, 50%, first, last, exception. Without: the failure, else the end."
)
@click.option("--theme", metavar="NAME", default="", help="`tttui themes` lists them.")
@click.option("--keys", metavar="PRESET", default="", help="default, gdb, pudb or vscode.")
@click.option("--ascii", "ascii_only", is_flag=True, help="No block characters.")
@click.option("--plain", is_flag=True, help="Lines of text instead of panes, with the same keys: for screen readers.")
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal.")
def open(run: str | None, at: str, theme: str, keys: str, ascii_only: bool, plain: bool, no_mouse: bool) -> int:
    """Look at a recording in the terminal, at any moment of it.

    RUN is a recording's path; without it, the newest recording.
    """
    from tttui.errors import TttuiError
    from tttui.tui import start

    if not start.can_show():
        raise TttuiError("there is no terminal to show it on", "", "tttui show and tttui info print; tttui shell takes commands")
    return start.view(run, at, start.looks(theme=theme, keys=keys, ascii_only=ascii_only, mouse=not no_mouse, plain=plain))


@click.command(short_help="The themes there are.")
def themes() -> int:
    """List the themes: the bundled ones and your own, and what is wrong with those that can't be used."""
    from tttui.errors import TttuiError
    from tttui.safe import safe
    from tttui.tui import theme

    failed = False
    for source in theme.sources():
        try:
            found = theme.read(source)
            text = f"{source.name:<18} {found.sort:<11} {found.title}" + (f"  ({source.where})" if source.own else "")
        except TttuiError as error:
            failed = True
            text = f"{source.name:<18} {'broken':<11} {error}"
        sys.stdout.write(safe(text) + "\n")
    sys.stdout.write(f"Your own go into {safe(str(theme.user_directory()))}\n")
    return 1 if failed else 0


def choose() -> int:
    """`tttui` alone: the recordings there are, to choose one from."""
    from tttui.tui import start
    from tttui.tui.chooser import chosen

    wishes = start.looks()
    path = chosen(wishes)
    return 0 if path is None else start.view(path, "", wishes)
