"""Recordings of which everything was killed, or that were copied while they were made; with bits flipped, too.

What can be told of them is told: as it was recorded, or one line says why not.
"""

import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crash.counting import kill, last_number, lives, start_counting, wrong_in_stream
from crash.test_damage import is_one_line
from tttui.errors import TttuiError
from tttui.record.recovery import NO_LOG
from tttui.report.opening import open_run
from tttui.store.records import Moment
from tttui.store.run import Run

PARTS = ("", "-wal", "-shm")
SAMPLES = 10


def copied(path: Path, to: Path, parts: tuple[str, ...] = PARTS) -> Path:
    """A copy of a recording, with what stands beside it."""
    for part in PARTS:
        Path(f"{to}{part}").unlink(missing_ok=True)
    for part in parts:
        if Path(f"{path}{part}").exists():
            shutil.copyfile(f"{path}{part}", f"{to}{part}")
    return to


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a kill of the launcher, the writer and the program left. (Copies of it do without its ring: it isn't theirs.)"""
    directory = tmp_path_factory.mktemp("killed")
    with start_counting(directory) as counting:
        processes = [counting.program(), counting.writer()]
        counting.wait_for(lambda: log_size(counting.recording) > 500_000, "the log to grow")
        counting.launcher.kill()
        for process in reversed(processes):
            kill(process)
        counting.wait_for(lambda: not any(map(lives, processes)), "the killed processes to go")
    assert log_size(counting.recording) > 0
    # Whoever opens the original to read its facts moves what is in its log; this one is never opened.
    return copied(counting.recording, directory / "as-it-was.db")


def log_size(recording: Path) -> int:
    try:
        return Path(f"{recording}-wal").stat().st_size
    except FileNotFoundError:
        return 0


@pytest.fixture(scope="module")
def truth(killed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Moment]]:
    """What the undamaged one says once it is finished; it stays open, since moments are read as they are asked for."""
    whole = copied(killed, tmp_path_factory.mktemp("whole") / "run.db")
    with open_run(whole) as run:
        assert run.meta["state"] == "cut short"
        assert run.events > 10_000
        yield {event: run.moment(event) for event in range(0, run.events, run.events // SAMPLES)}


def look(path: Path, truth: dict[int, Moment]) -> str:
    """Open a recording as a command does; what came of it."""
    try:
        with open_run(path) as run:
            assert run.meta["state"] == "cut short"
            for event, moment in truth.items():
                if event < run.events:
                    found = run.moment(event)
                    assert (found.kind, found.time_ns, found.thread, found.stack) == (
                        moment.kind, moment.time_ns, moment.thread, moment.stack
                    ), f"event {event} is shown otherwise than it was recorded"  # fmt: skip
            return "shown" if max(truth) < run.events else "shown in part"
    except TttuiError as error:
        return "refused" if is_one_line(error) else f"not refused in one line: {error!r}"


def flip_and_look(killed: Path, part: str, truth: dict[int, Moment], seeds: range, directory: Path) -> list[str]:
    seen = []
    for seed in seeds:
        damaged = copied(killed, directory / "run.db", ("", "-wal") if seed % 2 else PARTS)
        chance = random.Random(seed)
        with Path(f"{damaged}{part}").open("r+b") as file:
            size = file.seek(0, 2)
            for _ in range(chance.choice([1, 1, 1, 30])):
                position = chance.randrange(size)
                file.seek(position)
                (byte,) = file.read(1)
                file.seek(position)
                file.write(bytes([byte ^ 1 << chance.randrange(8)]))
        seen.append(look(damaged, truth))
    return seen


@pytest.mark.parametrize("part", ["", "-wal", "-shm"], ids=lambda part: part or "file")
def test_flipped_bits_of_an_unfinished_recording_show_nothing_false(
    part: str, killed: Path, truth: dict[int, Moment], tmp_path: Path
) -> None:
    seen = set(flip_and_look(killed, part, truth, range(0, 32, 2 if part == "-shm" else 1), tmp_path))
    assert seen & {"shown", "shown in part"}
    assert seen <= {"shown", "shown in part", "refused"}


@pytest.mark.slow
@pytest.mark.parametrize("part", ["", "-wal"], ids=lambda part: part or "file")
def test_many_flipped_bits_of_an_unfinished_recording_show_nothing_false(
    part: str, killed: Path, truth: dict[int, Moment], tmp_path: Path
) -> None:
    seen = flip_and_look(killed, part, truth, range(1000, 2500), tmp_path)
    assert set(seen) <= {"shown", "shown in part", "refused"}
    assert len(set(seen)) > 1


def test_a_log_that_is_cut_short_costs_only_what_stood_in_its_rest(killed: Path, truth: dict[int, Moment], tmp_path: Path) -> None:
    chance = random.Random(1)
    seen = []
    for _ in range(12):
        damaged = copied(killed, tmp_path / "run.db", ("", "-wal"))
        with Path(f"{damaged}-wal").open("r+b") as file:
            file.truncate(chance.randrange(file.seek(0, 2)))
        seen.append(look(damaged, truth))
    assert set(seen) <= {"shown", "shown in part"}


def test_a_file_copied_while_it_is_written_without_its_log_shows_what_was_in_it(tmp_path: Path) -> None:
    """As `cp` and `scp` do it: what was still in the log is missing, and nothing of the rest is wrong.

    Where a part of the log was moved into the file meanwhile, the copy is neither the old nor the new one, and refused.
    """
    seen: list[int] = []
    wrong: list[str] = []
    refused: list[TttuiError] = []
    with start_counting(tmp_path) as counting:
        counting.program()
        for number in range(5):
            time.sleep(0.3)
            copy = copied(counting.recording, tmp_path / f"copy-{number}.db", ("",))
            try:
                with Run.open(copy) as run:
                    assert run.meta["state"] == "recording"
                with open_run(copy) as run:
                    assert run.meta["state"] == "cut short"
                    assert run.meta["stopped"] == NO_LOG
                    seen.append(run.events)
                wrong += wrong_in_stream(copy)
            except TttuiError as error:
                refused.append(error)
        kill(counting.program())
        counting.finish()
    assert seen == sorted(seen)
    assert seen[-1] > 1000, refused
    assert wrong == []
    # The original took no harm.
    assert counting.number <= last_number(counting.recording) <= counting.number + 1
    assert all(is_one_line(error) and ("-wal" in str(error) or "damaged" in str(error)) for error in refused)
