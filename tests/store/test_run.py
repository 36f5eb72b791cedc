"""Moments of recordings whose every record is known."""

import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some
from report import building
from support import encoder
from support.encoder import ATTRIBUTES, CELL, ITEMS, PAIRS, FrameRecord, Stream

from tttui.errors import TttuiError
from tttui.native import reader
from tttui.record.database import RecordingFile
from tttui.store.contents import Content
from tttui.store.definitions import decode_source
from tttui.store.records import Moment, Value
from tttui.store.run import Run

OBJECT = 0x0F
LIST, DICT, NODE, CELL_TYPE, SET = 1, 2, 3, 4, 5


def define(stream: Stream) -> Stream:
    stream.def_type(LIST, "builtins", "list", 1).def_type(DICT, "builtins", "dict", 3).def_type(NODE, "shop", "Node", 0)
    stream.def_type(CELL_TYPE, "builtins", "cell", 17).def_type(SET, "builtins", "set", 4).def_name(1, "value").def_name(2, "next")
    stream.def_thread(1, 100, "MainThread").def_thread(2, 101, "worker").def_task(1, "Task-1")
    return stream.def_file(1, "/home/user/shop.py", 1).def_source(1, b"x = 1\n")


def texts(moment: Moment, frame: int = -1) -> dict[str, str]:
    return {name: value.text for name, value in moment.stack[frame].locals.items()}


def test_a_moment_is_what_was_there(tmp_path: Path) -> None:
    with Run.open(building.shop(tmp_path / "run.db")) as run:
        moment = run.moment(8)
        assert (moment.event, moment.events, moment.kind, moment.time_ns) == (8, 22, "line", 1500)
        assert (moment.thread.id, moment.thread.name, moment.task) == (1, "MainThread", None)
        assert [(frame.function, frame.file, frame.line, frame.call) for frame in moment.stack] == [
            ("<module>", "/home/user/shop.py", 11, 1),
            ("pay", "/home/user/shop.py", 3, 2),
        ]
        assert moment.stack[1].arguments == ("amount", "account")
        assert texts(moment) == {"amount": "5", "account": "<Account 3>"}
        assert moment.stack[1].locals["account"].to_json() == {
            "type": "Account", "text": "<Account 3>", "id": 3, "version": 8, "attributes": {"balance": {"type": "int", "text": "5"}},
        }  # fmt: skip
        assert run.moment(7).stack[1].locals["account"].attributes == {"balance": Value("int", "10")}
        assert texts(moment, 0) == {"total": "0", "items": "[5, 7]", "account": "<Account 3>", "amount": "5"}
        assert run.source(1) == building.SHOP_SOURCE


def test_returns_and_exceptions_are_told_at_their_events(tmp_path: Path) -> None:
    with Run.open(building.shop(tmp_path / "run.db")) as run:
        kinds = {event: run.moment(event) for event in (10, 18, 19)}
        assert (kinds[10].kind, kinds[10].returned, kinds[10].exception) == ("return", Value("int", "5"), None)
        assert kinds[18].kind == "raise"
        assert kinds[18].returned is None
        assert kinds[18].exception is not None
        assert kinds[18].exception.text == "ValueError('broke')"
        assert kinds[19].kind == "unwind"
        assert [output.data for output in run.outputs()] == [b"5\n", b"Traceback\n"]
        assert [output.data for output in run.outputs(12, 30)] == [b"Traceback\n"]


def test_a_call_s_place_is_that_of_the_expression(tmp_path: Path) -> None:
    code = compile("def outer(f):\n    return (1 +\n            f(2) + 3)\n", "f.py", "exec").co_consts[0]
    places = list(code.co_positions())
    lasti = next(index for index, place in enumerate(places) if place == (3, 3, 12, 16) and places[index - 1] != place) + 1
    stream = define(Stream()).def_code(1, 1, "outer", code.co_firstlineno, [("f", 0)], code.co_linetable)
    stream.def_code(2, 1, "inner", 9, flags=0).push(1, 1).call().line(1).push(2, 9, lasti).call().raises(1, lasti).returns()
    with Run.open(building.record(tmp_path / "run.db", [stream.whole()])) as run:
        caller, called = run.moment(2).stack
        assert (caller.line, caller.column, caller.end_line, caller.end_column) == (3, 12, 3, 16)
        assert (called.line, called.column, called.end_column) == (9, None, None)
        assert run.moment(1).stack[0].column is None


