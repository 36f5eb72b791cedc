"""Writes event streams for tests: an independent, slow and plain reading of native/stream.h.

A test builds a chunk with `Stream`, one method per record, and knows what the reader must find in it.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

UNBOUND: Final = (0x00,)
REDACTED: Final = (0x19,)

# Parts of objects.
ITEMS, PAIRS, ATTRIBUTES, CELL, SCALAR, ARRAY = range(6)
NEW, SNAPSHOT, SPLICE, SETKEY, DELKEY, RESIZE, DIED = range(0x20, 0x27)


def number(value: int) -> bytes:
    """Field u: unsigned LEB128."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def signed(value: int) -> bytes:
    """Field s: zigzag."""
    return number(value * 2 if value >= 0 else -value * 2 - 1)


def text(value: str) -> bytes:
    """Field t: a text."""
    data = value.encode("utf-8", "surrogatepass")
    return number(len(data)) + data


def blob(data: bytes) -> bytes:
    """Number of bytes, then the bytes."""
    return number(len(data)) + data


def value(raw: Any) -> bytes:
    """Field v: the encoding of a RAW value (reader.pyi)."""
    if raw is None:
        return b"\x01"
    if raw is True:
        return b"\x02"
    if raw is False:
        return b"\x03"
    if raw is Ellipsis:
        return b"\x04"
    if raw is NotImplemented:
        return b"\x05"
    if isinstance(raw, int):
        if -16 <= raw < 112:
            return bytes([0x80 + raw + 16])
        if -(2**63) <= raw < 2**63:
            return b"\x06" + signed(raw)
        size = (abs(raw).bit_length() + 7) // 8
        return b"\x07" + bytes([raw < 0]) + blob(abs(raw).to_bytes(size, "little"))
    if isinstance(raw, float):
        return b"\x09" + struct.pack("<d", raw)
    if isinstance(raw, complex):
        return b"\x0a" + struct.pack("<dd", raw.real, raw.imag)
    if isinstance(raw, str):
        return b"\x0b" + text(raw)
    if isinstance(raw, bytes):
        return b"\x0c" + blob(raw)
    return _tagged(raw)


def _tagged(raw: tuple[Any, ...]) -> bytes:
    tag, fields = raw[0], raw[1:]
    start = bytes([tag])
    if tag in (0x10, 0x11):  # tuple, frozenset
        length, values = fields
        return start + number(length) + number(len(values)) + b"".join(map(value, values))
    if tag == 0x18:  # tuple subclass
        type_, length, values = fields
        return start + number(type_) + number(length) + number(len(values)) + b"".join(map(value, values))
    if tag in (0x12, 0x13):  # range, slice
        return start + b"".join(map(value, fields))
    if tag in (0x16, 0x17):  # label, repr
        return start + number(fields[0]) + text(fields[1])
    if tag == 0x08:  # an int that was cut
        return start + bytes([fields[0]]) + number(fields[1])
    return start + b"".join(map(number, fields))


def entry(part: int, raw: Any) -> bytes:
    """ENTRY: a value, (key, value) for PAIRS, (name id, value) for ATTRIBUTES."""
    if part == ATTRIBUTES:
        return number(raw[0]) + value(raw[1])
    if part == PAIRS:
        return value(raw[0]) + value(raw[1])
    return value(raw)


def content(parts: Sequence[tuple[int, int, Sequence[Any], Sequence[Any]]]) -> bytes:
    """CONTENT: (part, length, head, tail) each."""
    out = number(len(parts))
    for part, length, head, tail in parts:
        out += bytes([part]) + number(length)
        for entries in (head, tail):
            out += number(len(entries)) + b"".join(entry(part, one) for one in entries)
    return out


@dataclass(frozen=True)
class FrameRecord:
    """FRAME: a frame as CHUNK and STACK restate it."""

    call: int
    code: int
    line: int
    caller_lasti: int = -1
    namespace: int = 0
    slots: tuple[tuple[int, Any], ...] = ()

    def encode(self) -> bytes:
        out = number(self.call) + number(self.code) + signed(self.line) + number(self.caller_lasti + 1) + number(self.namespace)
        return out + number(len(self.slots)) + b"".join(number(slot) + value(raw) for slot, raw in self.slots)


