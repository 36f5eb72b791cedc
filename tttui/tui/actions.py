"""Every action once: its name, keys, help and what it calls. Footer, help, palette, key maps and docs/keys.md are made from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from tttui.tui import moments

if TYPE_CHECKING:
    from tttui.tui.app import Debugger

Group = Literal["Moving", "Events", "Asking", "Stopping", "Places", "Timeline", "In a pane", "Panes", "Session"]
GROUPS: Final[tuple[Group, ...]] = ("Moving", "Events", "Asking", "Stopping", "Places", "Timeline", "In a pane", "Panes", "Session")


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done."""

    name: str
    keys: tuple[str, ...]
    """As Textual calls them."""
    short: str
    """For the footer and the palette."""
    help: str
    group: Group
    run: Callable[["Debugger", int], None]
    """Takes the repeat count; 1 where none was typed."""
    back: str = ""
    """The action that is the same thing backwards."""
    moves: Literal["", "back", "forward"] = ""
    """Off at the first or the last event."""


def _action(
    name: str, keys: str, short: str, help: str, group: Group, run: Callable[["Debugger", int], None], back: str = "",
    moves: Literal["", "back", "forward"] = "",
) -> Action:  # fmt: skip
    return Action(name, tuple(keys.split()), short, help, group, run, back, moves)


