"""Whether the terminal is light or dark: it is asked for the colour of its background (OSC 11), and may not answer.

Behind the question stands another one that every terminal answers (DA1): once that answer is there, none is on its way any
more. Where it isn't there in time, the driver is told to leave out what comes late: it would be taken for keys.
"""

import os
import re
import select
import termios
import time
from collections.abc import Iterable, Mapping
from typing import Any, Final

_QUESTION: Final = b"\x1b]11;?\x07\x1b[c"
_COLOR: Final = re.compile(
    r"\x1b\]11;(?:rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})[^\x07\x1b]*|[^\x07\x1b]*)(?:\x07|\x1b\\)"
)
_ATTRIBUTES: Final = re.compile(r"\x1b\[\?[0-9;]*c")
_BEGUN: Final = re.compile(r"\x1b(?:\](?:1(?:1(?:;[^\x07\x1b]{0,64}\x1b?)?)?)?|\[(?:\?[0-9;]{0,64})?)\Z")
"""An answer of which the end has not come yet."""
SECONDS: Final = 0.5
"""How long it is waited for, from the question on: meanwhile other things are done."""
_LIGHT: Final = 0.5


def worth_asking(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the terminal may answer, and the answer would be about what is seen."""
    term = environment.get("TERM", "")
    return not (
        environment.get("TMUX")
        or environment.get("STY")
        or term.startswith(("tmux", "screen", "dumb", "linux", "vt"))
        or term in ("", "unknown")
    )


class Question:
    """A question that has been put to the terminal."""

    def __init__(self) -> None:
        """OSError where there is no terminal."""
        self.is_open = False
        """Whether an answer may still come."""
        self.typed = ""
        """What else came: keys."""
        self._terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            self._before = termios.tcgetattr(self._terminal)
            changed = [*self._before[:6], [*self._before[6]]]
            changed[3] &= ~(termios.ICANON | termios.ECHO)
            changed[6][termios.VMIN], changed[6][termios.VTIME] = 0, 0
            termios.tcsetattr(self._terminal, termios.TCSANOW, changed)
            os.write(self._terminal, _QUESTION)
        except (termios.error, OSError) as error:
            os.close(self._terminal)
            raise OSError(*error.args) from None
        self._until = time.monotonic() + SECONDS

    def is_light(self) -> bool | None:
        """The answer, waited for a little; None: there is none. The terminal is then as it was before."""
        text = ""
        try:
            # What is there already is read, however late it is by now.
            while not _ATTRIBUTES.search(text):
                if not select.select([self._terminal], [], [], max(0.0, self._until - time.monotonic()))[0]:
                    break
                data = os.read(self._terminal, 4096)
                if not data:
                    break
                text += data.decode("utf-8", "replace")
            self.is_open = _ATTRIBUTES.search(text) is None
            termios.tcsetattr(self._terminal, termios.TCSANOW, self._before)
        except (termios.error, OSError):
            self.is_open = True
        finally:
            os.close(self._terminal)
        answer = _COLOR.search(text)
        self.typed = _BEGUN.sub("", without_answers(text))
        return light(answer[0]) if answer is not None else None


def light(answer: str) -> bool | None:
    """What an answer says of the background; None where it can't be read."""
    found = _COLOR.fullmatch(answer)
    if found is None or found[1] is None:
        return None
    red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in found.groups())
    return bool(0.299 * red + 0.587 * green + 0.114 * blue > _LIGHT)


def without_answers(text: str) -> str:
    """Input without answers of a terminal."""
    return _ATTRIBUTES.sub("", _COLOR.sub("", text))


class LateAnswers:
    """Leaves late answers out of what comes from a terminal, however it is cut into pieces."""

    def __init__(self) -> None:
        self._begun = ""
        self._escaped = False

    def filtered(self, data: str) -> str:
        """What is there to be read, without them. An escape alone is passed on at once: it is a key, too."""
        text = self._begun + data
        if self._escaped and text.startswith(("]11;", "[?")):
            text = "\x1b" + text  # it was the beginning of this
        text = without_answers(text)
        begun = _BEGUN.search(text)
        self._begun = begun[0] if begun is not None else ""
        text = text[: len(text) - len(self._begun)]
        self._escaped = text.endswith("\x1b")
        return text


def leave_out_late_answers() -> None:
    """Have Textual's driver of this process never see an answer that comes later."""
    from textual import _xterm_parser
    from textual.drivers import linux_driver

    class Parser(_xterm_parser.XTermParser):
        def __init__(self, debug: bool = False) -> None:
            super().__init__(debug)
            self._late = LateAnswers()

        def feed(self, data: str) -> Iterable[Any]:
            left = self._late.filtered(data)
            return super().feed(left) if left or not data else ()  # nothing at all would mean that the input has ended

    linux_driver.XTermParser = Parser  # type: ignore[attr-defined]
