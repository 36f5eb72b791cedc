"""The consumer's side of the ring, against the layout of native/ring.h."""

import struct
from pathlib import Path

import pytest

from tttui.native import reader

CAPACITY = 8192
HEAD = 24
OPTIONS = "max_items=5\ninclude=a*\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ring"
    reader.create_ring(str(path), CAPACITY, OPTIONS)
    return path


def put(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def header_size(path: Path) -> int:
    (size,) = struct.unpack_from("<I", path.read_bytes(), 12)
    return int(size)


def test_a_new_ring_is_private_whole_and_empty(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_size == header_size(path) + CAPACITY
    assert path.stat().st_blocks * 512 >= header_size(path) + CAPACITY, "its pages are allocated"
    assert OPTIONS.encode() + b"\0" in path.read_bytes()
    ring = reader.Ring(str(path))
    assert (ring.capacity, ring.head, ring.tail, ring.events, ring.attached) == (CAPACITY, 0, 0, 0, 0)
    assert ring.cut == (0,) * 16
    assert ring.read(0, 0) == b""


def test_an_existing_file_is_never_made_into_a_ring(path: Path) -> None:
    with pytest.raises(FileExistsError):
        reader.create_ring(str(path), CAPACITY, "")


@pytest.mark.parametrize(("capacity", "options"), [(0, ""), (100, ""), (3 * 4096, ""), (4096, "x" * 4096), (4096, "a\0b")])
def test_an_impossible_ring_is_refused(tmp_path: Path, capacity: int, options: str) -> None:
    with pytest.raises(ValueError, match=r"capacity|options"):
        reader.create_ring(str(tmp_path / "ring"), capacity, options)
    assert not (tmp_path / "ring").exists()


def test_bytes_are_read_across_the_end(path: Path) -> None:
    ring = reader.Ring(str(path))
    put(path, header_size(path) + CAPACITY - 3, b"abc")
    put(path, header_size(path), b"def")
    put(path, HEAD, struct.pack("<Q", CAPACITY + 3))
    assert ring.read(CAPACITY - 3, CAPACITY + 3) == b"abcdef"
    assert ring.read(CAPACITY + 1, CAPACITY + 3) == b"ef"
    assert len(ring.read(3, CAPACITY + 3)) == CAPACITY


@pytest.mark.parametrize(("start", "stop"), [(0, 10), (5, 4), (CAPACITY, CAPACITY + 11), (9, 2**64 - 1)])
def test_bytes_that_are_not_there_are_refused(path: Path, start: int, stop: int) -> None:
    ring = reader.Ring(str(path))
    put(path, HEAD, struct.pack("<Q", CAPACITY + 10))
    with pytest.raises(ValueError, match="does not hold"):
        ring.read(start, stop)


def test_a_head_that_lies_can_t_make_it_read_elsewhere(path: Path) -> None:
    ring = reader.Ring(str(path))
    put(path, 16, struct.pack("<QQ", 2**40, 2**50))
    assert len(ring.read(2**50 - CAPACITY, 2**50)) == CAPACITY
    with pytest.raises(ValueError, match="does not hold"):
        ring.read(2**50 - CAPACITY - 1, 2**50)


def test_the_writer_s_numbers_can_be_set_and_the_recorder_s_can_t(path: Path) -> None:
    ring, other = reader.Ring(str(path)), reader.Ring(str(path))
    ring.tail, ring.writer_pid, ring.writer_beat = 5, -6, 2**64 - 1
    ring.stop, ring.ended, ring.wait_status = 1, 1, -1
    assert (other.tail, other.writer_pid, other.writer_beat, other.stop, other.ended, other.wait_status) == (5, -6, 2**64 - 1, 1, 1, -1)
    for name in ("head", "capacity", "events", "program_pid", "attached", "abandoned"):
        with pytest.raises(AttributeError):
            setattr(ring, name, 1)
    with pytest.raises(OverflowError):
        ring.stop = 2**32
    with pytest.raises(OverflowError):
        ring.wait_status = 2**31
    with pytest.raises(TypeError):
        ring.tail = "x"  # type: ignore[assignment]
    with pytest.raises(AttributeError):
        del ring.tail


def test_chunk_starts_are_kept_in_a_circle(path: Path) -> None:
    ring = reader.Ring(str(path))
    for number in range(1024):
        assert ring.chunk_start(number) == 0
    # The options stand right behind the starts of 1,024 chunks.
    put(path, path.read_bytes().index(OPTIONS.encode()) - 8 * 1024 + 8 * 7, struct.pack("<Q", 777))
    assert ring.chunk_start(7) == ring.chunk_start(7 + 1024) == 777


def test_a_closed_ring_says_so(path: Path) -> None:
    ring = reader.Ring(str(path))
    ring.close()
    ring.close()
    for use in (lambda: ring.head, lambda: ring.cut, lambda: ring.read(0, 0), lambda: ring.chunk_start(0)):
        with pytest.raises(ValueError, match="closed"):
            use()
    with pytest.raises(ValueError, match="closed"):
        ring.tail = 1


@pytest.mark.parametrize("size", [0, 100, 16384 + 8192, None])
def test_another_file_is_no_ring(tmp_path: Path, path: Path, size: int | None) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"\0" * (path.stat().st_size if size is None else size))
    with pytest.raises(reader.StreamError, match="not a ring"):
        reader.Ring(str(other))
    with pytest.raises(FileNotFoundError):
        reader.Ring(str(tmp_path / "missing"))


def test_a_ring_that_was_cut_is_refused(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(header_size(path) + CAPACITY // 2 + 1)
    with pytest.raises(reader.StreamError, match="not a ring"):
        reader.Ring(str(path))