ACTIONS: Final[tuple[Action, ...]] = (
    # -- by the program's structure
    _action("next", "n f10", "step", "over: to the next statement of this call, over the calls it makes", "Moving",
            lambda app, count: app.move(lambda navigator: navigator.next(count)), "back_next", "forward"),
    _action("back_next", "N shift+n", "step back", "over, backwards", "Moving",
            lambda app, count: app.move(lambda navigator: navigator.next(count, back=True)), moves="back"),
    _action("step", "s f11", "into", "into: to the next statement, into calls", "Moving",
            lambda app, count: app.step(count), "back_step", "forward"),
    _action("back_step", "S shift+s", "into, back", "into, backwards", "Moving",
            lambda app, count: app.move(lambda navigator: navigator.step(count, back=True)), moves="back"),
    _action("finish", "f shift+f11", "out", "out: to where this call ends", "Moving",
            lambda app, count: app.move(lambda navigator: navigator.finish(count)), "back_finish", "forward"),
    _action("back_finish", "F shift+f", "to its call", "out, backwards: to where this call began", "Moving",
            lambda app, count: app.move(lambda navigator: navigator.finish(count, back=True)), moves="back"),
    _action("continue", "c f5", "continue", "to the next hit of a breakpoint or watchpoint", "Moving",
            lambda app, count: app.continue_(count, back=False), "back_continue", "forward"),
    _action("back_continue", "C shift+c", "continue back", "to the previous hit of a breakpoint or watchpoint", "Moving",
            lambda app, count: app.continue_(count, back=True), moves="back"),
    _action("until", "t", "to the cursor line", "to where the cursor line runs, or this call ends", "Moving",
            lambda app, count: app.until(back=False), "back_until", "forward"),
    _action("back_until", "T shift+t", "back to the cursor line", "back to where the cursor line ran, or this call began", "Moving",
            lambda app, count: app.until(back=True), moves="back"),
    _action("up", "u", "caller's frame", "select the caller's frame; time stands still", "Moving",
            lambda app, count: app.move(lambda navigator: navigator.up(count))),
    _action("down", "d", "called frame", "select the frame that this one called", "Moving",
            lambda app, count: app.move(lambda navigator: navigator.down(count))),
    # -- by what happened
    _action("next_write", "w", "next change", "to the next write of the selected value", "Events",
            lambda app, count: app.write(count, back=False), "last_write", "forward"),
    _action("last_write", "W shift+w", "last change", "to the last write of the selected value: who set it?", "Events",
            lambda app, count: app.write(count, back=True), moves="back"),
    _action("next_exception", "e", "exception", "to the next exception", "Events",
            lambda app, count: app.move(lambda navigator: navigator.exception("", count)), "back_exception", "forward"),
    _action("back_exception", "E shift+e", "exception before", "to the previous exception", "Events",
            lambda app, count: app.move(lambda navigator: navigator.exception("", count, back=True)), moves="back"),
    _action("next_hit", "full_stop", "next run of the line", "to the next run of the cursor line, or the next result or row of a search",
            "Events",
            lambda app, count: app.hit(count, back=False), "back_hit", "forward"),
    _action("back_hit", "comma", "run of the line before", "to the previous run of the cursor line, or the previous result or row",
            "Events",
            lambda app, count: app.hit(count, back=True), moves="back"),
    _action("next_call", "right_curly_bracket", "next call of the function", "to the next call of this function", "Events",
            lambda app, count: app.move(lambda navigator: navigator.call(None, count)), "back_call", "forward"),
    _action("back_call", "left_curly_bracket", "call before", "to the previous call of this function", "Events",
            lambda app, count: app.move(lambda navigator: navigator.call(None, count, back=True)), moves="back"),
    _action("next_checkpoint", "right_square_bracket", "next checkpoint", "to the next checkpoint", "Events",
            lambda app, count: moments.go(app, count, back=False), "back_checkpoint", "forward"),
    _action("back_checkpoint", "left_square_bracket", "checkpoint before", "to the checkpoint before", "Events",
            lambda app, count: moments.go(app, count, back=True), moves="back"),
    _action("end", "greater_than_sign", "end", "to the end of the run", "Events",
            lambda app, count: app.move(lambda navigator: navigator.end()), "start", "forward"),
    _action("start", "less_than_sign", "start", "to the start of the run", "Events",
            lambda app, count: app.move(lambda navigator: navigator.start()), moves="back"),
    _action("failure", "exclamation_mark", "failure", "to the failure: the raise that ended the program", "Events",
            lambda app, count: app.move(lambda navigator: navigator.failure())),
    # -- questions
    _action("why", "y", "why this value", "where the selected value came from, hop by hop", "Asking", lambda app, count: app.why()),
    _action("why_not", "Y shift+y", "why not this line", "why the cursor line did not run", "Asking", lambda app, count: app.why_not()),
    _action("print", "p", "print", "print an expression here", "Asking", lambda app, count: app.ask("print")),
    _action("print_all", "P shift+p", "print over all hits", "an expression at every run of the cursor line", "Asking",
            lambda app, count: app.ask("print_all")),
    _action("diff", "D shift+d", "diff", "what is different from a mark", "Asking", lambda app, count: app.ask("diff")),
    _action("search", "slash", "search", "search: the rows of the pane as you type; from the source the file, with Enter the whole run",
            "Asking",
            lambda app, count: app.ask("search")),
    _action("first_true", "i", "first time true", "to where the selected watch, or an expression, became true for the first time", "Asking",
            lambda app, count: app.first_true()),
    _action("turns", "", "all times true", "every moment at which an expression became true, or was no longer", "Asking",
            lambda app, count: app.ask("turns")),
    _action("pin", "dollar_sign", "pin", "pin the selected object as $1, $2 …", "Asking", lambda app, count: app.pin()),
    _action("enter_moment", "K shift+k", "real objects",
            "enter this moment: real objects, in a copy of the program, for :eval and :exec", "Asking",
            lambda app, count: moments.enter(app)),
    _action("leave_moment", "J shift+j", "leave", "leave the moment that was entered", "Asking", lambda app, count: moments.leave(app)),
    _action("resume", "r ctrl+r", "go on", "where the program is paused live: it goes on to its next stop (q: to its end)", "Asking",
            lambda app, count: moments.resume(app, count)),
    _action("universes", "U shift+u", "checkpoints and universes",
            "the checkpoints that there are, and the other universes: where they part; Enter opens one", "Asking",
            lambda app, count: moments.show(app)),
    # -- breakpoints and watches
    _action("breakpoint", "b", "breakpoint", "a breakpoint on the cursor line; again: its condition, count and log", "Stopping",
            lambda app, count: app.breakpoint_here()),
    _action("breakpoints", "B shift+b", "breakpoints", "the list of breakpoints and watches", "Stopping",
            lambda app, count: app.activate_by_name("stops")),
    _action("watch", "x", "watch", "watch an expression", "Stopping", lambda app, count: app.ask("watch")),
    _action("remove", "delete", "remove", "remove the breakpoint of the cursor line, the selected breakpoint, watch or mark", "Stopping",
            lambda app, count: app.remove_row()),
    # -- places
    _action("undo", "backspace", "undo", "back to before the last jump", "Places",
            lambda app, count: app.move(lambda navigator: navigator.backward(count))),
    _action("redo", "backslash", "redo", "forward again", "Places",
            lambda app, count: app.move(lambda navigator: navigator.forward(count))),
    _action("mark", "m", "mark", "mark this moment: a letter, a note", "Places", lambda app, count: app.await_letter("mark")),
    _action("to_mark", "apostrophe", "go to a mark", "to the mark of a letter", "Places", lambda app, count: app.await_letter("to_mark")),
    _action("marks", "M shift+m", "notebook", "the notebook: all marks", "Places", lambda app, count: app.list_marks()),
    _action("history", "H shift+h", "history", "where we have been", "Places", lambda app, count: app.list_history()),
    _action("command", "colon", "command", "a command as `tttui shell` takes it, or a place: 12345, 50%, file.py:88, -100", "Places",
            lambda app, count: app.ask("command")),
    # -- timeline
    _action("zoom_in", "plus equals_sign", "zoom in", "zoom the timeline in", "Timeline", lambda app, count: app.timeline.zoom(0.5**count)),
    _action("zoom_out", "minus", "zoom out", "zoom the timeline out", "Timeline", lambda app, count: app.timeline.zoom(2.0**count)),
    _action("zoom_fit", "0", "whole run", "the whole run in the timeline", "Timeline", lambda app, count: app.timeline.fit()),
    _action("graph", "v", "other graph", "what the height of the timeline shows: depth, calls, events per second", "Timeline",
            lambda app, count: app.next_graph()),
    _action("scrub_back", "shift+left", "scrub back ×10", "scrub back ten columns", "Timeline",
            lambda app, count: app.timeline.fold(10 * count)),
    _action("scrub", "shift+right", "scrub ×10", "scrub on ten columns", "Timeline", lambda app, count: app.timeline.unfold(10 * count)),
    # -- in a pane
    _action("row_down", "j down", "down", "the row below", "In a pane", lambda app, count: app.active.motion("down", count)),
    _action("row_up", "k up", "up", "the row above", "In a pane", lambda app, count: app.active.motion("up", count)),
    _action("fold", "h left", "fold", "fold; in the timeline: scrub back; in the source: shift long lines", "In a pane",
            lambda app, count: app.active.fold(count)),
    _action("unfold", "l right", "unfold", "unfold; in the timeline: scrub on; in the source: shift long lines", "In a pane",
            lambda app, count: app.active.unfold(count)),
    _action("first", "g home", "first row", "the first row", "In a pane", lambda app, count: app.active.motion("first", count)),
    _action("last", "G shift+g end", "last row", "the last row", "In a pane", lambda app, count: app.active.motion("last", count)),
    _action("page_down", "ctrl+d pagedown", "page down", "half a page down", "In a pane",
            lambda app, count: app.active.motion("page_down", count)),
    _action("page_up", "ctrl+u pageup", "page up", "half a page up", "In a pane", lambda app, count: app.active.motion("page_up", count)),
    _action("enter", "enter", "do", "what the row is for: go to its moment, select its frame, unfold it", "In a pane",
            lambda app, count: app.active.enter()),
    _action("toggle", "space", "unfold", "unfold or fold", "In a pane", lambda app, count: app.active.toggle()),
    _action("sort", "a", "sort by age", "the locals by when they last changed, or as they come", "In a pane",
            lambda app, count: app.sort_locals()),
    _action("here", "", "show where we are", "put the cursor on the current line", "In a pane", lambda app, count: app.show_here()),
    # -- panes
    _action("next_pane", "tab", "next pane", "the next pane; a digit goes to the pane of that number", "Panes",
            lambda app, count: app.next_pane(1)),
    _action("previous_pane", "shift+tab", "pane before", "the pane before", "Panes", lambda app, count: app.next_pane(-1)),
    _action("locals_pane", "", "locals", "go to the locals", "Panes", lambda app, count: app.activate_by_name("locals")),
    _action("stack_pane", "", "stack", "go to the stack", "Panes", lambda app, count: app.activate_by_name("stack")),
    _action("maximise", "z", "maximise", "the pane alone, or all of them again", "Panes", lambda app, count: app.maximise()),
    _action("hide_pane", "Z shift+z", "hide", "hide the pane, from now on; its digit shows it again", "Panes",
            lambda app, count: app.hide_pane()),
    _action("exchange", "ctrl+x", "exchange", "the pane changes places with the next one", "Panes", lambda app, count: app.exchange_pane()),
    _action("wider", "right_parenthesis ctrl+right", "wider", "a wider pane", "Panes", lambda app, count: app.resize_pane(wider=count),
            "narrower"),
    _action("narrower", "left_parenthesis ctrl+left", "narrower", "a narrower pane", "Panes",
            lambda app, count: app.resize_pane(wider=-count)),
    _action("taller", "circumflex_accent ctrl+up", "taller", "a taller pane", "Panes", lambda app, count: app.resize_pane(taller=count),
            "shorter"),
    _action("shorter", "underscore ctrl+down", "shorter", "a lower pane", "Panes", lambda app, count: app.resize_pane(taller=-count)),
    _action("reset_layout", "", "usual layout", "all panes where and as large as they come", "Panes",
            lambda app, count: app.reset_layout()),
    _action("close", "escape", "close", "close what is open: a count, a search, a pane", "Panes", lambda app, count: app.close_top()),
    # -- session
    _action("output_screen", "o", "output", "what was printed, up to now", "Session", lambda app, count: app.activate_by_name("output")),
    _action("editor", "ctrl+e", "editor", "open the line in $EDITOR", "Session", lambda app, count: app.edit()),
    _action("theme", "ctrl+t", "theme", "try the themes", "Session", lambda app, count: app.list_themes()),
    _action("help", "question_mark f1", "help", "the keys, and what this pane is for", "Session", lambda app, count: app.help()),
    _action("palette", "ctrl+p", "palette", "find an action by its name", "Session", lambda app, count: app.ask("palette")),
    _action("redraw", "ctrl+l", "redraw", "draw the screen again", "Session", lambda app, count: app.redraw()),
    _action("suspend", "ctrl+z", "suspend", "back to the shell; `fg` comes back", "Session", lambda app, count: app.suspend_viewer()),
    _action("quit", "q ctrl+q ctrl+c", "quit", "leave; nothing is lost", "Session", lambda app, count: app.quit()),
)  # fmt: skip