def test_locals_are_what_the_code_bound(tmp_path: Path) -> None:
    stream = define(Stream()).def_code(1, 1, "f", 1, [("a", 0), ("cell", 1), ("free", 2), ("gone", 0), ("never", 0), ("empty", 1)])
    stream.new(1, CELL_TYPE, (CELL, 1, [(OBJECT, 2)], [])).new(2, LIST, (ITEMS, 1, [7], [])).new(3, CELL_TYPE, (CELL, 0, [], []))
    stream.push(1, 1).var(0, 1).var(1, (OBJECT, 1)).var(2, "plain").var(3, 5).var(5, (OBJECT, 3)).call()
    data = stream.var(3, encoder.UNBOUND).line(1).whole()
    with Run.open(building.record(tmp_path / "run.db", [data])) as run:
        assert texts(run.moment(0)) == {"a": "1", "cell": "[7]", "free": "'plain'", "gone": "5"}
        assert texts(run.moment(1)) == {"a": "1", "cell": "[7]", "free": "'plain'"}


def test_a_namespace_s_variables_are_those_that_its_code_made(tmp_path: Path) -> None:
    stream = define(Stream()).def_code(1, 1, "<module>", 1, flags=0)
    stream.new(1, DICT, (PAIRS, 4, [("__name__", "__main__"), ("x", 1), ("__all__", 2), (7, 8)], [])).push(1, 1, namespace=1).call()
    data = stream.setkey(1, PAIRS, "y", (OBJECT, 1)).line(0).delkey(1, PAIRS, "x").line(0).whole()
    with Run.open(building.record(tmp_path / "run.db", [data])) as run:
        assert list(run.moment(0).stack[0].locals) == ["x", "__all__"]
        assert list(run.moment(1).stack[0].locals) == ["x", "__all__", "y"]
        assert list(run.moment(2).stack[0].locals) == ["__all__", "y"]


def test_threads_and_tasks_have_their_own_stacks(tmp_path: Path) -> None:
    stream = define(Stream()).def_code(1, 1, "main", 1).def_code(2, 1, "work", 20)
    data = stream.push(1, 1).call().thread(2).push(2, 20).task(1).call().line(1).thread(1).line(1).whole()
    with Run.open(building.record(tmp_path / "run.db", [data])) as run:
        moment = run.moment(2)
        assert (moment.thread.name, moment.task and moment.task.name) == ("worker", "Task-1")
        assert [frame.function for frame in moment.stack] == ["work"]
        assert {thread: [frame.line for frame in stack] for thread, stack in run.stacks(3).items()} == {1: [2], 2: [21]}


def chunks_of_a_list(tmp_path: Path) -> Path:
    """Object 1 is made in chunk 0, written in 1 and 3, restated in 4, and again written in 5."""
    frame = [(1, 0, [FrameRecord(1, 1, 1, slots=((0, (OBJECT, 1)),))])]

    def chunk(number: int) -> Stream:
        return Stream(number * 10, calls=1, objects=1, threads=frame)

    first = define(Stream()).def_code(1, 1, "f", 1, [("items", 0)]).new(1, LIST, (ITEMS, 1, ["new"], []))
    first.push(1, 1).var(0, (OBJECT, 1)).call()
    streams = [first, *(chunk(number) for number in range(1, 6))]
    streams[1].line(0).splice(1, ITEMS, 1, 0, [1])
    streams[3].line(0).splice(1, ITEMS, 2, 0, [3]).line(0).splice(1, ITEMS, 0, 1, ["first"])
    streams[4].line(0).snapshot(1, LIST, (ITEMS, 2, ["whole", 4], []))
    streams[5].line(0).splice(1, ITEMS, 2, 0, [5])
    for number, stream in enumerate(streams):
        while stream.event < number * 10 + 10:
            stream.line(0)
    return building.record(tmp_path / "run.db", [stream.whole() for stream in streams])


