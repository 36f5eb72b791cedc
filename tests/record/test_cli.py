"""The command line as a whole."""

import sys
from pathlib import Path

import pytest

from record.running import TTTUI, Runner, events, facts, run


def tttui(*arguments: str, directory: Path, **options: object) -> object:
    return run([*TTTUI, *arguments], cwd=directory, **options)


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], [], ["record", "--help"], ["record", "-h"], ["info", "--help"]])
def test_help_is_there_and_teaches_by_example(arguments: list[str], tmp_path: Path) -> None:
    got = run([*TTTUI, *arguments], cwd=tmp_path)
    assert got.code in ((0, 2) if not arguments else (0,))
    assert b"Usage: tttui" in got.out + got.err
    if arguments and arguments[0] != "info":
        assert b"-m package.module" in got.out


def test_the_help_of_record_shows_every_option(tmp_path: Path) -> None:
    from tttui.record.options import OPTIONS

    text = run([*TTTUI, "record", "--help"], cwd=tmp_path).out.decode()
    for option in OPTIONS:
        for name in option.names:
            assert name in text


def test_version(tmp_path: Path) -> None:
    import tttui as package

    assert run([*TTTUI, "--version"], cwd=tmp_path).out == f"tttui {package.__version__}\n".encode()


def test_what_is_no_command_is_a_program_to_record(tmp_path: Path, own_home: Path) -> None:
    (tmp_path / "script.py").write_text("import sys\nprint(sys.argv)\nsys.exit(3)\n")
    got = run([*TTTUI, "script.py", "--help"], cwd=tmp_path)
    assert (got.code, got.out) == (3, b"['script.py', '--help']\n")
    got = run([*TTTUI, "-O", "-c", "print(__debug__)"], cwd=tmp_path)
    assert (got.code, got.out) == (0, b"False\n")
    assert len(list((own_home / ".local/state/tttui/recordings").iterdir())) == 2


def test_a_script_named_like_a_command_is_meant_by_its_path(tmp_path: Path, own_home: Path) -> None:
    (tmp_path / "info").write_text("print('ran')\n")
    assert run([*TTTUI, "./info"], cwd=tmp_path).out == b"ran\n"


@pytest.mark.parametrize(
    "arguments", [["record"], ["record", "--nonsense", "x.py"], ["--nonsense"], ["record", "--max-items", "x", "x.py"]]
)
def test_a_mistake_is_one_clear_message_and_exit_2(arguments: list[str], tmp_path: Path) -> None:
    got = run([*TTTUI, *arguments], cwd=tmp_path)
    assert (got.code, got.out) == (2, b"")
    assert got.err.startswith(b"tttui: ")
    assert b"Traceback" not in got.err
    assert len(got.err.splitlines()) <= 2


def test_settings_come_from_the_project_and_the_environment(tmp_path: Path, record: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.tttui]\nmax-items = 11\nmax-depth = 12\n")
    monkeypatch.setenv("TTTUI_MAX_DEPTH", "13")
    record("--max-string", "14", "-c", "x = 1")
    limits = facts(tmp_path / "run.db")["limits"]
    assert '"max_items": 11, "max_depth": 13, "max_string": 14' in limits


def test_colours_are_left_out_where_they_are_not_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert b"\x1b[3" not in run([*TTTUI, "record", "--nonsense"], cwd=tmp_path).err


def test_what_a_command_line_holds_cannot_drive_the_terminal(tmp_path: Path) -> None:
    got = run([*TTTUI, "record", "-o", "no/such\x1b]0;title\x07/run.db", "x.py"], cwd=tmp_path)
    assert got.code == 2
    assert b"\x1b]" not in got.err
    assert b"\x07" not in got.err


def test_a_closed_stderr_is_no_reason_to_fail(tmp_path: Path) -> None:
    command = f'"{sys.executable}" -m tttui record -o run.db -c "print(1)" 2>&-'
    got = run(["sh", "-c", command], cwd=tmp_path)
    assert (got.code, got.out) == (0, b"1\n")
    assert events(tmp_path / "run.db") > 0


def test_a_full_stdout_is_the_programs_matter(tmp_path: Path) -> None:
    plain = run(["sh", "-c", f'"{sys.executable}" -c "print(1)" > /dev/full'], cwd=tmp_path)
    recorded = run(["sh", "-c", f'"{sys.executable}" -m tttui record -o run.db -c "print(1)" > /dev/full'], cwd=tmp_path)
    assert (recorded.code, recorded.own_err) == (plain.code, plain.err)
