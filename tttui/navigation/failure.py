"""Which event is the failure: the raise that ended the program, or a thread of it.

An exception that ends a thread leaves its outermost recorded frame by an unwind. From there the way
back leads through the frames it unwound, and through handlers that raised it again, to the raise in
the frame where it came into being (or came out of code that isn't recorded).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from tttui.native import reader
from tttui.store.stream import EVENTS, V_UNBOUND, object_of

if TYPE_CHECKING:
    from tttui.store.records import Chunk
    from tttui.store.run import Run

MAIN_THREAD: Final = 1


@dataclass(frozen=True, slots=True)
class Step:
    """One event in the life of an exception."""

    event: int
    kind: str  # throw, raise, reraise, handled or unwind
    thread: int
    call: int
    exception: Any
    """The exception as the stream has it (RAW): two steps with equal ones are about the same object. UNKNOWN where
    the event doesn't say (an unwind, on CPython 3.11) and nothing before it in its chunk does."""


@dataclass(frozen=True, slots=True)
class Failure:
    """How a program, or a thread of it, came to its end."""

    raised: int
    """Event of the raise, in the frame that raised it."""
    unwound: int
    """Event of the unwind by which the exception left the thread's outermost recorded frame."""
    thread: int
    ended_program: bool


_ON_PURPOSE: Final = frozenset({"SystemExit", "GeneratorExit", "StopIteration", "StopAsyncIteration"})
"""Exceptions with which code ends as it should."""
UNKNOWN: Final = (V_UNBOUND,)
_KINDS: Final = frozenset({"throw", "raise", "reraise", "handled", "unwind"})


def find_failure(run: "Run") -> Failure | None:
    """The exception that ended the program, else the last one that ended a thread; None where none did."""
    if run.meta.get("ended") == "exception":
        last = _last_escape(run, MAIN_THREAD)
        if last is not None:
            return Failure(_raised(run, last), last.event, last.thread, True)
    # Only an uncaught exception lets Python end with 1 by itself: then the main thread may have ended so, too.
    threads = [thread.id for thread in run.threads() if thread.id != MAIN_THREAD or run.meta.get("exit_code") == 1]
    ends = [step for thread in threads if (step := _end_of_thread(run, thread)) is not None and _is_failure(run, step)]
    if not ends:
        return None
    last = max(ends, key=lambda step: step.event)
    return Failure(_raised(run, last), last.event, last.thread, last.thread == MAIN_THREAD)


def origin(last: Step, earlier: Iterable[Step]) -> Step:
    """The raise from which an exception set out that ended in `last`.

    `earlier` are the steps before `last`, latest first. An exception object may live through several
    flights (raised, handled for good, raised again elsewhere): a handler ends the search unless
    what came after it happened in the handler's own call, which then raised it again.
    """
    found, later = last, last
    for step in earlier:
        if step.exception != last.exception:
            continue
        if step.kind == "handled" and step.call != later.call:
            break
        if step.kind == "raise" or found.kind != "raise":
            found = step
        later = step
    return found


def steps(run: "Run", chunk: "Chunk") -> list[Step]:
    """The steps of all exceptions in one chunk, in order."""
    found = []
    latest: dict[int, Any] = {}  # thread: the exception that its events were about last
    for _, event, kind, thread, _task, call, _code, _line, _lasti, _time, value in run.rows_of(chunk, EVENTS):
        name = reader.KINDS[kind]
        if name in _KINDS:
            exception = latest.get(thread, UNKNOWN) if value == UNKNOWN else value
            latest[thread] = exception
            found.append(Step(event, name, thread, call, exception))
    return found


def _raised(run: "Run", last: Step) -> int:
    if last.exception == UNKNOWN:
        named = next((step for step in _steps_before(run, last) if step.thread == last.thread and step.exception != UNKNOWN), last)
        last = replace(last, exception=named.exception)
    return origin(last, _steps_before(run, last)).event


def _steps_before(run: "Run", last: Step) -> Iterator[Step]:
    """Steps before one, latest first, as far back as its exception object exists."""
    born = object_of(last.exception)
    for chunk in reversed(run.chunks()):
        if chunk.first_event > last.event:
            continue
        if chunk.first_object + chunk.objects < born:
            return
        if not run.has(chunk, "raise"):
            continue
        for step in reversed(steps(run, chunk)):
            if step.event < last.event:
                yield step


def _last_escape(run: "Run", thread: int) -> Step | None:
    """The last unwind by which an exception left a thread's outermost recorded frame."""
    for chunk in reversed(run.chunks()):
        if not run.has(chunk, "raise"):
            continue
        for step in reversed(steps(run, chunk)):
            if step.kind == "unwind" and step.thread == thread and _is_outermost(run, step):
                return step
    return None


def _end_of_thread(run: "Run", thread: int) -> Step | None:
    """The unwind that is the last thing that a thread did; None where it ended otherwise."""
    for chunk in reversed(run.chunks()):
        if run.has(chunk, "thread", thread):
            last = next((row[1] for row in reversed(run.rows_of(chunk, EVENTS)) if row[3] == thread), None)
            if last is not None:
                step = next((step for step in steps(run, chunk) if step.event == last), None)
                return step if step is not None and step.kind == "unwind" and _is_outermost(run, step) else None
    return None


def _is_outermost(run: "Run", step: Step) -> bool:
    """Whether the frame that a step is in is the only one of its thread."""
    return len(run.state(step.event)["threads"].get(step.thread, ())) == 1


def _is_failure(run: "Run", step: Step) -> bool:
    value = run.value(step.exception, step.event, depth=0)
    return value is None or value.type not in _ON_PURPOSE