@pytest.mark.parametrize("order", [range(60), range(59, -1, -1), [55, 3, 41, 12, 30, 31, 32, 40, 10, 59, 0]])
def test_an_object_s_content_is_found_across_chunks(tmp_path: Path, order: list[int]) -> None:
    wanted = {0: "['new']", 11: "['new', 1]", 31: "['new', 1, 3]", 32: "['first', 1, 3]", 41: "['whole', 4]", 51: "['whole', 4, 5]"}
    with Run.open(chunks_of_a_list(tmp_path)) as run:
        for event in order:
            last = max(start for start in wanted if start <= event)
            value = run.moment(event).stack[0].locals["items"]
            assert (value.text, value.version) == (wanted[last], last), event


def test_code_that_isn_t_recorded_makes_objects_unchecked_until_they_are_written_again(tmp_path: Path) -> None:
    stream = define(Stream()).def_code(1, 1, "f", 1, [("items", 0)]).new(1, LIST, (ITEMS, 1, [1], []))
    stream.push(1, 1).var(0, (OBJECT, 1)).call()
    frame = [(1, 0, [FrameRecord(1, 1, 1, slots=((0, (OBJECT, 1)),))])]
    second = Stream(1, calls=1, objects=1, threads=frame).line(0).loose().line(0).line(0)
    third = (
        Stream(4, calls=1, objects=1, threads=frame).line(0).splice(1, ITEMS, 1, 0, [2]).line(0).loose().splice(1, ITEMS, 2, 0, [3]).line(0)
    )
    with Run.open(building.record(tmp_path / "run.db", [stream.whole(), second.whole(), third.whole()])) as run:
        badges = [run.moment(event).stack[0].locals["items"].badge for event in range(7)]
        assert badges == [None, None, "unchecked", "unchecked", "unchecked", None, None]


def test_long_texts_are_found_in_their_chunk(tmp_path: Path) -> None:
    first = define(Stream()).def_code(1, 1, "f", 1, [("a", 0), ("b", 0)]).def_text(1, "long \ud800").def_text(2, b"\xff" * 300)
    first.push(1, 1).var(0, (0x0D, 1)).var(1, (0x0E, 2, 999)).call()
    second = (
        Stream(1, calls=1, threads=[(1, 0, [FrameRecord(1, 1, 1, slots=((0, (0x0D, 2)), (1, (0x0D, 3))))])]).def_text(3, "three").line(0)
    )
    with Run.open(building.record(tmp_path / "run.db", [first.whole(), second.whole()])) as run:
        assert run.text(1) == "long \ud800"
        values = run.moment(0).stack[0].locals
        assert (values["b"].type, values["b"].length, values["b"].badge) == ("bytes", 999, "cut")
        assert texts(run.moment(1)) == {"a": repr(b"\xff" * 300), "b": "'three'"}


def test_a_recording_is_read_while_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    streams = [define(Stream()).def_code(1, 1, "f", 1, [("n", 0)]).new(1, LIST, (ITEMS, 0, [], [])).push(1, 1).var(0, (OBJECT, 1)).call()]
    building.record(path, [streams[0].whole()], state="recording")
    with Run.open(path) as run:
        assert run.events == 1
        assert not run.refresh()
        for count in range(1, 30):
            if count == 15:
                frames = [FrameRecord(1, 1, 1, slots=((0, (OBJECT, 1)),))]
                streams.append(Stream(15, calls=1, objects=1, threads=[(1, 0, frames)]))
            streams[-1].splice(1, ITEMS, count - 1, 0, [count]).line(0)
            file = RecordingFile(path)
            with file.transaction():
                for number, stream in enumerate(streams):
                    file.put_chunk(number, 0, stream.whole(), reader.scan(stream.whole()))
            file.close()
            assert run.refresh()
            assert run.events == count + 1
            assert run.moment(count).stack[0].locals["n"].length == count
            assert run.moment(count // 2).stack[0].locals["n"].length == count // 2


def test_events_that_are_not_there_are_told(tmp_path: Path) -> None:
    with Run.open(building.shop(tmp_path / "run.db")) as run:
        for event in (-1, 22, 2**70):
            with pytest.raises(TttuiError, match=f"there is no event {event}"):
                run.moment(event)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"x = 1\r\ny = 2\r", "x = 1\ny = 2\n"),
        (b"\xef\xbb\xbfx = '\xc3\xa4'\n", "x = 'ä'\n"),
        (b"#!/usr/bin/python\n# -*- coding: latin-1 -*-\nx = '\xe4'\n", "#!/usr/bin/python\n# -*- coding: latin-1 -*-\nx = 'ä'\n"),
        (b"x = 1\n# coding: latin-1\ny = '\xe4'\n", "x = 1\n# coding: latin-1\ny = '\ufffd'\n"),
        (b"# coding: hex\n61\n", "# coding: hex\n61\n"),
        (b"# coding: nonsense\n\xff\n", "# coding: nonsense\n\ufffd\n"),
        (b"", ""),
    ],
)
def test_sources_are_decoded_as_python_would(data: bytes, text: str) -> None:
    assert decode_source(data) == text


