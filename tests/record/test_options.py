"""The command line is taken apart as the interpreter would do it."""

import pytest

from tttui.errors import TttuiError
from tttui.record.options import parse


@pytest.mark.parametrize(
    ("line", "given", "flags", "program"),
    [
        ("script.py a --flag -x", {}, [], "script.py a --flag -x"),
        ("-o run.db script.py -o other", {"output": "run.db"}, [], "script.py -o other"),
        ("-orun.db script.py", {"output": "run.db"}, [], "script.py"),
        ("--output=run.db script.py", {"output": "run.db"}, [], "script.py"),
        ("-m package.module --max-items 3", {}, [], "-m package.module --max-items 3"),
        ("-mpackage x", {}, [], "-mpackage x"),
        ("-c code -c", {}, [], "-c code -c"),
        ("-OOIc code", {}, ["-O", "-O", "-I"], "-c code"),
        ("-Im package", {}, ["-I"], "-m package"),
        ("-OWerror script.py", {}, ["-O", "-W", "error"], "script.py"),
        ("-W error -Xdev - x", {}, ["-W", "error", "-X", "dev"], "- x"),
        ("--all --max-items 5 -b -b s.py", {"all": True, "max_items": "5"}, ["-b", "-b"], "s.py"),
        ("-bb s.py:5 x", {}, ["-b", "-b"], "s.py:5 x"),
        ("-b s.py", {}, ["-b"], "s.py"),
        ("-b s.py:5 s.py", {"stop": ["s.py:5"]}, [], "s.py"),
        ("-b s.py:5 -b dir/t.py:7,x>3 -b s.py", {"stop": ["s.py:5", "dir/t.py:7,x>3"]}, ["-b"], "s.py"),
        ("-bs.py:5 --break t.py:6 s.py", {"stop": ["s.py:5", "t.py:6"]}, [], "s.py"),
        ("-Ob s.py:5", {}, ["-O", "-b"], "s.py:5"),
        ("-b s.py 1:2", {}, ["-b"], "s.py 1:2"),
        ("--include a --include=b s.py", {"include": ["a", "b"]}, [], "s.py"),
        ("-- s.py --", {}, [], "s.py --"),
        ("s.py -- x", {}, [], "s.py -- x"),
        ("-", {}, [], "-"),
    ],
)
def test_options_end_where_the_interpreter_ends_them(line: str, given: dict[str, object], flags: list[str], program: str) -> None:
    invocation = parse(line.split())
    assert invocation.given == given
    assert list(invocation.flags) == flags
    assert list(invocation.program) == program.split()


@pytest.mark.parametrize("line", ["", "-O", "--nonsense s.py", "-Z s.py", "-m", "-c", "-o", "--all=1 s.py", "--max-items", "-W", "--"])
def test_a_command_line_that_makes_no_sense_is_refused_with_a_hint(line: str) -> None:
    with pytest.raises(TttuiError) as caught:
        parse(line.split())
    assert caught.value.exit_code == 2
    assert "--help" in caught.value.hint


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("dir/script.py", "script"),
        ("dir/", "dir"),
        ("-m package.module", "package.module"),
        ("-mpackage", "package"),
        ("-c pass", "command"),
        ("-", "stdin"),
    ],
)
def test_a_program_has_a_short_name(line: str, title: str) -> None:
    assert parse(line.split()).title == title


def test_minus_s_is_noticed_among_the_flags_only() -> None:
    assert parse(["-IS", "x.py"]).without_site
    assert not parse(["x.py", "-S"]).without_site
