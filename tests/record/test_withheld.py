"""Inputs that hold secrets are told from others."""

import re
import struct
from pathlib import Path

import pytest

from tttui.record import withheld
from tttui.record.withheld import MARK, Sieve, with_secrets

READ = 0x1003
CLOCK = 0x1001


def record(descriptor: int, data: bytes) -> bytes:
    content = (b"" if descriptor & 0xFFFF == CLOCK else bytes(16)) + data
    return struct.pack("=QII", 7, descriptor, len(content)) + content + bytes(-len(content) % 8)


@pytest.mark.parametrize(
    "text",
    [
        "password=abc", 'x = {"db_password": "x"}', "PASSWD : y", "AKIAABCDEFGHIJKLMNOP", "https://user:word@host/", "-----BEGIN RSA PRIVATE KEY-----",
        "token: abcdefghijklmnopqrstuvw", "Authorization: Bearer abcdefghijklmnopqr", "sk-abcdefghijklmnopqrstuvwx", "secret_key = 1", "credentials: x",
        "my_big_thing = x", "passphrases-of-mine = 1", "client-secret=q",
    ],
)  # fmt: skip
def test_a_secret_is_found(text: str) -> None:
    assert Sieve(["my*thing"]).holds_secret(f"before {text} behind".encode())


@pytest.mark.parametrize(
    "text", ["passing: 3", "token: 3", "the key = 5", "http://host:80/x@y", "keyword=3", "secretary: x", "my thing = x", "the password"]
)
def test_what_is_none_is_left(text: str) -> None:
    assert not Sieve(["my*thing"]).holds_secret(text.encode())


def test_what_is_withheld_can_be_put_back() -> None:
    odd_clock = CLOCK | 0xFFFA0000
    inputs = [
        record(odd_clock, bytes(8)),
        record(READ, b"plain"),
        record(READ, b"password=12"),
        record(READ | MARK, b"typed"),
        record(READ, b""),
    ]
    whole = b"".join(inputs)
    kept, withheld = Sieve().sift(len(inputs), whole)
    assert [number for number, _ in withheld] == [2, 3]
    assert b"plain" in kept
    assert b"password" not in kept
    assert b"typed" not in kept
    back = with_secrets(10, kept, {10 + number: data for number, data in withheld})
    assert back == whole.replace(record(READ | MARK, b"typed"), record(READ, b"typed"))
    assert with_secrets(10, kept, {}) == kept


def test_times_alone_are_not_looked_at() -> None:
    times = record(CLOCK, b"password") * 3
    assert Sieve().sift(3, times) == (times, [])


SOURCE = (Path(__file__).parents[2] / "tttui" / "native" / "secrets.c").read_text("utf-8")


@pytest.mark.parametrize(
    ("table", "names"),
    [("anywhere", withheld.NAMES_ANYWHERE), ("at_end", withheld.NAMES_AT_END), ("of_tokens", withheld.NAMES_OF_TOKENS)],
)
def test_the_names_are_those_by_which_the_recorder_tells_a_secret(table: str, names: tuple[str, ...]) -> None:
    found = re.search(rf"\*const {table}\[\] = \{{(.*?)\}};", SOURCE, re.DOTALL)
    assert found is not None
    assert sorted(names) == sorted(name.strip("_") for name in re.findall(r'"(\w+)"', found[1]))


def test_the_shapes_are_those_by_which_the_recorder_tells_a_secret() -> None:
    body = SOURCE[SOURCE.index("static bool looks_secret(") : SOURCE.index("static uint64_t secret_hash(")]
    assert {shape.lower().encode() for shape in re.findall(r'begins_with\(bytes, size, "(.*?)"\)', body)} | {b"://"} == set(withheld.SHAPES)


@pytest.mark.parametrize("name", [*withheld.NAMES_ANYWHERE, *withheld.NAMES_AT_END, *withheld.NAMES_OF_TOKENS])
def test_a_name_is_found_however_its_words_are_put_together(name: str) -> None:
    words = name.split("_")
    for written in ("_".join(words), "-".join(words), " ".join(words), words[0] + "".join(map(str.title, words[1:])), name.upper()):
        assert Sieve().holds_secret(f'{{"{written}": "abcdefghij0123456789"}}'.encode()), written


def test_as_many_names_of_ones_own_as_the_recorder_takes_are_looked_for() -> None:
    names = [f"own{number}x" for number in range(64)]
    assert all(Sieve(names).holds_secret(f"{name} = 1".encode()) for name in names)
