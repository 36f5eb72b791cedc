"""Secrets that a program holds are nowhere in its recording; what only resembles them is.

The texts come from standard input, so that they don't stand in the recorded source.
"""

import json
import os
from pathlib import Path

import pytest

from record.running import Runner, facts, rows
from tttui.record.compression import decompress
from tttui.store.run import Run

PROGRAM = """
import collections
import json
import sys
from dataclasses import dataclass

text = json.loads(sys.stdin.readline())


@dataclass
class Account:
    user: str
    {name}: str


class Slotted:
    __slots__ = ("{name}",)


def use({name}, kept=None):
    renamed = {name}

    def inner():
        return {name}

    inner()
    return renamed, f"user:{{renamed}}", [renamed], {{renamed + "!"}}


class Config:
    {name} = text.pop()


{name} = Config.{name}
account = Account("bob", {name})
slotted = Slotted()
slotted.{name} = {name}
mapping = {{"user": "bob", "{name}": {name}}}
mapping["{name}"] = {name} + "x"
ordered = collections.OrderedDict({name}={name})
use({name})
use({name}={name}, kept={name}.encode())
generator = (letter + {name} for letter in "ab")
list(generator)
"""
HIDDEN_BY_NAME = [
    "password",
    "db_password",
    "PASSWORD",
    "passphrase",
    "client_secret",
    "apiKey",
    "AWS_SECRET_ACCESS_KEY",
    "private_key",
    "credentials",
]
SHOWN = ["author", "tokens", "passenger", "keyboard", "secretary", "compass", "monkey_key", "key"]
VALUE = "correct-horse-battery-staple"

BY_SHAPE = {
    "AWS": "AKIAIOSFODNN7EXAMPLE",
    "GitHub": "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "bearer": "Bearer abcdefghijklmnopqrstuvwxyz",
    "JWT": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    "URL": "postgres://bob:hunter22@db.example/orders",
    "Slack": "xoxb-123456789012-abcdefghijkl",
    "private key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\n",
}
HARMLESS = [
    "https://example.com/path?a=b:c@d", "xoxo", "AKIA", "Bearer", "a - b", "user@example.com", "eyJ is a beginning, not a token of any kind",
    "sk-", "-----BEGIN CERTIFICATE-----\nMIIEowIBAAKCAQEA\n", "http://host:80/",
]  # fmt: skip


def everything(path: Path) -> bytes:
    """The file, and all that is compressed in it."""
    chunks = rows(path, "SELECT codec, size, data FROM chunk")
    return path.read_bytes() + b"".join(decompress(codec, data, size) for codec, size, data in chunks)


def record_with(record: Runner, directory: Path, program: str, text: str, *options: str) -> bytes:
    (directory / "script.py").write_text(program)
    got = record(*options, "script.py", input=json.dumps([text]).encode() + b"\n")
    assert got.code == 0, got.err
    return everything(directory / "run.db")


@pytest.mark.parametrize("name", HIDDEN_BY_NAME)
def test_texts_under_the_name_of_a_secret_are_not_recorded(name: str, tmp_path: Path, record: Runner) -> None:
    program = PROGRAM.format(name=name).replace("text = json", "password = json").replace("text.pop", "password.pop")
    content = record_with(record, tmp_path, program.replace("password.pop()", "password.pop(0)"), VALUE)
    # The list that json gives back is looked at before any name says what its element is.
    assert content.count(VALUE.encode()) <= 1
    assert f"{VALUE}x".encode() not in content
    assert f"user:{VALUE}".encode() not in content
    assert json.loads(facts(tmp_path / "run.db")["cut"])["secret"] > 5


@pytest.mark.parametrize("name", SHOWN)
def test_names_that_only_resemble_those_of_secrets_are_recorded(name: str, tmp_path: Path, record: Runner) -> None:
    content = record_with(record, tmp_path, PROGRAM.format(name=name), VALUE)
    assert f"user:{VALUE}".encode() in content
    assert json.loads(facts(tmp_path / "run.db")["cut"])["secret"] == 0


@pytest.mark.parametrize("kind", BY_SHAPE)
def test_texts_with_the_shape_of_a_secret_are_not_recorded(kind: str, tmp_path: Path, record: Runner) -> None:
    content = record_with(record, tmp_path, PROGRAM.format(name="value"), BY_SHAPE[kind])
    assert BY_SHAPE[kind].encode() not in content
    assert json.loads(facts(tmp_path / "run.db")["cut"])["secret"] > 0


@pytest.mark.parametrize("text", HARMLESS)
def test_texts_that_only_resemble_secrets_are_recorded(text: str, tmp_path: Path, record: Runner) -> None:
    content = record_with(record, tmp_path, PROGRAM.format(name="value"), text)
    assert text.encode() in content
    assert json.loads(facts(tmp_path / "run.db")["cut"])["secret"] == 0


def test_no_redact_records_all(tmp_path: Path, record: Runner) -> None:
    content = record_with(record, tmp_path, PROGRAM.format(name="password"), VALUE, "--no-redact")
    assert f"user:{VALUE}".encode() in content


@pytest.mark.parametrize("how", ["option", "environment"])
def test_names_of_ones_own_can_be_added(how: str, tmp_path: Path, record: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    if how == "environment":
        monkeypatch.setenv("TTTUI_REDACT", os.pathsep.join(["other", "pi?"]))
    options = ["--redact", "other", "--redact", "pi?"] if how == "option" else []
    content = record_with(record, tmp_path, PROGRAM.format(name="pin"), VALUE, *options)
    assert f"user:{VALUE}".encode() not in content


def test_a_short_secret_is_hidden_at_its_name_alone(tmp_path: Path, record: Runner) -> None:
    (tmp_path / "script.py").write_text("password = 'a' * 3\nother = password\nempty_password = ''\nend = 1\n")
    assert record("script.py").code == 0
    with Run.open(tmp_path / "run.db") as run:
        values = run.moment(run.events - 1).stack[-1].locals
    assert (values["password"].badge, values["password"].text) == ("redacted", "<redacted>")
    assert (values["other"].text, values["empty_password"].text) == ("'aaa'", "''")
