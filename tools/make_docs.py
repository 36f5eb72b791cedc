"""Writes the pages of docs/ that are made from the code. A test checks that they are current.

python tools/make_docs.py
"""

import sys
from pathlib import Path
from typing import Final

import click

ROOT: Final = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from code_pages import architecture_page, format_page
from keys_page import keys_page
from shell_page import shell_page

from tttui.cli_group import cli
from tttui.report.views import EXAMPLES, VIEWS

WIDTH: Final = 100
"""Columns of the help texts."""

QUERY_BEGINNING: Final = """\
# SQL over a recording

    tttui query [RUN] SQL [--json|--csv|--table]

One read-only `SELECT` over the views below. `RUN` is a recording; without it, the newest one. On a terminal the answer is a
table; elsewhere it is JSON: an array with one object per row. `--csv` writes a header first.

The statement runs in a private, temporary database, never in the recording. What a view reads from the event stream is
expanded for the statement that asks for it: about two seconds for a million lines, five for a million changes. Ctrl-C stops
it at any time, and `--timeout SECONDS` gives up by itself.

## How values look

- Numbers are SQL numbers (an integer too large for SQLite is text), text is text, so `new > 100` and `new = 'abc'` work.
- `None`, `True` and everything else is text as Python writes it: `'None'`, `'[1, 2, 3]'`, `'Point(x=1, y=2)'`. What was cut ends in
  `…`. The `_type` column beside a value tells `'None'` from `None`, and the `_object` column has the identity of an object.
- SQL `NULL` means that there is no value: a variable that was not bound, a call that hasn't returned.
- `calls.arguments` is a JSON object: `json_extract(arguments, '$.n')`.

In JSON output everything is exact. In CSV and tables, control characters are shown by pictures (`␛`), and in CSV a text that a
spreadsheet would take for a formula has a `'` before it.

## Questions

"""

CLI_BEGINNING: Final = """\
# The command line

What `--help` says, for every command.

Exit codes: `tttui record` ends as the program did (128+N for a signal). 2: a mistake on the command line, or a file that
can't be read; 125: tttui itself failed; 126, 127: the interpreter can't be executed, isn't there.

"""


def query_page() -> str:
    """docs/query.md."""
    page = [QUERY_BEGINNING]
    page += [f"{question}\n\n    {sql}\n\n" for question, sql in EXAMPLES]
    page.append("## The views\n")
    for view in VIEWS:
        page.append(f"\n### {view.name}\n\nA row is {view.row}.\n\n| column | type | meaning |\n|---|---|---|\n")
        page += [f"| `{column.name}` | {column.type} | {column.meaning} |\n" for column in view.columns]
    return "".join(page)


def cli_page() -> str:
    """docs/cli.md."""
    page = [CLI_BEGINNING, _help(cli, "tttui", None)]
    context = click.Context(cli, info_name="tttui", **cli.context_settings)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        page.append(f"\n## tttui {name}\n\n{_help(command, name, context)}")
    return "".join(page)


def _help(command: click.Command, name: str, parent: click.Context | None) -> str:
    context = click.Context(command, info_name=name, parent=parent, terminal_width=WIDTH, **command.context_settings)
    return f"```\n{command.get_help(context).rstrip()}\n```\n"


def pages() -> dict[Path, str]:
    """Every page that is made here, with its text."""
    docs = ROOT / "docs"
    return {
        docs / "query.md": query_page(),
        docs / "cli.md": cli_page(),
        docs / "shell.md": shell_page(),
        docs / "keys.md": keys_page(),
        docs / "architecture.md": architecture_page(ROOT),
        docs / "format.md": format_page(ROOT),
    }


def main() -> None:
    """Write them all."""
    for path, text in pages().items():
        path.write_text(text)


if __name__ == "__main__":
    main()
