"""`reader.search`, `columns`, `stack`, `above` and `marks`: on chunks of which a test knows what is in them, and on damaged ones."""

import contextlib
import random
import struct
from collections.abc import Mapping
from typing import Any

import pytest
from support import encoder
from support.encoder import UNBOUND, FrameRecord, Stream

from native.test_fuzz import ROUNDS, example, mutated
from tttui.native import reader

LINE, CALL, RETURN, YIELD, RESUME, THROW, RAISE, RERAISE, HANDLED, UNWIND = range(10)
ALL = (1 << 10) - 1
LENGTH = 1 << 62
Containers = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], dict[Any, int], Any, dict[tuple[int, int], Any]]
PLAIN: Containers = ((), (), (), {}, None, {})
"""Containers that tell neither lengths nor items."""


def conditions(
    *,
    kinds: int = ALL,
    thread: int = 0,
    task: int | None = None,
    call: int = 0,
    caller: int = 0,
    depth: int = 0,
    codes: tuple[int, ...] = (),
    lines: tuple[tuple[int, int], ...] = (),
    variable: tuple[int, int] | None = None,
    object: int = 0,
    fresh: bool = False,
    stops: Mapping[int, bytes] | None = None,
    first_line: int = 0,
    last_line: int = 0,
) -> "reader.Conditions":
    return (kinds, thread, task, call, caller, depth, codes, lines, variable, object, fresh, stops, first_line, last_line)


def found(stream: Stream, limit: int = 1000, start: int = 0, stop: int = 1 << 62, **wanted: Any) -> list[int]:
    return [row[0] for row in reader.search(stream.whole(), conditions(**wanted), start, stop, limit, False)]


def table(yields: int, *lines: int) -> bytes:
    return struct.pack(f"{1 + len(lines)}I", yields, *lines)


def program() -> Stream:
    """Two threads, a call in a call, a generator that is resumed."""
    stream = Stream().push(1, 10).task(7).call().line(1).push(2, 20).var(0, 5).call().line(1).var(0, 6).line(1)
    stream.yields(1).line(1).reenter(2, 2, 22).resume().line(1).returns(3).thread(2).push(1, 10).call().line(5).thread(1).task(8)
    return stream.line(1).raises((0x0F, 5)).unwind((0x0F, 5))


def test_each_condition_alone() -> None:
    stream = program()
    # 0 call 1:10 | 1 line 11 | 2 call 2:20 | 3 line 21 | 4 line 22 | 5 yield | 6 line 12 | 7 resume | 8 line 23 | 9 return
    # thread 2: 10 call 1:10 | 11 line 15 | thread 1: 12 line 13 | 13 raise | 14 unwind
    assert found(stream) == list(range(15))
    assert found(stream, kinds=1 << CALL | 1 << RESUME) == [0, 2, 7, 10]
    assert found(stream, thread=2) == [10, 11]
    assert found(stream, thread=-1) == [10, 11]
    assert found(stream, task=7) == list(range(10))
    assert found(stream, task=0) == [10, 11]
    assert found(stream, task=-7) == [12, 13, 14]
    assert found(stream, call=2) == [2, 3, 4, 5, 7, 8, 9]
    assert found(stream, caller=1) == [2, 3, 4, 5, 7, 8, 9]
    assert found(stream, depth=1) == [0, 1, 6, 10, 11, 12, 13, 14]
    assert found(stream, codes=(2, 9)) == [2, 3, 4, 5, 7, 8, 9]
    assert found(stream, kinds=1, lines=((1, 12), (2, 22))) == [4, 6]
    assert found(stream, kinds=1 | 1 << RETURN, first_line=13, last_line=21) == [3, 9, 11, 12]
    assert found(stream, kinds=1, call=2, codes=(1,)) == []


