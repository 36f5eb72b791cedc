"""What is made when it is asked for is what would have been made at once, and made once."""

from collections.abc import Iterator

import pytest
from navigation.recordings import recorded_text

from tttui.store.later import ByIndex, InOrder, Named


def test_items_in_order_are_made_as_far_as_they_are_asked_for() -> None:
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            yield number

    items = InOrder(numbers())
    assert bool(items)
    assert made == [0]
    assert items[2] == 2
    assert made == [0, 1, 2]
    assert [item for item, _ in zip(items, range(5), strict=False)] == [0, 1, 2, 3, 4]
    assert (items[-1], items[3:5], len(items), made) == (9, (3, 4), 10, list(range(10)))
    assert items == tuple(range(10))
    assert items != (0, 1)
    assert hash(items) == hash(tuple(range(10)))
    assert not InOrder(iter(()))
    with pytest.raises(IndexError):
        items[10]


def test_items_that_can_t_be_made_are_never_taken_for_the_end() -> None:
    def numbers() -> Iterator[int]:
        yield 1
        raise ValueError("damaged")

    items = InOrder(numbers())
    assert items[0] == 1
    for _ in range(2):
        with pytest.raises(ValueError, match="damaged"):
            list(items)
        with pytest.raises(ValueError, match="damaged"):
            len(items)


def test_items_by_index_are_made_one_by_one_and_once() -> None:
    made: list[int] = []

    def make(index: int) -> str:
        made.append(index)
        return str(index)

    items = ByIndex(5, make)
    assert (items[-1], items[1], items[1:3], len(items)) == ("4", "1", ("1", "2"), 5)
    assert made == [4, 1, 2]
    assert items == ("0", "1", "2", "3", "4")
    assert sorted(made) == [0, 1, 2, 3, 4]
    with pytest.raises(IndexError):
        items[5]


def test_a_mapping_is_made_once_and_compares_as_a_dict() -> None:
    made: list[int] = []

    def make() -> dict[str, int]:
        made.append(1)
        return {"a": 1, "b": 2}

    named = Named(make)
    assert not made
    assert (named["a"], list(named), len(named)) == (1, ["a", "b"], 2)
    assert named == {"a": 1, "b": 2}
    assert made == [1]


DEEP = """\
def down(depth, path):
    own = [depth, path]
    if depth == 0:
        return own
    return down(depth - 1, own)

down(300, None)
"""


def test_frames_of_a_deep_stack_are_those_that_are_made_at_once() -> None:
    run = recorded_text("deep", DEEP).run
    event = next(event for event in range(run.events) if len(run.moment(event, depth=0).stack) == 302)
    thread = run.moment(event).thread.id
    expected = run.stacks(event, depth=1)[thread]
    assert run.moment(event, depth=1).stack == expected
    for index in (0, 1, 150, 237, 238, 301, -1, -64, -65):
        assert run.moment(event, depth=1).stack[index] == expected[index]
    outermost_first = run.moment(event, depth=1).stack
    assert [frame.locals["depth"].text for frame in outermost_first[1:]] == [str(depth) for depth in range(300, -1, -1)]
    for frame in outermost_first[2:-1]:
        own = frame.locals["own"]
        assert own.items is not None
        assert own.items[0].text == frame.locals["depth"].text
