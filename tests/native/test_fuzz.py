"""Random and mutated bytes: the reader answers or raises StreamError, whatever it is given.

With $TTTUI_FUZZ set to a number of rounds it does that many; test_sanitized.py runs it under sanitizers.
"""

import contextlib
import os
import random
from array import array

import pytest
from support import encoder
from support.encoder import FrameRecord, Stream

from tttui.native import reader

ROUNDS = int(os.environ.get("TTTUI_FUZZ", "400"))


def example() -> bytes:
    """A chunk with every kind of record."""
    stream = Stream(5, 3, 4, 9, 1, [(1, 2, [FrameRecord(1, 1, 4, 2, 3, ((0, "a"), (9, 2.5)))]), (2, 0, [])])
    stream.def_type(1, "m", "T", 3).def_file(1, "f.py", 1).def_source(1, b"x = 1\n").def_name(1, "n").def_text(1, "long" * 30)
    stream.def_code(1, 1, "f", 3, [("a", 0), ("b", 1)], b"\x80\x00", statements=[0, 2]).def_thread(2, 77, "T-2").def_task(2, "t")
    stream.line(1).push(1, 3, 5).var(0, (0x10, 3, (1, "x", (0x0F, 5)))).call().time(700).line(99).yields(1).line(1).reenter(4, 1, 9)
    stream.resume().output(1, b"text\n").gap(1, 2).loose().raises((0x0F, 5), 4, 1).handled((0x0F, 5), 4).reraises(2).unwind(3)
    stream.new(5, 1, (encoder.ITEMS, 9, [1, 2**70], ["z"]), (encoder.ATTRIBUTES, 1, [(1, None)], [])).new(
        6, 1, (encoder.PAIRS, 1, [(1, 2)], [])
    )
    stream.snapshot(5, 1, (encoder.ARRAY, 3, ["i8", (0x10, 1, (1,)), 1j], [])).splice(5, encoder.ITEMS, 1, 1, [b"b", (0x17, 1, "r")])
    stream.setkey(6, encoder.PAIRS, 1, (0x18, 1, 2, (1, 2))).delkey(6, encoder.PAIRS, 1).resize(5, encoder.ITEMS, 70).died(6)
    stream.thread(2).push(1, 3).var(31, (0x13, 1, 2, None)).call().task(2).line(0).stack([FrameRecord(1, 1, 2)]).line(1).returns(
        (0x0E, 1, 90)
    )
    return stream.whole()


EDGES = (0, 1, 2, 63, 64, 127, 128, 255, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**40, 2**62, 2**63 - 1, 2**63, 2**64 - 1)
NESTED = (b"\x10\x01\x01", b"\x11\x01\x01", b"\x18\x01\x01\x01", b"\x12\x01", b"\x13")
"""Values that begin with a value: tuples, frozensets, ranges, slices."""


def read_all(data: bytes, event: int) -> bool:
    """Everything that reads a chunk; only StreamError may come out. Whether it was read, and not refused as a whole."""
    is_read = False
    with contextlib.suppress(reader.StreamError):
        index = reader.scan(data)["index"]
        is_read = True
        for what, key in (("line", (1, 4)), ("code", (1,)), ("object", (5,)), ("variable", (1, 0)), ("raise", ()), ("task", (2,))):
            assert reader.index_lookup(index, what, *key) in (True, False)
    for _ in range(2):
        with contextlib.suppress(reader.StreamError):
            reader.state(data, event)
        event += 1
    with contextlib.suppress(reader.StreamError):
        reader.objects(data, None, 2**63)
    with contextlib.suppress(reader.StreamError):
        reader.objects(data, [5, 6], event)
    with contextlib.suppress(reader.StreamError):
        found = reader.contents(data, [5, 6], event)
        assert reader.contents(data, [5, 6], event, reader.directory(data)) == found
    with contextlib.suppress(reader.StreamError):
        reader.events(data, 0, 2**63, 15)
    ask_all(data, event)
    return is_read


