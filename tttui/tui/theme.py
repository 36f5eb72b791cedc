"""Themes: TOML files, never code, checked whole before any of it is used.

    title = "Night"          # as it is shown
    dark = true              # whether the background is darker than the text
    ansi = false             # true: only the terminal's own 16 colours, by name

    [colors]                 # "#rrggbb", or a name of the terminal's colours
    background = "#101418"
    foreground = "#d0d0d0"

    [styles]                 # role = "bold italic COLOR on COLOR", a COLOR being one of [colors]
    changed = "bold yellow"

    [syntax]                 # the same for the tokens of source text
    keyword = "blue"

Only `[colors]` is needed: what a theme leaves out is made of its colours in the usual way (`ROLES`, `SYNTAX`).
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from rich.color import Color
from rich.style import Style

from tttui.errors import TttuiError
from tttui.paths import settings_file

COLORS: Final[Mapping[str, tuple[str, str]]] = {
    # name: (used where a theme doesn't say, what for)
    "background": ("", "behind everything"),
    "foreground": ("", "text"),
    "surface": ("background", "behind the current line"),
    "select": ("surface", "behind the selected row"),
    "muted": ("foreground", "line numbers, hints"),
    "faint": ("muted", "rules; lines that never ran"),
    "red": ("foreground", "exceptions"),
    "yellow": ("foreground", "changes"),
    "green": ("foreground", "texts"),
    "cyan": ("foreground", "types"),
    "blue": ("foreground", "functions"),
    "magenta": ("foreground", "keywords"),
}
ROLES: Final[Mapping[str, str]] = {
    "text": "foreground",
    "muted": "muted",
    "faint": "faint",
    "rule": "faint",
    "title": "muted",
    "title_focused": "bold foreground",
    "header": "foreground",
    "header_name": "bold blue",
    "number": "muted",
    "number_never": "faint",
    "current": "bold foreground on surface",
    "pointer": "bold yellow",
    "ran": "green",
    "range": "bold underline on surface",
    "selected": "on select",
    "never": "faint",
    "inline": "italic muted",
    "inline_changed": "italic yellow",
    "name": "cyan",
    "value": "foreground",
    "changed": "bold yellow",
    "old": "muted",
    "badge": "red",
    "type": "muted",
    "breakpoint": "bold red",
    "breakpoint_off": "muted",
    "exception": "bold red",
    "mark": "bold magenta",
    "checkpoint": "bold cyan",
    "here": "bold yellow",
    "graph": "muted",
    "output": "foreground",
    "output_later": "faint",
    "error_output": "red",
    "status": "foreground",
    "problem": "bold red",
    "key": "bold foreground",
    "hint": "muted",
    "found": "bold yellow",
}
SYNTAX: Final[Mapping[str, str]] = {
    "keyword": "magenta",
    "string": "green",
    "number": "yellow",
    "comment": "italic muted",
    "function": "blue",
    "class": "bold blue",
    "decorator": "cyan",
    "builtin": "cyan",
    "constant": "yellow",
    "operator": "foreground",
    "name": "foreground",
    "error": "red",
}
DEFAULT_DARK: Final = "night"
DEFAULT_LIGHT: Final = "day"
DEFAULT_ANSI: Final = "ansi"
DEFAULT_MONO: Final = "mono"
_ATTRIBUTES: Final = frozenset({"bold", "italic", "underline", "reverse", "dim", "strike"})
_ANSI: Final = frozenset(
    {"default"}
    | {bright + name for bright in ("", "bright_") for name in ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]}
)
_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
_LARGEST: Final = 64 << 10


class ThemeError(TttuiError):
    """A theme's file that can't be used: which, and what in it."""


@dataclass(frozen=True)
class Theme:
    """Everything that a screen's looks depend on."""

    name: str
    title: str
    dark: bool
    ansi: bool
    colors: Mapping[str, str]
    styles: Mapping[str, Style]
    syntax: Mapping[str, Style]

    @property
    def sort(self) -> str:
        """What terminals it is for."""
        return "16 colours" if self.ansi else "dark" if self.dark else "light"

    def __getitem__(self, role: str) -> Style:
        return self.styles[role]


@dataclass(frozen=True)
class Source:
    """A theme's file: a bundled one, or a user's."""

    name: str
    where: str
    own: bool
    """Whether it is the user's."""


def parse(name: str, text: str, where: str = "") -> Theme:
    """A theme from the text of its file; ThemeError names the first thing in it that is wrong."""
    where = where or f"{name}.toml"
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ThemeError(f"{where} is no TOML", str(error)) from None
    _check_keys(where, "", content, {"title", "dark", "ansi", "colors", "styles", "syntax"})
    title, dark, ansi = content.get("title", name), content.get("dark", True), content.get("ansi", False)
    if not isinstance(title, str) or not isinstance(dark, bool) or not isinstance(ansi, bool):
        raise ThemeError(f"{where} can't be used", "title is a text, dark and ansi are true or false")
    colors = _colors(where, _table(where, content, "colors"), ansi)
    styles = _table(where, content, "styles")
    syntax = _table(where, content, "syntax")
    _check_keys(where, "styles.", styles, set(ROLES))
    _check_keys(where, "syntax.", syntax, set(SYNTAX))
    return Theme(
        name,
        title,
        dark,
        ansi,
        colors,
        {role: _style(where, f"styles.{role}", styles.get(role, usual), colors) for role, usual in ROLES.items()},
        {role: _style(where, f"syntax.{role}", syntax.get(role, usual), colors) for role, usual in SYNTAX.items()},
    )


