"""Commands about the shell itself."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rich.text import Text

from tttui.shell.answers import Answer, said
from tttui.shell.arguments import UsageError, split_word
from tttui.shell.table import GROUPS, Command, Request, command, commands, find

if TYPE_CHECKING:
    from tttui.shell.session import Session

_SETTINGS: Final = {
    "threads": ("across_threads", "follow", "stay", "moves follow time through all threads (follow), or stay in one (stay)"),
    "step": ("by_line", "line", "statement", "step and next go by line, or by statement where one spans lines"),
}
"""Setting: (attribute of the navigator, value that turns it on, value that turns it off, what it does)."""


@command("set", "Session", "threads follow|stay | step line|statement")
def set_(session: "Session", request: Request) -> Answer:
    """Change how moves go; without arguments, show how.
    threads: follow time through all threads, or stay in one. step: by line, or by statement where one spans lines.
    """
    word, value = split_word(request.arguments)
    if word and word not in _SETTINGS:
        raise UsageError(f"there is no setting {word!r}", hint=f"one of {', '.join(_SETTINGS)}")
    if word:
        attribute, on, off, _ = _SETTINGS[word]
        if value not in (on, off):
            raise UsageError(f"{word} is {on} or {off}", value)
        setattr(session.navigator, attribute, value == on)
    now = {name: on if getattr(session.navigator, attribute) else off for name, (attribute, on, off, _) in _SETTINGS.items()}
    return Answer({"settings": now}, [Text(f"{name} {now[name]}  ({_SETTINGS[name][3]})") for name in ([word] if word else _SETTINGS)])


@command("help h ?", "Session", "[COMMAND]", completes="command")
def help_(session: "Session", request: Request) -> Answer:
    """Show all commands, or what one does."""
    word = request.arguments.strip()
    if word:
        entry = find(word)
        return Answer({"about": command_json(entry)}, _one_help(entry))
    return Answer({"commands": [command_json(entry) for entry in commands()]}, _all_help())


def command_json(entry: Command) -> dict[str, object]:
    """A command as an object."""
    return {
        "name": entry.name, "aliases": list(entry.aliases), "group": entry.group, "usage": entry.usage, "help": entry.help,
        "repeats": entry.repeats,
    }  # fmt: skip


def _one_help(entry: Command) -> Iterator[Text]:
    yield Text.assemble((entry.name, "bold"), f" {entry.usage}")
    if entry.aliases:
        yield Text(f"also: {', '.join(entry.aliases)}", "dim")
    for line in entry.help.splitlines():
        yield Text(f"  {line}")
    if entry.repeats:
        yield Text("  An empty line does it again.", "dim")


def _all_help() -> Iterator[Text]:
    for group in GROUPS:
        yield Text(group, "bold")
        for entry in commands():
            if entry.group == group:
                names = " ".join((entry.name, *entry.aliases))
                yield Text.assemble((f"  {names:<26} ", "cyan"), entry.short_help)
    yield Text("A count goes before or behind a command: 20 back, next 3. help COMMAND says more.", "dim")


@command("quit q exit", "Session")
def quit_(session: "Session", request: Request) -> Answer:
    """Leave the shell."""
    answer = said("")
    answer.texts, answer.json, answer.quit = (), {}, True
    return answer
