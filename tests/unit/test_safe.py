"""Nothing that a terminal would obey gets through `safe`."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tttui.safe import safe

ANY_CHARACTER = st.characters()
ANY_TEXT = st.text(ANY_CHARACTER)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, as it is", "plain text, as it is"),
        ("", ""),
        ("naïve 日本語 ελ", "naïve 日本語 ελ"),
        ("\x1b[2J", "␛[2J"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("\x1b]8;;http://evil\x1b\\x\x1b]8;;\x1b\\", "␛]8;;http://evil␛\\x␛]8;;␛\\"),
        ("\x1bP+q544e\x1b\\", "␛P+q544e␛\\"),
        ("\x1b_apc\x1b\\ \x1b^pm\x1b\\", "␛_apc␛\\ ␛^pm␛\\"),
        ("\x00\x08\x0b\x0c\r\x7f", "␀␈␋␌␍␡"),
        ("a\tb", "a␉b"),
        ("a\nb", "a␤b"),
        ("\x9b2J\x9d0;title\x9c\x90dcs\x85", "\\x9b2J\\x9d0;title\\x9c\\x90dcs\\x85"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\u202eevil\u202c\u2066\u2069\u061c\u200e\u200f", "\\u202eevil\\u202c\\u2066\\u2069\\u061c\\u200e\\u200f"),
        ("a\u200bb\u200cc\u200dd\u2060e\ufefff\xadg", "a\\u200bb\\u200cc\\u200dd\\u2060e\\ufefff\\xadg"),
        ("\ud800\udfff", "\\ud800\\udfff"),
        ("\ue000\U000f0000", "\\ue000\\U000f0000"),
        ("\u0378\uffff", "\\u0378\\uffff"),
        ("\U000e0041", "\\U000e0041"),
        ("x\ufe0f\U000e0100\u3164", "x\\ufe0f\\U000e0100\\u3164"),
        ("[red]bold[/red] [@click=app.exit]", "[red]bold[/red] [@click=app.exit]"),
    ],
)
def test_each_class_of_character_is_shown_by_its_picture(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_lines_are_kept_where_they_are_asked_for() -> None:
    assert safe("a\nb\r\nc\rd\x1b", multiline=True) == "a\nb\nc␍d␛"


def test_tabs_expand_to_columns_where_that_is_asked_for() -> None:
    assert safe("a\tb\n\tc", multiline=True, tab_size=4) == "a   b\n    c"


def test_every_character_of_unicode_is_printable_afterwards() -> None:
    shown = {character for code in range(sys.maxunicode + 1) for character in safe(chr(code))}
    categories = {unicodedata.category(character) for character in shown}
    assert {"Lu", "Ll", "Lo", "Nd", "Sm", "So", "Zs"} <= categories
    assert not {category for category in categories if category[0] == "C" or category in ("Zl", "Zp")}


@given(ANY_TEXT)
def test_safe_text_is_encodable_and_stays_the_same(text: str) -> None:
    shown = safe(text)
    shown.encode("utf-8")
    assert safe(shown) == shown
    assert not set(shown.encode("utf-8")) & set(range(0x20))


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_plain_text_is_not_touched(text: str) -> None:
    assert safe(text) is text