def ask_all(data: bytes, event: int) -> None:
    """The functions behind questions."""
    everything = bytes(range(1, 9)) * 4
    with contextlib.suppress(reader.StreamError):
        hashes = array("Q", [hash_ for hash_, _ in reader.distinct(data, 0, 2**63, b"")]).tobytes()
        reader.distinct(data, 0, 2**63, b"x")
        for row in reader.occurrences(data, hashes, array("Q", [1, 0]).tobytes(), array("Q", [1]).tobytes(), 5, 0, 2**63):
            assert row[4] & ~8 in range(6)
    for newest in (True, False):
        with contextlib.suppress(reader.StreamError):
            assert len(reader.variable_writes(data, 1, 0, 0, 0, 2**63, newest, 2)) <= 2
            reader.object_writes(data, 5, -1, None, 0, -1, 0, 2**63, newest, 3)
            reader.object_writes(data, 5, encoder.ITEMS, None, 0, 1, 0, 2**63, newest, 3)
            reader.object_writes(data, 6, encoder.PAIRS, (1,), 0, -1, 0, 2**63, newest, 3)
    with contextlib.suppress(reader.StreamError):
        profile, calls, touched = reader.summary(data)
        assert len(profile) % 8 == 0
        assert len(calls) % 8 == 0
        assert reader.touches(touched, 5, ("x",), 1, -1) >= 0
        assert reader.touches(touched, 5, None, 0, 3) >= 0
        assert reader.touches_variable(touched, 1, 0) in (0, 1)
    with contextlib.suppress(reader.StreamError):
        older, begun = reader.calls(data)
        assert len(older) % 96 == len(begun) % 96 == 0
    with contextlib.suppress(reader.StreamError):
        reader.profile(data, [0, 3, event, event + 2, 2**63])
        assert len(reader.times(data)) % 8 == 0
        reader.last_in_call(data, 1, event)
        rows = reader.hits(data, 1, 5, (0, 9, 2**40), 0, 2**63, None)
        assert reader.hits(data, 1, 5, (0, 9, 2**40), 0, 2**63, [0, *(row[0] for row in rows)]) == rows
        events, control, values = reader.fingerprints(data, everything, 1)
        assert len(events) == len(control) == len(values)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A copy with a few bytes changed, put in, taken out or repeated."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(out) + 1)
        match chance.randrange(8):
            case 0:
                out[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                out[place:place] = bytes([chance.randrange(256)])
            case 2:
                del out[place : place + chance.randint(1, 9)]
            case 3:
                out[place:place] = out[place : place + chance.randint(1, 40)]
            case 4:
                out[place : place + 1] = b"\xff" * chance.randint(1, 10)
            case 5:
                out[place : place + 1] = chance.choice([b"\x10", b"\x13", b"\x19", b"\x20", b"\x33", b"\x40", b"\x7f", b"\x00"])
            case 6:
                end = place
                while end < len(out) and out[end] & 0x80 and end - place < 9:
                    end += 1
                out[place : end + 1] = encoder.number(chance.choice(EDGES))
            case 7:
                out[place:place] = chance.choice(NESTED) * chance.choice([1, 2, 60, 2000])
    return bytes(out)


def test_the_example_is_well_formed() -> None:
    data = example()
    assert reader.scan(data)["kinds"] == (5, 2, 1, 1, 1, 0, 1, 1, 1, 1)


@pytest.mark.parametrize("seed", range(8))
def test_mutated_chunks_are_read_or_refused(seed: int) -> None:
    chance, data = random.Random(seed), example()
    read = sum(read_all(mutated(data, chance), chance.randrange(5, 20)) for _ in range(ROUNDS))
    assert 0 < read < ROUNDS


def test_every_beginning_of_a_chunk_is_read_or_refused() -> None:
    data = example()
    read = [stop for stop in range(len(data) + 1) if read_all(data[:stop], 8)]
    assert read[-1] == len(data)
    assert read[0] > 20


def test_random_bytes_are_refused() -> None:
    chance = random.Random(1)
    for _ in range(ROUNDS):
        assert not read_all(chance.randbytes(chance.randrange(200)), chance.randrange(20))
        assert not read_all(example()[:9] + chance.randbytes(chance.randrange(200)), 5)


def test_mutated_postings_are_read_or_refused() -> None:
    chance = random.Random(2)
    index = reader.scan(example())["index"]
    keys = (("line", (1, 4)), ("code", (1,)), ("object", (5,)), ("variable", (1, 31)), ("raise", ()), ("thread", (2,)))
    for _ in range(ROUNDS * 4):
        damaged = mutated(index, chance)
        for what, key in keys:
            with contextlib.suppress(reader.StreamError):
                assert reader.index_lookup(damaged, what, *key) in (True, False)


def test_mutated_filters_of_written_keys_are_read_or_refused() -> None:
    chance = random.Random(3)
    touched = reader.summary(example())[2]
    for _ in range(ROUNDS * 4):
        damaged = mutated(touched, chance) if chance.random() < 0.5 else flipped(touched, chance)
        for key, name, index in ((("x",), 1, -1), (((0x10, 1, (1,)),), 0, -1), (None, 0, 2), (None, 0, -1)):
            with contextlib.suppress(reader.StreamError):
                assert reader.touches(damaged, 5, key, name, index) >= 0
        with contextlib.suppress(reader.StreamError):
            assert reader.touches_variable(damaged, 1, 0) in (0, 1)


def test_directories_of_something_else_are_read_or_refused() -> None:
    chance, data = random.Random(4), example()
    directory = reader.directory(data)
    read = 0
    for _ in range(ROUNDS * 4):
        damaged = mutated(directory, chance) if chance.random() < 0.5 else flipped(directory, chance)
        for chunk in (data, data[: chance.randrange(len(data))]):
            with contextlib.suppress(reader.StreamError):
                reader.contents(chunk, [5, 6, chance.randrange(20)], 2**40, damaged)
                read += 1
    assert 0 < read < ROUNDS * 8


def flipped(data: bytes, chance: random.Random) -> bytes:
    """A copy of the same length with some bytes changed."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        out[chance.randrange(len(out))] = chance.choice([0, 1, 2, 3, 17, 255, chance.randrange(256)])
    return bytes(out)


@pytest.mark.parametrize("count", [2**20, 2**31, 2**32, 2**63, 2**64 - 1])
def test_large_counts_ask_for_no_memory(count: int) -> None:
    number = encoder.number(count)
    for record in (
        b"\x13" + number,
        b"\x20\x01\x01" + number,
        b"\x20\x01\x01\x01\x00\x05" + number,
        b"\x22\x01\x00\x01\x01" + number,
        b"\x40\x10" + number + number,
        b"\x40\x0b" + number,
        b"\x40\x07\x00" + number,
        b"\x17\x01" + number,
        b"\x33\x01\x01\x00\x00\x00\x00\x00\x00\x00" + number,
        b"\x10" + number + b"\x80",
    ):
        data = Stream().push(1, 1).raw(record).whole()
        for read in (reader.scan, lambda data: reader.objects(data, None, 9), lambda data: reader.state(data, 0)):
            if read is not reader.scan and record[0] == 0x10:
                continue
            with pytest.raises(reader.StreamError):
                read(data)


def test_huge_but_possible_numbers_are_only_numbers() -> None:
    huge = 2**64 - 1
    stream = Stream(objects=2**40).push(huge, 2**62, 2**62, huge).thread(huge).push(huge, -(2**63), -1).call().line(-(2**63))
    data = stream.new(huge, huge).died(huge).task(huge).line(2**62).raises((0x0F, huge)).unwind((0x0F, huge)).whole()
    assert reader.state(data, 1)["threads"][huge][0][1] == huge
    read_all(data, 1)
    assert reader.index_lookup(reader.scan(data)["index"], "code", -1) is True


def resident() -> int:
    """Bytes of memory that this process has."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def test_nothing_leaks_whether_it_is_read_or_refused() -> None:
    chance, data = random.Random(3), example()
    damaged = [mutated(data, chance) for _ in range(300)]

    def rounds(count: int) -> None:
        for _ in range(count):
            read_all(data, 7)
            for one in damaged:
                read_all(one, 8)

    rounds(3)
    before = resident()
    rounds(12)
    # 15 bytes lost at each of 3,600 readings would be seen.
    assert resident() - before < 600_000
