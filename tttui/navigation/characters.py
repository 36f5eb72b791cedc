"""Characters that one Python knows and another doesn't: each minor version brings another Unicode."""

from bisect import bisect_right
from functools import cache
from typing import Final

from tttui.store.records import PythonVersion

_CHANGED: Final[dict[PythonVersion, str]] = {
    (3, 12): (
        "cf3 ece 10fc a7f2-a7f4 ab69 10efd-10eff 1123f-11241 11b00-11b09 11f00-11f10 11f12-11f3a 11f3e-11f59 1342f 13440-13455 "
        "1b132 1b155 1d2c0-1d2d3 1df25-1df2a 1e030-1e06d 1e08f 1e4d0-1e4f9 1f6dc 1f774-1f776 1f77b-1f77f 1f7d9 1fa75-1fa77 "
        "1fa87-1fa88 1faad-1faaf 1fabb-1fabd 1fabf 1face-1facf 1fada-1fadb 1fae8 1faf7-1faf8 2b739 31350-323af"
    ),  # Unicode 15.0.0
    (3, 13): ("200c-200d 2ffc-2fff 30fb 31ef 4e24 4eac 4fe9 5006 62d0 6d1e 7695 79ed 920e 94a9 ff65 2ebf0-2ee5d"),  # Unicode 15.1.0
    (3, 14): (
        "19b 264 897 1b4e-1b4f 1b7f 1c89-1c8a 2427-2429 31e4-31e5 a7cb-a7cd a7da-a7dc 105c0-105f3 10d40-10d65 10d69-10d85 "
        "10d8e-10d8f 10ec2-10ec4 10efc 11380-11389 1138b 1138e 11390-113b5 113b7-113c0 113c2 113c5 113c7-113ca 113cc-113d5 "
        "113d7-113d8 113e1-113e2 116d0-116e3 11bc0-11be1 11bf0-11bf9 11f5a 13460-143fa 16100-16139 16d40-16d79 18cff "
        "1cc00-1ccf9 1cd00-1ceb3 1e5d0-1e5fa 1e5ff 1f8b2-1f8bb 1f8c0-1f8c1 1fa89 1fa8f 1fabe 1fac6 1fadc 1fadf 1fae9 "
        "1fbcb-1fbef"
    ),  # Unicode 16.0.0
    (3, 15): (
        "295 88f c5c cdc 1acf-1add 1ae0-1aeb 20c1 2b96 a7ce-a7cf a7d2-a7d5 a7f1 fbc3-fbd2 fd90-fd91 fdc8-fdce 10940-10959 "
        "10ec5-10ec7 10ed0-10ed8 10efa-10efb 11b60-11b67 11db0-11ddb 11de0-11de9 12038-12039 12079 12226 1222b 1230b 1230d "
        "12399 16ea0-16eb8 16ebb-16ed3 16ff2-16ff6 187f8-187ff 18d09-18d1e 18d80-18df2 1ccfa-1ccfc 1ceba-1ced0 1cee0-1cef0 "
        "1e6c0-1e6de 1e6e0-1e6f5 1e6fe-1e6ff 1f6d8 1f777-1f77a 1f8d0-1f8d8 1fa54-1fa57 1fa8a 1fa8e 1fac8 1facd 1faea 1faef "
        "1fbfa 2b73a-2b73f 2cea2-2cead 323b0-33479"
    ),  # Unicode 17.0.0
}
"""The characters whose repr(), case, or any of the is...() tests are others than in the version before, as hexadecimal ranges; made
by asking these versions about all characters.
"""


def told_apart(text: str, one: PythonVersion, other: PythonVersion) -> bool:
    """Whether a text has characters that two versions of Python treat differently."""
    if one == other or text.isascii():
        return False
    firsts, lasts = _between(min(one, other), max(one, other))
    places = ((bisect_right(firsts, ord(character)) - 1, character) for character in set(text))
    return any(place >= 0 and ord(character) <= lasts[place] for place, character in places)


@cache
def _between(older: PythonVersion, newer: PythonVersion) -> tuple[list[int], list[int]]:
    """(first, last) characters of the ranges that changed behind one version, up to another."""
    texts = (each.partition("-") for version, text in _CHANGED.items() if older < version <= newer for each in text.split())
    ranges = sorted((int(first, 16), int(last or first, 16)) for first, _, last in texts)
    highest = 0
    lasts = [highest := max(highest, last) for _, last in ranges]
    return [first for first, _ in ranges], lasts
