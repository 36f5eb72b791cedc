"""The command table: every command of the shell once, with its names, its help and what completes its arguments."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from tttui.shell.arguments import UsageError

if TYPE_CHECKING:
    from tttui.shell.answers import Answer
    from tttui.shell.session import Session

Completes = Literal["", "name", "place", "function", "breakpoint", "command", "event", "file", "exception"]
"""What an argument may be, for completion."""
Group = Literal["Moving", "Jumping", "Stopping", "Looking", "Asking", "Entering", "Session"]
GROUPS: Final[tuple[Group, ...]] = ("Moving", "Jumping", "Stopping", "Looking", "Asking", "Entering", "Session")


@dataclass(frozen=True, slots=True)
class Request:
    """What was typed: the arguments as one text, and a repeat count before the command, if any."""

    arguments: str
    repeat: int | None = None


Run = Callable[["Session", Request], "Answer"]


@dataclass(frozen=True, slots=True)
class Command:
    """One command."""

    name: str
    aliases: tuple[str, ...]
    group: Group
    usage: str
    """Its arguments."""
    help: str
    """What it does: the first line alone is shown in lists."""
    run: Run
    completes: Completes
    repeats: bool
    """Whether an empty line does it again."""

    @property
    def short_help(self) -> str:
        return self.help.partition("\n")[0]


_COMMANDS: Final[dict[str, Command]] = {}
_NAMES: Final[dict[str, Command]] = {}


def command(names: str, group: Group, usage: str = "", *, completes: Completes = "", repeats: bool = False) -> Callable[[Run], Run]:
    """Puts a function into the table; `names` are its name and its abbreviations, its docstring is the help."""

    def register(run: Run) -> Run:
        name, *aliases = names.split()
        text = "\n".join(line.strip() for line in (run.__doc__ or "").strip().splitlines())
        entry = Command(name, tuple(aliases), group, usage, text, run, completes, repeats)
        _COMMANDS[name] = entry
        for known in (name, *aliases):
            if known in _NAMES:
                raise ValueError(f"two commands are called {known}")
            _NAMES[known] = entry
        return run

    return register


def commands() -> Iterator[Command]:
    """All of them, by group and module, and in the order in which they were defined there: whichever was loaded first."""
    load()
    for group in GROUPS:
        yield from sorted((entry for entry in _COMMANDS.values() if entry.group == group), key=lambda entry: entry.run.__module__)


def names() -> list[str]:
    """Every name and abbreviation."""
    load()
    return sorted(_NAMES)


def find(name: str) -> Command:
    """The command of a name, an abbreviation or the beginning of one name alone; raises `UsageError`."""
    load()
    known = _NAMES.get(name)
    if known is not None:
        return known
    meant = {entry.name: entry for full, entry in _NAMES.items() if full.startswith(name)}
    if len(meant) == 1:
        return next(iter(meant.values()))
    if meant:
        raise UsageError(f"{name!r} could be several commands", ", ".join(sorted(meant)))
    raise UsageError(f"there is no command {name!r}", hint="help lists the commands; p EXPRESSION prints a value")


def load() -> None:
    """Fill the table."""
    # Importing them registers their commands.
    from tttui.shell import asking, calls, comparing, control, entering, jumping, looking, moving, searching, stopping, values, whatif  # noqa: F401 - each registers
