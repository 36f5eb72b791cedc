"""`diff`: two moments, or two recordings."""

import os
import subprocess
import sys
from pathlib import Path

from shell.conftest import Do


def test_two_moments_differ_in_what_changed_between_them(do: Do) -> None:
    do("rt exception KeyError")
    do("last amount")
    shown = do("diff +1 amount")
    assert shown.status == 0
    assert shown.rows[0]["path"] == "amount"
    assert {shown.rows[0]["old"]["text"], shown.rows[0]["new"]["text"]} == {"2", "4"}
    assert do("diff . amount").status == 1


def test_the_whole_state_is_compared_frame_by_frame(do: Do) -> None:
    do("rt exception KeyError")
    do("last amount")
    shown = do("diff +1")
    changed = [variable["path"] for frame in shown.rows for variable in frame["variables"]]
    assert "amount" in changed
    assert "amount: " in shown.text


def test_two_moments_may_both_be_given(do: Do) -> None:
    do("rt exception KeyError")
    here = do("frame").json["event"]
    do("goto start")
    assert do(f"diff {here - 1} {here}").json["new"] == here
    assert do("diff start end nothing_like_that").status in (1, 2)
    assert do("diff 99999999").status == 2


def test_two_recordings_part_where_they_first_differ(tmp_path: Path, do: Do) -> None:
    program = tmp_path / "count.py"
    program.write_text("import sys\nlast = int(sys.argv[1])\ntotal = 0\nfor number in range(last):\n    total += number\nprint(total)\n")
    for last in (3, 5):
        command = [sys.executable, "-m", "tttui", "record", "-o", str(tmp_path / f"{last}.db"), str(program), str(last)]
        subprocess.run(command, check=True, capture_output=True, timeout=180, env={**os.environ, "HOME": str(tmp_path)})
    command = [sys.executable, "-m", "tttui", "shell", str(tmp_path / "3.db"), "-x", f"diff {tmp_path / '5.db'}"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0
    assert "control flow: " in done.stdout
    assert "value: " in done.stdout
    assert "last: 3 → 5" in done.stdout
    same = subprocess.run([*command[:-1], f"diff {tmp_path / '3.db'}"], check=False, capture_output=True, text=True, timeout=180)
    assert same.returncode == 1
    assert "alike" in same.stdout
