"""Starting the viewer: what can go wrong is decided before the terminal is taken over."""

import mmap
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tttui.errors import TttuiError, say
from tttui.paths import settings_file

if TYPE_CHECKING:
    from tttui.tui.background import Question
    from tttui.tui.memory import Memory
    from tttui.tui.theme import Theme


@dataclass(frozen=True)
class Looks:
    """How the viewer looks and is controlled: from the command line, the environment, and config.toml's `[tui]`."""

    theme: str = ""
    keys: str = "default"
    own_keys: Mapping[str, str] | None = None
    ascii_only: bool = False
    mouse: bool = True
    plain: bool = False
    """Said in lines instead of painted: for screen readers, and terminals that can't do more."""


def looks(*, theme: str = "", keys: str = "", ascii_only: bool = False, mouse: bool = True, plain: bool = False) -> Looks:
    """The given wishes over those of the settings file."""
    import tomllib

    section: Mapping[str, Any] = {}
    try:
        content = tomllib.loads(settings_file().read_text("utf-8"))
        found = content.get("tui", {})
        section = found if isinstance(found, dict) else {}
    except FileNotFoundError:
        pass
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        say(f"{settings_file()} can't be read: {error}")
    own = section.get("bindings")
    encoding = (sys.stdout.encoding or "").lower().replace("-", "") if sys.stdout is not None else ""
    return Looks(
        theme or str(section.get("theme", "")),
        keys or str(section.get("keys", "default")),
        own if isinstance(own, dict) else None,
        ascii_only or section.get("ascii") is True or encoding in ("ascii", "ansi_x3.41968"),
        mouse and section.get("mouse", True) is not False,
        plain or section.get("plain") is True or bool(os.environ.get("TTTUI_PLAIN")) or os.environ.get("TERM") in ("dumb", "unknown"),
    )


def can_show() -> bool:
    """Whether there is a terminal to show anything on."""
    if sys.stdout is None or not sys.stdout.isatty():
        return False
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        return False
    return True


_ENDING_SECONDS: Final = 0.3
_NUMBER: Final = 8
"""Bytes in which a viewer tells how many stops its program is to go on to."""


def view(recording: str | Path | None, at: str, wishes: Looks, notice: str = "") -> int:
    """Show a recording until the user leaves; gives the exit code. TttuiError where it can't be opened.

    `notice`: what stands on the status line first.
    """
    return _view(recording, at, wishes, notice=notice)


def view_paused(recording: Path, event: int, wishes: Looks) -> int:
    """The same over a program that is paused at an event, and waits for this to end; gives how many stops it is to go on to: 0 to its
    end.
    """
    with mmap.mmap(-1, mmap.PAGESIZE) as told:  # shared with the viewer, which is a process of its own
        _view(recording, str(event), wishes, told=told)
        return int.from_bytes(told[:_NUMBER])


def _view(recording: str | Path | None, at: str, wishes: Looks, *, notice: str = "", told: mmap.mmap | None = None) -> int:
    from tttui.report.opening import open_run
    from tttui.tui import finishing, guard

    finishing.finish(recording)
    # Opened here first, so that what is wrong with it is said on the plain terminal; the viewer opens its own.
    with open_run(recording) as run:
        path = run.path
        position = _position(run, at)
    return guard.run(lambda: _show(path, position, wishes, notice, told), plain=wishes.plain)


def _position(run: Any, at: str) -> int:
    from tttui.report.show import event_at

    if not run.events:
        return 0
    if at in ("", "failure"):
        from tttui.navigation.failure import find_failure

        failure = find_failure(run)
        return failure.raised if failure is not None else run.events - 1
    if at.endswith("%"):
        try:
            return int((run.events - 1) * min(max(float(at[:-1]), 0.0), 100.0) / 100)
        except ValueError:
            raise TttuiError("No such moment", f"--at {at}", "a number, 50%, first, last, exception or failure") from None
    return event_at(run, {"start": "first", "end": "last"}.get(at, at))


