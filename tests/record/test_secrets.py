"""Secrets that a program holds are nowhere in its recording; what only resembles them is.

The texts come from standard input, so that they don't stand in the recorded source. One program holds all texts of a kind,
each under a name of its own.
"""

import json
import os
from pathlib import Path

import pytest

from record.running import Runner, facts, rows
from tttui.record.compression import decompress
from tttui.store.run import Run

BEGINNING = """
import collections
import json
import sys
from dataclasses import dataclass

{box} = json.loads(sys.stdin.readline())
"""
PROGRAM = """

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
    {name} = {box}.pop(0)


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


def record_with(record: Runner, directory: Path, texts: dict[str, str], *options: str, box: str = "texts") -> bytes:
    """All that is in the recording of a program that holds each of some texts, by the names under which it keeps them.

    It gets them in a list that has a name, too.
    """
    (directory / "script.py").write_text("".join([BEGINNING.format(box=box), *(PROGRAM.format(name=name, box=box) for name in texts)]))
    got = record(*options, "script.py", input=json.dumps(list(texts.values())).encode() + b"\n")
    assert got.code == 0, got.err
    return everything(directory / "run.db")


def one_for_each(names: list[str]) -> dict[str, str]:
    return {name: f"{VALUE}-{number}." for number, name in enumerate(names)}


def hidden(directory: Path) -> int:
    """How often the recorder hid something."""
    return int(json.loads(facts(directory / "run.db")["cut"])["secret"])


def test_texts_under_the_name_of_a_secret_are_not_recorded(tmp_path: Path, record: Runner) -> None:
    texts = one_for_each(HIDDEN_BY_NAME)
    content = record_with(record, tmp_path, texts, box="passwd")
    for name, text in texts.items():
        # The list that json gives back is looked at before any name says what its element is.
        assert content.count(text.encode()) <= 1, name
        assert f"{text}x".encode() not in content, name
        assert f"user:{text}".encode() not in content, name
    assert hidden(tmp_path) > 5 * len(texts)


def test_names_that_only_resemble_those_of_secrets_are_recorded(tmp_path: Path, record: Runner) -> None:
    texts = one_for_each(SHOWN)
    content = record_with(record, tmp_path, texts)
    for name, text in texts.items():
        assert f"user:{text}".encode() in content, name
    assert hidden(tmp_path) == 0


def test_texts_with_the_shape_of_a_secret_are_not_recorded(tmp_path: Path, record: Runner) -> None:
    content = record_with(record, tmp_path, {f"value{number}": text for number, text in enumerate(BY_SHAPE.values())})
    for kind, text in BY_SHAPE.items():
        assert text.encode() not in content, kind
    assert hidden(tmp_path) > 5 * len(BY_SHAPE)


def test_texts_that_only_resemble_secrets_are_recorded(tmp_path: Path, record: Runner) -> None:
    content = record_with(record, tmp_path, {f"value{number}": text for number, text in enumerate(HARMLESS)})
    for text in HARMLESS:
        assert f"user:{text}".encode() in content
    assert hidden(tmp_path) == 0


def test_no_redact_records_all(tmp_path: Path, record: Runner) -> None:
    content = record_with(record, tmp_path, {"password": VALUE}, "--no-redact")
    assert f"user:{VALUE}".encode() in content


@pytest.mark.parametrize("how", ["option", "environment"])
def test_names_of_ones_own_can_be_added(how: str, tmp_path: Path, record: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    if how == "environment":
        monkeypatch.setenv("TTTUI_REDACT", os.pathsep.join(["other", "pi?"]))
    options = ["--redact", "other", "--redact", "pi?"] if how == "option" else []
    content = record_with(record, tmp_path, {"pin": VALUE}, *options)
    assert f"user:{VALUE}".encode() not in content


def test_a_short_secret_is_hidden_at_its_name_alone(tmp_path: Path, record: Runner) -> None:
    (tmp_path / "script.py").write_text("password = 'a' * 3\nother = password\nempty_password = ''\nend = 1\n")
    assert record("script.py").code == 0
    with Run.open(tmp_path / "run.db") as run:
        values = run.moment(run.events - 1).stack[-1].locals
    assert (values["password"].badge, values["password"].text) == ("redacted", "<redacted>")
    assert (values["other"].text, values["empty_password"].text) == ("'aaa'", "''")
