"""A lexer and a formatter as those of large libraries are made: tables of compiled patterns, tokens from a generator, parts kept by
`lru_cache`, and a logger that is given the object with all of the state. Usage: tokenizer.py ROUNDS
"""

import functools
import logging
import re
import sys
from collections.abc import Callable, Iterator
from typing import ClassVar

LOGGER = logging.getLogger(__name__)

TEXT = '''
def average(values, default=0.0):
    """The mean of some values."""
    total = sum(values)  # of all
    return total / len(values) if values else default
'''


class Kind(tuple):
    """A kind of token: part of another one."""

    def __getitem__(self, index: int) -> str:
        return str(tuple.__getitem__(self, index))


def rule(pattern: str, kind: Kind, state: str | None = None) -> tuple[Callable[[str, int], re.Match[str] | None], Kind, str | None]:
    return re.compile(pattern).match, kind, state


NAME, KEYWORD, NUMBER, TEXT_PART, SPACE, SIGN = (Kind([name]) for name in ("name", "keyword", "number", "text", "space", "sign"))


class Lexer:
    """States, each with its rules: the first that matches gives the token and the next state."""

    states: ClassVar = {
        "root": [
            rule(r"\s+", SPACE),
            rule(r"#[^\n]*", TEXT_PART),
            rule(r'"""', TEXT_PART, "text"),
            rule(r"\b(?:def|return|if|else)\b", KEYWORD),
            rule(r"\d+(?:\.\d+)?", NUMBER),
            rule(r"\w+", NAME),
            rule(r"[-+*/=(),:]", SIGN),
        ],
        "text": [rule(r'"""', TEXT_PART, "root"), rule(r'[^"]+', TEXT_PART)],
    }

    def tokens(self, text: str) -> Iterator[tuple[int, Kind, str]]:
        position, rules = 0, self.states["root"]
        while position < len(text):
            for match, kind, state in rules:
                found = match(text, position)
                if found:
                    yield position, kind, found.group()
                    position = found.end()
                    rules = self.states[state] if state else rules
                    break
            else:
                position += 1


@functools.lru_cache(maxsize=100)
def lines_of(value: str) -> list[str]:
    return value.replace("&", "&amp;").replace("<", "&lt;").split("\n")


class Formatter:
    """Lines of marked up text."""

    def __init__(self) -> None:
        self.lines: list[list[str]] = [[]]

    def write(self, tokens: Iterator[tuple[int, Kind, str]]) -> str:
        LOGGER.debug("writing %s", self)
        for _, kind, value in tokens:
            first, *more = lines_of(value)
            self.lines[-1].append(f"<{kind[0]}>{first}</{kind[0]}>")
            self.lines.extend([f"<{kind[0]}>{line}</{kind[0]}>"] for line in more)
        return "\n".join("".join(line) for line in self.lines)


def main() -> None:
    size = 0
    for _ in range(int(sys.argv[1])):
        size += len(Formatter().write(Lexer().tokens(TEXT)))
    print(size)


main()
