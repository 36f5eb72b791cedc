"""The page of keys: made from the one table of actions."""

from tttui.tui.actions import ACTIONS, BY_NAME, GROUPS, shown_keys
from tttui.tui.keymaps import PRESETS

_BEGINNING = """\
# Keys of the viewer

A small letter goes forward in time, the same letter with Shift goes back. A count before a key repeats it (`20N`); a single
digit, with nothing behind it for half a second, goes to the pane of that number: 1 source, 2 locals, 3 stack, 4 timeline,
5 calls, 6 output, 7 watches and breakpoints, 8 results, 9 threads and tasks.

Every key has a counterpart for the mouse: a click on a hint of the last row does it, on a title goes to the pane (twice: the
pane alone), on a row selects it (twice: Enter), on the gutter sets a breakpoint; rules and title rows can be dragged, the
timeline scrubbed and, with the wheel, zoomed. Which panes are shown, where and how large is remembered, for each class of sizes.

`tttui open --plain` says in lines of text what happens, with the same keys: for screen readers. So does a terminal that is dumb.

Other keys: `tttui open --keys PRESET` ({presets}), or in config.toml

    [tui]
    keys = "vscode"
    theme = "nord"

    [tui.bindings]
    next = "n F10"                  # as written below, or as Textual calls them

"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def keys_page() -> str:
    """docs/keys.md"""
    parts = [_BEGINNING.format(presets=", ".join(PRESETS))]
    backwards = {action.back for action in ACTIONS if action.back}
    for group in GROUPS:
        parts.append(f"## {group}\n\n| key | back | action | what it does |\n|---|---|---|---|\n")
        for action in ACTIONS:
            if action.group != group or not action.keys or action.name in backwards:
                continue
            back = BY_NAME[action.back] if action.back else None
            shown = f"`{shown_keys(back, back.keys)}`" if back is not None else ""
            parts.append(f"| `{_cell(shown_keys(action, action.keys))}` | {_cell(shown)} | `{action.name}` | {_cell(action.help)} |\n")
        parts.append("\n")
    return "".join(parts).rstrip("\n") + "\n"
