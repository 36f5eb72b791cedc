"""`reader.scan`, its postings, `reader.objects` and `reader.events`."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from support import encoder
from support.encoder import FrameRecord, Stream

from tttui.native import reader
from tttui.store.contents import Content


def test_an_empty_chunk_has_nothing() -> None:
    result = reader.scan(Stream(7, 8, 9, 10).whole())
    numbers = {key: value for key, value in result.items() if isinstance(value, int)}
    assert numbers == {
        "first_event": 7, "events": 0, "first_call": 8, "calls": 0, "first_object": 9, "objects": 0, "start_ns": 10, "end_ns": 10,
        "first_text": 0,
    }  # fmt: skip
    assert result["last_raise"] is None
    assert all(result[key] == [] for key in ("types", "files", "codes", "hits", "entries", "outputs", "gaps"))


def test_definitions_come_as_rows() -> None:
    stream = Stream().def_type(1, "m", "A.B", 3).def_file(1, "/x\ud800.py", 1).def_source(1, b"pie").def_source(1, b"ce")
    stream.def_code(2, 1, "f.g", 7, [("a", 0), (".0", 3)], b"\x00\x80", 0x23, 1, 0, 1, [0, 3, 300]).def_name(4, "naïve")
    stream.def_text(5, "long").def_text(6, b"\xff\x00").def_thread(1, 999, "Main").def_task(3, "Task-3")
    result = reader.scan(stream.push(2, 7).call().whole())
    assert result["types"] == [(1, "m", "A.B", 3)]
    assert result["files"] == [(1, "/x\ud800.py", 1)]
    assert result["sources"] == [(1, b"pie"), (1, b"ce")]
    assert result["codes"] == [(2, 1, "g", "f.g", 7, 0x23, 1, 0, 1, (("a", 0), (".0", 3)), b"\x00\x80", (0, 3, 300))]
    assert result["names"] == [(4, "naïve")]
    assert result["first_text"] == 5
    assert result["threads"] == [(1, 999, "Main")]
    assert result["tasks"] == [(3, "Task-3")]


def test_output_and_gaps_belong_to_the_last_event_before_them() -> None:
    data = Stream().output(1, b"first").push(1, 1).call().output(2, b"\x1b[0m").gap(3, 12).line(1).output(1, b"end").whole()
    result = reader.scan(data)
    assert result["outputs"] == [(-1, 1, b"first"), (0, 2, b"\x1b[0m"), (1, 1, b"end")]
    assert result["gaps"] == [(0, 3, 12)]
    assert result["events"] == 2
    assert reader.index_lookup(result["index"], "output")
    assert not reader.index_lookup(reader.scan(Stream().whole())["index"], "output")


def test_objects_are_counted_by_their_ids() -> None:
    data = Stream(objects=10).new(12, 1).new(11, 1).snapshot(4, 1).push(1, 1).call().whole()
    result = reader.scan(data)
    assert (result["first_object"], result["objects"]) == (10, 2)
    assert reader.index_lookup(result["index"], "object", 4)
    assert not reader.index_lookup(result["index"], "object", 11), "its own chunk is found by its id"


def raised_through_three_frames() -> Stream:
    """Calls 1 > 2 > 3; 3 raises object 9, which nobody takes."""
    stream = Stream().push(1, 10).call().push(2, 20).call().push(3, 30).call()
    return stream.raises((0x0F, 9), 4).unwind((0x0F, 9), 4)


def test_the_last_raise_is_where_the_exception_began() -> None:
    stream = raised_through_three_frames().raises((0x0F, 9), 5).unwind((0x0F, 9)).unwind((0x0F, 9))
    assert reader.scan(stream.whole())["last_raise"] == (3, 1, 3)


def test_an_unwind_that_names_no_exception_goes_with_the_thread_s_last_one() -> None:
    stream = Stream().push(1, 10).call().push(2, 20).call().raises((0x0F, 9)).unwind((0x00,)).unwind((0x00,))
    assert reader.scan(stream.whole())["last_raise"] == (2, 1, 2)


def test_an_exception_that_was_handled_is_no_last_raise() -> None:
    stream = raised_through_three_frames().handled((0x0F, 9)).line(1).returns()
    assert reader.scan(stream.whole())["last_raise"] is None


def test_a_handled_exception_that_is_raised_again_begins_there() -> None:
    stream = raised_through_three_frames().handled((0x0F, 9)).line(1).raises((0x0F, 9)).unwind((0x0F, 9)).unwind((0x0F, 9))
    assert reader.scan(stream.whole())["last_raise"] == (7, 1, 2)


def test_a_reraise_keeps_the_beginning() -> None:
    stream = raised_through_three_frames().handled((0x0F, 9)).line(1).reraises((0x0F, 9)).unwind((0x0F, 9)).unwind((0x0F, 9))
    assert reader.scan(stream.whole())["last_raise"] == (3, 1, 3)


def test_postings_know_codes_threads_tasks_and_flags() -> None:
    stream = Stream().push(3, 1).task(7).call().thread(5).push(300, 1).call().loose().raises(1).whole()
    index = reader.scan(stream)["index"]
    held = {what: [key for key in range(400) if reader.index_lookup(index, what, key)] for what in ("code", "thread", "task", "object")}
    assert held == {"code": [3, 300], "thread": [1, 5], "task": [7], "object": []}
    assert reader.index_lookup(index, "raise")
    assert reader.index_lookup(index, "loose")


def test_a_frame_whose_code_has_no_event_here_is_not_in_the_postings() -> None:
    index = reader.scan(Stream(threads=[(1, 0, [FrameRecord(1, 4, 1)])]).whole())["index"]
    assert not reader.index_lookup(index, "code", 4)


@given(some.sets(some.integers(1, 5000), max_size=400), some.lists(some.integers(-3, 6000), max_size=50))
@settings(max_examples=60, deadline=None)
def test_the_postings_hold_exactly_the_objects_written(written: set[int], asked: list[int]) -> None:
    stream = Stream(objects=5000)
    for object_ in written:
        stream.died(object_)
    index = reader.scan(stream.whole())["index"]
    for object_ in (*asked, *written):
        assert reader.index_lookup(index, "object", object_) == (object_ in written)
    wanted = sorted({object_ for object_ in asked if object_ > 0} | set(range(1, 5000, 7)))
    assert reader.index_objects(index, wanted) == [object_ for object_ in wanted if object_ in written]


def test_objects_are_asked_for_by_a_list_of_their_ids() -> None:
    index = reader.scan(Stream(objects=9).died(4).whole())["index"]
    assert reader.index_objects(index, []) == []
    with pytest.raises(OverflowError):
        reader.index_objects(index, [-1])
    with pytest.raises(TypeError):
        reader.index_objects(index, (1, 2))  # type: ignore[arg-type]  # what the stub forbids is refused
    for damaged in (b"", b"\x02", b"\x01\x00\x05", index[:4]):
        with pytest.raises(reader.StreamError):
            reader.index_objects(damaged, [1])


@given(some.sets(some.tuples(some.integers(0, 3), some.integers(-70, 70)), max_size=200))
@settings(max_examples=60, deadline=None)
def test_the_postings_hold_exactly_the_lines_run(places: set[tuple[int, int]]) -> None:
    stream = Stream()
    for code, line in places:
        stream.push(code, 0).call().line(line).returns()
    result = reader.scan(stream.whole())
    assert {(code, line) for code, line, _ in result["hits"]} == places
    for code in range(5):
        for line in range(-75, 75):
            assert reader.index_lookup(result["index"], "line", code, line) == ((code, line) in places)


def test_postings_are_asked_only_what_they_know() -> None:
    index = reader.scan(Stream().whole())["index"]
    for what, key in (("line", (1,)), ("object", ()), ("nothing", (1,)), ("raise", (1,))):
        with pytest.raises(ValueError, match="postings have no"):
            reader.index_lookup(index, what, *key)
    for damaged in (b"", b"\x02", b"\x01\x00\x05", index[:-1]):
        with pytest.raises(reader.StreamError):
            reader.index_lookup(damaged, "line", 1, 1)


def test_object_records_come_in_order_with_their_events() -> None:
    stream = Stream(100, objects=5).push(1, 1)
    stream.new(6, 2, (encoder.ITEMS, 900, [1, "a"], [None])).new(7, 2, (encoder.PAIRS, 1, [("k", (0x0F, 6))], [])).call()
    stream.splice(6, encoder.ITEMS, 2, 1, [5, (0x0F, 7)]).setkey(7, encoder.PAIRS, "k", 1).line(0)
    stream.delkey(7, encoder.PAIRS, "k").resize(6, encoder.ITEMS, 3).line(0)
    stream.snapshot(7, 2, (encoder.ATTRIBUTES, 1, [(3, True)], [])).died(6).line(0)
    data = stream.whole()
    wanted = [
        (100, 0x20, 6, 2, ((0, 900, (1, "a"), (None,)),)),
        (100, 0x20, 7, 2, ((1, 1, (("k", (0x0F, 6)),), ()),)),
        (101, 0x22, 6, 0, 2, 1, (5, (0x0F, 7))),
        (101, 0x23, 7, 1, "k", 1),
        (102, 0x24, 7, 1, "k"),
        (102, 0x25, 6, 0, 3),
        (103, 0x21, 7, 2, ((2, 1, ((3, True),), ()),)),
        (103, 0x26, 6),
    ]
    assert reader.objects(data, None, 103) == wanted
    assert reader.objects(data, [7], 103) == [record for record in wanted if record[2] == 7]
    assert reader.objects(data, [6, 7], 101) == wanted[:4]
    assert reader.objects(data, [], 103) == []
    assert reader.events(data, 100, 104, 8) == [("object", *record) for record in wanted]


def test_events_are_expanded_into_rows() -> None:
    stream = Stream(10, calls=2, time_ns=5, threads=[(1, 3, [FrameRecord(1, 7, 70)])])
    data = stream.line(1).push(8, 80, 6, 5).var(0, "a").call().time(2).raises(4, 9, 1).returns(5).var(1, 6).line(1).var(2, 7).whole()
    assert reader.events(data, 0, 99, 7) == [
        ("event", 10, 0, 1, 3, 1, 7, 71, -1, 5, None),
        ("call", 11, 3, 8, 1, 6, 1, 3, 5),
        ("variable", 11, 3, 0, "a"),
        ("event", 11, 1, 1, 3, 3, 8, 80, -1, 5, None),
        ("event", 12, 6, 1, 3, 3, 8, 81, 9, 7, 4),
        ("event", 13, 2, 1, 3, 3, 8, 81, -1, 7, 5),
        ("variable", 14, 1, 1, 6),
        ("event", 14, 0, 1, 3, 1, 7, 72, -1, 7, None),
    ]
    assert [row[1] for row in reader.events(data, 11, 13, 1)] == [11, 12]
    assert reader.events(data, 13, 15, 4) == [("variable", 14, 1, 1, 6)]
    assert reader.events(data, 11, 12, 2) == [("call", 11, 3, 8, 1, 6, 1, 3, 5)]


def test_crc32c_is_the_standard_one() -> None:
    assert reader.crc32c(b"123456789") == 0xE3069283
    assert reader.crc32c(b"") == 0


ids = some.integers(1, 3)
entries = some.lists(some.integers(-20, 200), max_size=3)
pairs = some.lists(some.tuples(some.sampled_from(["a", "b", 1, True, 1.0]), some.integers(0, 9)), max_size=3)
key = some.sampled_from(["a", "b", 1, True, 0, False, 1.5, (0x0F, 3), (0x0E, 1, 9), b"a", None, 2**70, "x" * 40])
object_records = some.one_of(
    some.tuples(some.just("splice"), ids, some.just(encoder.ITEMS), some.integers(0, 6), some.integers(0, 2), entries),
    some.tuples(some.just("splice"), ids, some.just(encoder.ITEMS), some.integers(0, 3), some.just(1), some.just([7])),
    some.tuples(some.just("splice"), ids, some.just(encoder.PAIRS), some.integers(0, 4), some.integers(0, 2), pairs),
    some.tuples(some.just("setkey"), ids, some.just(encoder.PAIRS), key, some.integers(0, 99)),
    some.tuples(some.just("setkey"), ids, some.just(encoder.PAIRS), key, some.integers(0, 99)),
    some.tuples(some.just("delkey"), ids, some.just(encoder.PAIRS), key),
    some.tuples(some.just("resize"), ids, some.just(encoder.ITEMS), some.integers(0, 9)),
    some.tuples(some.just("snapshot"), ids, some.just(3), some.just((encoder.ITEMS, 9, [1, 2], [3])), some.just((1, 1, [("a", 1)], []))),
    some.tuples(some.just("new"), ids, some.just(3)),
    some.tuples(some.just("died"), ids),
    some.tuples(some.just("line"), some.just(0)),
)  # fmt: skip


@given(some.lists(object_records, max_size=40), some.integers(0, 20))
@settings(max_examples=500, deadline=None)
def test_contents_give_what_all_records_give_with_no_more_than_needed(steps: list[tuple[str, object]], event: int) -> None:
    stream = Stream(objects=3).push(1, 1).call()
    for name, *arguments in steps:
        getattr(stream, name)(*arguments)
    data = stream.line(0).whole()
    few = reader.contents(data, [1, 2], event)
    assert reader.contents(data, [1, 2], event, reader.directory(data)) == few
    for id_ in (1, 2):
        every = reader.objects(data, [id_], event)
        assert len(few.get(id_, [])) <= len(every)
        # Applied to nothing, and to something that was there before.
        for before in ([], [(0, encoder.NEW, id_, 3, ((encoder.ITEMS, 4, (7, 8, 9, 9), ()), (encoder.PAIRS, 1, (("b", 5),), ())))]):
            one, fits = applied([*before, *every])
            other, _ = applied([*before, *few.get(id_, [])])
            if fits:
                assert one == other
            else:  # What can't be is taken as far as it goes, and marked.
                assert one[3]
                assert other[3]
    assert 3 not in few


def applied(records: list[tuple[Any, ...]]) -> tuple[tuple[Any, ...], bool]:
    """All that can be seen of a content after these records, and whether each of them could be."""
    content = Content(Words())
    fits = True
    for record in records:
        before, content.unchecked = content.unchecked, False
        content.apply(record)
        if record[1] in (encoder.NEW, encoder.SNAPSHOT):
            before, fits = False, True
        elif record[1] != encoder.RESIZE and content.unchecked:
            fits = False
        content.unchecked = content.unchecked or before
    parts = {number: (type(part), part.segments, part.length) for number, part in content.parts.items()}
    return (parts, content.type, content.written, content.unchecked, content.dead), fits


class Words:
    """Every type is a dict."""

    def name(self, id: int, /) -> str:
        return str(id)

    def shape(self, type_: int, /) -> int:
        return 3


def test_a_variable_set_over_and_over_is_one_record() -> None:
    stream = Stream(objects=2).push(1, 1).call()
    for count in range(100):
        stream.setkey(1, encoder.PAIRS, "i", count).splice(2, encoder.ITEMS, count, 0, [count]).line(0)
    contents = reader.contents(stream.whole(), [1, 2], 200)
    assert contents[1] == [(100, encoder.SETKEY, 1, encoder.PAIRS, "i", 99)]
    assert contents[2] == [(100, encoder.SPLICE, 2, encoder.ITEMS, 0, 0, tuple(range(100)))]
    assert reader.contents(stream.whole(), [1], 50)[1] == [(50, encoder.SETKEY, 1, encoder.PAIRS, "i", 49)]


def test_entries_taken_off_one_after_the_other_are_one_record() -> None:
    stream = Stream(objects=2).push(1, 1).call()
    for count in range(100):
        stream.splice(1, encoder.ITEMS, 199 - count, 1, []).splice(2, encoder.ITEMS, 0, 2, []).line(0)
    stream.splice(1, encoder.ITEMS, 50, 1, []).line(0)
    data = stream.whole()
    for contents in (reader.contents(data, [1, 2], 200), reader.contents(data, [1, 2], 200, reader.directory(data))):
        assert contents[1] == [
            (100, encoder.SPLICE, 1, encoder.ITEMS, 100, 100, ()),
            (101, encoder.SPLICE, 1, encoder.ITEMS, 50, 1, ()),
        ]
        assert contents[2] == [(100, encoder.SPLICE, 2, encoder.ITEMS, 0, 200, ())]
