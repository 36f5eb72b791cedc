"""The command line of `tttui record`: what is ours, what goes to the interpreter, what is the program's.

It follows the interpreter's own rules: options end at the script, at ``-m MODULE``, ``-c CODE`` or ``-``, and
everything after that belongs to the program. Only the standard library is used, so that recording works where
nothing but tttui is installed; the help page is made from the same table.
"""

import re
from enum import Enum
from typing import Any, Final, NamedTuple

from tttui.errors import TttuiError


class Kind(Enum):
    """What an option takes, and whom it is for."""

    TEXT = "text"
    LIST = "list"
    NUMBER = "number"
    SIZE = "size"
    SWITCH = "switch"
    INTERPRETER = "interpreter"
    INTERPRETER_VALUE = "interpreter value"


class Option(NamedTuple):
    names: tuple[str, ...]
    kind: Kind
    help: str
    metavar: str = ""
    setting: str = ""
    """Its name where that isn't the option's."""

    @property
    def key(self) -> str:
        """The name of the setting: ``--max-items`` is ``max_items``."""
        return self.setting or self.names[-1].lstrip("-").replace("-", "_")

    @property
    def takes_value(self) -> bool:
        return self.kind not in (Kind.SWITCH, Kind.INTERPRETER)


OPTIONS: Final = (
    Option(("-o", "--output"), Kind.TEXT, "Write the recording to this file.", "FILE"),
    Option(("--include",), Kind.LIST, "Record code whose path or module matches, too. May be repeated.", "GLOB"),
    Option(("--exclude",), Kind.LIST, "Don't record code whose path or module matches. May be repeated.", "GLOB"),
    Option(("--all",), Kind.SWITCH, "Record everything: the standard library and installed packages, too."),
    Option(("--max-size",), Kind.SIZE, "Stop recording when the file has this size (500M, 2G); the program goes on.", "SIZE"),
    Option(("--max-items",), Kind.NUMBER, "Keep at most this many entries of one container (1000).", "N"),
    Option(("--max-depth",), Kind.NUMBER, "Follow objects in objects at most this deep (20).", "N"),
    Option(("--max-string",), Kind.NUMBER, "Keep at most this many characters of one string (4096).", "N"),
    Option(("--redact",), Kind.LIST, "Also redact texts kept under this name (password, token, api_key ... are). May be repeated.", "GLOB"),
    Option(("--no-redact",), Kind.SWITCH, "Record secrets, too: passwords, tokens, private keys."),
    Option(("--no-checkpoints",), Kind.SWITCH, "Make no paused copies of the program to evaluate in."),
    Option(("--checkpoints",), Kind.NUMBER, "Keep at most this many copies (24).", "N"),
    Option(("--checkpoint-memory",), Kind.SIZE, "What they may take together (a quarter of what is free, at most 2G).", "SIZE"),
    Option(("--checkpoint-interval",), Kind.NUMBER, "Milliseconds at work between two copies, at least (50).", "MS"),
    Option(
        ("-b", "--break"),
        Kind.LIST,
        "Stop the program before this line, to look and to change things. Or 'FILE:LINE, CONDITION': where that holds. May be repeated.",
        "FILE:LINE",
        "stop",
    ),
    Option(("--breakpoint",), Kind.SWITCH, "Stop where the program calls breakpoint(), too; pdb doesn't start then."),
    Option(("--shell",), Kind.SWITCH, "Look at it in the shell (tttui shell) afterwards, with its checkpoints."),
    Option(("--python",), Kind.TEXT, "Run the program with this interpreter (the active virtual environment's).", "PATH"),
    *(
        Option((name,), Kind.INTERPRETER, f"Passed to the interpreter: {what}.")
        for name, what in (
            ("-bb", "an error where bytes are compared with str; -b alone: a warning"),
            ("-B", "write no .pyc files"),
            ("-d", "parser debugging"),
            ("-E", "ignore PYTHON* environment variables"),
            ("-i", "interactive afterwards"),
            ("-I", "isolated"),
            ("-O", "drop assertions; -OO: docstrings, too"),
            ("-P", "don't prepend the script's directory to sys.path"),
            ("-q", "no banner"),
            ("-s", "no user site directory"),
            ("-S", "no site (nothing can be recorded then)"),
            ("-u", "unbuffered output"),
            ("-v", "trace imports"),
            ("-x", "skip the first line"),
        )
    ),
    Option(("-W",), Kind.INTERPRETER_VALUE, "Passed to the interpreter: warning control.", "ARG"),
    Option(("-X",), Kind.INTERPRETER_VALUE, "Passed to the interpreter: implementation option.", "OPT"),
)
_BY_NAME: Final = {name: option for option in OPTIONS for name in option.names}
_PROGRAM_LETTERS: Final = "mc"
_STOP: Final = re.compile(r"[^,]*[^:,]:\d+(?:\s*,.*|\s+if\s.*)?", re.DOTALL)
"""What -b takes as ours; anything else behind it is not its own, and -b the interpreter's."""


