"""Random streams, and a plain model of what a reader must find in them."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as some

from support.encoder import FrameRecord, Stream


@dataclass
class Activation:
    call: int
    code: int
    line: int
    caller: int
    namespace: int
    slots: dict[int, Any]

    def row(self, lasti: int = -1) -> tuple[Any, ...]:
        return (self.call, self.code, self.line, self.caller, self.namespace, lasti, tuple(sorted(self.slots.items())))


@dataclass
class Model:
    """What holds at each event."""

    states: dict[int, dict[str, Any]] = field(default_factory=dict)
    hits: Counter[tuple[int, int]] = field(default_factory=Counter)
    variables: set[tuple[int, int]] = field(default_factory=set)
    calls: int = 0


VALUES = some.sampled_from([None, True, 0, -7, 5000, 2**80, 1.5, "", "text", b"b", (0x0F, 3), (0x10, 2, (1, "x")), (0x00,), (0x19,)])


@some.composite
def streams(draw: some.DrawFn) -> tuple[Stream, Model]:
    """A well-formed chunk, and its model."""
    first_event, first_call = draw(some.integers(0, 1000)), draw(some.integers(5, 20))
    model = Model()
    stacks: dict[int, list[Activation]] = {
        thread: [
            Activation(thread * 2 + place, draw(some.integers(1, 9)), draw(some.integers(-5, 300)), -1, 0, {0: thread})
            for place in range(draw(some.integers(0, 2)))
        ]
        for thread in (1, 2)
    }
    listed = [
        (thread, 0, [FrameRecord(one.call, one.code, one.line, one.caller, one.namespace, tuple(one.slots.items())) for one in stack])
        for thread, stack in stacks.items()
    ]
    stream = Stream(first_event, first_call, 0, 10, 1, listed)
    thread, time, next_call = 1, 10, first_call
    tasks = {1: 0, 2: 0}
    suspended: list[Activation] = []

    for _ in range(draw(some.integers(0, 40))):
        stack = stacks.setdefault(thread, [])
        choice = draw(some.integers(0, 13))
        lasti, value, leaving = -1, None, ""
        if choice == 0:
            thread = draw(some.integers(1, 3))
            stacks.setdefault(thread, [])
            tasks.setdefault(thread, 0)
            stream.thread(thread)
            continue
        if choice == 1:
            stream.time(3)
            time += 3
            continue
        if choice == 2:
            tasks[thread] = draw(some.integers(0, 3))
            stream.task(tasks[thread])
            continue
        if choice == 3 and suspended:
            frame = suspended.pop(draw(some.integers(0, len(suspended) - 1)))
            frame.line = draw(some.integers(1, 50))
            frame.caller = draw(some.integers(-1, 5))
            stack.append(frame)
            stream.reenter(frame.call, frame.code, frame.line, frame.caller, frame.namespace).resume()
        elif choice == 4:
            # A frame that was suspended in an earlier chunk.
            frame = Activation(first_call + 500 + len(model.states), draw(some.integers(1, 9)), 5, -1, 0, {2: "restated"})
            stack.append(frame)
            stream.reenter(frame.call, frame.code, frame.line).var(2, "restated").resume()
        elif choice <= 6 or not stack:
            next_call += 1
            frame = Activation(next_call, draw(some.integers(1, 9)), draw(some.integers(1, 99)), draw(some.integers(-1, 400)), 2, {})
            stack.append(frame)
            stream.push(frame.code, frame.line, frame.caller, frame.namespace).call()
            model.calls += 1
        elif choice == 7:
            value = draw(VALUES)
            stream.returns(value)
            leaving = "for good"
        elif choice == 8:
            value = draw(VALUES)
            stream.yields(value)
            leaving = "suspended"
        elif choice == 9:
            value, lasti = draw(VALUES), draw(some.integers(-1, 1000))
            stack[-1].line += 1
            draw(some.sampled_from([stream.raises, stream.reraises, stream.handled]))(value, lasti, 1)
        elif choice == 10:
            value, lasti = draw(VALUES), 3
            stream.unwind(value, lasti)
            leaving = "for good"
        else:
            for _ in range(draw(some.integers(0, 3))):
                slot, raw = draw(some.integers(0, 39)), draw(VALUES)
                stack[-1].slots[slot] = raw
                stream.var(slot, raw, draw(some.booleans()))
                model.variables.add((stack[-1].code, slot))
            delta = draw(some.integers(-100, 100))
            stack[-1].line += delta
            stream.line(delta)
            model.hits[stack[-1].code, stack[-1].line] += 1
        model.states[stream.event - 1] = {
            "event": stream.event - 1,
            "thread": thread,
            "task": tasks[thread],
            "time_ns": time,
            "value": value,
            "threads": {
                id_: [one.row(lasti if id_ == thread and one is frames[-1] else -1) for one in frames] for id_, frames in stacks.items()
            },
        }
        if leaving:
            left = stack.pop()
            if leaving == "suspended":
                suspended.append(left)
    return stream, model