def test_the_first_or_the_last_few_of_a_range() -> None:
    stream = program()
    assert found(stream, limit=3) == [0, 1, 2]
    assert found(stream, limit=-3) == [12, 13, 14]
    assert found(stream, limit=-1, stop=8, kinds=1) == [6]
    assert found(stream, start=4, stop=9) == [4, 5, 6, 7, 8]
    assert found(stream, limit=-1000, start=4, stop=9) == [4, 5, 6, 7, 8]
    assert found(stream, start=100) == found(stream, limit=0) == []


def test_a_row_tells_where_the_event_is_and_what_it_carries() -> None:
    data = program().whole()
    rows = reader.search(data, conditions(kinds=1 << RETURN | 1 << LINE, call=2), 0, 99, -2, True)
    assert rows == [(8, LINE, 1, 7, 2, 2, 23, 2, 0, None, False), (9, RETURN, 1, 7, 2, 2, 23, 2, 0, 3, False)]


def test_changes_show_at_the_next_event_and_restated_variables_are_none() -> None:
    stream = Stream(first_event=5, calls=4, objects=3).reenter(4, 2, 20).var(1, 9).resume().var(1, 8).line(1).push(2, 20).var(1, 7).call()
    stream.resize(2, 0, 7).line(1).setkey(2, 1, "k", 1)
    assert found(stream, variable=(2, 1)) == [6, 7]
    assert found(stream, variable=(2, 1), call=5) == [7]
    assert found(stream, variable=(2, 0)) == []
    assert found(stream, object=2) == [8], "what no event follows shows nowhere"


def test_a_raise_is_fresh_unless_the_exception_came_out_of_the_call_before() -> None:
    error, other = (0x0F, 5), (0x0F, 6)
    stream = Stream().push(1, 10).call().push(2, 20).call().raises(error).unwind(error).raises(error).unwind(error)
    stream.push(1, 10).call().push(2, 20).call().raises(error).unwind(error).raises(other).raises(error)
    # 2 raise, 3 unwind, 4 raise (passing), 5 unwind; 8 raise, 9 unwind, 10 raise of another, 11 raise again
    assert found(stream, kinds=1 << RAISE, fresh=True) == [2, 8, 10, 11]
    unknown = Stream().push(1, 10).call().push(2, 20).call().raises(error).unwind(UNBOUND).raises(error)
    assert found(unknown, kinds=1 << RAISE, fresh=True) == [2], "an unwind that doesn't say what it is about may be of the same"
    open_ = Stream(9, 1, threads=[(1, 0, [FrameRecord(1, 1, 4)])]).raises(error).line(1).raises(error)
    rows = reader.search(open_.whole(), conditions(kinds=1 << RAISE, fresh=True), 0, 99, 9, True)
    assert [(row[0], row[-1]) for row in rows] == [(9, True), (11, False)], "what came before the chunk isn't known"


def test_a_statement_of_several_lines_stops_where_it_begins() -> None:
    # lines 11 12 13 are one statement, 15 another: 11 12 13 11 | 15 | 11 12 | 12 (again: another round)
    stream = Stream().push(1, 10).call().line(1).line(1).line(1).line(-2).line(4).line(-4).line(1).line(0)
    stops = {1: table(0, 11, 13)}
    assert found(stream, kinds=1, stops=stops) == [1, 5, 6, 8]
    assert found(stream, kinds=1, stops={1: table(0)}) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_yields_by_which_a_coroutine_waits_are_no_stops() -> None:
    stream = Stream().push(1, 10).call().yields((0x14, 3)).reenter(1, 1, 10).resume().yields((0x14, 4)).reenter(1, 1, 10).resume().yields(1)
    wanted = {"kinds": 1 << YIELD}
    assert found(stream, **wanted, stops={1: table(0)}) == [1, 3, 5]
    assert found(stream, **wanted, stops={1: table(1)}) == []
    assert found(stream, **wanted, stops={1: table(2 + 4)}) == [3]