class Stream:
    """One chunk's bytes under construction; every method appends one record and gives the stream back."""

    def __init__(
        self,
        first_event: int = 0,
        calls: int = 0,
        objects: int = 0,
        time_ns: int = 0,
        thread: int = 1,
        threads: Iterable[tuple[int, int, Sequence[FrameRecord]]] = (),
    ) -> None:
        """`threads`: (thread, task, frames) of what is open at the beginning."""
        self.event = first_event
        self.calls = calls
        listed = list(threads)
        self.data = bytearray(b"\x19" + b"".join(map(number, (first_event, calls, objects, time_ns, thread, len(listed)))))
        for id_, task, frames in listed:
            self.data += number(id_) + number(task) + number(len(frames)) + b"".join(frame.encode() for frame in frames)

    def whole(self) -> bytes:
        """The chunk."""
        return bytes(self.data)

    def raw(self, data: bytes) -> "Stream":
        self.data += data
        return self

    def _event(self, data: bytes) -> "Stream":
        self.event += 1
        return self.raw(data)

    # -- events

    def line(self, delta: int) -> "Stream":
        if -64 <= delta < 64:
            return self._event(bytes([0x80 + delta + 64]))
        return self._event(b"\x01" + signed(delta))

    def call(self) -> "Stream":
        return self._event(b"\x02")

    def returns(self, raw: Any = None) -> "Stream":
        return self._event(b"\x03" + value(raw))

    def yields(self, raw: Any = None) -> "Stream":
        return self._event(b"\x04" + value(raw))

    def resume(self) -> "Stream":
        return self._event(b"\x05")

    def throw(self, raw: Any) -> "Stream":
        return self._event(b"\x06" + value(raw))

    def _located(self, tag: int, raw: Any, lasti: int, delta: int) -> "Stream":
        return self._event(bytes([tag]) + number(lasti + 1) + signed(delta) + value(raw))

    def raises(self, raw: Any, lasti: int = -1, delta: int = 0) -> "Stream":
        return self._located(0x07, raw, lasti, delta)

    def reraises(self, raw: Any, lasti: int = -1, delta: int = 0) -> "Stream":
        return self._located(0x08, raw, lasti, delta)

    def handled(self, raw: Any, lasti: int = -1, delta: int = 0) -> "Stream":
        return self._located(0x09, raw, lasti, delta)

    def unwind(self, raw: Any, lasti: int = -1, delta: int = 0) -> "Stream":
        return self._located(0x0A, raw, lasti, delta)

    # -- state

    def var(self, slot: int, raw: Any, short: bool = True) -> "Stream":
        if slot < 0x20 and short:
            return self.raw(bytes([0x40 + slot]) + value(raw))
        return self.raw(b"\x10" + number(slot) + value(raw))

    def push(self, code: int, first_line: int, caller_lasti: int = -1, namespace: int = 0) -> "Stream":
        self.calls += 1
        return self.raw(b"\x11" + number(code) + signed(first_line) + number(caller_lasti + 1) + number(namespace))

    def reenter(self, call: int, code: int, line: int, caller_lasti: int = -1, namespace: int = 0) -> "Stream":
        return self.raw(b"\x12" + number(call) + number(code) + signed(line) + number(caller_lasti + 1) + number(namespace))

    def stack(self, frames: Sequence[FrameRecord]) -> "Stream":
        return self.raw(b"\x13" + number(len(frames)) + b"".join(frame.encode() for frame in frames))

    def thread(self, thread: int) -> "Stream":
        return self.raw(b"\x14" + number(thread))

    def task(self, task: int) -> "Stream":
        return self.raw(b"\x15" + number(task))

    def time(self, ns: int) -> "Stream":
        return self.raw(b"\x16" + number(ns))

    def output(self, fd: int, data: bytes) -> "Stream":
        return self.raw(b"\x17" + number(fd) + blob(data))

    def gap(self, reason: int, count: int) -> "Stream":
        return self.raw(b"\x18" + bytes([reason]) + number(count))

    def loose(self) -> "Stream":
        return self.raw(b"\x1a")

    # -- objects

    def new(self, object_: int, type_: int, *parts: tuple[int, int, Sequence[Any], Sequence[Any]]) -> "Stream":
        return self.raw(b"\x20" + number(object_) + number(type_) + content(parts))

    def snapshot(self, object_: int, type_: int, *parts: tuple[int, int, Sequence[Any], Sequence[Any]]) -> "Stream":
        return self.raw(b"\x21" + number(object_) + number(type_) + content(parts))

    def splice(self, object_: int, part: int, position: int, deleted: int, inserted: Sequence[Any]) -> "Stream":
        out = b"\x22" + number(object_) + bytes([part]) + number(position) + number(deleted) + number(len(inserted))
        return self.raw(out + b"".join(entry(part, one) for one in inserted))

    def setkey(self, object_: int, part: int, key: Any, raw: Any) -> "Stream":
        return self.raw(b"\x23" + number(object_) + bytes([part]) + value(key) + value(raw))

    def delkey(self, object_: int, part: int, key: Any) -> "Stream":
        return self.raw(b"\x24" + number(object_) + bytes([part]) + value(key))

    def resize(self, object_: int, part: int, length: int) -> "Stream":
        return self.raw(b"\x25" + number(object_) + bytes([part]) + number(length))

    def died(self, object_: int) -> "Stream":
        return self.raw(b"\x26" + number(object_))

    # -- definitions

    def def_type(self, id_: int, module: str, qualname: str, shape: int) -> "Stream":
        return self.raw(b"\x30" + number(id_) + text(module) + text(qualname) + bytes([shape]))

    def def_file(self, id_: int, path: str, source: int) -> "Stream":
        return self.raw(b"\x31" + number(id_) + text(path) + bytes([source]))

    def def_source(self, id_: int, piece: bytes) -> "Stream":
        return self.raw(b"\x32" + number(id_) + blob(piece))

    def def_code(
        self,
        id_: int,
        file: int,
        qualname: str,
        first_line: int,
        slots: Sequence[tuple[str, int]] = (),
        linetable: bytes = b"",
        flags: int = 3,
        argcount: int = 0,
        posonly: int = 0,
        kwonly: int = 0,
        statements: Sequence[int] = (),
    ) -> "Stream":
        out = b"\x33" + number(id_) + number(file) + text(qualname.rpartition(".")[2]) + text(qualname)
        out += b"".join(map(number, (first_line, flags, argcount, posonly, kwonly, len(slots))))
        out += b"".join(text(name) + bytes([kind]) for name, kind in slots) + blob(linetable)
        return self.raw(out + number(len(statements)) + b"".join(map(number, statements)))

    def def_name(self, id_: int, name: str) -> "Stream":
        return self.raw(b"\x34" + number(id_) + text(name))

    def def_text(self, id_: int, data: str | bytes) -> "Stream":
        encoded = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        return self.raw(b"\x35" + number(id_) + bytes([isinstance(data, bytes)]) + blob(encoded))

    def def_thread(self, id_: int, native: int, name: str) -> "Stream":
        return self.raw(b"\x36" + number(id_) + number(native) + text(name))

    def def_task(self, id_: int, name: str) -> "Stream":
        return self.raw(b"\x37" + number(id_) + text(name))
