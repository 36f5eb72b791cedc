"""Why this value? From a value back to where it came from, hop by hop.

A hop asks either where an expression's value came from, or who wrote a variable, attribute or item last. The line
that wrote it is read from the recorded source: the expression on it that gave the value is the next to ask for. A
call in it leads into the function that was called, to what it returned; a parameter leads to the caller.
"""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from tttui.navigation.hops import AskedExpression, AskedPlace, Hop, Source
from tttui.navigation.looking import UNBOUND, Look, parse_path
from tttui.navigation.write_hops import WriteHops
from tttui.navigation.writes import same_raw

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tttui.store.run import Run

__all__ = ["Hop", "operands", "origin"]

_MOST_HOPS: Final = 1000


def origin(run: "Run", event: int, text: str, *, frame: int = -1, pinned: "Mapping[str, int] | None" = None) -> Iterator[Hop]:
    """The way back from what an expression (a name, attribute or item) is at an event.

    Where an expression has several operands the way follows the one that the value came from, else the one
    that was written last; `operands` gives all of them. TttuiError where the text names nothing.
    """
    node = parse_path(text)
    look = Look(run, event, frame, pinned)
    asker = _Asker(run)
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and look.frame is not None:
        target = look.target(node, text.strip())
        hop = asker.place(AskedPlace(target, event, text.strip())) if target is not None else asker.untargeted(node, look)
    else:
        call, code, line = look.frame[:3] if look.frame is not None else (0, 0, 0)
        hop = asker.expression(AskedExpression(node, event, event + 1, call, code, asked_at=line))
    seen: set[tuple[int, str, str]] = set()
    while True:
        yield hop
        key = (hop.event, hop.what, hop.kind)
        if hop.final or not hop.leads_to or key in seen or len(seen) >= _MOST_HOPS:
            return
        seen.add(key)
        hop = _followed(hop, [asker.ask(source) for source in hop.leads_to])


def operands(run: "Run", hop: Hop) -> tuple[Hop, ...]:
    """The next hops from one: every operand of its expression."""
    asker = _Asker(run)
    return tuple(asker.ask(source) for source in hop.leads_to)


def _followed(hop: Hop, choices: list[Hop]) -> Hop:
    """The operand that the value came from, else the one that was written last."""
    same = [choice for choice in choices if hop.raw != UNBOUND and same_raw(choice.raw, hop.raw)]
    going_on = [choice for choice in same or choices if choice.kind != "literal"]
    return max(going_on or same or choices, key=lambda choice: choice.event)


class _Asker(WriteHops):
    """Answers whatever is asked."""

    def ask(self, source: Source) -> Hop:
        return self.place(source) if isinstance(source, AskedPlace) else self.expression(source)
