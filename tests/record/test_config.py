"""Settings come from the command line, the environment, the project and the user, in that order."""

import platform
import sqlite3
from contextlib import closing
from pathlib import Path

import platformdirs
import pytest

from tttui import config, paths
from tttui.errors import TttuiError
from tttui.record import start


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    below = tmp_path / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    return tmp_path / "pyproject.toml"


def write_user_settings(text: str) -> None:
    paths.settings_file().parent.mkdir(parents=True)
    paths.settings_file().write_text(text)


def test_each_place_overrides_those_below_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_user_settings("max-items = 1\nmax-depth = 1\nmax-string = 1\nall = true\n")
    project.write_text("[tool.tttui]\nmax_items = 2\nmax_depth = 2\nmax-string = 2\n")
    monkeypatch.setenv("TTTUI_MAX_ITEMS", "3")
    monkeypatch.setenv("TTTUI_MAX_DEPTH", "3")
    settings = config.load({"max_items": "4"})
    assert (settings.max_items, settings.max_depth, settings.max_string, settings.all) == (4, 3, 2, True)


def test_defaults_hold_where_nothing_is_said(project: Path) -> None:
    assert config.load() == config.Settings()


@pytest.mark.parametrize(("text", "size"), [("500M", 500 << 20), ("2G", 2 << 30), ("1.5GiB", 3 << 29), ("2097152", 2 << 20), ("0", None)])
def test_sizes(text: str, size: int | None) -> None:
    assert config.load({"max_size": text}).max_size == size


@pytest.mark.parametrize(
    "given",
    [
        {"max_items": "many"},
        {"max_items": "-1"},
        {"max_depth": True},
        {"max_string": str(1 << 40)},
        {"max_size": "10"},
        {"max_size": "huge"},
        {"include": ["a\nb"]},
        {"python": ""},
        {"all": "perhaps"},
    ],
)
def test_what_makes_no_sense_is_an_error_that_names_the_option(given: dict[str, object]) -> None:
    with pytest.raises(TttuiError) as caught:
        config.load(given)
    assert f"--{next(iter(given)).replace('_', '-')}" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [("[tool.tttui]\nmax_itmes = 2\n", "max_itmes"), ("[tool.tttui]\noutput = 'x'\n", "output"), ("[tool", "pyproject.toml")],
)
def test_mistakes_in_a_file_are_named(project: Path, text: str, message: str) -> None:
    project.write_text(text)
    with pytest.raises(TttuiError, match=message):
        config.load()


def test_lists_in_the_environment_are_separated_like_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTTUI_INCLUDE", "a/*:b/*")
    assert config.load().include == ("a/*", "b/*")


def test_the_recorder_gets_lines() -> None:
    settings = config.load({"include": ["a", "b"], "exclude": ["c"], "max_items": 7})
    assert settings.for_recorder() == "max_items=7\nmax_depth=20\nmax_string=4096\nall=0\nredacting=1\ninclude=a\ninclude=b\nexclude=c\n"


def test_too_many_patterns_are_refused() -> None:
    with pytest.raises(TttuiError):
        config.load({"include": ["x" * 100] * 50}).for_recorder()


@pytest.mark.parametrize("variable", [None, "XDG"])
def test_directories_are_those_of_platformdirs(variable: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if variable:
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert paths.state_directory() == Path(platformdirs.user_state_dir("tttui"))
    assert paths.settings_file().parent == Path(platformdirs.user_config_dir("tttui"))


def test_the_platform_is_told_as_python_tells_it() -> None:
    assert start.platform_name() == platform.platform()


@pytest.mark.parametrize("name", ["a?mode=rwc&b", "a#b", "100%25", "a b", "ä\udcff", "\n"])
def test_any_name_is_told_to_sqlite(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    with closing(sqlite3.connect(paths.sqlite_uri(path, "mode=rwc"), uri=True)) as connection:
        connection.execute("CREATE TABLE t (a)")
    assert list(tmp_path.iterdir()) == [path]
