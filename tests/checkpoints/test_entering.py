"""Entering a moment: the copy is where the recording says, and its objects are what was recorded."""

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from checkpoints.keeping import Kept, kept
from tttui.errors import TttuiError

PROGRAM = """
class Account:
    def __init__(self, owner, amount):
        self.owner = owner
        self.amount = amount
        self.history = []

    def pay(self, amount):
        self.amount += amount
        self.history.append(amount)
        return self.amount

    def __repr__(self):
        return f"<{self.owner}: {self.amount}>"


def squares(n):
    for number in range(n):
        yield number * number


def work(account, rounds):
    total = 0
    seen = {}
    for square in squares(rounds):
        account.pay(square)
        total += square
        seen[square % 7] = [square, total]
        try:
            if square % 5 == 3:
                raise ValueError(square)
            text = "x" * (square % 11)
        except ValueError as error:
            text = str(error)
    return total, text, sorted(seen, key=lambda key: -key)


account = Account("ada", 10)
results = []
for index in range(30):
    results.append(work(account, 40 + index))
last = results[-1]
raise KeyError(last[0])
"""

SCALARS = ("int", "str", "float", "bool", "NoneType")


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with kept(tmp_path_factory.mktemp("bank"), PROGRAM, "--checkpoint-interval", "1") as found:
        yield found


def recorded(bank: Kept, event: int) -> dict[str, str]:
    """The scalar variables of the innermost frame, as the recording has them."""
    stack = bank.run.moment(event).stack
    return {name: value.text for name, value in stack[-1].locals.items() if value.type in SCALARS and "…" not in value.text}


def test_random_moments_hold_exactly_what_was_recorded(bank: Kept) -> None:
    chance = random.Random(5)
    checked = 0
    for event in sorted(chance.sample(range(2, bank.run.events), 60)):
        moment = bank.enter(event)
        try:
            assert moment.verified, moment.badge
            assert moment.event == event
            names = recorded(bank, event)
            if not names:
                continue
            found = moment.evaluate("[" + ", ".join(f"repr({name})" for name in names) + "]")
            assert found.value == repr(list(names.values()))
            checked += len(names)
        finally:
            moment.close()
    assert checked > 60


def test_the_first_and_the_last_event_can_be_entered(bank: Kept) -> None:
    for event in (0, bank.run.events - 1):
        moment = bank.enter(event)
        assert (moment.event, moment.verified) == (event, True)
        moment.close()


def test_there_is_a_checkpoint_near_the_start_and_one_at_the_exception_that_ends_the_program(bank: Kept) -> None:
    found = bank.checkpoints.list()
    assert found[0].event < 10
    assert found[-1].at_raise
    assert found[-1].event == bank.run.events - 2  # the last event leaves the module


def test_expressions_call_the_programs_own_code(bank: Kept) -> None:
    moment = bank.enter(bank.run.events - 1)
    assert (moment.evaluate("account").value or "").startswith("<ada: ")
    assert moment.evaluate("account.pay(1) - account.pay(-1)").value == "1"
    assert moment.evaluate("[key(3) for key in [lambda n: n + index]]").value == "[32]"
    assert moment.evaluate("1 / 0").error.startswith("ZeroDivisionError")
    assert moment.evaluate("print('seen')").output == "seen\n"
    assert moment.evaluate("if account: raise LookupError('none')").traceback == (
        'Traceback (most recent call last):\n  File "<checkpoint>", line 1, in <module>\nLookupError: none\n'
    )
    assert "<tttui>" not in moment.evaluate("1 +").traceback
    moment.close()


def test_what_an_evaluation_changes_is_gone_unless_it_is_kept(bank: Kept) -> None:
    moment = bank.enter(bank.event_at("account.pay(square)", last=True))
    before = moment.evaluate("account.amount").value
    moment.evaluate("account.amount = 5")
    assert moment.evaluate("account.amount").value == before
    moment.evaluate("account.amount = 5; total = 'changed'", keep=True)
    assert moment.evaluate("(account.amount, total)").value == "(5, 'changed')"
    assert moment.changed
    moment.close()


def test_frames_are_those_of_the_recording(bank: Kept) -> None:
    event = bank.event_at("self.amount += amount", last=True)
    moment = bank.enter(event)
    stack = bank.run.moment(event).stack
    for index, frame in enumerate(reversed(stack)):
        found = moment.evaluate("__import__('sys')._getframe", frame=index)
        assert not found.error
        names = {name for name in frame.locals if not name.startswith(("(", "."))}
        assert names <= set((moment.evaluate("' '.join(locals())", frame=index).value or "").strip("'").split())
    with pytest.raises(TttuiError):
        moment.evaluate("1", frame=len(stack))
    moment.close()


def test_checkpoints_stay_usable_any_number_of_times(bank: Kept) -> None:
    event = bank.run.events // 2
    before = bank.copies()
    values = set()
    for _ in range(20):
        moment = bank.enter(event)
        values.add(moment.evaluate("account.amount").value)
        moment.close()
    assert len(values) == 1
    assert bank.copies() == before


def test_a_moment_inside_a_generator(tmp_path: Path, bank: Kept) -> None:
    event = bank.event_at("yield number * number", last=True)
    moment = bank.enter(event)
    assert moment.evaluate("number").value == str(recorded(bank, event)["number"])
    moment.close()


def test_a_moment_leads_to_later_ones(bank: Kept) -> None:
    first = bank.enter(bank.run.events // 3)
    second = first.go_on(bank.run.events // 2)
    third = second.go_on(second.event)
    assert (second.event, second.start, second.verified) == (bank.run.events // 2, first.event, True)
    assert third.evaluate("account.amount").value == second.evaluate("account.amount").value
    assert first.evaluate("1 + 1").value == "2"
    for moment in (first, second, third):
        moment.close()


MAPPED = """
import ctypes, mmap, time
began = time.time()
for pages in range(1, 9):
    kept = mmap.mmap(-1, pages * mmap.PAGESIZE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(kept))
    globals()[f"kept_{pages}"] = kept
"""


def test_what_a_copy_maps_is_not_in_the_programs_way(tmp_path: Path) -> None:
    """Else memory of the program's comes to lie elsewhere than it did, and sets of objects get another order."""
    with kept(tmp_path, MAPPED, "--checkpoint-interval", "1000000") as found, closing(found.enter(found.run.events - 1)) as moment:
        assert moment.start == 0
        assert moment.badge == f"verified to event {found.run.events - 1}"
