"""`tttui shell` as a command: where its commands come from, what it prints, and how it ends."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tttui.report.formats import json_text

TTTUI = [sys.executable, "-m", "tttui"]


def shell(recording: Path, *arguments: str, script: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*TTTUI, "shell", str(recording), *arguments],
        input=script, capture_output=True, text=True, timeout=180, check=False, encoding="utf-8", env={**os.environ, **environment},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["-x", "where"], 0),
        (["-x", "p 1"], 0),
        (["-x", "goto start", "-x", "back"], 1),
        (["-x", "p nothing_like_that"], 1),
        (["-x", "find -o no_such_text_anywhere"], 1),
        (["-x", "back", "-x", "nonsense"], 2),
        (["-x", "nonsense", "-x", "where"], 2),
        (["-x", "p 1 +"], 2),
        (["-x", "p nothing_like_that", "-x", "p 1"], 0),
        (["--at", "0", "-x", "where"], 0),
        (["--at", "nowhere", "-x", "where"], 2),
    ],
)
def test_the_exit_code_is_that_of_the_last_command(shopping: Path, arguments: list[str], code: int) -> None:
    assert shell(shopping, *arguments).returncode == code


def test_the_first_mistake_ends_a_script(shopping: Path) -> None:
    done = shell(shopping, script="p 1\nnonsense\np 'never printed'\n")
    assert done.returncode == 2
    assert "1 = 1" in done.stdout
    assert "never printed" not in done.stdout


def test_a_script_on_standard_input_has_comments_and_empty_lines(shopping: Path) -> None:
    done = shell(shopping, script="# where are we?\n\np 'one'\n  p 'two'  \nquit\np 'three'\n")
    assert done.returncode == 0
    assert re.findall(r"= '(\w+)'", done.stdout) == ["one", "two"]


def test_commands_come_before_a_script_where_both_are_wanted(shopping: Path) -> None:
    assert "two" not in shell(shopping, "-x", "p 'one'", script="p 'two'\n").stdout
    done = shell(shopping, "-i", "-x", "p 'one'", script="p 'two'\n")
    assert re.findall(r"= '(\w+)'", done.stdout) == ["one", "two"]


def test_json_is_one_object_on_a_line_for_each_command(shopping: Path) -> None:
    commands = [
        "back",
        "p 1",
        "p nothing",
        "writes shop",
        "where",
        "locals",
        "history",
        "output all",
        "help step",
        "info b",
        "tree",
        "list",
    ]
    done = shell(shopping, "--json", script="\n".join(commands))
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["command"] for one in found] == commands
    assert found[0]["stack"]
    assert found[0]["stop"]["reason"] == "step"
    assert found[1]["value"] == {"type": "int", "text": "1"}
    assert "error" in found[2]
    assert isinstance(found[3]["writes"], list)
    assert found[7]["lines"][0]["text"] == "total of ann: 4"
    assert all(line.isascii() and line.isprintable() for line in done.stdout.splitlines())


def test_a_mistake_in_json_is_an_object_too(shopping: Path) -> None:
    done = shell(shopping, "--json", "-x", "b nowhere.py:3")
    assert done.returncode == 2
    found = json.loads(done.stdout)
    assert found["command"] == "b nowhere.py:3"
    assert "nowhere.py" in found["error"]
    assert json_text(found) + "\n" == done.stdout


HOSTILE_COMMANDS = [
    "rt call shop",
    "to line 36",
    "locals",
    "pp ann",
    "p ann.owner",
    "p ann.owner + 'x'",
    "writes ann.owner",
    "why ann.owner",
    "output all",
    "where",
    "source",
    "list",
    "tree",
    "display ann.owner",
    "n",
    "last ann.owner",
    "goto end",
    "whynot 3",
    "history",
    "info functions",
]


@pytest.mark.parametrize("json_option", [[], ["--json"]])
def test_recorded_control_characters_do_nothing(shopping: Path, json_option: list[str]) -> None:
    done = shell(shopping, *json_option, script="\n".join(HOSTILE_COMMANDS))
    assert done.stdout.count("hidden") >= 5
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", done.stdout + done.stderr)


def test_a_closed_output_is_no_failure(shopping: Path) -> None:
    command = f"{sys.executable} -m tttui shell {shopping} -x 'info functions' -x help | head -1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=180, check=False)
    assert "Traceback" not in done.stderr


class Terminal:
    """A shell on a terminal of its own."""

    def __init__(self, recording: Path, home: Path, term: str) -> None:
        self._leader, follower = pty.openpty()
        environment = {**os.environ, "TERM": term, "HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "NO_COLOR": "1"}
        self.process = subprocess.Popen(
            [*TTTUI, "shell", str(recording)], stdin=follower, stdout=follower, stderr=follower, env=environment
        )
        os.close(follower)
        self.written = ""

    def wait_for_prompt(self) -> str:
        """What was written up to the next prompt."""
        return self.wait_for(r"(?m)^\([\d,]+\) ")

    def wait_for(self, pattern: str) -> str:
        """What was written up to what a pattern matches; the next call looks behind it."""
        deadline = time.monotonic() + 180
        while (match := re.search(pattern, self.written)) is None:
            assert time.monotonic() < deadline, self.written
            if select.select([self._leader], [], [], 0.2)[0]:
                try:
                    self.written += os.read(self._leader, 65536).decode("utf-8", "replace")
                except OSError:
                    assert re.search(pattern, self.written), self.written
        before, self.written = self.written[: match.start()], self.written[match.end() :]
        return before

    def type(self, text: str) -> None:
        os.write(self._leader, text.encode())

    def close(self) -> int:
        code = self.process.wait(timeout=180)
        os.close(self._leader)
        return code


def test_a_dumb_terminal_is_enough(shopping: Path, tmp_path: Path) -> None:
    terminal = Terminal(shopping, tmp_path, "dumb")
    before = terminal.wait_for_prompt()
    assert "help lists the commands" in before
    assert "\x1b" not in before
    terminal.type("goto start\n")
    terminal.wait_for(r"\(0\) ")
    terminal.type("step\n")
    first = terminal.wait_for_prompt()
    terminal.type("\n")  # again
    second = terminal.wait_for_prompt()
    assert " line " in first
    assert " line " in second
    assert first != second
    terminal.type("nonsense\n")
    terminal.wait_for("there is no command 'nonsense'")
    terminal.wait_for_prompt()
    terminal.type("p 20 + 2\n")
    assert "\x1b" not in terminal.wait_for("= 22")
    terminal.wait_for_prompt()
    terminal.type("quit\n")
    assert terminal.close() == 0


def test_control_c_asks_again_and_control_d_leaves(shopping: Path, tmp_path: Path) -> None:
    terminal = Terminal(shopping, tmp_path, "dumb")
    terminal.wait_for_prompt()
    terminal.type("p 'half")
    terminal.wait_for("p 'half")
    time.sleep(0.3)  # the terminal shows what is typed before the shell has read it
    terminal.process.send_signal(signal.SIGINT)
    terminal.wait_for_prompt()
    terminal.type("p 20 + 2\n")
    terminal.wait_for("= 22")
    terminal.wait_for_prompt()
    terminal.type("\x04")
    assert terminal.close() == 0


def test_what_was_typed_is_kept_for_the_next_time(shopping: Path, tmp_path: Path) -> None:
    pytest.importorskip("readline")
    terminal = Terminal(shopping, tmp_path, "dumb")
    terminal.wait_for_prompt()
    terminal.type("p 'remember me'\n")
    terminal.wait_for("= 'remember me'")
    terminal.type("q\n")
    assert terminal.close() == 0
    history = tmp_path / "state" / "tttui" / "shell_history"
    assert "p 'remember me'" in history.read_text()
    assert history.stat().st_mode & 0o077 == 0
