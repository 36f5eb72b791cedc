"""When events happened: a line that takes its time is not taken for one that is over at once."""

import itertools
from pathlib import Path

from record.running import TTTUI, run
from tttui.store.run import Run

PROGRAM = """
def work():
    base = 3
    power = base ** 200_000
    square = power * power
    square = power * power
    square = power * power
    shifted = square % power
    count = 0
    while count < 30:
        count += 2
        twice = count * 2
    return twice

work()
"""
SLOW = {4, 5, 6, 7}
"""The lines that take milliseconds."""


def test_time_is_told_behind_lines_that_take_it_and_numbers_are_right(tmp_path: Path) -> None:
    program, recording = tmp_path / "program.py", tmp_path / "run.db"
    program.write_text(PROGRAM)
    assert run([*TTTUI, "record", "--no-checkpoints", "-o", str(recording), str(program)]).code == 0
    counts: list[tuple[str, str]] = []
    with Run.open(recording) as opened:
        moments = [opened.moment(event) for event in range(opened.events)]
    inside = [moment for moment in moments if len(moment.stack) == 2]
    for moment, after in itertools.pairwise(inside):
        took = after.time_ns - moment.time_ns
        assert took >= 0
        if moment.stack[-1].line in SLOW:
            assert took > 100_000, moment.stack[-1].line
        held = after.stack[-1].locals
        if after.stack[-1].line == 10 and "twice" in held:
            counts.append((held["count"].text, held["twice"].text))
    assert counts == [(str(number), str(2 * number)) for number in range(2, 31, 2)]
