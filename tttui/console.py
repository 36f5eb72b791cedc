"""How an error is shown to a person: through rich, which obeys NO_COLOR."""

from tttui.errors import TttuiError
from tttui.safe import safe


def report(error: TttuiError) -> None:
    """Print what is wrong on one line of stderr, and below it what to do."""
    from rich.console import Console  # loaded where something is wrong: a recording begins without it
    from rich.text import Text

    text = Text.assemble(("tttui: ", "bold red"), (safe(error.title), "bold"))
    if error.what:
        text.append(f": {safe(error.what)}")
    if error.hint:
        text.append(f"\n  {safe(error.hint)}", "dim")
    try:
        Console(stderr=True, soft_wrap=True, highlight=False).print(text)
    except OSError:
        pass  # nobody reads stderr