class Invocation(NamedTuple):
    """A command line, taken apart.

    `given` holds the settings that were on it, `flags` what the interpreter gets before the program, and
    `program` the program with its arguments as the interpreter expects them (``["-m", "package", "x"]``).
    """

    given: dict[str, Any]
    flags: tuple[str, ...]
    program: tuple[str, ...]

    @property
    def title(self) -> str:
        """A short name of the program, for file names."""
        first = self.program[0]
        if first.startswith("-m"):
            return first[2:] or self.program[1]
        if first.startswith("-c"):
            return "command"
        if first == "-":
            return "stdin"
        return first.rstrip("/").rpartition("/")[2].removesuffix(".py")

    @property
    def without_site(self) -> bool:
        """Whether the interpreter is told not to import `site`: then the start-up hook can't run."""
        return "-S" in self.flags


def usage_error(message: str) -> TttuiError:
    return TttuiError(message, hint="See 'tttui record --help'. Options of the program go behind the script.")


def parse(arguments: list[str]) -> Invocation:
    """Take the arguments of `tttui record` apart; `TttuiError` where they make no sense."""
    given: dict[str, Any] = {}
    flags: list[str] = []
    rest = list(arguments)
    while rest:
        argument = rest[0]
        if argument == "-" or not argument.startswith("-"):
            return Invocation(given, tuple(flags), tuple(rest))
        del rest[0]
        if argument == "--":
            break
        if argument.startswith("--"):
            name, equals, value = argument.partition("=")
            _take(name, value if equals else None, rest, given, flags)
            continue
        letters = argument[1:]
        if letters == "b" and rest and _STOP.fullmatch(rest[0]):
            _take("--break", rest.pop(0), rest, given, flags)
            continue
        if letters.startswith("b") and _STOP.fullmatch(letters[1:]):
            _take("--break", letters[1:], rest, given, flags)
            continue
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter in _PROGRAM_LETTERS:
                if not letters and not rest:
                    raise usage_error(f"option -{letter} needs an argument")
                return Invocation(given, tuple(flags), (f"-{letter}{letters}" if letters else f"-{letter}", *rest))
            if letter == "b":
                flags.append("-b")
                continue
            option = _BY_NAME.get(f"-{letter}")
            if option is not None and option.takes_value:
                _take(f"-{letter}", letters or None, rest, given, flags)
                break
            _take(f"-{letter}", None, rest, given, flags)
    if not rest:
        raise usage_error("what to record is missing: a script, -m MODULE, -c CODE, or - for a script from stdin")
    return Invocation(given, tuple(flags), tuple(rest))


def _take(name: str, value: str | None, rest: list[str], given: dict[str, Any], flags: list[str]) -> None:
    """Store one option; its value is `value`, or else the next argument."""
    option = _BY_NAME.get(name)
    if option is None:
        raise usage_error(f"no such option: {name}")
    if not option.takes_value:
        if value is not None:
            raise usage_error(f"option {name} takes no value")
        if option.kind is Kind.INTERPRETER:
            flags.append(name)
        else:
            given[option.key] = True
        return
    if value is None:
        if not rest:
            raise usage_error(f"option {name} needs an argument")
        value = rest.pop(0)
    if option.kind is Kind.INTERPRETER_VALUE:
        flags += (name, value)
    elif option.kind is Kind.LIST:
        given.setdefault(option.key, []).append(value)
    else:
        given[option.key] = value
