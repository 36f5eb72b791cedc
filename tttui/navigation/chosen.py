"""Which operand of `a or b` or `a if test else b` gave the value."""

import ast
from typing import NamedTuple

from tttui.navigation.looking import UNBOUND, Look, unparsed
from tttui.navigation.writes import same_raw
from tttui.store.stream import Raw


class Chosen(NamedTuple):
    """An operand, and the tests for which it was taken, each with its truth."""

    node: ast.expr
    tests: tuple[tuple[ast.expr, bool], ...]

    @property
    def because(self) -> str:
        """The tests in words."""
        return " and ".join(f"{unparsed(test)} was {'true' if held else 'false'}" for test, held in self.tests)


def chosen_operand(look: Look, node: ast.expr, value: Raw) -> Chosen | None:
    """The operand that was the value of an expression; None where that can't be told, or it is no choice. `value`: what it was,
    `UNBOUND` where that isn't known.
    """
    if isinstance(node, ast.IfExp):
        held = look.truth(node.test)
        if held is None and value != UNBOUND:
            fits = [same_raw(look.value(one), value) for one in (node.body, node.orelse)]
            held = fits[0] if fits.count(True) == 1 else None
        return None if held is None else Chosen(node.body if held else node.orelse, ((node.test, held),))
    if not isinstance(node, ast.BoolOp):
        return None
    ends_it = isinstance(node.op, ast.Or)
    tests: list[tuple[ast.expr, bool]] = []
    for operand in node.values[:-1]:
        held = look.truth(operand)
        if held is None:
            return None
        if held is ends_it:
            return Chosen(operand, (*tests, (operand, held)))
        tests.append((operand, held))
    return Chosen(node.values[-1], tuple(tests))
