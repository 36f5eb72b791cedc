"""Differences of moments and of runs; pinned objects."""

from functools import cache
from pathlib import Path

import pytest

from navigation.programs import BANK, LONG
from navigation.recordings import Recorded, recorded, recorded_text
from tttui.errors import TttuiError
from tttui.navigation.diff import compare, diff_at, diff_frames, diff_values
from tttui.navigation.objects import Pins
from tttui.navigation.targets import target_at
from tttui.store.records import Value


@cache
def bank() -> Recorded:
    return recorded_text("bank", BANK)


def at(line: int, nth: int = 0) -> int:
    return [row.number for row in bank().rows if row.kind == "line" and row.line == line][nth]


def told(differences: object) -> list[tuple[str, str | None, str | None]]:
    return [(one.path, one.old.text if one.old else None, one.new.text if one.new else None) for one in differences]  # type: ignore[attr-defined]  # of either sort of difference


def test_a_value_at_two_positions() -> None:
    found = diff_at(bank().run, "accounts", at(14, 0), at(14, 1), frame=0)
    assert told(found) == [
        ("accounts['ann'].balance", "100", "39"),
        ("accounts['ann'].history[0]", None, "60"),
        ("accounts['bob'].balance", "0", "60"),
    ]
    assert diff_at(bank().run, "accounts", at(14), at(14), frame=0) == ()


def test_keys_that_come_and_go_and_their_order() -> None:
    found = told(diff_at(bank().run, "accounts", at(23), at(25)))
    assert [path for path, _, _ in found] == ["accounts['bob']", "accounts['cy']"]


def test_a_name_that_is_bound_at_neither_is_an_error() -> None:
    with pytest.raises(TttuiError):
        diff_at(bank().run, "nothing", 3, 4)


def test_all_that_is_visible_at_two_positions() -> None:
    found = diff_frames(bank().run, at(14, 0), at(14, 1))
    assert [(one.function, one.old_line, one.new_line) for one in found] == [
        ("<module>", 22, 22),
        ("transfer", 14, None),
        ("transfer", None, 14),
    ]
    assert ("total", "0", "1") in told(found[0].variables)
    assert ("amount", "60", None) in told(found[1].variables)


