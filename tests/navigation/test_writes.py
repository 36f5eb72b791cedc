"""Who set this: the answers by hand for a small program, and for many programs those of a plain model."""

import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from navigation.programs import BANK, LONG
from navigation.recordings import Recorded, recorded, recorded_text
from tttui.errors import TttuiError
from tttui.navigation.looking import UNBOUND, entry_of
from tttui.navigation.targets import Target, target_at
from tttui.navigation.writes import RawWrite, Write, creation, first_write, last_write, next_write, raw_writes, same_raw, writes
from tttui.store.contents import Content, Entries, Keyed
from tttui.store.records import Chunk
from tttui.store.run import Run
from tttui.store.stream import PART_ATTRIBUTES, PART_CELL, PART_ITEMS, PART_PAIRS, VARIABLES

SMALL = [
    "aliasing", "attribute_stores", "assignment_forms", "assignment_augmented", "binary_tree", "closure_deep", "closure_shared_cell",
    "delete_items", "delete_names", "dict_counting", "dict_methods", "generator_pipeline", "global_statement", "list_methods",
    "list_slices", "list_swaps", "memo_table", "nonlocal_and_del", "recursion", "set_methods", "type_dataclass", "async_tasks",
    "threads_handing_over", "thread_pool",
]  # fmt: skip


@cache
def bank() -> Recorded:
    return recorded_text("bank", BANK)


@cache
def long() -> Recorded:
    return recorded_text("long", LONG)


def last_event(run: Run) -> int:
    return run.events - 1


def line_event(recorded: Recorded, line: int, nth: int = 0) -> int:
    return [row.number for row in recorded.rows if row.kind == "line" and row.line == line][nth]


def told(run: Run, event: int, text: str) -> list[tuple[str | None, str | None, str, int]]:
    """(old, new, function, line) of each write."""
    target = target_at(run, event, text)
    return [(w.old.text if w.old else None, w.new.text if w.new else None, w.function, w.line) for w in writes(run, target)]


# -- by hand


def test_an_attribute_tells_each_of_its_writes() -> None:
    run = bank().run
    assert told(run, last_event(run), 'accounts["ann"].balance') == [
        (None, "100", "Account.__init__", 4),
        ("100", "39", "transfer", 14),
        ("39", "-84", "transfer", 14),
    ]


def test_a_global_tells_each_of_its_writes() -> None:
    run = bank().run
    assert told(run, last_event(run), "total") == [
        (None, "0", "<module>", 20),
        ("0", "1", "<module>", 22),
        ("1", "4", "<module>", 22),
    ]


def test_a_local_was_set_in_its_own_call_only() -> None:
    run = bank().run
    at = line_event(bank(), 17, nth=1)
    assert told(run, at, "charge") == [(None, "3", "transfer", 13)]


def test_an_argument_was_set_by_the_line_that_called() -> None:
    run = bank().run
    at = line_event(bank(), 14, nth=1)
    write = last_write(run, target_at(run, at, "amount"), at)
    assert write is not None
    assert (write.function, write.line, write.by) == ("<module>", 22, line_event(bank(), 22, nth=1))
    assert write.new is not None
    assert write.new.text == "120"


def test_items_of_a_dict_are_set_and_deleted() -> None:
    run = bank().run
    at = line_event(bank(), 24)
    [(old, new, *where)] = told(run, at, 'accounts["cy"]')
    assert old is None
    assert new is not None
    assert new.startswith("<Account ")
    assert where == ["<module>", 23]
    target = target_at(run, at, 'accounts["bob"]')
    kinds = [(write.kind, write.line) for write in writes(run, target)]
    assert kinds == [("created", 19), ("deleted", 24)]


def test_items_of_a_list_appear_when_they_are_appended() -> None:
    run = bank().run
    assert told(run, last_event(run), 'accounts["ann"].history[1]') == [(None, "120", "transfer", 16)]


def test_the_position_is_the_line_that_did_it_and_the_event_the_first_that_shows_it() -> None:
    run = bank().run
    target = target_at(run, last_event(run), 'accounts["ann"].balance')
    for write in writes(run, target):
        assert write.by is not None
        assert write.by < write.event
        assert run.state(write.by)["threads"][1][-1][2] == write.line
        before, after = run.contents([target.object], write.event - 1), None
        old = entry_of(before.get(target.object), target)
        after = entry_of(run.contents([target.object], write.event).get(target.object), target)
        assert old != after


