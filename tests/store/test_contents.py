"""What objects contained: records applied one after the other, against plain lists and dicts."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some
from support import encoder
from support.encoder import ARRAY, ATTRIBUTES, ITEMS, PAIRS

from tttui.store.contents import Content, Entries, Keyed, Record

LIST, SET, DICT, INSTANCE = 1, 2, 3, 4
SHAPES = {LIST: 1, SET: 4, DICT: 3, INSTANCE: 0}


class Words:
    """Attribute name n is "a<n>"."""

    def name(self, id: int, /) -> str:
        return f"a{id}"

    def shape(self, type_: int, /) -> int:
        return SHAPES[type_]


UNKNOWN = object()
"""An entry that the recorder left out, in a plain list."""

Splice = tuple[int, int, list[int]]
splices = some.lists(some.tuples(some.integers(0, 40), some.integers(0, 8), some.lists(some.integers(), max_size=6)), max_size=30)


def places(entries: Entries) -> list[Any]:
    found: list[Any] = []
    for segment in entries.segments:
        found += [UNKNOWN] * segment if isinstance(segment, int) else segment
    return found


@given(some.integers(0, 10), some.integers(0, 10), some.integers(0, 10), splices)
@settings(deadline=None)
def test_splices_give_what_a_list_would_hold_and_nothing_unknown_becomes_known(
    head: int, cut: int, tail: int, changes: list[Splice]
) -> None:
    plain: list[Any] = [*range(head), *[UNKNOWN] * cut, *range(100, 100 + tail)]
    entries = Entries(len(plain), range(head), range(100, 100 + tail))
    for position, deleted, inserted in changes:
        position = min(position, len(plain))
        deleted = min(deleted, len(plain) - position)
        plain[position : position + deleted] = inserted
        assert entries.splice(position, deleted, inserted)
        assert places(entries) == plain
        assert entries.length == len(plain)
        assert entries.whole == (UNKNOWN not in plain)
        assert isinstance(entries.segments[0], list)
        assert isinstance(entries.segments[-1], list)


@given(some.integers(0, 10), some.integers(0, 10), splices, some.integers(0, 60))
def test_a_new_length_keeps_what_is_before_it(head: int, cut: int, changes: list[Splice], length: int) -> None:
    entries = Entries(head + cut, range(head))
    for change in changes:
        entries.splice(*change)
    before = places(entries)
    entries.resize(length)
    assert places(entries) == before[:length] + [UNKNOWN] * (length - len(before))


def test_a_splice_that_can_t_be_is_taken_as_far_as_it_goes() -> None:
    entries = Entries(3, [1, 2, 3])
    assert not entries.splice(9, 1, [4])
    assert not entries.splice(2, 2**63, [5])
    assert places(entries) == [1, 2, 5]


def test_many_single_entries_amid_unknown_ones_don_t_pile_up() -> None:
    entries = Entries(2**40)
    for position in range(2, 10_000, 2):
        entries.splice(position, 1, ["x"])
    assert len(entries.segments) < 600
    assert entries.length == 2**40


keys = some.one_of(some.integers(0, 12), some.sampled_from(["a", "b", (0x0F, 3), (0x10, 1, (1,)), None, True, 1.5]))
changes_of_keys = some.lists(some.tuples(some.sampled_from(["set", "delete", "append", "cut off"]), keys, some.integers()), max_size=40)


@given(some.dictionaries(keys, some.integers(), max_size=10), changes_of_keys)
@settings(deadline=None)
def test_keys_give_what_a_dict_would_hold_in_its_order(start: dict[Any, int], changes: list[tuple[str, Any, int]]) -> None:
    plain = dict(start)
    keyed = Keyed(len(plain), plain.items())
    for what, key, value in changes:
        if what == "set":
            plain[key] = value
            keyed.set(key, value)
        elif what == "delete":
            assert keyed.delete(key) == (key in plain)
            plain.pop(key, None)
        elif what == "append" and key not in plain:
            plain[key] = value
            keyed.splice(keyed.length, 0, [(key, value)])
        elif what == "cut off" and plain:
            plain.popitem()
            keyed.splice(keyed.length - 1, 1, [])
        assert list(keyed.known()) == list(plain.items())
        assert keyed.length == len(plain)
        assert keyed.get(key) == ((next(known for known in plain if known == key), plain[key]) if key in plain else None)


def test_a_key_that_was_left_out_is_one_of_those_left_out() -> None:
    keyed = Keyed(10, [("a", 1)], [("z", 2)])
    keyed.set("m", 3)
    assert (keyed.length, keyed.whole, dict(keyed.known())) == (10, False, {"a": 1, "z": 2, "m": 3})
    assert keyed.delete("not seen")
    assert keyed.length == 9
    keyed.splice(9, 0, [("new", 4)])
    assert keyed.length == 10
    assert keyed.get("new") == ("new", 4)


def test_values_without_identity_are_different_keys() -> None:
    keyed = Keyed(3, [((0x14, 5), 1), ((0x14, 5), 2)], [((0x0E, 1, 99), 3)])
    assert [value for _, value in keyed.known()] == [1, 2, 3]
    assert keyed.get((0x14, 5)) is None


def content(*records: Record) -> Content:
    found = Content(Words())
    for record in records:
        found.apply(record)
    return found


def test_attributes_are_found_by_name_whether_given_by_number_or_as_text() -> None:
    found = content(
        (0, encoder.NEW, 9, INSTANCE, ((ATTRIBUTES, 2, ((1, "x"), (2, "y")), ()),)),
        (1, encoder.SETKEY, 9, ATTRIBUTES, "a2", "z"),
        (2, encoder.SPLICE, 9, ATTRIBUTES, 0, 1, ((3, "w"),)),
        (3, encoder.SETKEY, 9, ATTRIBUTES, "a7", 0),
    )
    assert list(found.parts[ATTRIBUTES].known()) == [("a3", "w"), ("a2", "z"), ("a7", 0)]
    assert (found.type, found.written, found.unchecked) == (INSTANCE, 3, False)


def test_a_set_is_keyed_by_its_items() -> None:
    found = content(
        (0, encoder.NEW, 9, SET, ((ITEMS, 2, (1, 2), ()),)),
        (1, encoder.SETKEY, 9, ITEMS, 3, None),
        (1, encoder.DELKEY, 9, ITEMS, 1),
        (2, encoder.SPLICE, 9, ITEMS, 2, 0, (5, 6)),
    )
    assert [key for key, _ in found.parts[ITEMS].known()] == [2, 3, 5, 6]


def test_what_was_changed_unseen_is_unchecked_until_it_is_restated() -> None:
    records: list[Record] = [
        (0, encoder.NEW, 9, LIST, ((ITEMS, 3, (1, 2, 3), ()),)),
        (1, encoder.RESIZE, 9, ITEMS, 5),
        (2, encoder.SPLICE, 9, ITEMS, 5, 0, (6,)),
    ]
    found = content(*records)
    assert found.unchecked
    assert found.parts[ITEMS].length == 6
    found.apply((3, encoder.SNAPSHOT, 9, LIST, ((ITEMS, 1, (1,), ()),)))
    assert (found.unchecked, found.parts[ITEMS].whole) == (False, True)


def test_records_that_can_t_be_make_it_unchecked() -> None:
    for record in (
        (1, encoder.SPLICE, 9, ITEMS, 7, 0, (1,)),
        (1, encoder.SETKEY, 9, ITEMS, 1, 1),
        (1, encoder.DELKEY, 9, ITEMS, 1),
        (1, encoder.DELKEY, 9, PAIRS, 1),
    ):
        assert content((0, encoder.NEW, 9, LIST, ()), record).unchecked, record


operations = some.lists(
    some.one_of(
        some.tuples(some.just(encoder.SETKEY), some.just(9), some.just(PAIRS), some.sampled_from(["a", 1, (0x0F, 2)]), some.integers()),
        some.tuples(some.just(encoder.DELKEY), some.just(9), some.just(PAIRS), some.sampled_from(["a", "b", 1])),
        some.tuples(
            some.just(encoder.SPLICE), some.just(9), some.sampled_from([ITEMS, ARRAY]), some.integers(0, 9), some.integers(0, 3),
            some.lists(some.integers(), max_size=3).map(tuple),
        ),
        some.tuples(
            some.just(encoder.SPLICE), some.just(9), some.sampled_from([PAIRS, ATTRIBUTES]), some.integers(0, 9), some.integers(0, 3),
            some.lists(some.tuples(some.integers(0, 5), some.integers()), max_size=3).map(tuple),
        ),
        some.tuples(some.just(encoder.RESIZE), some.just(9), some.sampled_from([ITEMS, PAIRS]), some.integers(0, 12)),
        some.just((encoder.SNAPSHOT, 9, DICT, ((PAIRS, 9, (("a", 1),), (("c", 2),)), (ITEMS, 8, (1, 2), (3,))))),
        some.just((encoder.DIED, 9)),
    ),
    max_size=25,
)  # fmt: skip


@given(operations, some.data())
@settings(max_examples=300, deadline=None)
def test_records_taken_in_at_once_give_the_same_as_one_by_one(operations: list[tuple[Any, ...]], data: some.DataObject) -> None:
    records = [(event, *operation) for event, operation in enumerate(operations)]
    one_by_one = content(*records)
    at_once = Content(Words())
    middle = data.draw(some.integers(0, len(records)))
    at_once.apply_all(records, 0, middle)
    at_once.copy().apply_all(records, middle, len(records))
    at_once.apply_all(records, middle, len(records))
    for found in (one_by_one, at_once):
        for part in found.parts.values():
            assert part.length == sum(segment if isinstance(segment, int) else len(segment) for segment in part.segments)
    assert {number: (type(part), part.segments) for number, part in at_once.parts.items()} == {
        number: (type(part), part.segments) for number, part in one_by_one.parts.items()
    }
    assert (at_once.written, at_once.unchecked, at_once.dead) == (one_by_one.written, one_by_one.unchecked, one_by_one.dead)
