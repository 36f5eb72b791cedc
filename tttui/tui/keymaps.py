"""Which key does what: presets, and a user's own keys over them."""

from collections.abc import Mapping
from typing import Final

from tttui.tui.actions import ACTIONS, BY_NAME, KEYS_AS_WRITTEN

PRESETS: Final[Mapping[str, Mapping[str, str]]] = {
    "default": {},
    # gdb's single keys (SingleKey mode of its TUI): v is `info locals`, w `where`; changes are r and R there.
    "gdb": {
        "locals_pane": "v", "stack_pane": "w", "graph": "V shift+v", "next_write": "r", "last_write": "R shift+r", "output_screen": "o",
    },
    # pudb's: r is `return`, V, S and B go to the variables, the stack and the breakpoints, H to where we are.
    "pudb": {
        "finish": "r f", "back_finish": "R F shift+r shift+f", "locals_pane": "V shift+v", "stack_pane": "S shift+s",
        "back_step": "I shift+i", "here": "H shift+h", "history": "ctrl+y",
    },
    "vscode": {
        "continue": "c f5", "back_continue": "C shift+c shift+f5", "next": "n f10", "back_next": "N shift+n shift+f10", "step": "s f11",
        "finish": "f shift+f11", "breakpoint": "b f9", "palette": "ctrl+p f1", "help": "question_mark",
    },
}  # fmt: skip


def keys(preset: str = "default", own: Mapping[str, str] | None = None) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """(the keys of every action, what is wrong with the wishes): a key that two actions want goes to the one asked for."""
    problems = [] if preset in PRESETS else [f"there is no key map {preset!r}: {', '.join(PRESETS)}"]
    wishes = {name: text for name, text in PRESETS.get(preset, {}).items() if name in BY_NAME}
    for name, text in (own or {}).items():
        if name not in BY_NAME:
            problems.append(f"there is no action {name!r} to give keys to")
        else:
            wishes[name] = str(text)
    found = {
        action.name: tuple(key for word in wishes[action.name].split() for key in written(word)) if action.name in wishes else action.keys
        for action in ACTIONS
    }
    owners: dict[str, str] = {}
    for name in [*wishes, *(action.name for action in ACTIONS if action.name not in wishes)]:
        kept = []
        for key in found[name]:
            owner = owners.setdefault(key, name)
            if owner == name:
                kept.append(key)
            elif name in wishes:
                problems.append(f"{key} is wanted by {owner} and by {name}: {owner} has it")
        if found[name] and not kept and name not in wishes:
            problems.append(f"{name} has no key any more: {owners[found[name][0]]} has {found[name][0]}")
        found[name] = tuple(kept)
    return found, problems


def written(key: str) -> tuple[str, ...]:
    """What Textual calls a key, however a person writes it: ``]``, ``Ctrl+X``, ``F10``, ``PgDn``; ``N`` may come as ``shift+n``."""
    *modifiers, last = key.split("+") if key not in KEYS_AS_WRITTEN else (key,)
    last = KEYS_AS_WRITTEN.get(last, last)
    if modifiers or (last[:1] == "F" and last[1:].isdigit()):
        return ("+".join([*modifiers, last]).lower(),)
    return (last, f"shift+{last.lower()}") if len(last) == 1 and last.isupper() else (last,)