def test_last_next_and_first_go_together() -> None:
    run = bank().run
    target = target_at(run, last_event(run), 'accounts["ann"].balance')
    every = list(writes(run, target))
    assert first_write(run, target) == every[0]
    assert next_write(run, target, every[0].event) == every[1]
    assert last_write(run, target, every[1].event) == every[1]
    assert last_write(run, target, every[1].event - 1) == every[0]
    assert last_write(run, target, every[0].event - 1) is None
    assert next_write(run, target, every[-1].event) is None


def test_an_object_is_created_where_it_is_first_seen() -> None:
    run = bank().run
    at = last_event(run)
    object_ = target_at(run, at, 'accounts["ann"].balance').object
    born = creation(run, object_)
    assert born is not None
    assert (born.kind, born.line, born.function) == ("created", 19, "<module>")


@pytest.mark.parametrize("text", ["nothing", "accounts.nothing.more", "accounts[", "1 + 1", "total.real", "len(accounts)"])
def test_what_names_nothing_is_an_error_in_one_line(text: str) -> None:
    run = bank().run
    with pytest.raises(TttuiError):
        target_at(run, last_event(run), text)


def test_a_search_can_be_stopped() -> None:
    run = long().run
    at = line_event(long(), 53)
    target = target_at(run, at, "k")
    found: list[Write] = []
    found.extend(writes(run, target, cancelled=lambda: len(found) >= 10))
    assert 10 <= len(found) < 2000


# -- against a model


def variables(run: Run) -> dict[tuple[int, int, int], list[tuple[int, Any]]]:
    """(event, RAW) of the changes of each variable (code, slot, call)."""
    found: dict[tuple[int, int, int], list[tuple[int, Any]]] = {}
    codes: dict[int, int] = {}
    for chunk in run.chunks():
        for row in run.rows_of(chunk, 1 | 4):
            if row[0] == "event":
                codes[row[5]] = row[6]
        for _, event, call, slot, raw in run.rows_of(chunk, VARIABLES):
            found.setdefault((codes[call], slot, call), []).append((event, raw))
    return found


@pytest.mark.parametrize("name", [*SMALL, "long_recursion", "long_generators", "long_tasks"])
def test_writes_of_variables_are_those_of_the_stream(name: str) -> None:
    run = recorded(name).run
    model = variables(run)
    chooser = random.Random(name)
    keys = sorted(model)
    for code, slot, call in keys if len(keys) < 150 else chooser.sample(keys, 150):
        target = Target("variable", "", code=code, slot=slot, call=call)
        changes = model[code, slot, call]
        if changes[0][1] == UNBOUND:
            changes = changes[1:]
        forwards = list(raw_writes(run, target))
        assert [(write.event, write.new) for write in forwards] == changes
        assert list(raw_writes(run, target, backwards=True)) == forwards[::-1]
        for event in chooser.sample(range(run.events), 3):
            last = next(raw_writes(run, target, 0, event + 1, backwards=True), None)
            assert last == next((write for write in reversed(forwards) if write.event <= event), None)


def entries(run: Run) -> dict[Target, list[tuple[int, Any]]]:
    """(event, RAW) of each change of each attribute, item and cell, by following all records."""
    contents: dict[int, Content] = {}
    found: dict[Target, list[tuple[int, Any]]] = {}
    known: dict[int, dict[Target, Any]] = {}

    def settle(object_: int, event: int) -> None:
        now = dict(held(object_, contents[object_]))
        before = known.get(object_, {})
        for target in now.keys() | before.keys():
            old, new = before.get(target, UNBOUND), now.get(target, UNBOUND)
            if not same_raw(old, new):
                found.setdefault(target, []).append((event, new))
        known[object_] = now

    pending: dict[int, int] = {}
    for chunk in run.chunks():
        for record in run.objects_of(chunk, None):
            event, object_ = record[0], record[2]
            if object_ in pending and pending[object_] != event:
                settle(object_, pending.pop(object_))
            content = contents.setdefault(object_, Content(run))
            content.apply(record)
            pending[object_] = event
    for object_, event in pending.items():
        settle(object_, event)
    return found


