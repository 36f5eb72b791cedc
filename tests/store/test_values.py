"""Values as they are shown: text, structure and badges of everything that a recording can hold."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from support import encoder
from support.encoder import ARRAY, ATTRIBUTES, CELL, ITEMS, PAIRS, SCALAR

from tttui.store.contents import Content, Record
from tttui.store.records import Value
from tttui.store.values import MOST_ENTRIES, Values

OBJECT, TUPLE, FROZENSET, NAMED = 0x0F, 0x10, 0x11, 0x18

TYPES = {
    1: ("list", 1), 2: ("tuple", 2), 3: ("dict", 3), 4: ("set", 4), 5: ("frozenset", 5), 6: ("Text", 6), 8: ("bytearray", 8),
    9: ("Number", 9), 11: ("collections.deque", 11), 12: ("ValueError", 12), 13: ("function", 13), 14: ("method", 14),
    15: ("module", 15), 16: ("type", 16), 17: ("cell", 17), 18: ("numpy.ndarray", 18), 19: ("dict", 19), 20: ("_io.TextIOWrapper", 20),
    22: ("Color", 22), 23: ("generator", 23), 24: ("functools.partial", 24), 30: ("Node", 0), 31: ("shop.Point", 2), 32: ("shop.Names", 1),
    33: ("collections.Counter", 3), 34: ("decimal.Decimal", 0), 35: ("type", 16), 36: ("builtin_function_or_method", 13), 37: ("Group", 4),
    38: ("method_descriptor", 13),
}  # fmt: skip


class Words:
    def name(self, id: int, /) -> str:
        return {1: "value", 2: "next", 3: "_name_", 4: "_value_"}[id]

    def type_name(self, type_: int, /) -> str:
        return TYPES[type_][0]

    def shape(self, type_: int, /) -> int:
        return TYPES[type_][1]

    def text(self, id: int, /) -> str | bytes:
        return "long " * 20 if id == 1 else b"long " * 20


def new(id_: int, type_: int, *parts: tuple[int, int, Iterable[Any], Iterable[Any]]) -> Record:
    return (id_, encoder.NEW, id_, type_, tuple((part, length, tuple(head), tuple(tail)) for part, length, head, tail in parts))


def values(*records: Record, loose: int = -1) -> Values:
    words = Words()
    contents: dict[int, Content] = {}
    for record in records:
        contents.setdefault(record[2], Content(words)).apply(record)

    def load(ids: Iterable[int]) -> Mapping[int, Content]:
        return {id_: contents[id_] for id_ in ids if id_ in contents}

    return Values(words, load, lambda written: loose > written)


def shown(raw: Any, *records: Record, depth: int = 6, loose: int = -1) -> Value:
    made = values(*records, loose=loose)
    made.prepare([raw])
    value = made.value(raw, depth)
    assert value is not None
    json.dumps(value.to_json())
    return value


@pytest.mark.parametrize(
    ("raw", "type_", "text", "badge"),
    [
        (None, "NoneType", "None", None),
        (True, "bool", "True", None),
        (-5, "int", "-5", None),
        (2**70, "int", str(2**70), None),
        (10**1000, "int", hex(10**1000), None),
        (1.5, "float", "1.5", None),
        (1 + 2j, "complex", "(1+2j)", None),
        (Ellipsis, "ellipsis", "Ellipsis", None),
        (NotImplemented, "NotImplementedType", "NotImplemented", None),
        ("it's", "str", '"it\'s"', None),
        (b"\x00a", "bytes", "b'\\x00a'", None),
        ((0x08, 1, 99999), "int", "<negative int of 99999 bits>", "cut"),
        ((0x0D, 1), "str", repr("long " * 20), None),
        ((0x0D, 2), "bytes", repr(b"long " * 20), None),
        ((0x0E, 1, 5000), "str", repr("long " * 20) + "…", "cut"),
        ((TUPLE, 2, (1, "a")), "tuple", "(1, 'a')", None),
        ((TUPLE, 1, (1,)), "tuple", "(1,)", None),
        ((TUPLE, 0, ()), "tuple", "()", None),
        ((TUPLE, 9, (1, 2)), "tuple", "(1, 2, …)", "cut"),
        ((FROZENSET, 2, (1, 2)), "frozenset", "frozenset({1, 2})", None),
        ((FROZENSET, 0, ()), "frozenset", "frozenset()", None),
        ((NAMED, 31, 2, (1, 2)), "shop.Point", "Point(1, 2)", None),
        ((0x12, 0, 9, 1), "range", "range(0, 9)", None),
        ((0x12, 0, 9, -2), "range", "range(0, 9, -2)", None),
        ((0x13, None, 3, None), "slice", "slice(None, 3, None)", None),
        ((0x14, 20), "_io.TextIOWrapper", "<_io.TextIOWrapper>", "opaque"),
        ((0x15, 1), "list", "<list>", "cut"),
        ((0x16, 35, "shop.Cart"), "type", "<class 'shop.Cart'>", None),
        ((0x16, 36, "len"), "builtin_function_or_method", "<built-in function len>", None),
        ((0x16, 38, "str.upper"), "method_descriptor", "<method 'upper' of 'str' objects>", None),
        ((0x17, 34, "Decimal('1.5')"), "decimal.Decimal", "Decimal('1.5')", None),
        ((0x19,), "", "<redacted>", "redacted"),
        ((0x1A, 70), "str", "<text of length 70>", "cut"),
    ],
)  # fmt: skip
def test_values_without_identity(raw: Any, type_: str, text: str, badge: str | None) -> None:
    value = shown(raw)
    assert (value.type, value.text, value.badge, value.id) == (type_, text, badge, None)


@pytest.mark.parametrize(
    ("record", "text", "length"),
    [
        (new(1, 1, (ITEMS, 2, [1, "a"], [])), "[1, 'a']", 2),
        (new(1, 1), "[]", None),
        (new(1, 32, (ITEMS, 1, [1], [])), "Names([1])", 1),
        (new(1, 2, (ITEMS, 1, [1], [])), "(1,)", 1),
        (new(1, 31, (ITEMS, 2, [1, 2], [])), "Point(1, 2)", 2),
        (new(1, 3, (PAIRS, 1, [("a", 1)], [])), "{'a': 1}", 1),
        (new(1, 3, (PAIRS, 1, [("a", None)], [])), "{'a': None}", 1),
        (new(1, 33, (PAIRS, 1, [("a", 1)], [])), "Counter({'a': 1})", 1),
        (new(1, 19, (PAIRS, 1, [("a", 1)], [])), "{'a': 1}", 1),
        (new(1, 4, (ITEMS, 2, [1, 2], [])), "{1, 2}", 2),
        (new(1, 4, (ITEMS, 0, [], [])), "set()", 0),
        (new(1, 37, (ITEMS, 1, [1], [])), "Group({1})", 1),
        (new(1, 5, (ITEMS, 1, [1], [])), "frozenset({1})", 1),
        (new(1, 11, (ITEMS, 1, [1], [])), "deque([1])", 1),
        (new(1, 6, (SCALAR, 1, ["x"], [])), "Text('x')", None),
        (new(1, 9, (SCALAR, 1, [7], [])), "Number(7)", None),
        (new(1, 8, (SCALAR, 1, [b"ab"], [])), "bytearray(b'ab')", 2),
        (new(1, 12, (ITEMS, 2, ["bad", 3], [])), "ValueError('bad', 3)", 2),
        (new(1, 13, (SCALAR, 1, ["shop.pay"], [])), "<function shop.pay>", None),
        (new(1, 14, (SCALAR, 1, ["Cart.pay"], [])), "<bound method Cart.pay>", None),
        (new(1, 15, (SCALAR, 1, ["json"], [])), "<module 'json'>", None),
        (new(1, 16, (SCALAR, 1, ["shop.Cart"], [])), "<class 'shop.Cart'>", None),
        (new(1, 23, (SCALAR, 1, ["walk"], [])), "<generator object walk>", None),
        (new(1, 17, (CELL, 1, [5], [])), "<cell: 5>", None),
        (new(1, 17, (CELL, 0, [], [])), "<cell: empty>", None),
        (new(1, 22, (ATTRIBUTES, 2, [(3, "RED"), (4, 1)], [])), "<Color.RED: 1>", None),
        (new(1, 18, (ARRAY, 4, ["int64", (TUPLE, 1, (2,)), 5, 6], [])), "ndarray([5, 6], dtype=int64)", 2),
        (new(1, 30, (ATTRIBUTES, 1, [(1, 5)], [])), "<Node 1>", None),
        (new(1, 1, (ITEMS, 2, [(OBJECT, 2), (OBJECT, 3)], [])), "[<Node 2>, [7]]", 2),
        (new(1, 1, (ITEMS, 90, [1], [2])), "[1, …]", 90),
        (new(1, 1, (ITEMS, 100, range(100), [])), f"[{', '.join(map(str, range(32)))}, …]", 100),
    ],
)
def test_texts_of_objects(record: Record, text: str, length: int | None) -> None:
    others = new(2, 30), new(3, 1, (ITEMS, 1, [7], []))
    value = shown((OBJECT, 1), record, *others)
    assert (value.text, value.length, value.id, value.version) == (text, length, 1, 1)


def test_children_are_values_too() -> None:
    records = (
        new(1, 1, (ITEMS, 2, [(OBJECT, 2), (OBJECT, 3)], [])),
        new(2, 30, (ATTRIBUTES, 2, [(1, 5), (2, (OBJECT, 3))], [])),
        new(3, 3, (PAIRS, 1, [("k", (TUPLE, 1, ((OBJECT, 4),)))], [])),
        new(4, 4, (ITEMS, 1, [9], [])),
    )
    assert shown((OBJECT, 1), *records).to_json() == {
        "type": "list", "text": "[<Node 2>, {'k': ({…},)}]", "id": 1, "version": 1, "length": 2,
        "items": [
            {
                "type": "Node", "text": "<Node 2>", "id": 2, "version": 2,
                "attributes": {"value": {"type": "int", "text": "5"}, "next": (inner := {
                    "type": "dict", "text": "{'k': ({9},)}", "id": 3, "version": 3, "length": 1,
                    "entries": [[{"type": "str", "text": "'k'", "length": 1}, {
                        "type": "tuple", "text": "({9},)", "length": 1,
                        "items": [{"type": "set", "text": "{9}", "id": 4, "version": 4, "length": 1,
                                   "items": [{"type": "int", "text": "9"}]}],
                    }]],
                })},
            },
            inner,
        ],
    }  # fmt: skip


def test_an_object_within_itself_is_given_by_its_id() -> None:
    value = shown((OBJECT, 1), new(1, 1, (ITEMS, 2, [(OBJECT, 1), (OBJECT, 2)], [])), new(2, 3, (PAIRS, 1, [(0, (OBJECT, 1))], [])))
    assert value.text == "[[…], {0: […]}]"
    assert value.items is not None
    assert (value.items[0].id, value.items[0].items) == (1, None)
    entries = value.items[1].entries
    assert entries is not None
    assert (entries[0][1].id, entries[0][1].items, entries[0][1].length) == (1, None, 2)


def test_depth_ends_with_objects_that_are_named_but_not_opened() -> None:
    records = [new(id_, 30, (ATTRIBUTES, 1, [(2, (OBJECT, id_ + 1))], [])) for id_ in range(1, 9)]
    value: Value | None = shown((OBJECT, 1), *records, depth=3)
    for id_ in range(1, 4):
        assert value is not None
        assert value.attributes is not None
        assert value.id == id_
        value = value.attributes["next"]
    assert value is not None
    assert (value.text, value.attributes, value.badge) == ("<Node 4>", None, None)


def test_what_was_left_out_stands_in_its_place() -> None:
    value = shown((OBJECT, 1), new(1, 1, (ITEMS, 1000, [1], [2, 3])))
    assert value.badge == "cut"
    assert value.items is not None
    assert [item.to_json() for item in value.items] == [
        {"type": "int", "text": "1"},
        {"type": "", "text": "… 997 more", "length": 997, "badge": "cut"},
        {"type": "int", "text": "2"},
        {"type": "int", "text": "3"},
    ]
    pairs = shown((OBJECT, 1), new(1, 3, (PAIRS, 7, [("a", 1)], [])))
    assert pairs.entries is not None
    assert [key.text for key, _ in pairs.entries] == ["'a'", "… 6 more"]


@pytest.mark.parametrize("part", [ITEMS, PAIRS])
def test_of_a_very_long_container_beginning_and_end_are_given(part: int) -> None:
    count = MOST_ENTRIES + 500
    entries = range(count) if part == ITEMS else [(index, index) for index in range(count)]
    value = shown((OBJECT, 1), new(1, 1 if part == ITEMS else 3, (part, count, entries, [])))
    given = value.items if part == ITEMS else tuple(key for key, _ in value.entries or ())
    assert given is not None
    assert (len(given), given[0].text, given[-1].text) == (MOST_ENTRIES + 1, "0", str(count - 1))
    assert given[MOST_ENTRIES // 2].length == 500
    assert value.badge == "cut"


def test_a_middle_that_is_too_long_is_left_out_around_what_was_cut() -> None:
    value = shown((OBJECT, 1), new(1, 1, (ITEMS, 5000, range(900), range(900))))
    assert value.items is not None
    assert len(value.items) == MOST_ENTRIES + 1
    assert sum(item.length or 1 for item in value.items) == 5000


def test_only_what_is_shown_is_looked_up() -> None:
    """Three lists within each other, of a hundred entries each: a million numbers, of which a text has room for a few."""
    words, looked_up = Words(), set[int]()
    inner = [(OBJECT, 2 + number) for number in range(100)]
    records = [new(1, 1, (ITEMS, 100, inner, []))]
    records += [new(2 + number, 1, (ITEMS, 100, [(OBJECT, 200 + 100 * number + last) for last in range(100)], [])) for number in range(100)]
    contents: dict[int, Content] = {}
    for record in records:
        contents.setdefault(record[2], Content(words)).apply(record)

    def load(ids: Iterable[int]) -> Mapping[int, Content]:
        looked_up.update(asked := set(ids))
        return {id_: contents[id_] for id_ in asked if id_ in contents}

    value = Values(words, load, lambda written: False).value((OBJECT, 1), 6)
    assert value is not None
    assert value.text.startswith("[[<object 200>, <object 201>")
    assert len(looked_up) < 60
    assert value.items is not None
    assert value.items[99].id == 101
    assert len(value.items[99].items or ()) == 100, "the rest is found when it is asked for"


def test_values_have_a_bound_however_often_objects_share_others() -> None:
    records = [new(id_, 1, (ITEMS, 40, [(OBJECT, id_ + 1)] * 40, [])) for id_ in range(1, 8)]
    value = shown((OBJECT, 1), *records)

    def count(one: Value) -> int:
        return 1 + sum(map(count, one.items or ()))

    assert count(value) < 150_000


@pytest.mark.parametrize(
    ("record", "loose", "badge"),
    [
        (new(5, 1, (ITEMS, 1, [1], [])), 5, None),
        (new(5, 1, (ITEMS, 1, [1], [])), 6, "unchecked"),
        (new(5, 30, (ATTRIBUTES, 1, [(1, 1)], [])), 6, "unchecked"),
        (new(5, 30), 5, None),
        (new(5, 30), 6, "unchecked"),
        (new(5, 8, (SCALAR, 1, [b"x"], [])), 6, "unchecked"),
        (new(5, 6, (SCALAR, 1, ["x"], [])), 6, None),
        (new(5, 13, (SCALAR, 1, ["f"], [])), 6, None),
        (new(5, 20), -1, "opaque"),
    ],
)
def test_badges(record: Record, loose: int, badge: str | None) -> None:
    assert shown((OBJECT, 5), record, loose=loose).badge == badge


def test_what_changed_unseen_is_unchecked() -> None:
    value = shown((OBJECT, 5), new(5, 1, (ITEMS, 1, [1], [])), (6, encoder.RESIZE, 5, ITEMS, 3))
    assert (value.badge, value.length, value.version) == ("unchecked", 3, 6)


def test_an_object_of_which_nothing_is_known_is_only_named() -> None:
    value = shown((OBJECT, 77))
    assert (value.type, value.text, value.id, value.badge) == ("object", "<object 77>", 77, "opaque")


def test_unbound_is_no_value() -> None:
    assert values().value((0,), 3) is None
    value = shown((OBJECT, 1), new(1, 30, (ATTRIBUTES, 2, [(1, (0,)), (2, 3)], [])))
    assert value.attributes is not None
    assert list(value.attributes) == ["next"]


def test_tuples_nested_without_end_are_cut() -> None:
    raw: Any = 1
    for _ in range(200):
        raw = (TUPLE, 1, (raw,))
    assert shown(raw).text == "((((…),),),)"
    records = [new(id_, 1, (ITEMS, 1, [(TUPLE, 1, ((OBJECT, id_ + 1),))], [])) for id_ in range(1, 60)]
    assert shown((OBJECT, 1), *records, depth=50).text == "[([(…)],)]"
    records = [new(id_, 1, (ITEMS, 1, [_around(raw, (OBJECT, id_ + 1))], [])) for id_ in range(1, 60)]
    assert shown((OBJECT, 1), *records, depth=50).text in ("<nested too deeply>", "[(((…),),)]")


def _around(raw: Any, inner: Any) -> Any:
    return inner if raw == 1 else (TUPLE, 1, (_around(raw[2][0], inner),))
