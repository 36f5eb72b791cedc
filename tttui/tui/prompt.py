"""The prompt row: one line to type in, in place of the status line. Never a window."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.events import Key
from textual.message import Message
from textual.widgets import Input
from textual.widgets.input import Selection

from tttui.safe import safe
from tttui.tui.unbroken import Unbroken

_BETWEEN_WORDS: Final = " \t+-*/%=<>()[]{},!|&^~"
_CLOSING: Final = {"enter": True, "ctrl+j": True, "escape": False, "ctrl+c": False}
"""Keys that close it, and whether they answer. Enter is Ctrl+J where it was typed before the viewer took the terminal over."""


@dataclass(frozen=True)
class Question:
    """What is asked, and what is done with the answer."""

    sign: str
    """What stands before the answer."""
    answer: Callable[[str], None]
    changed: Callable[[str], None] | None = None
    """Called with each change: for what is shown while typing."""
    cancelled: Callable[[], None] | None = None
    initial: str = ""
    replaced: bool = False
    """Whether what is typed takes the place of what stands there first, unless the cursor is moved before."""
    sort: str = ""
    """Answers of one sort share a history."""
    keys: dict[str, Callable[[], None]] = field(default_factory=dict)
    """Keys that do something else while it is open."""
    completes: Callable[[str], Sequence[str]] | None = None
    """What the last word of a text could become: for Tab."""


class Prompt(Unbroken, Input):
    """One row."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+c", "cancel", "cancel", show=False)]

    @dataclass
    class Closed(Message):
        """The prompt has been closed."""

    def __init__(self) -> None:
        super().__init__(id="prompt", compact=True, select_on_focus=False)
        self.cursor_blink = False
        self.question: Question | None = None
        self._histories: dict[str, list[str]] = {}
        self._recalled = 0
        self._offered: tuple[str, Sequence[str], int] = ("", (), 0)
        """(what stands before the word that Tab completes, what it could become, which of that is next)"""
        self.offers: Callable[[Sequence[str]], None] | None = None
        """Told what the last word could become, as soon as that is asked for; nothing: that is over."""
        self.echo: Callable[[str], None] | None = None
        """Told of every change, where what is typed isn't seen."""

    def open(self, question: Question) -> None:
        self.question = question
        self._recalled = 0
        self._offered = "", (), 0
        self.value = question.initial
        self.placeholder = ""
        self.cursor_position = len(self.value)
        if question.replaced and self.value:
            self.selection = Selection(0, len(self.value))

    def validate_value(self, value: str) -> str:
        """Attributes may have any name: what comes from a recording is shown as everywhere, and not obeyed by the terminal."""
        return safe(value)

    @property
    def history(self) -> list[str]:
        return self._histories.setdefault(self.question.sort if self.question is not None else "", [])

    def action_cancel(self) -> None:
        question, self.question = self.question, None
        self.app.call_later(self._cancel, question)

    def _cancel(self, question: Question | None) -> None:
        self.post_message(self.Closed())
        if question is not None and question.cancelled is not None:
            question.cancelled()

    async def action_submit(self) -> None:
        question, self.question = self.question, None
        if question is not None:
            self.app.call_later(self._submit, question, self.value)

    def _submit(self, question: Question, text: str) -> None:
        history = self._histories.setdefault(question.sort, [])
        if text and text not in history[-1:]:
            history.append(text)
        self.post_message(self.Closed())
        question.answer(text)

    def _complete(self, step: int) -> None:
        """What the word could become: first as far as that is common to all, then each of it in turn."""
        before, found, index = self._offered
        if found and self.value in (before + one for one in (found[index], _common(found))):
            index = (index + step) % len(found) if self.value == before + found[index] else 0
            self._offer(before, found, index, found[index])
            return
        text = self.value[: self.cursor_position]
        if self.question is None or self.question.completes is None or self.cursor_position < len(self.value):
            return
        could_be = self.question.completes(text)
        for between in (" ", _BETWEEN_WORDS):  # commands have hyphens in them
            start = max(map(text.rfind, between)) + 1
            found = [one for one in could_be if one.startswith(text[start:]) and one.isprintable()]
            if found:
                self._offer(text[:start], found, 0, _common(found))
                return

    def _offer(self, before: str, found: Sequence[str], index: int, word: str) -> None:
        self._offered = before, found, index
        self.value = before + word
        self.cursor_position = len(self.value)
        if self.offers is not None:
            self.offers(found if len(found) > 1 else ())

    def _end_offers(self) -> None:
        before, found, index = self._offered
        if found and self.value not in (before + found[index], before + _common(found)):
            self._offered = "", (), 0
            if self.offers is not None:
                self.offers(())

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._end_offers()
        if self.echo is not None:
            self.echo(event.value)
        if self.question is not None and self.question.changed is not None:
            self.question.changed(event.value)

    async def on_key(self, event: Key) -> None:
        if self.question is None:
            # Closed, with the focus about to move: a key that was typed so soon is for whoever has it then.
            event.prevent_default()
            event.stop()
            self.app.post_message(Key(event.key, event.character))
        elif event.key in _CLOSING and event.key not in self.question.keys:
            # Here, and not as bindings: those are looked up so late that the next key would have been typed into the answer.
            event.prevent_default()
            event.stop()
            if _CLOSING[event.key]:
                await self.action_submit()
            else:
                self.action_cancel()
        elif event.key in self.question.keys:
            event.prevent_default()
            event.stop()
            self.question.keys[event.key]()
        elif event.key in ("tab", "shift+tab"):
            event.prevent_default()  # it would take the focus away
            event.stop()
            self._complete(-1 if event.key == "shift+tab" else 1)
        elif event.key in ("up", "down") and self.history:
            event.prevent_default()
            event.stop()
            self._recalled = min(max(self._recalled + (1 if event.key == "up" else -1), 0), len(self.history))
            self.value = self.history[-self._recalled] if self._recalled else ""
            self.cursor_position = len(self.value)
        elif event.key == "backspace" and not self.value:
            event.prevent_default()
            event.stop()
            self.action_cancel()


def _common(words: Sequence[str]) -> str:
    """What all of them begin with."""
    first, last = min(words), max(words)
    return first[: next((place for place, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))]
