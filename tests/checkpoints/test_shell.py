"""The shell's commands for checkpoints, as a person and as a program use them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checkpoints.keeping import BOX, Kept, kept
from tttui.shell.lines import execute
from tttui.shell.session import Session

PROGRAM = f"""{BOX}

def fill(numbers):
    boxes = []
    for number in numbers:
        boxes.append(Box(number))
    return boxes


boxes = fill(range(20))
total = sum(box.number for box in boxes)
if total > 1000:
    raise ValueError(total)
print(total)
"""


@pytest.fixture(scope="module")
def boxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with kept(tmp_path_factory.mktemp("boxes"), PROGRAM) as found:
        yield found


@pytest.fixture
def session(boxes: Kept) -> Iterator[Session]:
    found = Session(boxes.run, boxes.run.events - 1)
    yield found
    found.close()


def do(session: Session, line: str) -> dict[str, Any]:
    answer = execute(session, line)
    assert answer is not None
    texts = [text.plain for text in answer.texts]
    return {**answer.json, "texts": texts, "status": answer.status}


def test_checkpoint_enters_the_moment_and_uup_leaves_it(boxes: Kept, session: Session) -> None:
    last = boxes.run.events - 1
    found = do(session, "checkpoint")
    assert (found["event"], found["verified"], found["texts"]) == (last, True, [f"verified to event {last:,}"])
    assert do(session, "ulist")["entered"] == {"event": last, "verified": True, "changed": False}
    assert do(session, "uup")["event"] == last
    assert do(session, "uup")["status"] == 1
    assert do(session, "ulist")["entered"] is None


def test_eval_and_exec_enter_by_themselves(boxes: Kept, session: Session) -> None:
    assert do(session, "eval boxes[3]")["value"] == "<box 3>"
    assert do(session, "exec print(boxes[4].number); total = 5")["output"] == "4\n"
    assert do(session, "eval total")["value"] == "190"
    do(session, "exec -k total = 5")
    assert do(session, "eval total")["value"] == "5"
    do(session, "goto start")
    assert "changed" in do(session, "eval 1")["error"]
    do(session, "uup")
    do(session, f"goto {boxes.event_at('boxes.append', last=True)}")
    assert do(session, "eval (len(boxes), number)")["value"] == "(19, 19)"
    do(session, "up")
    assert do(session, "eval 'fill' in globals() and 'number' not in locals()")["value"] == "True"


def test_a_wrong_expression_is_no_end(session: Session) -> None:
    found = do(session, "eval nothing_like_that")
    assert (found["status"], found["error"]) == (1, "NameError: name 'nothing_like_that' is not defined")
    assert do(session, "eval 1 +")["status"] == 1


def test_what_went_wrong_is_said_once(session: Session) -> None:
    texts = do(session, "eval 1 / 0")["texts"]
    assert texts[-1] == "ZeroDivisionError: division by zero"
    assert sum("division by zero" in text for text in texts) == 1


def test_statements_without_an_answer_say_what_becomes_of_them(session: Session) -> None:
    assert do(session, "exec total = 5")["texts"] == ["done: what it changed is gone again; exec -k keeps it"]
    assert do(session, "exec -k total = 5")["texts"] == ["done: it stays so until the moment is left"]


def test_a_copy_that_ends_takes_what_was_kept_in_it_along_and_is_entered_anew(session: Session) -> None:
    do(session, "exec -k total = 5")
    found = do(session, "exec -k __import__('os')._exit(3)")
    assert (found["error"], found["hint"]) == ("the checkpoint has ended", "the moment was left, and what was changed in it is gone")
    assert do(session, "ulist")["entered"] is None
    assert do(session, "eval total")["value"] == "190"


def test_a_moment_that_has_ended_by_itself_is_left(session: Session) -> None:
    os.kill(do(session, "checkpoint")["pid"], signal.SIGKILL)
    found: dict[str, Any] = {}
    while "error" not in found:  # it may have to die yet
        found = do(session, "eval total")
    assert (found["error"], found["hint"]) == ("the checkpoint has ended", "the moment was left")
    assert do(session, "eval total")["value"] == "190"


def test_a_copy_for_one_evaluation_ends_alone(session: Session) -> None:
    do(session, "exec -k total = 5")
    assert do(session, "eval __import__('os')._exit(3)")["hint"] == "the moment itself is as it was"
    assert do(session, "eval total")["value"] == "5"


def test_what_was_to_be_kept_and_is_interrupted_is_gone(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    do(session, "exec -k total = 5")

    def interrupted(connection: object, seconds: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("tttui.checkpoints.client._answer", interrupted)
        with pytest.raises(KeyboardInterrupt):
            execute(session, "exec -k while True: pass")
    assert session.interrupted() == "the moment was left, and what was changed in it is gone"
    assert do(session, "eval total")["value"] == "190"


def test_ujump_stays_where_it_is_when_it_cant_enter(boxes: Kept, session: Session) -> None:
    do(session, "exec -k total = 5")
    found = do(session, "ujump 1")
    assert "entered and changed" in found["error"]
    assert found["hint"] == f"uup leaves it; goto {boxes.run.events - 1} goes back to it"
    assert session.navigator.position == boxes.run.events - 1


def test_ujump_goes_to_a_checkpoint(boxes: Kept, session: Session) -> None:
    first = do(session, "ulist")["checkpoints"][0]
    assert do(session, f"ujump {first['number']}")["event"] == first["event"]
    assert session.navigator.position == first["event"]
    assert do(session, "ujump 99")["error"] == "there is no such checkpoint"


def test_whatif_tells_where_the_two_part(boxes: Kept, session: Session, tmp_path: Path) -> None:
    do(session, f"goto {boxes.event_at('total > 1000')}")
    found = do(session, f"whatif -o {tmp_path / 'other.db'} total = 2000")
    assert found["ended"] == "it ended in ValueError(2000) at program.py:20"
    assert found["control"]["second"]["line"] == 20
    assert (tmp_path / "other.db").exists()


def test_whatif_tells_the_outcome_first_and_what_opens_it_last(session: Session, tmp_path: Path) -> None:
    do(session, "goto 60")
    path = tmp_path / "of two words.db"
    found = do(session, f"whatif -o '{path}' print('done here')")
    assert found["texts"][:3] == ["changed: print('done here')", "done here", "it ended with exit code 0"]
    assert found["texts"][-1] == f"another universe: tttui open '{path}' shows it"


def test_whatif_builds_on_what_was_kept_and_leaves_it_as_it_is(boxes: Kept, session: Session, tmp_path: Path) -> None:
    do(session, f"goto {boxes.event_at('total > 1000')}")
    do(session, "exec -k total = 900")
    assert do(session, f"whatif -o {tmp_path / 'one.db'} total += 7")["written"] == {"here": "190", "there": "907"}
    assert do(session, "eval total")["value"] == "900"
    assert do(session, f"whatif -o {tmp_path / 'two.db'}")["written"]["there"] == "900"
    assert do(session, "eval total")["value"] == "900"


def test_whatif_shows_a_few_of_many_differences(boxes: Kept, session: Session, tmp_path: Path) -> None:
    do(session, f"goto {boxes.event_at('total > 1000')}")
    found = do(session, f"whatif -o {tmp_path / 'one.db'} boxes = []")
    differences = [text for text in found["texts"] if "(gone)" in text]
    assert 0 < len(differences) <= 10
    assert f"  … and {len(found['value']['differences']) - len(differences)} more" in found["texts"]


def test_whatif_says_where_it_did_not_come(session: Session, tmp_path: Path) -> None:
    do(session, "goto 60")
    found = do(session, f"whatif -o {tmp_path / 'one.db'} -u program.py:9999")
    assert found["ended"] == "it did not come to program.py:9999: it ended with exit code 0"
    assert "it did not come to" in found["texts"][0]


def test_whatif_needs_something_behind_its_options(session: Session) -> None:
    assert do(session, "whatif -u")["error"] == "a place is needed behind -u"
    assert do(session, "whatif -o")["error"] == "the path of a file is needed behind -o"
    assert do(session, "whatif -u nowhere")["error"] == "--until: expected FILE:LINE"


def test_a_shell_after_the_recording_has_them(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, "-m", "tttui", "record", "--shell", "-o", str(tmp_path / "run.db"), str(tmp_path / "program.py")]
    done = subprocess.run(
        command,
        input="eval boxes[0]\nquit\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert done.returncode == 0
    assert "boxes[0] = <box 0>" in done.stdout
    shell = [sys.executable, "-m", "tttui", "shell", str(tmp_path / "run.db"), "--json", "-x", "eval 1"]
    gone = subprocess.run(shell, capture_output=True, text=True, timeout=60, check=False)
    assert gone.returncode == 2
    assert json.loads(gone.stdout)["error"] == "the checkpoints are gone"


def test_info_tells_of_them(boxes: Kept) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "tttui", "info", str(boxes.run.path), "--json"], capture_output=True, text=True, timeout=60, check=True
    )
    found = json.loads(shown.stdout)["checkpoints"]
    assert found["made"] >= found["kept"] >= 1
    text = subprocess.run(
        [sys.executable, "-m", "tttui", "info", str(boxes.run.path)], capture_output=True, text=True, timeout=60, check=True
    )
    assert "made in" in text.stdout
