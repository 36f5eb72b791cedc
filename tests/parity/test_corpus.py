"""Every program of the corpus prints the same and ends the same, plain and recorded, and leaves a whole recording."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

import pytest

from parity.corpus import Case, read_cases
from parity.twice import Pair, run_twice

CASES = list(read_cases())


@pytest.fixture(scope="module")
def outcome_of(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Case], Pair]]:
    """The two runs of a case. They are made two cases at a time, ahead of the tests that look at them."""
    directory = tmp_path_factory.mktemp("parity")
    chosen = {item.callspec.params["case"].name for item in request.session.items if hasattr(item, "callspec") and "case" in item.callspec.params}
    futures: dict[str, Future[Pair]] = {}
    with ThreadPoolExecutor(2) as pool:
        for case in CASES:
            if case.name in chosen and case.reason_to_skip() is None:
                futures[case.name] = pool.submit(run_twice, case, directory / case.name)
        yield lambda case: futures[case.name].result()
        for future in futures.values():
            future.cancel()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_program_does_not_notice(case: Case, outcome_of: Callable[[Case], Pair]) -> None:
    reason = case.reason_to_skip()
    if reason is not None:
        pytest.skip(reason)
    pair = outcome_of(case)
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
