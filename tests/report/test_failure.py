"""The way back from an unwind to the raise it began with."""

import pytest

from tttui.navigation.failure import Step, origin

X, Y = (0x0F, 7), (0x0F, 8)


def step(event: int, kind: str, call: int, exception: object = X, thread: int = 1) -> Step:
    return Step(event, kind, thread, call, exception)


@pytest.mark.parametrize(
    ("story", "raised"),
    [
        pytest.param([step(3, "raise", 2), step(4, "unwind", 2), step(5, "raise", 1), step(6, "unwind", 1)], 3, id="through its callers"),
        pytest.param([step(3, "raise", 2), step(4, "unwind", 2), step(6, "unwind", 1)], 3, id="callers without a raise of their own"),
        pytest.param(
            [step(3, "raise", 2), step(4, "unwind", 2), step(5, "handled", 1), step(7, "reraise", 1), step(8, "unwind", 1)],
            3,
            id="raised again",
        ),
        pytest.param(
            [step(3, "raise", 2), step(4, "unwind", 2), step(5, "handled", 1), step(7, "raise", 1), step(8, "unwind", 1)],
            3,
            id="raised again by name",
        ),
        pytest.param(
            [
                step(3, "raise", 2),
                step(4, "unwind", 2),
                step(5, "handled", 1),
                step(9, "raise", 3),
                step(10, "unwind", 3),
                step(11, "unwind", 1),
            ],
            9,
            id="one object raised twice",
        ),
        pytest.param(
            [step(2, "raise", 2, Y), step(3, "handled", 2, Y), step(4, "raise", 2), step(5, "unwind", 2)], 4, id="another one before"
        ),
        pytest.param(
            [step(3, "raise", 9, thread=2), step(4, "unwind", 9, thread=2), step(6, "raise", 1), step(7, "unwind", 1)],
            3,
            id="from a thread",
        ),
        pytest.param([step(3, "throw", 2), step(4, "unwind", 2), step(6, "unwind", 1)], 3, id="thrown into a generator"),
        pytest.param([step(6, "unwind", 1)], 6, id="nothing but the unwind"),
    ],
)
def test_the_origin_is_the_raise_in_the_frame_that_raised_it(story: list[Step], raised: int) -> None:
    assert origin(story[-1], reversed(story[:-1])).event == raised