def test_stops_are_asked_for_when_a_code_is_met() -> None:
    class Asked(dict[int, bytes]):
        def __missing__(self, code: int) -> bytes:
            if code == 2:
                raise LookupError(code)
            self[code] = table(0)
            return self[code]

    stops = Asked()
    assert found(Stream().push(1, 10).call().line(1), stops=stops, kinds=1) == [1]
    assert list(stops) == [1]
    with pytest.raises(LookupError):
        found(program(), stops=stops, kinds=1)
    for bad in (b"", b"12345", "text", None):
        with pytest.raises(TypeError):
            found(Stream().push(1, 10).call().line(1), kinds=1, stops={1: bad})


@pytest.mark.parametrize(
    "bad", [(), (1,) * 14, conditions()[:-1], None, (*conditions()[:6], 5, *conditions()[7:]), (-1, *conditions()[1:])]
)
def test_conditions_that_are_none_are_refused(bad: Any) -> None:
    with pytest.raises((TypeError, OverflowError, ValueError)):
        reader.search(program().whole(), bad, 0, 9, 1, False)


def test_columns_are_scalars_or_frames() -> None:
    stream = (
        Stream()
        .push(1, 10, 3, 6)
        .var(0, 1)
        .var(1, "a")
        .call()
        .line(1)
        .var(1, (0x0F, 4))
        .line(0)
        .var(1, 2.5)
        .line(0)
        .var(0, UNBOUND)
        .line(0)
    )
    wanted = conditions(kinds=1)
    assert reader.columns(stream.whole(), wanted, 0, 99, (0, 1), True, PLAIN, None, False) == (
        [1, 3],
        [(1, "a"), (1, 2.5)],
        [(2, (1, 1, 11, 3, 6, -1, ((0, 1), (1, (0x0F, 4))))), (4, (1, 1, 11, 3, 6, -1, ((0, UNBOUND), (1, 2.5))))],
        [],
        {},
    )
    events, rows, others, _, _ = reader.columns(stream.whole(), wanted, 2, 4, (1, 99), False, PLAIN, None, False)
    assert (events, rows) == ([], [])
    assert [event for event, _ in others] == [2, 3]
    assert others[0][1] == (*reader.state(stream.whole(), 2)["threads"][1][0][:6], ((1, (0x0F, 4)),))
    with pytest.raises(ValueError):
        reader.columns(stream.whole(), wanted, 0, 9, range(65), True, PLAIN, None, False)


def test_stacks_without_values() -> None:
    stream = program()
    assert reader.stack(stream.whole(), 4) == ((1, 1, 11), (2, 2, 22))
    assert reader.stack(stream.whole(), 11) == ((3, 1, 15),)
    for event in (15, 2**60):
        with pytest.raises(reader.StreamError):
            reader.stack(stream.whole(), event)


def test_what_stands_above_a_call_where_a_chunk_begins() -> None:
    threads = [(1, 0, [FrameRecord(1, 5, 50), FrameRecord(2, 6, 60)]), (2, 0, [FrameRecord(3, 7, 70)])]
    data = Stream(10, 3, threads=threads).line(1).whole()
    assert [reader.above(data, call) for call in (1, 2, 3, 4)] == [(2, 6), (0, 0), (0, 0), None]


def test_marks_are_what_state_says_at_each_event() -> None:
    stream = Stream(20).push(1, 1).call().loose().line(0).line(0).loose().line(0).line(0)
    loose, foreign = reader.marks(stream.whole())
    assert (list(memoryview(loose).cast("Q")), foreign) == ([21, 23], b"")
    assert [reader.state(stream.whole(), event)["loose"] for event in range(20, 25)] == [-1, 21, 21, 23, 23]


