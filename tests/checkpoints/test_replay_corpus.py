"""Programs with every kind of input and effect, run again when their processes are gone: verified to the last event, and nothing
outside notices.
"""

import random
import sys
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from checkpoints.test_corpus import A_THIRD, AMID_A_LINE, recorded
from checkpoints.test_replay import again

LIMITS: Final = {
    "threads": "it starts a thread",
    "pool": "it starts a thread",
    "classes": "it differs at event",  # the order of a set of objects
    "output": "it differs at event",  # a library's handle is an address
    **({"event_loop_child": "it starts a thread"} if sys.version_info < (3, 12) else {}),  # asyncio waits for children in one
}
"""Why a program is not run again to its end."""
WITH_SIGNALS: Final = frozenset({"signals", "timers"})


@pytest.mark.parametrize("path", A_THIRD, ids=lambda path: path.stem)
def test_a_program_is_run_again_to_its_end_and_nothing_outside_changes(path: Path, tmp_path: Path) -> None:
    directory = tmp_path / "program"
    directory.mkdir()
    with recorded(path, directory) as (found, outside):
        recording = found.run.path
        found.let_go()
        before = outside.state()
        with again(recording, interval=50) as (replayed, checkpoints):
            expected = LIMITS.get(path.stem, "")
            assert replayed.problem.startswith(expected), replayed.text
            assert expected or not replayed.problem or (path.stem in WITH_SIGNALS and AMID_A_LINE in replayed.problem), replayed.text
            for event in random.Random(path.stem).sample(range(replayed.reached), min(3, replayed.reached)):
                with closing(checkpoints.enter(replayed.run, event)) as moment:
                    assert moment.verified, moment.badge
                    assert moment.evaluate("1 + 1").value == "2"
        assert outside.state() == before