numbers = some.lists(some.integers(0, 9), max_size=3)
steps = some.lists(
    some.one_of(
        some.tuples(some.just("splice"), some.integers(1, 4), some.just(ITEMS), some.integers(0, 4), some.integers(0, 2), numbers),
        some.tuples(some.just("setkey"), some.integers(5, 7), some.just(PAIRS), some.sampled_from("abc"), some.integers(0, 9)),
        some.tuples(some.just("splice"), some.integers(8, 9), some.just(ATTRIBUTES), some.just(1), some.just(1), some.just([(1, 5)])),
        some.tuples(some.just("snapshot"), some.integers(1, 4), some.just(LIST), some.just((ITEMS, 3, [1], [2]))),
        some.tuples(some.just("resize"), some.integers(1, 4), some.just(ITEMS), some.integers(0, 5)),
        some.just(("line", 0)), some.just(("line", 0)), some.just(("chunk",)),
    ),
    max_size=60,
)  # fmt: skip


@given(steps, some.lists(some.integers(0, 70), min_size=1, max_size=12))
@example([("setkey", 5, PAIRS, "a", 0), ("setkey", 5, PAIRS, "b", 0), ("line", 0), ("setkey", 5, PAIRS, "a", 0)], [2])
@settings(max_examples=60)
def test_contents_are_those_of_all_records_up_to_the_event(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[Any, ...]], asked: list[int]
) -> None:
    stream = define(Stream()).def_code(1, 1, "f", 1)
    for id_ in range(1, 10):
        part: tuple[int, int, list[Any], list[Any]] = (
            (ITEMS, 0, [], []) if id_ < 5 else (PAIRS, 0, [], []) if id_ < 8 else (ATTRIBUTES, 2, [(1, 0), (2, 0)], [])
        )
        stream.new(id_, LIST if id_ < 5 else DICT if id_ < 8 else NODE, part)
    stream.push(1, 1).call()
    streams = [stream]
    for name, *arguments in steps:
        if name == "chunk":
            stream.line(0)
            stream = Stream(stream.event, calls=1, objects=9, threads=[(1, 0, [FrameRecord(1, 1, 1)])])
            streams.append(stream)
        else:
            getattr(stream, name)(*arguments)
    stream.line(0)
    path = building.record(tmp_path_factory.mktemp("run") / "run.db", [one.whole() for one in streams])
    with Run.open(path) as run:
        records = [record for chunk in run.chunks() for record in run.objects_of(chunk, None)]
        for event in (min(one, run.events - 1) for one in asked):
            found = run._objects.at(range(1, 12), event)
            for id_ in range(1, 10):
                plain = Content(run)
                for record in records:
                    if record[2] == id_ and record[0] <= event:
                        plain.apply(record)
                if not plain.unchecked:
                    assert seen(found[id_]) == seen(plain)
                assert found[id_].unchecked == plain.unchecked
            assert not {10, 11} & found.keys()


def seen(content: Content) -> tuple[Any, ...]:
    return content.type, content.written, {number: part.segments for number, part in content.parts.items()}


def test_checksums_are_those_of_zlib(tmp_path: Path) -> None:
    with Run.open(building.shop(tmp_path / "run.db")) as run:
        (chunk,) = run.chunks()
        assert zlib.crc32(run.chunk_bytes(chunk)) == chunk.checksum
