"""Texts and regular expressions to look for, in bounded time whatever the expression.

An expression with one repetition at most is quick enough on a text of bounded length. Another one may take time
that grows exponentially, and can't be interrupted: such run in a process of their own, which is ended when it
takes too long.
"""

import json
import re
import re._constants as opcodes  # type: ignore[import-not-found, import-untyped, unused-ignore]  # no stubs, not everywhere
import re._parser as parser  # type: ignore[import-not-found, import-untyped, unused-ignore]  # the same
import select
import subprocess
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

from tttui.errors import TttuiError

LONGEST_TEXT: Final = 20_000
"""Characters of one text that a regular expression sees; a plain text is looked for in all of it."""
_SECONDS: Final = 5.0
"""For one batch of texts."""
_MANY: Final = 100
"""A repetition that may go round more often counts as unbounded."""

Span = tuple[int, int]

_HELPER: Final = """
import json, re, sys
pattern = None
for line in sys.stdin:
    given = json.loads(line)
    if pattern is None:
        pattern = re.compile(given[0], given[1])
        continue
    found = [pattern.search(text) for text in given]
    print(json.dumps([None if one is None else one.span() for one in found]), flush=True)
"""


class Pattern:
    """What to look for. Close it, or use it in a `with` block."""

    def __init__(self, text: str, *, regex: bool = False, ignore_case: bool = False) -> None:
        """TttuiError where the text is empty, or no regular expression."""
        if not text:
            raise TttuiError("there is nothing to look for", "the text is empty")
        flags = re.IGNORECASE if ignore_case else 0
        try:
            self._compiled = re.compile(text if regex else re.escape(text), flags)
        except (re.error, RecursionError, OverflowError) as error:
            raise TttuiError(f"{text!r} is no regular expression", str(error)) from None
        self._flags = flags
        self.needle = b"" if regex or ignore_case else text.encode("utf-8", "surrogatepass")
        """UTF-8 of what every match is, b"" where that isn't one text."""
        self._plain = text if not regex and not ignore_case else None
        self._bounded = regex and _repetitions(parser.parse(text, flags)) > 1
        self._helper: subprocess.Popen[str] | None = None

    def search(self, text: str) -> Span | None:
        """Where in a text the first match is."""
        return self.search_all([text])[0]

    def search_all(self, texts: Sequence[str]) -> list[Span | None]:
        """The same for many texts; TttuiError where it takes too long."""
        if self._plain is not None:
            size = len(self._plain)
            return [None if (at := text.find(self._plain)) < 0 else (at, at + size) for text in texts]
        cut = [text[:LONGEST_TEXT] for text in texts]
        if self._bounded and cut:
            return self._ask(cut)
        return [None if (found := self._compiled.search(text)) is None else found.span() for text in cut]

    def close(self) -> None:
        if self._helper is not None:
            self._helper.kill()
            self._helper.communicate()
            self._helper = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    # -- the helper

    def _ask(self, texts: Sequence[str]) -> list[Span | None]:
        if self._helper is None:
            self._helper = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _HELPER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            self._send([self._compiled.pattern, self._flags])
        found: list[Span | None] = []
        # Pieces that fit a pipe: the helper answers one before it reads the next.
        for piece in _pieces(texts):
            self._send(piece)
            found += [None if span is None else (span[0], span[1]) for span in json.loads(self._answer())]
        return found

    def _send(self, what: Any) -> None:
        assert self._helper is not None
        assert self._helper.stdin is not None
        try:
            self._helper.stdin.write(json.dumps(what) + "\n")
            self._helper.stdin.flush()
        except OSError:
            self.close()
            raise TttuiError("the search could not go on", "the process that ran the regular expression has ended") from None

    def _answer(self) -> str:
        assert self._helper is not None
        assert self._helper.stdout is not None
        ready, _, _ = select.select([self._helper.stdout], [], [], _SECONDS)
        line = self._helper.stdout.readline() if ready else ""
        if not line:
            self.close()
            raise TttuiError(
                "the regular expression takes too long",
                f"more than {_SECONDS:.0f} s for one text",
                "write it with fewer repetitions in each other",
            )
        return line


def _pieces(texts: Sequence[str], most: int = 200_000) -> list[list[str]]:
    pieces: list[list[str]] = []
    room = 0
    for text in texts:
        if room < len(text) or not pieces:
            pieces.append([])
            room = most
        pieces[-1].append(text)
        room -= len(text)
    return pieces


def _repetitions(parsed: Any) -> int:
    """How many unbounded repetitions a regular expression has; one within another counts as two, references back as many."""
    count = 0
    for operation, argument in parsed:
        if operation in (opcodes.MAX_REPEAT, opcodes.MIN_REPEAT, opcodes.POSSESSIVE_REPEAT):
            inner = _repetitions(argument[2])
            many = argument[1] is opcodes.MAXREPEAT or argument[1] > _MANY
            count += inner * 2 + 1 if many else inner * max(1, argument[1])
        elif operation is opcodes.BRANCH:
            count += sum(_repetitions(branch) for branch in argument[1])
        elif operation is opcodes.SUBPATTERN:
            count += _repetitions(argument[3])
        elif operation is opcodes.ATOMIC_GROUP:
            count += _repetitions(argument)
        elif operation in (opcodes.ASSERT, opcodes.ASSERT_NOT):
            count += _repetitions(argument[1])
        elif operation in (opcodes.GROUPREF, opcodes.GROUPREF_EXISTS):
            count += 2
    return count
