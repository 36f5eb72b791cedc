"""Themes: the bundled ones are whole, and what is wrong with one is told."""

from pathlib import Path

import pytest

from tttui.tui import theme as themes
from tttui.tui.theme import ThemeError
from tui.viewer import Viewer, drive

BUNDLED = [source.name for source in themes.sources() if not source.own]
TEN_LINES = '[colors]\nbackground = "#000000"\nforeground = "#ffffff"\n'


def test_there_are_enough() -> None:
    assert len(BUNDLED) >= 8
    assert {themes.DEFAULT_DARK, themes.DEFAULT_ANSI, themes.DEFAULT_MONO} <= set(BUNDLED)


def _light(color: str) -> float:
    channels = [int(color[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_theme_is_whole_and_its_text_readable(name: str) -> None:
    theme = themes.load(name)
    assert set(theme.styles) == set(themes.ROLES)
    assert set(theme.syntax) == set(themes.SYNTAX)
    if not theme.ansi:
        low, high = sorted((_light(theme.colors["background"]), _light(theme.colors["foreground"])))
        assert (high + 0.05) / (low + 0.05) >= 4.0
        assert theme.dark == (_light(theme.colors["background"]) < _light(theme.colors["foreground"]))


@pytest.mark.parametrize("name", BUNDLED)
def test_the_viewer_switches_to_it_live(billing: Path, name: str) -> None:
    async def script(viewer: Viewer) -> None:
        before = viewer.text
        await viewer.type(f":theme {name}")
        await viewer.press("enter")
        assert viewer.app.desk.theme.name == name
        assert viewer.text.splitlines()[:18] == before.splitlines()[:18]

    drive(billing, script)


def test_three_lines_make_a_theme() -> None:
    assert themes.parse("mine", TEN_LINES).styles["changed"].color is not None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[colors", "no TOML"),
        ('[colors]\nforeground = "#ffffff"', "colors.background is missing"),
        (TEN_LINES + 'red = "crimson"', "colors.red = 'crimson'"),
        (TEN_LINES + 'purple = "#ff00ff"', "no colors.purple"),
        (TEN_LINES + '[styles]\nchanged = "bolt red"', "styles.changed"),
        (TEN_LINES + '[syntax]\nkeywords = "red"', "no syntax.keywords"),
        ("title = 3\n" + TEN_LINES, "title is a text"),
    ],
)
def test_what_is_wrong_is_told(text: str, told: str) -> None:
    with pytest.raises(ThemeError) as caught:
        themes.parse("mine", text)
    assert told in str(caught.value)


def test_a_users_theme_hides_a_bundled_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    directory = tmp_path / "tttui" / "themes"
    directory.mkdir(parents=True)
    (directory / "night.toml").write_text('title = "My night"\n' + TEN_LINES)
    (directory / "broken.toml").write_text("[colors]")
    assert themes.load("night").title == "My night"
    with pytest.raises(ThemeError):
        themes.load("broken")


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"NO_COLOR": "1", "COLORTERM": "truecolor"}, "mono"),
        ({"TERM": "linux"}, "ansi"),
        ({"TERM": "xterm-256color"}, "night"),
        ({"TTTUI_THEME": "nord"}, "nord"),
    ],
)
def test_the_terminal_chooses(environment: dict[str, str], name: str) -> None:
    assert themes.fitting(environment) == name
