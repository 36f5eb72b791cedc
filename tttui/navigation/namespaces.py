"""Which objects hold the variables of modules, class bodies and exec'ed code."""

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from tttui.store.stream import CALLS

if TYPE_CHECKING:
    from tttui.store.run import Run

_CO_OPTIMIZED: Final = 0x01
"""co_flags of code whose variables are fast locals."""

_known: "WeakKeyDictionary[Run, tuple[int, frozenset[int]]]" = WeakKeyDictionary()


def namespaces(run: "Run") -> frozenset[int]:
    """Ids of the objects that are the namespaces of calls."""
    known = _known.get(run)
    if known is None or known[0] != run.events:
        known = _known[run] = run.events, _find(run)
    return known[1]


def _find(run: "Run") -> frozenset[int]:
    codes = {code.id: code.calls for code in run.codes() if not code.flags & _CO_OPTIMIZED}
    found: set[int] = set()
    for chunk in run.chunks():
        # Once all calls of a code have been seen it is of no interest where else it ran.
        wanted = [code for code, calls in codes.items() if calls > 0 and run.has(chunk, "code", code)]
        if wanted:
            for row in run.rows_of(chunk, CALLS):
                if row[0] == "call" and row[3] in codes:
                    found.add(row[8])
                    codes[row[3]] -= 1
        if not any(calls > 0 for calls in codes.values()):
            break
    return frozenset(found - {0})
