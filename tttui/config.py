"""Settings, from the command line, the environment, the project and the user, in that order of precedence.

command line        --max-items 50
environment         TTTUI_MAX_ITEMS=50          (lists separated by ':')
project             [tool.tttui] in the pyproject.toml of the working directory or a directory above it
user                config.toml in tttui's configuration directory
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from tttui import paths
from tttui.errors import TttuiError

BREAKPOINT: Final = "breakpoint()"
"""Among the places at which a program stops: where it calls that."""
_UNITS: Final = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SMALLEST_SIZE: Final = 1 << 20
# The recorder keeps no more than this, whatever is asked for.
_MOST_STOPS: Final = 32
_STOP: Final = re.compile(r"(?P<file>[^,]*[^:,]):(?P<line>\d+)(?:\s*,(?P<condition>.*)|\s+if\s(?P<other>.*))?", re.DOTALL)
_LARGEST: Final = {"max_items": 100_000, "max_depth": 200, "max_string": 48_000}


class Settings(NamedTuple):
    """How to record. Numbers are counts; `max_size` is in bytes, None for no limit.

    At most `checkpoints` copies of the program are kept, which together take `checkpoint_memory` bytes (None: a quarter
    of what is free, at most 2 GB), and it works for `checkpoint_interval` milliseconds between two.
    """

    output: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    all: bool = False
    max_size: int | None = None
    max_items: int = 1000
    max_depth: int = 20
    max_string: int = 4096
    redact: tuple[str, ...] = ()
    no_redact: bool = False
    python: str | None = None
    checkpoints: int = 24
    checkpoint_memory: int | None = None
    checkpoint_interval: int = 50
    no_checkpoints: bool = False
    stop: tuple[str, ...] = ()
    """Where the program stops: FILE:LINE, or FILE:LINE, CONDITION."""
    breakpoint: bool = False
    """Whether it stops where it calls breakpoint(), too."""

    @property
    def stops(self) -> bool:
        """Whether the program may stop somewhere."""
        return bool(self.stop) or self.breakpoint

    @property
    def scope(self) -> dict[str, Any]:
        return {"all": self.all, "include": list(self.include), "exclude": list(self.exclude)}

    @property
    def limits(self) -> dict[str, int | None]:
        return {
            "max_items": self.max_items,
            "max_depth": self.max_depth,
            "max_string": self.max_string,
            "max_size": self.max_size,
        }

    def for_recorder(self, copies_report_to: str = "") -> str:
        """The lines of `RingHeader.options` (ring.h); without a socket to report to no checkpoints are made."""
        lines = [f"max_items={self.max_items}", f"max_depth={self.max_depth}", f"max_string={self.max_string}"]
        lines += [f"all={int(self.all)}", f"redacting={int(not self.no_redact)}"]
        if copies_report_to:
            lines += [f"checkpoint_socket={copies_report_to}", f"checkpoint_ms={self.checkpoint_interval}"]
            lines += [f"stop={place}" for place in map(stop_of, self.stop)]
            lines += [f"breakpoint={int(self.breakpoint)}"]
        lines += [f"include={glob}" for glob in self.include]
        lines += [f"exclude={glob}" for glob in self.exclude]
        lines += [f"redact={glob}" for glob in self.redact]
        text = "".join(f"{line}\n" for line in lines)
        if len(text.encode("utf-8", "surrogateescape")) >= 4096:
            raise TttuiError("--include, --exclude, --redact and --break are too long together", "there is room for 4000 bytes")
        return text


def stop_of(stop: str, option: str = "--break") -> str:
    """``FILE:LINE``, with ``, CONDITION`` or `` if CONDITION`` behind it, as the recorder takes it: the file as much of its path
    as is given.
    """
    match = _STOP.fullmatch(stop)
    if match is None or not int(match["line"]) or int(match["line"]) >= 1 << 31:
        raise TttuiError(f"{option}: expected FILE:LINE", f"not {stop!r}", "'FILE:LINE, CONDITION' stops where the condition holds")
    path = os.path.normpath(match["file"])
    if path.startswith("../"):
        path = os.path.abspath(path)
    given = match["condition"] if match["other"] is None else match["other"]
    condition = (given or "").strip()
    if given is not None:
        try:
            compile(condition, "<condition>", "eval")
        except (SyntaxError, ValueError) as error:
            raise TttuiError(f"{option}: the condition is no expression", f"{condition!r}: {error.args[0]}") from None
    place = f"{match['line']}:{path}" + (f"\t{condition}" if condition else "")
    if "\n" in place or "\t" in path:
        raise TttuiError(f"{option}: a place and its condition stand in one line", f"not {stop!r}")
    return place


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise TttuiError(f"{name}: expected a text", f"not {value!r}")
    return value


def _number(name: str, value: Any) -> int:
    try:
        number = int(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else -1
    except ValueError:
        number = -1
    if number < 0:
        raise TttuiError(f"{name}: expected a whole number", f"not {value!r}")
    return number


def _size(name: str, value: Any) -> int | None:
    text = str(value).strip().upper().removesuffix("B").removesuffix("I")
    digits = text.rstrip("KMGT")
    try:
        size = int(float(digits) * _UNITS[text[len(digits) :]])
    except (ValueError, KeyError, OverflowError):
        raise TttuiError(f"{name}: expected a size such as 500M or 2G", f"not {value!r}") from None
    if size == 0:
        return None
    if size < _SMALLEST_SIZE:
        raise TttuiError(f"{name}: {value} is too small for a recording", "1M is the least")
    return size


def _switch(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    known = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False, "": False}
    if not isinstance(value, str) or value.lower() not in known:
        raise TttuiError(f"{name}: expected true or false", f"not {value!r}")
    return known[value.lower()]


def _globs(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(os.pathsep)
    if not isinstance(value, (list, tuple)):
        raise TttuiError(f"{name}: expected a list of patterns", f"not {value!r}")
    globs = tuple(_text(name, glob) for glob in value if glob != "")
    if any("\n" in glob for glob in globs):
        raise TttuiError(f"{name}: a pattern can't hold a line break")
    return globs


def _places(name: str, value: Any) -> tuple[str, ...]:
    places = tuple(_text(name, place) for place in value)
    if len(places) > _MOST_STOPS:
        raise TttuiError("--break: that is too many places", f"{_MOST_STOPS} are the most")
    for place in places:
        stop_of(place)
    return places


_READERS: Final = {
    "output": _text,
    "include": _globs,
    "exclude": _globs,
    "all": _switch,
    "max_size": _size,
    "max_items": _number,
    "max_depth": _number,
    "max_string": _number,
    "redact": _globs,
    "no_redact": _switch,
    "python": _text,
    "checkpoints": _number,
    "checkpoint_memory": _size,
    "checkpoint_interval": _number,
    "no_checkpoints": _switch,
    "stop": _places,
    "breakpoint": _switch,
}
_NOT_IN_FILES: Final = frozenset({"output", "stop", "breakpoint"})


def load(given: Mapping[str, Any] | None = None) -> Settings:
    """The settings that hold here; `given` are those of the command line or of a call."""
    found: dict[str, Any] = {}
    for where, values in (
        ("", given or {}),
        ("TTTUI_", _from_environment()),
        ("pyproject.toml: ", _from_project()),
        ("config.toml: ", _read_toml(paths.settings_file())),
    ):
        for key, value in values.items():
            key = key.replace("-", "_")
            reader = _READERS.get(key)
            if reader is None or (where.endswith(": ") and key in _NOT_IN_FILES):
                if where.endswith(": ") and not isinstance(value, dict):
                    raise TttuiError(f"{where}tttui has no setting named {key}")
                continue
            name = f"--{key.replace('_', '-')}" if not where else where + (key.upper() if where == "TTTUI_" else key)
            if key not in found:
                found[key] = reader(name, value)
    for key, largest in _LARGEST.items():
        if found.get(key, 0) > largest:
            raise TttuiError(f"--{key.replace('_', '-')}: {found[key]} is too much", f"{largest} is the most")
    return Settings(**found)


def _from_environment() -> dict[str, str]:
    return {key: value for key in _READERS if key not in _NOT_IN_FILES and (value := os.environ.get(f"TTTUI_{key.upper()}"))}


def _from_project() -> dict[str, Any]:
    try:
        here = Path.cwd()
    except OSError:
        return {}
    for directory in (here, *here.parents):
        file = directory / "pyproject.toml"
        if file.is_file():
            found = _read_toml(file).get("tool", {})
            ours = found.get("tttui", {}) if isinstance(found, dict) else {}
            return ours if isinstance(ours, dict) else {}
    return {}


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        content = file.read_bytes()
    except OSError:
        return {}
    import tomllib

    try:
        return tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TttuiError(f"{file} can't be read", str(error)) from None
