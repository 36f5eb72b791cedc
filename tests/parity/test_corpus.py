"""Every program of the corpus prints the same and ends the same, plain and recorded, and leaves a whole recording."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from support.programs import Ahead, chosen

from parity.corpus import Case, read_cases
from parity.twice import Pair, run_twice

CASES = list(read_cases())


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ahead[Case, Pair]]:
    """The two runs of each case."""
    directory = tmp_path_factory.mktemp("parity")
    wanted = [case for case in chosen(request, "case") if case.reason_to_skip() is None]
    ahead = Ahead(lambda case: run_twice(case, directory / case.name), wanted)
    yield ahead
    ahead.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_program_does_not_notice(case: Case, outcomes: Ahead[Case, Pair]) -> None:
    reason = case.reason_to_skip()
    if reason is not None:
        pytest.skip(reason)
    pair = outcomes[case]
    if case.known_difference() is None:
        assert pair.recorded == pair.plain
    if not case.runs_no_code:
        assert events_in(pair) > 0, pair.said


def events_in(pair: Pair) -> int:
    """Number of events in the recording; fails where it isn't a whole and finished one."""
    assert pair.recording.exists(), pair.said
    with closing(sqlite3.connect(pair.recording)) as connection:
        facts = dict(connection.execute("SELECT key, value FROM meta"))
        (events,) = connection.execute("SELECT coalesce(sum(events), 0) FROM chunk").fetchone()
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert facts["state"] == "finished", facts
    assert not facts.get("lost"), facts
    return int(events)


def test_corpus_is_as_large_as_it_should_be() -> None:
    assert len(CASES) == len({case.name for case in CASES}) >= 200