def _show(path: Path, position: int, wishes: Looks, said: str, told: mmap.mmap | None) -> int:
    """In the viewer's own process; it tells how many stops the program is to go on to where that is paused."""
    os.environ["TEXTUAL_ANIMATIONS"] = "none"  # read when Textual is imported
    if os.environ.get("SSH_CONNECTION"):
        os.environ.setdefault("TEXTUAL_FPS", "20")
    from tttui.tui.memory import Memory

    memory = Memory.of_the_user()
    question = None if wishes.plain else ask_for_background(wishes.theme, memory)
    # The terminal answers while this is imported.
    from tttui.report.opening import open_run
    from tttui.tui.app import Debugger

    light, typed = background_of(question)
    theme, notice = chosen_theme(wishes.theme, memory, light=light)
    notice = "; ".join(part for part in (said, notice) if part)
    sort: type[Debugger] = Debugger
    if wishes.plain:
        from tttui.tui.spoken import Spoken

        sort = Spoken
    if theme.ansi:
        os.environ.pop("NO_COLOR", None)  # the theme has seen to it: Textual's own way sends greys
    first = path
    goes_on: tuple[Path, int] | None = path, position
    result = 0
    while goes_on is not None:
        path, position = goes_on
        with open_run(path) as run:
            app = sort(
                run, position, theme, notice=notice, ascii_only=wishes.ascii_only, preset=wishes.keys, own_keys=dict(wishes.own_keys or {}),
                memory=memory, live=told is not None and path == first,
            )  # fmt: skip
            app.leave_with_parent()
            app.typed_ahead, typed = typed, ""
            parent = os.getppid()
            _tidy_up_at_hang_up(run, parent)
            answer = app.run(mouse=wishes.mouse and not wishes.plain)
            if os.getppid() != parent:
                _remove_what_is_left(run, parent)
        if app.failed_with is not None:
            raise app.failed_with
        if told is not None:
            told[:_NUMBER] = app.desk.session.stops_ahead.to_bytes(_NUMBER)
        result = answer if isinstance(answer, int) else int(app.return_code or 0)
        theme, goes_on = app.desk.theme, app.goes_on
    return result


def _tidy_up_at_hang_up(run: Any, parent: int) -> None:
    """Where a hang-up ends this viewer and its parent, see to what the parent can't see to any more."""

    def hung_up(number: int, frame: object) -> None:
        give_up = time.monotonic() + _ENDING_SECONDS
        while os.getppid() == parent and time.monotonic() < give_up:
            time.sleep(0.01)  # it may be just ending
        if os.getppid() != parent:
            _remove_what_is_left(run, parent)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    signal.signal(signal.SIGHUP, hung_up)


def _remove_what_is_left(run: Any, parent: int) -> None:
    """The parent was killed: if the checkpoints were its, what led to them leads nowhere now."""
    from tttui.paths import shared_ring_directory
    from tttui.record.rings import maker_of, remove_sockets

    path = Path(str(run.meta.get("checkpoints") or ""))
    if path.parent == shared_ring_directory() and maker_of(path) == parent:
        remove_sockets(path)


def ask_for_background(name: str, memory: "Memory") -> "Question | None":
    """Ask the terminal for its background, where the theme depends on it and nothing else tells it."""
    from tttui.tui import background
    from tttui.tui import theme as themes

    if name or memory.theme or os.environ.get("TTTUI_THEME") or os.environ.get("COLORFGBG"):
        return None
    if themes.fitting() != themes.DEFAULT_DARK or not background.worth_asking():
        return None
    try:
        return background.Question()
    except OSError:
        return None


def background_of(question: "Question | None") -> tuple[bool | None, str]:
    """(whether it is light, what was typed meanwhile); None: not known."""
    if question is None:
        return None, ""
    light = question.is_light()
    if question.is_open:
        from tttui.tui import background

        background.leave_out_late_answers()
    return light, question.typed


def chosen_theme(name: str, memory: "Memory", *, light: bool | None = None) -> "tuple[Theme, str]":
    """(the theme, what there is to say): the one that was asked for, else one that fits the terminal, of full colours the one
    that was chosen last. One that can't be used gives way to the usual one. `light`: what the terminal says of its background.
    """
    from tttui.tui import theme as themes

    fitting = themes.fitting()
    if light and fitting == themes.DEFAULT_DARK:
        fitting = themes.DEFAULT_LIGHT
    wanted = name or (memory.theme if fitting in (themes.DEFAULT_DARK, themes.DEFAULT_LIGHT) and memory.theme else fitting)
    try:
        return themes.load(wanted), ""
    except TttuiError as error:
        return themes.load(themes.DEFAULT_DARK), str(error)
