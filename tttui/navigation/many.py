"""Many moves of one sort at once: where they lead is counted, not gone to one by one.

Each gives how many moves it made, and where they end: fewer than were asked for where the next one leads out of what can
be counted, none where there is nothing of that sort. Whoever asks makes that one as a single move.
"""

from tttui.navigation.filters import END_KINDS, RETURN, STOP_KINDS, EventFilter, StopsBy
from tttui.navigation.moves import stops_of
from tttui.navigation.position import Event, StackEntry
from tttui.navigation.search import Search
from tttui.navigation.statements import can_suspend

Made = tuple[int, Event]


def steps(search: Search, here: Event, stops: StopsBy, count: int, *, across_threads: bool, back: bool) -> Made:
    """Stops of the thread."""
    wanted = EventFilter(kinds=STOP_KINDS, thread=0 if across_threads else here.thread, stops=stops)
    made, found = search.nth(wanted, here.number, count, back=back)
    return made, found or here


def nexts(search: Search, here: Event, frame: int, stops: StopsBy, count: int, *, back: bool) -> Made:
    """Stops of the call of a frame, to the one that ends it."""
    if frame or (1 << here.kind & END_KINDS and not back):
        return 0, here
    entry = search.stack(here.number)[-1]
    if back:
        made, found = search.nth(stops_of(entry, stops, STOP_KINDS), here.number, count, back=True)
        return made, found or here
    wanted = stops_of(entry, stops, STOP_KINDS | END_KINDS)
    made, found = search.nth(wanted, here.number, count)
    if found is not None and 1 << found.kind & END_KINDS and found.kind != RETURN:
        # An exception left the call: the stop behind that is another call's.
        made, found = made - 1, search.before(wanted, found.number, start=here.number + 1) if made > 1 else None
    return made, found or here


def finishes(search: Search, here: Event, frame: int, count: int, *, back: bool) -> Made:
    """The ends (back: the beginnings) of the call of a frame and of its callers, as long as none of them leaves the stack meanwhile."""
    stack = search.stack(here.number)
    level = len(stack) - 1 - frame
    if back:
        born = search.birth(stack[level].call)
        level -= born is not None and born.number == here.number
    else:
        level -= frame == 0 and bool(1 << here.kind & END_KINDS)
    outer = max(level - count + 1, 0)
    if level < 0 or any(can_suspend(search.run.code(entry.code)) for entry in stack[outer : level + 1]):
        return 0, here
    found = search.birth(stack[outer].call) if back else _end(search, here, stack[outer])
    return (0, here) if found is None else (level - outer + 1, found)


def _end(search: Search, here: Event, entry: StackEntry) -> Event | None:
    return search.end(entry.call, here.number, entry.code)
