"""Keys that are no actions by themselves: repeat counts, the digits of panes, the letters of marks."""

from typing import Final

from textual.events import Key
from textual.timer import Timer

from tttui.tui.layouts import PANES
from tttui.tui.part import Part

_DIGIT_WAITS: Final = 0.5
"""Seconds after which a single digit is the number of a pane, not the beginning of a count."""
_LARGEST_COUNT: Final = 10**9


class Counting(Part):
    """The part of `Debugger` that counts."""

    _count: str = ""
    _digit: Timer | None = None
    _letter: str = ""
    """What the next key, a letter, is for."""

    @property
    def is_counting(self) -> bool:
        return bool(self._count)

    @property
    def awaits_letter(self) -> bool:
        return bool(self._letter)

    def takes(self, event: Key) -> bool:
        """Take a key that is a digit or a letter for something; whether it was."""
        if self._letter:
            self._take_letter(event)
        elif event.key.isdigit() and len(event.key) == 1 and (self._count or event.key != "0"):
            self._take_digit(event.key)
        else:
            return False
        return True

    def counted(self) -> int:
        """The count that was typed, which is over with that; 1 where there was none."""
        count = min(int(self._count or "1"), _LARGEST_COUNT)
        self.forget_count()
        return count

    def _take_digit(self, digit: str) -> None:
        """A digit begins a repeat count; one alone, with nothing behind it for a while, is a pane's number."""
        app = self._app
        self._count += digit
        if self._digit is not None:
            self._digit.stop()
            self._digit = None
        if len(self._count) == 1 and digit != "0":
            self._digit = app.set_timer(_DIGIT_WAITS, self._digit_is_a_pane)
        else:
            app.say(f"{self._count} times …")

    def _digit_is_a_pane(self) -> None:
        app = self._app
        number = int(self._count or "0")
        self.forget_count()
        if 1 <= number <= len(PANES):
            app.activate_by_name(PANES[number - 1])

    def forget_count(self) -> None:
        self._count = ""
        if self._digit is not None:
            self._digit.stop()
            self._digit = None

    def await_letter(self, purpose: str) -> None:
        """The next key is the name of a mark."""
        app = self._app
        self._letter = purpose
        known = " ".join(sorted(app.desk.notebook.marks))
        app.say("mark with which letter?" if purpose == "mark" else f"to which mark? {known}")

    def _take_letter(self, event: Key) -> None:
        app = self._app
        purpose, self._letter = self._letter, ""
        character = event.character or ""
        if not character.isalnum():
            app.say("")
        elif purpose == "mark":
            app.mark(character)
        else:
            app.to_mark(character)
