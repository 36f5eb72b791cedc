"""Why a copy may have done something else than the program did: only what is known, and the likeliest of it first."""

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tttui.safe import safe

SIGNAL: Final = "s"
"""The sort of a suspect: a signal that came."""
FAINT: Final = frozenset({"o", "g"})
"""The sorts of files that were only opened: what is read of the program's own is noted, but for large ones and those in memory."""
_ADDRESS: Final = re.compile(r"0x[0-9a-f]{9,}|\b[0-9]{14,15}\b")
_SMALLEST_ADDRESS: Final = 1 << 32
_LARGEST_ADDRESS: Final = 1 << 47
_LOWEST_OF_PROCESS: Final = 0x550000000000
"""Where interpreters and what they map lie, on x86-64 and on aarch64; an object's hash is its address without its last four bits."""
_SHORTEST: Final = 3
"""Items whose other order says something."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """Something that the copy met on its way."""

    event: int
    sort: str
    what: str


def suspects_in(text: str) -> Iterator[Suspect]:
    """What a copy tells, as native/suspects.c writes it."""
    for line in text.splitlines():
        event, _, rest = line.partition(" ")
        sort, _, what = rest.partition(" ")
        if event.isdigit() and what:
            yield Suspect(int(event), sort, what)


def because(suspects: "list[Suspect]", event: int) -> str:
    """The likeliest cause of a difference at an event, in a few words; empty where nothing is known: what it met last before."""
    before = sorted((each for each in suspects if each.event <= event), key=lambda each: each.event, reverse=True)
    for found in sorted(before, key=lambda each: each.sort in FAINT):
        name = safe(found.what)
        if found.sort == "c":
            return f"{name}, which it read after event {max(found.event - 1, 0):,}, has changed since{_when(found.what)}"
        if found.sort == "o":
            return f"{name}, which it opened after event {max(found.event - 1, 0):,}, has changed since{_when(found.what)}"
        if found.sort == "g":
            return f"{name}, which it opened after event {max(found.event - 1, 0):,}, is not there any more"
        if found.sort == "u":
            return f"it asked for {name} after event {max(found.event - 1, 0):,}, which is not noted"
        if found.sort == "t":
            return "a library for numbers did without its threads here, which may change last digits"
        if found.sort == SIGNAL:
            return f"signal {name} came amid a line after event {max(found.event - 1, 0):,}: where in it can't always be repeated"
    return ""


def with_cause(text: str) -> str:
    """Why a copy can't go on, with what it suspects."""
    said, _, rest = text.partition("\n")
    suspects = list(suspects_in(rest))
    cause = because(suspects, max((each.event for each in suspects), default=0))
    return f"{said}, likely because {cause}" if cause else said


def _when(path: str) -> str:
    try:
        return time.strftime(" (%Y-%m-%d %H:%M:%S)", time.localtime(os.stat(path).st_mtime))
    except OSError:
        return ""


def alike(here: object, there: object) -> str:
    """What two values tell about why they are not the same; empty where they tell nothing."""
    if _is_address(here) and _is_address(there):
        return "both look like addresses, as id() gives them: they are others in another process"
    if _is_hash_of_address(here) and _is_hash_of_address(there):
        return "both look like hashes of objects, which are their addresses: they are others in another process"
    if isinstance(here, str) and isinstance(there, str):
        if here != there and _ADDRESS.search(here) and _ADDRESS.sub("", here) == _ADDRESS.sub("", there):
            return "it holds an address, as the usual repr() does: that is another one in another process"
        for split in (_by_comma, str.split):
            parts, others = split(here), split(there)
            if len(parts) >= _SHORTEST and parts != others and sorted(parts) == sorted(others):
                return "it is the same in another order: that of a set, whose hashes are others, or of a directory"
    return ""


def _by_comma(text: str) -> list[str]:
    return [part.strip(" {}[]()") for part in text.split(",")]


def _is_hash_of_address(value: object) -> bool:
    return isinstance(value, int) and _LOWEST_OF_PROCESS <= value << 4 < 1 << 48


def _is_address(value: object) -> bool:
    return isinstance(value, int) and _SMALLEST_ADDRESS < value < _LARGEST_ADDRESS and value % 16 == 0


def of_a_call(qualname: str) -> str:
    """Why a function may have been called there alone."""
    if qualname.endswith("__del__"):
        return "objects are finalised when garbage is collected, which happened at another moment"
    return ""
