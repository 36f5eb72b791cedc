"""docs/shell.md, made from the command table."""

from collections.abc import Iterator
from typing import Final

from tttui.shell.table import GROUPS, Command, commands

BEGINNING: Final = """\
# The shell

    tttui shell [RUN] [-x COMMAND]... [-i] [--at EVENT] [--json]

A line interface to a recording, for terminals that can do nothing but print, for scripts, for CI and for other programs.
`RUN` is a recording's path; without it, the newest one. The shell begins where the program failed, else at its end.

The commands have the names that users of gdb and pdb type, and every movement has its exact reverse. The beginning of a name is
enough where only one command has it. A repeat count goes before or behind a command (`20 back`, `next 3`), and an empty line does
the last movement again. Tab completes commands, names, functions and files; what was typed is kept for the next time. `#` begins a
comment.

    $ tttui shell run.db -x "last total" -x "why total"
    $ tttui shell run.db --json < questions.txt
    $ tttui shell
    (1,204) b orders.py:86 if price < 0
    (1,204) rc

With `-x` (several times, if wanted) or a script on standard input, the first mistake ends it. The exit code is that of the last
command: 0; 1 where it found nothing or could not move; 2 for a mistake.

With `--json` every command prints one object on a line of its own. What moves gives the object of `tttui show --json` with `stop`
beside it: why it stands where it stands. Values have the form that they have there. What comes in rows is an array (`writes`, `hops`,
`hits`, `found` ...), written as it is found. A mistake is an object with `error`, and perhaps `detail` and `hint`.

What a recording holds is never obeyed by the terminal: control characters in it are shown as pictures (`␛`).

## Expressions

Conditions, watches and `print` take Python's expressions over the values that were recorded: names, attributes, items, slices,
operators, comprehensions, conditional expressions, f-strings, `lambda`, the builtins without effects (`len`, `sorted`, `sum`,
`isinstance`, `type` ...), and methods of texts, numbers and containers that change nothing. `$1` is a pinned object, `$returned` what
a return hands out, `$exception` what is raised. No code of the program runs, and an expression is bounded in time and memory.

- `needs a checkpoint`: only the live object could tell: a method or property of a class of the program, its `==`, its truth.
- `not recorded: cut by --max-items`: the recording doesn't hold it, and why.
- `(unchecked)`: it may have changed since it was recorded, in code that isn't.

"""


def shell_page() -> str:
    """The text of docs/shell.md."""
    return BEGINNING + "".join(_group(group) for group in GROUPS)


def _group(group: str) -> str:
    rows = "".join(_row(entry) for entry in commands() if entry.group == group)
    return f"## {group}\n\n| command | what it does |\n|---|---|\n{rows}\n"


def _row(entry: Command) -> str:
    names = ", ".join(f"`{name}`" for name in (entry.name, *entry.aliases))
    usage = f" `{_escaped(entry.usage)}`" if entry.usage else ""
    return f"| {names}{usage} | {_escaped('<br>'.join(_lines(entry)))} |\n"


def _lines(entry: Command) -> Iterator[str]:
    for line in entry.help.splitlines():
        yield line.replace("<", "&lt;").replace(">", "&gt;")


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
