"""`safe`: the one way in which recorded text reaches a terminal.

A terminal obeys bytes: a value, a path or an exception text that holds an escape sequence could
retitle the window, fill the clipboard, answer as if from the keyboard, or hide what it is. Neither
Rich nor Textual removes such characters, so everything that comes out of a recording and is shown
goes through here, once, just before it is shown.

What is not plain, visible text becomes a visible picture of itself:

- C0 controls and DEL their control picture (``␀`` ``␛`` ``␉`` ``␤`` ``␡``),
- C1 controls ``\\x9b``,
- everything else that has no shape of its own, reorders its neighbours or can't be encoded an escape
  as Python would write it (``\\u202e``, ``\\ud800``, ``\\U000e0041``): line and paragraph separators,
  bidirectional controls, zero-width and other format characters, variation selectors, fillers,
  surrogates, private use, unassigned.
"""

import unicodedata
from typing import Final

_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

# Characters that Unicode says to draw as nothing (Default_Ignorable_Code_Point) although they count as letters or marks.
_IGNORABLE: Final = (
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),  # Khmer inherent vowels
    (0x180B, 0x180F),  # Mongolian variation selectors
    (0x3164, 0x3164),  # Hangul filler
    (0xFE00, 0xFE0F),  # variation selectors: they also change the width of what stands before them
    (0xFFA0, 0xFFA0),  # halfwidth Hangul filler
    (0xE0100, 0xE01EF),  # variation selectors supplement
)

# A hostile recording may hold every character there is; the table of pictures stays small all the same.
_MOST_REMEMBERED: Final = 8192


def _picture(code: int) -> str:
    """How one character is shown: as itself, or as its picture."""
    if code == 0x0A:
        return "␤"
    if code < 0x20:
        return chr(0x2400 + code)
    if code < 0x7F:
        return chr(code)
    if code == 0x7F:
        return "␡"
    if code < 0xA0:
        return f"\\x{code:02x}"
    character = chr(code)
    if unicodedata.category(character) in _HIDDEN_CATEGORIES or any(low <= code <= high for low, high in _IGNORABLE):
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return character


class _Pictures(dict[int, str]):
    """The table for `str.translate`: filled as characters are met."""

    def __missing__(self, code: int) -> str:
        shown = _picture(code)
        if len(self) < _MOST_REMEMBERED:
            self[code] = shown
        return shown


class _PicturesInLines(_Pictures):
    """The same for text of several lines: a newline stays one."""

    def __missing__(self, code: int) -> str:
        return "\n" if code == 0x0A else super().__missing__(code)


_PICTURES: Final = _Pictures()
_PICTURES_IN_LINES: Final = _PicturesInLines()


def safe(text: str, *, multiline: bool = False, tab_size: int = 0) -> str:
    """`text` with nothing in it that a terminal would obey or that a reader couldn't see.

    `multiline` keeps newlines (``\\r\\n`` counts as one) instead of drawing them as ``␤``.
    `tab_size` expands tabs to that many columns instead of drawing them as ``␉``.
    The result is printable throughout, can be encoded in UTF-8, and ``safe(safe(x)) == safe(x)``.
    It is not markup-escaped: give it to `rich.text.Text` or Textual's `Content`, never as markup.
    """
    if text.isascii() and text.isprintable():
        return text
    if tab_size and "\t" in text:
        text = text.expandtabs(tab_size)
    if multiline:
        return text.replace("\r\n", "\n").translate(_PICTURES_IN_LINES)
    return text.translate(_PICTURES)