def test_whatever_the_bytes_are_only_a_stream_error_comes_out() -> None:
    chance = random.Random(3)
    whole = example()
    wanted = [
        conditions(),
        conditions(fresh=True, kinds=1 << RAISE),
        conditions(stops={code: table(code % 3, 3, 9) for code in range(40)}),
        conditions(variable=(1, 0)),
        conditions(object=5),
    ]
    read = 0
    for _ in range(ROUNDS):
        data = mutated(whole, chance)
        for each in wanted:
            with contextlib.suppress(reader.StreamError, KeyError):
                reader.search(data, each, 0, 1 << 62, chance.choice([1, -1, 5, -5]), True)
                read += 1
            with contextlib.suppress(reader.StreamError, KeyError):
                ways = (((1,), True), ((2,), False), ((LENGTH,), False), ((LENGTH + 1,), False), ((LENGTH + 2,), True))
                longer = ((1, LENGTH + 1, 2), (LENGTH + 2, LENGTH), (2, 2, 2, 1), (LENGTH + 3, 1))
                slots: Any = (0, 1, 31, *((slot, *way) for slot in (0, 1) for way in ways), *((0, way, True) for way in longer))
                containers = (
                    (1, 2, 3),
                    (1, 2),
                    (3, 4),
                    {"k": LENGTH + 1, 1: LENGTH + 2, -1: LENGTH + 3},
                    None,
                    {(1, LENGTH): 3, (2, 1): (3,)},
                )
                column = ("column", chance.randrange(len(slots)))
                test = ("or", ("<", column, ("constant", 3)), ("not", ("==", ("//", column, ("constant", -2)), ("column", 0))))
                scalars, raising = chance.random() < 0.5, chance.random() < 0.5
                reader.columns(data, each, 0, 1 << 62, slots, scalars, containers, chance.choice([None, test]), raising)
        for function, argument in ((reader.stack, 7), (reader.above, 1)):
            with contextlib.suppress(reader.StreamError):
                function(data, argument)
        with contextlib.suppress(reader.StreamError):
            reader.marks(data)
    assert 0 < read < ROUNDS * len(wanted)


def test_columns_are_attributes_of_what_variables_hold() -> None:
    stream = Stream(objects=3).push(1, 10, 3, 6).var(0, (0x0F, 2)).call()
    stream.line(1)  # 1: what the object was before
    stream.snapshot(2, 1, (encoder.ATTRIBUTES, 2, [(5, 7), (6, "a")], [])).line(0)  # 2
    stream.splice(2, encoder.ATTRIBUTES, 0, 1, [(5, 8)]).line(0)  # 3
    stream.splice(2, encoder.ATTRIBUTES, 1, 1, [(9, 0)]).line(0)  # 4: another attribute took the place of 6
    stream.splice(2, encoder.ATTRIBUTES, 1, 1, [(6, "b")]).line(0)  # 5
    stream.resize(2, encoder.ATTRIBUTES, 5).line(0)  # 6: it isn't told
    stream.var(0, (0x0F, 3)).splice(3, encoder.ATTRIBUTES, 0, 1, [(5, 1)]).line(0)  # 7: which one went isn't known
    stream.var(0, 4).line(0)  # 8
    slots = [(0, (5,), False), (0, (6,), False)]
    events, rows, others, partial, ends = reader.columns(stream.whole(), conditions(kinds=1), 0, 99, slots, True, PLAIN, None, False)
    assert list(zip(events, rows, strict=True)) == [(2, (7, "a")), (3, (8, "a")), (5, (8, "b"))]
    assert [event for event, _ in others] == [4, 6, 7, 8]
    assert [(event, row) for event, _, row in partial] == [(1, ((2, 5), (2, 6)))]
    assert partial[0][1][6] == ((0, (0x0F, 2)), (0, (0x0F, 2)))
    assert ends == dict.fromkeys([(2, 5), (2, 6), (3, 6)], NotImplemented) | {(3, 5): 1}
    known = {(2, 5): 70, (2, 6): ...}
    slots = [(0, (5,), False), (0, (6,), True)]
    events, rows, *_ = reader.columns(stream.whole(), conditions(kinds=1), 0, 2, slots, True, (*PLAIN[:5], known), None, False)
    assert (events, rows) == ([1], [(70, ...)])


