"""Reading co_linetable, against the interpreter's own reading of it."""

import types
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tttui.store import positions

MODULES = ("argparse", "ast", "dataclasses", "enum", "inspect", "json.decoder", "pathlib", "textwrap", "typing", "unittest.mock")


def codes(top: types.CodeType) -> Iterator[types.CodeType]:
    yield top
    for constant in top.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)


@pytest.mark.parametrize("name", MODULES)
def test_positions_equal_those_of_the_interpreter(name: str) -> None:
    module = __import__(name, fromlist=["x"])
    assert module.__file__ is not None
    with open(module.__file__, "rb") as file:
        source = file.read()
    for code in codes(compile(source, name, "exec")):
        found: list[tuple[int | None, ...]] = []
        for stop, position in positions.positions(code.co_linetable, code.co_firstlineno):
            found += [tuple(position)] * (stop - len(found))
        wanted = list(code.co_positions())
        assert found == wanted
        for lasti in range(0, len(wanted), 7):
            assert tuple(positions.position_of(code.co_linetable, code.co_firstlineno, lasti)) == wanted[lasti]
        assert positions.position_of(code.co_linetable, code.co_firstlineno, len(wanted)) == positions.NOWHERE


def test_a_place_that_isn_t_known_is_nowhere() -> None:
    assert positions.position_of(b"", 1, 0) == positions.NOWHERE
    assert positions.position_of(b"\x80\x00", 1, -1) == positions.NOWHERE


@given(some.binary(max_size=60), some.integers(1, 2**40), some.integers(0, 500))
def test_any_bytes_are_read_to_an_end(table: bytes, first_line: int, lasti: int) -> None:
    found = positions.position_of(table, first_line, lasti)
    assert found == positions.NOWHERE or table
    assert len(found) == len(positions.NOWHERE)
