"""Streams that no recorder wrote, with checksums that are right: every command ends, with an answer or one line."""

import json
import random
import sqlite3
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report import building
from report.commands import tttui
from tttui.record.compression import decompress
from tttui.report.replay import MISSING, Replay
from tttui.store.contents import Content
from tttui.store.stream import OB_NEW, OB_SPLICE, PART_ITEMS, SHAPE_LIST

COMMANDS = (
    ("info", "--json"),
    ("show", "--at", "last"),
    ("show", "--at", "exception", "--json"),
    ("query", "select * from calls"),
    ("query", "select * from changes"),
    ("query", "select * from exceptions"),
    ("query", "select * from lines"),
)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, removed or doubled."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(changed))
        what = chance.randrange(3)
        if what == 0:
            changed[at] = chance.randrange(256)
        elif what == 1:
            del changed[at : at + chance.randint(1, 4)]
        else:
            changed[at:at] = changed[at : at + chance.randint(1, 8)]
    return bytes(changed)


@pytest.mark.parametrize("seed", range(60))
def test_a_mutated_stream_is_answered_or_refused(tmp_path: Path, seed: int) -> None:
    path = (building.shop if seed % 2 else building.hostile)(tmp_path / "run.db")
    connection = sqlite3.connect(path)
    codec, data, size = connection.execute("select codec, data, size from chunk").fetchone()
    stream = mutated(decompress(codec, data, size), random.Random(seed))
    with connection:
        connection.execute("drop table checksum")
        connection.execute("update chunk set codec = 'raw', data = ?, size = ?, checksum = ?", (stream, len(stream), zlib.crc32(stream)))
    connection.close()
    for command in COMMANDS:
        ended = tttui(command[0], path, *command[1:])
        assert ended.exit_code in (0, 2), ended
        assert "Traceback" not in ended.stderr
        if ended.exit_code == 2:
            assert len(ended.stderr.splitlines()) <= 2
        elif command[0] == "query":
            json.loads(ended.stdout)


class Words:
    """A vocabulary in which every type is a list."""

    def name(self, id: int, /) -> str:
        return str(id)

    def shape(self, type_: int, /) -> int:
        return SHAPE_LIST

    def type_name(self, type_: int, /) -> str:
        return "list"

    def text(self, id: int, /) -> str:
        return ""


splices = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8), st.lists(st.integers(0, 3), max_size=6)), max_size=12)


@given(st.lists(st.integers(0, 3), max_size=20), splices)
def test_the_changes_of_a_list_are_its_differences_place_by_place(start: list[int], edits: list[tuple[int, int, list[int]]]) -> None:
    replay = Replay(Words())
    replay.apply((0, OB_NEW, 1, 1, ((PART_ITEMS, len(start), tuple(start), ()),)))
    held = list(start)
    for event, (at, many, inserted) in enumerate(edits, 1):
        position = min(at, len(held))
        deleted = held[position : position + many]
        changes = replay.changes((event, OB_SPLICE, 1, PART_ITEMS, position, len(deleted), tuple(inserted)))
        held[position : position + len(deleted)] = inserted
        content = replay.objects[1]
        assert isinstance(content, Content)
        assert list(content.parts[PART_ITEMS].known()) == held
        told = {key: (old, new) for _, _, key, old, new in changes}
        for index in range(max(len(deleted), len(inserted))):
            old = deleted[index] if index < len(deleted) else MISSING
            new = inserted[index] if index < len(inserted) else MISSING
            assert told.get(position + index, (old, old)) == (old, new)
