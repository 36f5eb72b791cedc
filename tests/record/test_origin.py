"""Which recordings are this user's own: to run the program of another one again takes a word for it."""

import json
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tttui import paths
from tttui.record import origin

FACTS = {"command": ["python", "a.py"], "python": "/usr/bin/python", "cwd": "/", "started": "now", "circumstances": {"environment": []}}


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_what_was_sealed_is_ours() -> None:
    assert origin.is_ours({**FACTS, "seal": origin.seal(FACTS), "events": 5})
    stored = {name: json.dumps(value) if isinstance(value, list | dict) else value for name, value in FACTS.items()}
    assert origin.is_ours({**FACTS, "seal": origin.seal(stored)}), "as it stands in the recording, and as it is read from there"


@pytest.mark.parametrize("name", sorted(FACTS))
def test_what_was_changed_is_not(name: str) -> None:
    assert not origin.is_ours({**FACTS, "seal": origin.seal(FACTS), name: "sh"})


def test_without_a_seal_or_with_a_strange_one_it_is_not() -> None:
    for seal in (None, "", 5, "é" * 64, "0" * 64):
        assert not origin.is_ours({**FACTS, "seal": seal})


def test_another_users_seal_is_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = origin.seal(FACTS)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another"))
    assert not origin.is_ours({**FACTS, "seal": theirs})


def test_the_key_is_the_users_alone() -> None:
    origin.seal(FACTS)
    key = paths.state_directory() / "key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert os.listdir(key.parent) == ["key"]


def test_without_a_place_for_the_key_nothing_is_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    assert origin.seal(FACTS) is None
    assert not origin.is_ours({**FACTS, "seal": None})


def test_a_recording_from_elsewhere_is_not_run_again_unasked(tmp_path: Path) -> None:
    def tttui(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "tttui", *words], cwd=tmp_path, capture_output=True, text=True, timeout=60)

    (tmp_path / "program.py").write_text("a = 1\nb = a + 1\n")
    assert tttui("record", "-o", "run.db", "program.py").returncode == 0
    own = tttui("replay", "run.db", "--at", "last", "-x", "p b")
    assert (own.returncode, own.stdout.splitlines()[-1]) == (0, "b = 2"), own.stderr
    (tmp_path / "state/tttui/key").write_bytes(bytes(32))
    refused = tttui("replay", "run.db", "-x", "p b")
    assert refused.returncode == 2
    assert "you did not make this recording here" in refused.stderr
    assert "program.py" in refused.stderr
    assert "--trust" in refused.stderr
    trusted = tttui("replay", "--trust", "run.db", "--at", "last", "-x", "p b")
    assert (trusted.returncode, trusted.stdout.splitlines()[-1]) == (0, "b = 2"), trusted.stderr
    with closing(sqlite3.connect(tmp_path / "run.db")) as connection:
        assert connection.execute("SELECT length(value) FROM meta WHERE key = 'seal'").fetchone() == (64,)
