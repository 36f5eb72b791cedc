"""Inputs that hold secrets are told from others."""

import struct

import pytest

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