def held(object_: int, content: Content) -> Iterator[tuple[Target, Any]]:
    for number, part in content.parts.items():
        if number == PART_CELL:
            yield Target("cell", "", object=object_), next(iter(part.known()), UNBOUND)
        elif isinstance(part, Keyed) and number in (PART_ATTRIBUTES, PART_PAIRS):
            sort = "attribute" if number == PART_ATTRIBUTES else "item"
            for key, raw in part.known():
                yield Target(sort, "", object=object_, key=key), raw  # type: ignore[arg-type]  # one of the two sorts
        elif number == PART_ITEMS and isinstance(part, Entries):
            for index, raw in enumerate(part.segments[0] if isinstance(part.segments[0], list) else []):
                yield Target("item", "", object=object_, key=index), raw


@pytest.mark.parametrize("name", [*SMALL, "long"])
def test_writes_of_attributes_and_items_are_those_of_the_contents(name: str) -> None:
    run = long().run if name == "long" else recorded(name).run
    chooser = random.Random(name)
    model = entries(run)
    targets = sorted(model, key=repr)
    most = 15 if name == "long" else 50
    for target in targets if len(targets) < most else chooser.sample(targets, most):
        expected = model[target]
        forwards = [write for write in raw_writes(run, target) if write.kind != "unseen"]
        assert [(write.event, write.new) for write in forwards] == expected, target
        assert [write for write in raw_writes(run, target, backwards=True) if write.kind != "unseen"] == forwards[::-1], target
        for event in chooser.sample(range(run.events), 2):
            assert first_before(run, target, event) == next((write for write in reversed(forwards) if write.event <= event), None), target


def first_before(run: Run, target: Target, event: int) -> RawWrite | None:
    return next((write for write in raw_writes(run, target, 0, event + 1, backwards=True) if write.kind != "unseen"), None)


HOT = """\
class Node:
    def __init__(self):
        self.key = 1
        self.count = 0

node = Node()

def main():
    for i in range(150000):
        node.count += 1
        k = i

main()
"""


def test_chunks_that_wrote_elsewhere_in_an_object_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    run = recorded_text("hot", HOT).run
    target = target_at(run, run.events - 1, "node.key")
    opened: set[int] = set()
    chunk_bytes = run.chunk_bytes

    def counting(chunk: Chunk) -> bytes:
        opened.add(chunk.id)
        return chunk_bytes(chunk)

    monkeypatch.setattr(run, "chunk_bytes", counting)
    (found,) = raw_writes(run, target, backwards=True)
    assert found.event < run.chunks()[1].first_event
    assert len(run.chunks()) >= 6
    # The one in which it was made, the last one (it may still grow), and one to see that nothing changed since.
    assert len(opened) <= 3


GONE = """\
class Node:
    pass

def spin():
    i = 0
    while i < 80000:
        i += 1

def main():
    node, held, other = Node(), {"a": 1, "z": 0}, {"a": 1}
    node.first = 1
    spin()
    held["c"] = 1
    held.pop("a"); held["b"] = 2
    other.clear(); other["b"] = 1
    node.second = 2
    del node.first; node.third = 3
    spin()
    for i in range(100000):
        other["b"] = i
    spin()
    done = 1

main()
"""


def gone() -> tuple[Run, int, dict[str, int]]:
    """(the run, an event at its end, the ids of the objects)."""
    run = recorded_text("gone", GONE).run
    for event in range(run.events - 1, 0, -1):
        variables = run.moment(event, depth=0).stack[-1].locals
        if "done" in variables:
            return run, event, {name: variables[name].id or 0 for name in ("node", "held", "other")}
    raise AssertionError("the program did not end")


def test_a_key_is_deleted_where_another_takes_its_place() -> None:
    run, end, ids = gone()
    for target, line in {
        Target("item", "", object=ids["held"], key="a"): 14,
        Target("item", "", object=ids["other"], key="a"): 15,
        Target("attribute", "", object=ids["node"], key="first"): 17,
    }.items():
        found = last_write(run, target, end)
        assert found is not None
        assert (found.kind, found.line) == ("deleted", line)


def test_chunks_that_say_that_there_is_no_such_key_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    run, end, ids = gone()
    assert sum(run.has(chunk, "object", ids["other"]) for chunk in run.chunks()) >= 5
    opened: set[int] = set()
    chunk_bytes = run.chunk_bytes

    def counting(chunk: Chunk) -> bytes:
        opened.add(chunk.id)
        return chunk_bytes(chunk)

    monkeypatch.setattr(run, "chunk_bytes", counting)
    assert last_write(run, Target("item", "", object=ids["other"], key="never"), end) is None
    # The one in which it was made, that of the event, the one in which "a" went, and one to see that nothing changed since.
    assert len(opened) <= 4