def test_columns_are_items_and_lengths_of_what_variables_hold() -> None:
    stream = Stream(objects=2).push(1, 10, 3, 6).var(0, (0x0F, 2)).call()
    stream.line(1)  # 1: what the object was before
    stream.snapshot(2, 7, (encoder.PAIRS, 2, [("k", 5), (3, "a")], [])).line(0)  # 2
    stream.splice(2, encoder.PAIRS, 0, 1, [("q", 8)]).line(0)  # 3: q came, k went
    stream.splice(2, encoder.PAIRS, 2, 0, [("k", 9)]).line(0)  # 4
    stream.splice(2, encoder.PAIRS, 0, 0, [((0x0F, 1), 9)]).line(0)  # 5: a key may be equal to it
    stream.snapshot(2, 7, (encoder.PAIRS, 5, [("k", 5)], [(3, "a")])).line(0)  # 6: some keys are cut
    stream.snapshot(2, 8, (encoder.PAIRS, 1, [("k", 5)], [])).line(0)  # 7: another type, only its length counts
    stream.snapshot(2, 9, (encoder.PAIRS, 1, [("k", 5)], [])).line(0)  # 8: yet another

    def columns(*slots: tuple[int, tuple[int, ...], bool]) -> tuple[list[tuple[int, tuple[Any, ...]]], list[int], list[int]]:
        containers: Containers = ((7, 8), (7,), (), {"k": LENGTH + 1}, "missing", {})
        events, rows, others, partial, _ = reader.columns(stream.whole(), conditions(kinds=1), 0, 99, slots, True, containers, None, False)
        return list(zip(events, rows, strict=True)), [event for event, _ in others], [event for event, _, _ in partial]

    assert columns((0, (LENGTH + 1,), False)) == ([(2, (5,)), (3, ("missing",)), (4, (9,))], [5, 6, 7, 8], [1])
    lengths = [(2, (2,)), (3, (2,)), (4, (3,)), (5, (4,)), (6, (5,)), (7, (1,))]
    assert columns((0, (LENGTH,), False)) == (lengths, [8], [1])


def test_keys_that_are_equal_are_one_whatever_their_type() -> None:
    stream = Stream(objects=2).push(1, 10, 3, 6).var(0, (0x0F, 2)).call()
    stream.snapshot(2, 7, (encoder.PAIRS, 1, [(1.0, 5)], [])).line(0)  # 1
    stream.splice(2, encoder.PAIRS, 0, 1, [(True, 6)]).line(0)  # 2
    stream.splice(2, encoder.PAIRS, 1, 0, [("1", 7), (-1, 8), ("", 9)]).line(0)  # 3
    stream.splice(2, encoder.PAIRS, 0, 1, [(2**80, 10)]).line(0)  # 4
    containers: Containers = ((), (7,), (), {1: LENGTH + 1, 2**80: LENGTH + 2, "": LENGTH + 3}, "missing", {})
    slots = [(0, (LENGTH + name,), False) for name in (1, 2, 3)]
    events, rows, others, *_ = reader.columns(stream.whole(), conditions(kinds=1), 0, 99, slots, True, containers, None, False)
    assert (events, others) == ([1, 2, 3, 4], [])
    assert rows == [(5, "missing", "missing"), (6, "missing", "missing"), (6, "missing", 9), ("missing", 10, 9)]


def test_events_at_which_a_test_raises_are_given_where_they_are_wanted() -> None:
    stream = Stream().push(1, 10, 3, 6).var(0, 1).call()
    stream.line(0).var(0, 0).line(0).var(0, "a").line(0).var(0, 2).line(0)
    test = ("<", ("/", ("constant", 2), ("column", 0)), ("constant", 2))

    def found(raising: bool) -> tuple[list[int], list[int]]:
        events, _, others, *_ = reader.columns(stream.whole(), conditions(kinds=1), 0, 99, (0,), True, PLAIN, test, raising)
        return events, [event for event, _ in others]

    assert found(False) == ([3, 4], [])  # what is no number is left to Python
    assert found(True) == ([3, 4], [2])