BY_NAME: Final[Mapping[str, Action]] = {action.name: action for action in ACTIONS}
FOOTER: Final[Sequence[str]] = (
    "next",
    "step",
    "finish",
    "continue",
    "next_write",
    "next_exception",
    "until",
    "breakpoint",
    "search",
    "why",
)
"""What the footer shows, as far as there is room; a pair stands together."""
_SIGNS: Final[Mapping[str, str]] = {
    "full_stop": ".", "comma": ",", "right_curly_bracket": "}", "left_curly_bracket": "{", "greater_than_sign": ">", "less_than_sign": "<",
    "right_square_bracket": "]", "left_square_bracket": "[",
    "slash": "/", "dollar_sign": "$", "backslash": "\\", "apostrophe": "'", "colon": ":", "plus": "+", "equals_sign": "=", "minus": "-",
    "question_mark": "?",
    "left_parenthesis": "(", "right_parenthesis": ")", "circumflex_accent": "^", "underscore": "_",
    "exclamation_mark": "!", "space": "Space", "enter": "Enter", "escape": "Esc", "tab": "Tab", "delete": "Del",
    "backspace": "Backspace", "left": "←", "right": "→", "up": "↑", "down": "↓", "pagedown": "PgDn", "pageup": "PgUp",
    "home": "Home", "end": "End",
}  # fmt: skip


KEYS_AS_WRITTEN: Final[Mapping[str, str]] = {sign: key for key, sign in _SIGNS.items()}
"""Keys by how people write them."""


def shown_key(key: str) -> str:
    """A key as people write it."""
    if key in _SIGNS:
        return _SIGNS[key]
    *modifiers, last = key.split("+")
    if modifiers:
        last = _SIGNS.get(last, last.upper() if len(last) == 1 else last.capitalize())
        return "+".join([*(modifier.capitalize() for modifier in modifiers), last])
    return key.upper() if key[:1] == "f" and key[1:].isdigit() else key


def shown_keys(action: Action, keys: Sequence[str]) -> str:
    """The keys of an action for help: ``N`` stands for ``shift+n`` too."""
    shown = [shown_key(key) for key in keys if not (key.startswith("shift+") and key[6:].upper() in keys)]
    return " ".join(dict.fromkeys(shown))
