"""The numbers of native/stream.h that the store needs by name; a test compares them with the header."""

from typing import Any, Final

Raw = Any
"""A value as the native reader gives it: a Python scalar, or a tuple that begins with a V_* number."""

V_UNBOUND: Final = 0x00
V_BIGINT_CUT: Final = 0x08
V_TEXT: Final = 0x0D
V_TEXT_CUT: Final = 0x0E
V_OBJECT: Final = 0x0F
V_TUPLE: Final = 0x10
V_FROZENSET: Final = 0x11
V_RANGE: Final = 0x12
V_SLICE: Final = 0x13
V_OPAQUE: Final = 0x14
V_DEEP: Final = 0x15
V_LABEL: Final = 0x16
V_REPR: Final = 0x17
V_NAMED: Final = 0x18
V_REDACTED: Final = 0x19
V_NULLTEXT: Final = 0x1A

OB_NEW: Final = 0x20
OB_SNAPSHOT: Final = 0x21
OB_SPLICE: Final = 0x22
OB_SETKEY: Final = 0x23
OB_DELKEY: Final = 0x24
OB_RESIZE: Final = 0x25
OB_DIED: Final = 0x26

PART_ITEMS: Final = 0
PART_PAIRS: Final = 1
PART_ATTRIBUTES: Final = 2
PART_CELL: Final = 3
PART_SCALAR: Final = 4
PART_ARRAY: Final = 5

SHAPE_INSTANCE: Final = 0
SHAPE_LIST: Final = 1
SHAPE_TUPLE: Final = 2
SHAPE_DICT: Final = 3
SHAPE_SET: Final = 4
SHAPE_FROZENSET: Final = 5
SHAPE_STR: Final = 6
SHAPE_BYTES: Final = 7
SHAPE_BYTEARRAY: Final = 8
SHAPE_INT: Final = 9
SHAPE_FLOAT: Final = 10
SHAPE_DEQUE: Final = 11
SHAPE_EXCEPTION: Final = 12
SHAPE_FUNCTION: Final = 13
SHAPE_METHOD: Final = 14
SHAPE_MODULE: Final = 15
SHAPE_CLASS: Final = 16
SHAPE_CELL: Final = 17
SHAPE_ARRAY: Final = 18
SHAPE_NAMESPACE: Final = 19
SHAPE_OPAQUE: Final = 20
SHAPE_COMPLEX: Final = 21
SHAPE_ENUM: Final = 22
SHAPE_GENERATOR: Final = 23
SHAPE_PARTIAL: Final = 24
SHAPE_FOREIGN: Final = 25

SLOT_LOCAL: Final = 0
SLOT_CELL: Final = 1
SLOT_FREE: Final = 2
SLOT_HIDDEN: Final = 3

EVENTS: Final = 1
"""What `reader.events` is asked for: events,"""
CALLS: Final = 2
"""calls,"""
VARIABLES: Final = 4
"""changes of variables,"""
OBJECTS: Final = 8
"""and records of objects."""


def object_of(raw: Raw) -> int:
    """The id of the object that a value refers to, 0 where it is something else."""
    return raw[1] if type(raw) is tuple and raw[0] == V_OBJECT else 0
