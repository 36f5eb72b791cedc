"""`reader.state`: what is true at an event, against a plain model of the stream's rules."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from support.encoder import UNBOUND, FrameRecord, Stream
from support.model import Model, streams

from tttui.native import reader


def kinds(stream: Stream) -> list[str]:
    data = stream.whole()
    first = stream.event - sum(reader.scan(data)["kinds"])
    return [reader.KINDS[reader.state(data, event)["kind"]] for event in range(first, stream.event)]


def test_kinds_are_named_in_the_order_of_their_numbers() -> None:
    stream = Stream().push(1, 10).call().line(1).yields(1).reenter(1, 1, 11).resume().raises(2).handled(2).reraises(2).unwind(2)
    stream.push(1, 10).call().yields(1).reenter(2, 1, 11).throw(5).returns(3)
    assert kinds(stream) == [
        "call", "line", "yield", "resume", "raise", "handled", "reraise", "unwind", "call", "yield", "throw", "return",
    ]  # fmt: skip
    assert min(kinds(stream), key=reader.KINDS.index) == "line"


def test_a_frame_begins_at_its_first_line_and_moves_by_deltas() -> None:
    data = Stream().push(7, 100, 5, 3).call().line(1).line(-40).line(1000).whole()
    lines = [reader.state(data, event)["threads"][1] for event in range(4)]
    assert [stack[0][2] for stack in lines] == [100, 101, 61, 1061]
    assert lines[0] == [(1, 7, 100, 5, 3, -1, ())]


def test_a_frame_is_on_the_stack_at_its_return_and_gone_after_it() -> None:
    data = Stream().push(1, 1).call().push(2, 20, 4).var(0, "x").call().returns(5).line(1).whole()
    assert [len(reader.state(data, event)["threads"][1]) for event in range(4)] == [1, 2, 2, 1]
    assert reader.state(data, 2)["value"] == 5
    assert reader.state(data, 2)["threads"][1][1] == (2, 2, 20, 4, 0, -1, ((0, "x"),))


def test_the_latest_value_of_each_variable_shows_from_its_event_on() -> None:
    data = Stream().push(1, 1).var(0, 1).call().var(40, "b").var(0, 2).line(1).var(0, UNBOUND).line(1).whole()
    assert [reader.state(data, event)["threads"][1][0][6] for event in range(3)] == [
        ((0, 1),),
        ((0, 2), (40, "b")),
        ((0, (0,)), (40, "b")),
    ]


def test_a_suspended_frame_keeps_its_variables_until_it_is_entered_again() -> None:
    stream = Stream().push(1, 1).call().push(2, 20).var(3, "kept").call().yields(1).line(1)
    data = stream.reenter(2, 2, 22, 9).resume().whole()
    assert [frame[0] for frame in reader.state(data, 3)["threads"][1]] == [1]
    assert reader.state(data, 4)["threads"][1][1] == (2, 2, 22, 9, 0, -1, ((3, "kept"),))


def test_a_frame_suspended_in_an_earlier_chunk_is_restated() -> None:
    data = Stream(first_event=50, calls=9).reenter(4, 2, 22).var(0, "old").resume().var(1, "new").line(1).whole()
    assert reader.state(data, 50)["threads"][1] == [(4, 2, 22, -1, 0, -1, ((0, "old"),))]
    rows = reader.events(data, 50, 52, 4)
    assert rows == [("variable", 51, 4, 1, "new")], "what is restated is no change"
    assert reader.index_lookup(reader.scan(data)["index"], "variable", 2, 0) is False


def test_the_chunk_restates_what_is_open_in_every_thread() -> None:
    threads = [(1, 0, [FrameRecord(1, 5, 50), FrameRecord(2, 6, 60, 3, 0, ((1, "a"),))]), (2, 8, [FrameRecord(3, 7, 70)])]
    data = Stream(1000, calls=3, objects=4, time_ns=77, thread=2, threads=threads).line(1).thread(1).line(2).whole()
    state = reader.state(data, 1000)
    assert (state["thread"], state["task"], state["time_ns"], state["calls"], state["objects"]) == (2, 8, 77, 3, 4)
    assert state["threads"] == {
        1: [(1, 5, 50, -1, 0, -1, ()), (2, 6, 60, 3, 0, -1, ((1, "a"),))],
        2: [(3, 7, 71, -1, 0, -1, ())],
    }
    assert reader.state(data, 1001)["thread"] == 1
    assert reader.state(data, 1001)["threads"][1][1][2] == 62


def test_another_stack_replaces_the_thread_s_and_comes_back_when_restated() -> None:
    stream = Stream().push(1, 1).var(0, "a").call().stack([]).push(2, 2).call()
    data = stream.stack([FrameRecord(1, 1, 1, slots=((0, "b"),))]).line(1).whole()
    assert [frame[0] for frame in reader.state(data, 1)["threads"][1]] == [2]
    assert reader.state(data, 2)["threads"][1] == [(1, 1, 2, -1, 0, -1, ((0, "b"),))]


def test_exception_events_carry_their_place_and_value() -> None:
    data = Stream().push(1, 10).call().raises((0x0F, 3), 7, 2).whole()
    state = reader.state(data, 1)
    assert state["value"] == (0x0F, 3)
    assert state["threads"][1][0] == (1, 1, 12, -1, 0, 7, ())


def test_time_advances_and_loose_code_is_noted() -> None:
    data = Stream(time_ns=5).push(1, 1).call().time(10).line(0).loose().line(0).line(0).whole()
    assert [reader.state(data, event)["time_ns"] for event in range(4)] == [5, 15, 15, 15]
    assert [reader.state(data, event)["loose"] for event in range(4)] == [-1, -1, 2, 2]


def test_a_task_belongs_to_its_thread() -> None:
    data = Stream().push(1, 1).task(4).call().thread(2).push(1, 1).call().thread(1).line(0).task(0).line(0).whole()
    assert [reader.state(data, event)["task"] for event in range(4)] == [4, 0, 4, 0]


@pytest.mark.parametrize("event", [4, 99, 102, 2**63])
def test_an_event_of_another_chunk_is_an_error(event: int) -> None:
    data = Stream(first_event=100).push(1, 1).call().line(0).whole()
    with pytest.raises(reader.StreamError, match="chunk"):
        reader.state(data, event)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda: b"", "empty"),
        (lambda: Stream().line(0).whole(), "no frame"),
        (lambda: Stream().var(0, 1).whole(), "no frame"),
        (lambda: b"\x1a" + Stream().whole(), "does not begin with a CHUNK"),
        (lambda: Stream().push(1, 1).call().whole() + Stream().whole(), "second CHUNK"),
        (lambda: Stream().push(1, 1).raw(b"\x10\x00\xff").whole()[:-1], "ends within"),
        (lambda: Stream().push(1, 1).var(2**40, 1).call().whole(), "too many variables"),
        (lambda: Stream().raw(b"\x7f").whole(), "no such kind of record"),
        (lambda: Stream().push(1, 1).raw(b"\x40\x7f").whole(), "no such kind of value"),
        (lambda: Stream().push(1, 1).raw(b"\x40" + b"\x10\x01\x01" * 300 + b"\x01").whole(), "too deeply"),
        (lambda: Stream().raw(b"\x16" + b"\xff" * 11).whole(), "64 bits"),
        (lambda: Stream(threads=[(1, 0, []), (1, 0, [])]).whole(), "twice"),
        (lambda: Stream().raw(b"\x17\x01\x7f").whole(), "over the end"),
        (lambda: Stream().raw(b"\x20\x01\x01\x01\x09").whole(), "part"),
    ],
)
def test_damage_is_told_with_its_place(spoil: Callable[[], bytes], message: str) -> None:
    with pytest.raises(reader.StreamError, match=message) as raised:
        reader.scan(spoil())
    with pytest.raises(reader.StreamError):
        reader.state(spoil(), 1)
    assert "empty" in message or "at byte" in str(raised.value)


@given(streams())
@settings(max_examples=200, deadline=None)
def test_every_state_equals_the_model(built: tuple[Stream, Model]) -> None:
    stream, model = built
    data = stream.whole()
    for event, wanted in model.states.items():
        state = reader.state(data, event)
        assert {key: state[key] for key in wanted} == wanted
    result = reader.scan(data)
    assert result["events"] == len(model.states)
    assert result["calls"] == model.calls
    assert {(code, line): count for code, line, count in result["hits"]} == dict(model.hits)
    for code, line in model.hits:
        assert reader.index_lookup(result["index"], "line", code, line)
    for code in range(12):
        for slot in range(40):
            assert reader.index_lookup(result["index"], "variable", code, slot) == ((code, slot) in model.variables)


@given(some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.complex_numbers() | some.text() | some.binary()
    | some.just(Ellipsis) | some.integers(0, 2**64 - 1).map(lambda id_: (0x0F, id_)) | some.text().map(lambda label: (0x17, 3, label)),
    lambda inner: some.lists(inner, max_size=4).map(lambda items: (0x10, len(items), tuple(items)))
    | some.tuples(some.just(0x13), inner, inner, inner) | some.lists(inner, max_size=3).map(lambda items: (0x18, 9, 7, tuple(items))),
    max_leaves=20,
))  # fmt: skip
@settings(deadline=None)
def test_every_value_survives(raw: object) -> None:
    data = Stream().push(1, 1).var(0, raw).call().whole()
    ((_, found),) = reader.state(data, 0)["threads"][1][0][6]
    assert repr(found) == repr(raw)


def test_surrogates_and_nan_survive() -> None:
    data = Stream().push(1, 1).var(0, "\ud800\0x").var(1, math.nan).var(2, -0.0).call().whole()
    slots = dict(reader.state(data, 0)["threads"][1][0][6])
    assert slots[0] == "\ud800\0x"
    assert math.isnan(slots[1])
    assert math.copysign(1, slots[2]) == -1