def test_a_moment_has_no_differences_to_itself() -> None:
    for name in ("aliasing", "dict_of_objects", "threads_handing_over", "type_collections"):
        run = recorded(name).run
        for event in range(0, run.events, max(1, run.events // 15)):
            assert diff_frames(run, event, event) == ()


@pytest.mark.parametrize("name", ["list_methods", "dict_methods", "set_methods", "linked_list"])
def test_differences_are_reversed_with_their_sides(name: str) -> None:
    run = recorded(name).run
    for event in range(0, run.events - 1, max(1, run.events // 20)):
        forwards = {(f.call, repr((d.old, d.new))) for f in diff_frames(run, event, event + 1) for d in f.variables}
        backwards = {(f.call, repr((d.new, d.old))) for f in diff_frames(run, event + 1, event) for d in f.variables}
        assert len(forwards) == len(backwards)
        assert {key[0] for key in forwards} == {key[0] for key in backwards}


def test_another_object_with_an_equal_content_is_told() -> None:
    made = recorded_text("equal", "a = [1]\nb = a\nb = [1]\nc = 0\n")
    end = made.run.events - 1
    (one,) = diff_at(made.run, "b", end - 2, end)
    assert one.identity
    assert list(diff_values(one.old, one.new, identity=False)) == []


# -- two runs


PROGRAM = """\
def add(box, x):
    box.append(x)
    if x > {limit}:
        box.append(-x)
    return len(box)

box = []
for i in range(200):
    add(box, i % 20)
print(len(box))
"""


def variant(directory: str, **replaced: str) -> Recorded:
    text = PROGRAM.format(limit=replaced.pop("limit", "100"))
    for old, new in replaced.items():
        text = text.replace(old.replace("_", " "), new)
    return recorded_text("variant", text)


def test_two_runs_of_one_program_do_not_part() -> None:
    found = compare(variant("a").run, variant("b").run)
    assert (found.control, found.value, found.first) == (None, None, None)


def test_runs_of_long_programs_do_not_part() -> None:
    found = compare(recorded_text("long", LONG).run, recorded_text("long", LONG).run)
    assert found.first is None


def test_control_flow_parts_at_the_first_other_line() -> None:
    one, other = variant("a"), variant("b", limit="15")
    found = compare(one.run, other.run)
    assert found.control is not None
    assert found.control.sort == "control flow"
    assert found.control.first is not None
    assert found.control.second is not None
    assert (found.control.first.line, found.control.second.line) == (5, 4)
    expected = next(index for index, (a, b) in enumerate(zip(one.rows, other.rows, strict=False)) if (a.kind, a.line) != (b.kind, b.line))
    assert (found.control.first.event, found.control.second.event) == (expected, expected)


def test_values_part_before_the_flow_does() -> None:
    one = variant("a", limit="15")
    other = recorded_text("variant", PROGRAM.format(limit="15").replace("i % 20", "i % 19"))
    found = compare(one.run, other.run)
    assert found.value is not None
    assert found.first == found.value
    assert found.value.first is not None
    # The first call with 19 in the one and 0 in the other; both show it as the argument.
    assert ("x", "19", "0") in told(found.value.differences)
    assert one.rows[found.value.first.event].kind == "call"


def test_a_run_that_ends_earlier_is_told() -> None:
    one = variant("a")
    other = recorded_text("variant", PROGRAM.format(limit="100") + "last = 1\n")
    found = compare(one.run, other.run)
    assert found.control is not None
    assert found.first == found.control
    cut = recorded_text("short", "import os\nx = 1\nos._exit(0) if x else None\ny = 2\n")
    longer = recorded_text("short", "import os\nx = 1\nos.getpid() if x else None\ny = 2\n")
    found = compare(cut.run, longer.run)
    assert found.control is not None
    assert found.control.sort == "end"
    assert found.control.first is None
    assert found.control.second is not None
    assert found.control.second.line == 4


def test_threads_that_interleave_otherwise_do_not_part() -> None:
    name = "threads_each_their_own"
    again = recorded_text(name, (Path(__file__).parents[1] / "programs" / f"{name}.py").read_text())
    assert compare(recorded(name).run, again.run).control is None


# -- pinned objects


def test_a_pinned_object_is_named_at_any_other_time() -> None:
    run = bank().run
    pins = Pins(run)
    pin = pins.pin(at(14), "source")
    assert (pin.name, pin.label, dict(pins)) == ("$1", "source", {"$1": pin.object})
    assert pins.pin(at(25), 'accounts["ann"]') == pin
    assert pins.pin(at(14), "target").name == "$2"
    later = pins.value("$1", run.events - 1)
    assert later is not None
    assert later.attributes is not None
    assert later.attributes["balance"].text == "-84"
    assert pin.created is not None
    assert pins.value("$1", pin.created - 1) is None
    assert target_at(run, run.events - 1, "$1.balance", pinned=pins).object == pin.object
    pins.unpin("$1")
    assert pins.pin(at(14), "source").name == "$3"
    with pytest.raises(KeyError):
        pins.value("$1", 5)


@pytest.mark.parametrize("text", ["amount", "nothing", "1 +", "amount + 1"])
def test_what_has_no_identity_can_not_be_pinned(text: str) -> None:
    with pytest.raises(TttuiError):
        Pins(bank().run).pin(at(14), text)


def test_between_two_runs_the_numbers_that_the_system_gives_threads_are_no_difference() -> None:
    def thread(ident: str, name: str) -> Value:
        attributes = {"_name": Value("str", name), "_ident": Value("int", ident), "_native_id": Value("int", ident)}
        return Value("threading.Thread", "<Thread 1>", id=1, attributes=attributes)

    one, other, renamed = thread("1", "'a'"), thread("2", "'a'"), thread("2", "'b'")
    assert list(diff_values(one, other, "t", identity=False)) == []
    assert [found.path for found in diff_values(one, renamed, "t", identity=False)] == ["t._name"]
    assert [found.path for found in diff_values(one, other, "t")] == ["t._ident", "t._native_id"]
    first, second = (Value("Mine", "<Mine 1>", id=1, attributes={"_ident": Value("int", number)}) for number in "12")
    assert [found.path for found in diff_values(first, second, "m", identity=False)] == ["m._ident"]
