"""Moves by the program's structure, one at a time: where each leads from an event, forwards and back.

They are functions of the position alone, so that both directions meet the same stops: the stops of a thread, or
of a call, stand in one order, and a move goes to the neighbour.
"""

from tttui.navigation.filters import ALL_KINDS, END_KINDS, LINE, STOP_KINDS, UNWIND, EventFilter, StopsBy
from tttui.navigation.position import Event, StackEntry
from tttui.navigation.search import Search


def step(search: Search, here: Event, stops: StopsBy, *, across_threads: bool, back: bool) -> Event | None:
    """The next stop in the thread, whatever its call."""
    wanted = EventFilter(kinds=STOP_KINDS, thread=0 if across_threads else here.thread, stops=stops)
    return search.before(wanted, here.number) if back else search.after(wanted, here.number)


def next_(search: Search, here: Event, frame: int, stops: StopsBy) -> Event | None:
    """The next stop of the call of a frame (counted outwards), or of its caller once it has ended.

    None where the recording ends before.
    """
    stack = search.stack(here.number)
    level = len(stack) - 1 - frame
    at = here
    ended = frame == 0 and 1 << here.kind & END_KINDS
    while True:
        if ended:
            level -= 1
        if level < 0:
            # What called it isn't recorded: whatever its thread does next.
            return step(search, at, stops, across_threads=False, back=False)
        found = search.after(stops_of(stack[level], stops, STOP_KINDS | END_KINDS), at.number)
        if found is None or found.kind != UNWIND:
            return found
        at, ended = _last_unwind(search, found), True
        # A generator may have been resumed by another frame than the one that had called it.
        stack = search.stack(at.number)
        level = len(stack) - 1


def _last_unwind(search: Search, unwind: Event) -> Event:
    """The last of the unwinds that follow one another in a thread: an exception may leave thousands of frames at once."""
    other = search.after(EventFilter(kinds=ALL_KINDS & ~(1 << UNWIND), thread=unwind.thread), unwind.number)
    stop = search.run.events if other is None else other.number
    return search.before(EventFilter(kinds=1 << UNWIND, thread=unwind.thread), stop, start=unwind.number) or unwind


def next_back(search: Search, here: Event, frame: int, stops: StopsBy) -> Event | None:
    """The previous stop of the call of a frame, or of its caller, before the call."""
    stack = search.stack(here.number)
    level = len(stack) - 1 - frame
    at = here.number
    while level >= 0:
        found = search.before(stops_of(stack[level], stops, STOP_KINDS), at)
        if found is not None:
            return found
        born = search.birth(stack[level].call)
        if born is not None:
            at = born.number
            stack = search.stack(at)
            level = len(stack) - 1
        level -= 1
    return search.before(EventFilter(kinds=STOP_KINDS, thread=here.thread, stops=stops), at)


def finish(search: Search, here: Event, frame: int) -> Event | None:
    """The end of the call of a frame: its return or the unwind that leaves it; from there, that of its caller."""
    stack = search.stack(here.number)
    level = len(stack) - 1 - frame
    if frame == 0 and 1 << here.kind & END_KINDS:
        level -= 1
    return search.end(stack[level].call, here.number, stack[level].code) if level >= 0 else None


def finish_back(search: Search, here: Event, frame: int) -> Event | None:
    """The beginning of the call of a frame; from there, that of its caller."""
    stack = search.stack(here.number)
    level = len(stack) - 1 - frame
    born = search.birth(stack[level].call)
    if born is not None and born.number == here.number and level > 0:
        born = search.birth(stack[level - 1].call)
    return born if born is not None and born.number < here.number else None


def until(search: Search, here: Event, frame: int, places: frozenset[tuple[int, int]], *, back: bool) -> Event | None:
    """Where the frame's call runs a line behind its present one (back: before it), or one of the places, or ends."""
    stack = search.stack(here.number)
    level = len(stack) - 1 - frame
    at = here.number
    entry = stack[level]
    codes = frozenset({entry.code})
    if back:
        born = search.birth(entry.call)
        if places:
            found = search.before(EventFilter(kinds=1 << LINE, lines=places), at, start=born.number if born is not None else 0)
        else:
            wanted = EventFilter(kinds=1 << LINE, call=entry.call, codes=codes, last_line=entry.line - 1, stops="statement")
            found = search.before(wanted, at) if entry.line > 1 else None
        return found or (born if born is not None and born.number < at else None)
    if frame == 0 and 1 << here.kind & END_KINDS:
        return next_(search, here, frame, "statement")
    if not places:
        kinds = 1 << LINE | END_KINDS
        return search.after(EventFilter(kinds=kinds, call=entry.call, codes=codes, first_line=entry.line + 1, stops="statement"), at)
    end = search.end(entry.call, at, entry.code)
    return search.after(EventFilter(kinds=1 << LINE, lines=places), at, stop=end.number if end is not None else None) or end


def stops_of(entry: StackEntry, stops: StopsBy, kinds: int) -> EventFilter:
    """The stops of a call, of some kinds."""
    return EventFilter(kinds=kinds, call=entry.call, codes=frozenset({entry.code}), stops=stops)