def _table(where: str, content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = content.get(name, {})
    if not isinstance(found, dict):
        raise ThemeError(f"{where} can't be used", f"{name} is no table")
    return found


def _check_keys(where: str, prefix: str, given: Mapping[str, Any], known: set[str]) -> None:
    for key in given:
        if key not in known:
            raise ThemeError(f"{where}: there is no {prefix}{key}", "", f"there are: {', '.join(sorted(known))}")


def _colors(where: str, given: Mapping[str, Any], ansi: bool) -> dict[str, str]:
    _check_keys(where, "colors.", given, set(COLORS))
    found: dict[str, str] = {}
    for name, (fallback, _) in COLORS.items():
        value = given.get(name, found.get(fallback, ""))
        if not value:
            raise ThemeError(f"{where}: colors.{name} is missing")
        if not isinstance(value, str) or not (value in _ANSI if ansi else _HEX.fullmatch(value)):
            wanted = "one of the terminal's colours by name" if ansi else "#rrggbb"
            raise ThemeError(f"{where}: colors.{name} = {value!r} is no colour", f"it is {wanted}")
        found[name] = value
    return found


def _style(where: str, key: str, text: Any, colors: Mapping[str, str]) -> Style:
    if not isinstance(text, str):
        raise ThemeError(f"{where}: {key} is no text")
    attributes: dict[str, bool] = {}
    color: Color | None = None
    background: Color | None = None
    behind = False
    for word in text.split():
        if word == "on":
            behind = True
        elif word in _ATTRIBUTES:
            attributes[word] = True
        elif word in colors or word in _ANSI or _HEX.fullmatch(word):
            parsed = Color.parse(colors.get(word, word))
            if behind:
                background = parsed
            else:
                color = parsed
        else:
            raise ThemeError(f"{where}: {key} = {text!r}", f"{word} is neither a colour nor one of {', '.join(sorted(_ATTRIBUTES))}")
    if color is None and not behind:
        color = Color.parse(colors["foreground"])
    if background is None:
        background = Color.parse(colors["background"])  # of the theme, whatever the terminal's is
    return Style(color=color, bgcolor=background, **attributes)  # type: ignore[arg-type]


# -- where they are


def user_directory() -> Path:
    return settings_file().parent / "themes"


def _bundled() -> Traversable:
    """The directory of the bundled themes: a package of its own, or, in a checkout that isn't installed, beside `tttui`."""
    try:
        return resources.files("tttui.themes")
    except ModuleNotFoundError:
        return Path(__file__).parents[2] / "themes"


def sources() -> Iterator[Source]:
    """All themes there are; a user's hides a bundled one of the same name."""
    own: dict[str, Source] = {}
    try:
        files = sorted(user_directory().glob("*.toml"))
    except OSError:
        files = []
    for file in files:
        own[file.stem] = Source(file.stem, str(file), True)
    for entry in sorted(_bundled().iterdir(), key=lambda entry: entry.name):
        name, dot, suffix = entry.name.rpartition(".")
        if dot and suffix == "toml" and name not in own:
            yield Source(name, entry.name, False)
    yield from own.values()


def load(name: str) -> Theme:
    """A theme by its name; ThemeError where there is none, or where it can't be used."""
    for source in sources():
        if source.name == name:
            return read(source)
    raise ThemeError(f"there is no theme {name!r}", "", "`tttui themes` lists them")


def read(source: Source) -> Theme:
    """The theme of a file."""
    if not _NAME.fullmatch(source.name):
        raise ThemeError(f"{source.where} can't be used", "the name of a theme is of small letters, digits and -")
    try:
        if source.own:
            path = Path(source.where)
            if path.stat().st_size > _LARGEST:
                raise ThemeError(f"{source.where} is too large for a theme")
            text = path.read_text("utf-8")
        else:
            text = _bundled().joinpath(source.where).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ThemeError(f"{source.where} can't be read", str(error)) from None
    return parse(source.name, text, source.where)


def fitting(environment: Mapping[str, str] = os.environ) -> str:
    """The name of the theme for this terminal, going by the environment alone."""
    if environment.get("TTTUI_THEME"):
        return environment["TTTUI_THEME"]
    if environment.get("NO_COLOR"):
        return DEFAULT_MONO
    term = environment.get("TERM", "")
    # "15;0" or "0;default;15": the last is the background's colour, of the terminal's sixteen; rxvt, Konsole and others say it.
    light = environment.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
    if environment.get("COLORTERM", "") in ("truecolor", "24bit") or "256color" in term or "direct" in term:
        return DEFAULT_LIGHT if light else DEFAULT_DARK
    return DEFAULT_MONO if term in ("dumb", "vt100", "vt220") else DEFAULT_ANSI
