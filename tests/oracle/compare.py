"""Compares what a witness saw with what a recording says, event by event and value by value.

Both are of the same program, run by the same interpreter, in two processes. Where the recording says itself that a value is not
exact (a badge), it is counted under that badge and not looked into; everything else has to be equal.
"""

import ast
import collections
import math
import re
import struct
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from oracle.structure import Node
from oracle.testimony import NO_VALUE, FrameSeen, Observations, Sight
from tttui.store.records import Frame, Moment, Value

DEPTH = 9
"""Levels of objects in objects that are compared. Deeper ones are compared where they come up less deep."""

# CPython 3.11's trace function isn't told of these; a recorder may work some of them out.
UNTOLD = frozenset({"reraise", "handled"}) if sys.version_info < (3, 12) else frozenset()

SEQUENCES = frozenset({"list", "tuple", "deque"})
UNORDERED = frozenset({"set", "frozenset"})
UNLIKE = frozenset({"_thread_id", "_ident", "_native_id", "_fd_to_key", "_map"})
"""Attributes of the standard library's objects that hold something of the process."""


@dataclass
class Report:
    """What was found."""

    events: int = 0
    values: int = 0
    """Values that were compared and are equal."""
    inexact: collections.Counter[tuple[str, str]] = field(default_factory=collections.Counter)
    """Values that the recording marks as not exact, by (badge, type)."""
    splits: int = 0
    """Times that an object that had an id before has another one: the lesser evil."""
    differences: list[str] = field(default_factory=list)

    MOST = 20

    def differ(self, where: str, what: str) -> None:
        if len(self.differences) < self.MOST:
            self.differences.append(f"{where}: {what}")

    def badges(self) -> dict[str, int]:
        """How many values each badge is on."""
        totals: collections.Counter[str] = collections.Counter()
        for (badge, _), count in self.inexact.items():
            totals[badge] += count
        return dict(totals)

    def add(self, other: "Report") -> None:
        self.events += other.events
        self.values += other.values
        self.inexact.update(other.inexact)
        self.splits += other.splits


def compare(testimony: Observations, moments: Iterator[Moment], *, concurrent: bool = False) -> Report:
    """Compare a whole run.

    `concurrent`: threads of the program run at the same time. Then an object that they share may be further on in one of the two
    runs, so only events, stacks and scalars are compared.
    """
    return Comparison(testimony, concurrent).run(moments)


class Comparison:
    def __init__(self, testimony: Observations, concurrent: bool) -> None:
        self.testimony = testimony
        self.concurrent = concurrent
        self.report = Report()
        self.seen_as: dict[int, int] = {}
        """Object of the witness by recorded id."""
        self.recorded_as: dict[int, int] = {}
        """Recorded id by object of the witness."""
        self.calls: dict[int, int] = {}
        self.tasks: dict[int, tuple[int, str | None] | None] = {}
        self.main_ended = False
        self.event = 0
        self.sight: Sight

    def run(self, moments: Iterator[Moment]) -> Report:
        """Threads run one beside the other, so each one's events are compared in their order."""
        threads: dict[int, list[Sight]] = {}
        for sight in self.testimony.sights:
            threads.setdefault(sight.thread, []).append(sight)
        numbers: dict[int, int] = {}
        positions: collections.Counter[int] = collections.Counter()
        for moment in moments:
            if moment.kind in UNTOLD:
                continue
            if moment.thread.id not in numbers:
                free = [number for number in threads if number not in numbers.values()]
                numbers[moment.thread.id] = self.partner(free, threads, moment) if self.concurrent else len(numbers) + 1
            thread = numbers[moment.thread.id]
            sights = threads.get(thread, [])
            if positions[thread] >= len(sights) and thread == 1 and self.main_ended:
                break  # What the interpreter does when it ends: the witness still holds the objects that go then.
            if positions[thread] >= len(sights):
                self.report.differ(f"event {moment.event}", f"{describe(moment)}: nothing was seen any more in thread {thread}")
                break
            sight = sights[positions[thread]]
            positions[thread] += 1
            self.main_ended = self.main_ended or (sight.stack[-1].call == 1 and sight.kind in ("return", "unwind"))
            if not self.compare_event(sight, moment):
                break
        else:
            for thread, sights in threads.items():
                for sight in sights[positions[thread] :][:3]:
                    self.report.differ("missing event", f"{sight.kind} in {sight.stack[-1].function} line {sight.stack[-1].line}")
        return self.report

    @staticmethod
    def partner(free: list[int], threads: Mapping[int, list[Sight]], moment: Moment) -> int:
        """Of the threads that were seen, the one that begins like a recorded one: which of several begins first is chance."""
        recorded = moment.stack[-1]

        def alike(number: int) -> bool:
            seen = threads[number][0].stack[-1]
            texts = {name: scalar_text(node) for name, node in seen.locals.items()}
            return seen.function == recorded.function and all(
                text is None or (name in recorded.locals and recorded.locals[name].text == text) for name, text in texts.items()
            )

        return next((number for number in free if alike(number)), free[0] if free else 0)

    def compare_event(self, sight: Sight, moment: Moment) -> bool:
        """False where the events themselves are others, so that there is no sense in going on."""
        self.event, self.sight = moment.event, sight
        seen, frame = sight.stack[-1], moment.stack[-1]
        if (sight.kind, seen.function, seen.file) != (moment.kind, frame.function, frame.file) or (
            sight.kind == "line" and seen.line != frame.line
        ):
            self.differ("event", f"seen {sight.kind} in {seen.function} line {seen.line}, recorded {describe(moment)}")
            return False
        self.report.events += 1
        if not self.testimony.keep:
            self.seen_as, self.recorded_as = {}, {}
        if [entry.function for entry in sight.stack] != [entry.function for entry in moment.stack]:
            self.differ("stack", f"seen {[f.function for f in sight.stack]}, recorded {[f.function for f in moment.stack]}")
            return True
        self.compare_task(sight, moment)
        for above, (seen, frame) in enumerate(zip(reversed(sight.stack), reversed(moment.stack), strict=True)):
            self.compare_frame(seen, frame, innermost=above == 0)
        if sight.value is not NO_VALUE:
            carried = moment.returned if sight.kind in ("return", "yield") else moment.exception
            if carried is None:
                self.differ("event", f"{sight.kind} carries no value")
            else:
                self.compare_value(sight.value, carried, sight.kind, DEPTH, ())
        return True

    def compare_task(self, sight: Sight, moment: Moment) -> None:
        """Each recorded task is one that was seen."""
        if moment.task is not None and self.tasks.setdefault(moment.task.id, sight.task) != sight.task:
            self.differ("task", f"task {moment.task.id} is both {self.tasks[moment.task.id]} and {sight.task}")
        if sight.task is None:
            return
        name = sight.task[1]
        if moment.task is None:
            self.differ("task", f"no task, but {name} was running")
        elif name is not None and not re.fullmatch(r"Task-\d+", name) and moment.task.name != name:
            self.differ("task", f"{name} is called {moment.task.name}")

    def compare_frame(self, seen: FrameSeen, frame: Frame, *, innermost: bool) -> None:
        where = frame.function
        if self.calls.setdefault(frame.call, seen.call) != seen.call:
            self.differ(where, f"call {frame.call} is both {self.calls[frame.call]} and {seen.call}")
        if seen.line != frame.line:
            self.differ(where, f"line {seen.line} was seen, {frame.line} recorded{'' if innermost else ' for a caller'}")
        missing = [name for name in seen.locals if name not in frame.locals]
        more = [name for name in frame.locals if name not in seen.locals]
        if not seen.optimized:
            # Cells of a class body can't be seen from Python, and a module's own names are no variables of the program's.
            more = [name for name in more if not name.startswith("__") and not self.is_free(name, frame)]
        if missing or more:
            self.differ(where, f"variables missing {missing}, too many {more}")
        for name, node in seen.locals.items():
            if name in frame.locals:
                self.compare_value(node, frame.locals[name], f"{where}.{name}", DEPTH, ())

    @staticmethod
    def is_free(name: str, frame: Frame) -> bool:
        return name in {slot for slot, kind in frame.code.slots if kind in (1, 2)}

    def differ(self, where: str, what: str) -> None:
        self.report.differ(f"event {self.event} {where}", what)

    # -- values

    def compare_value(self, node: Node, value: Value, where: str, depth: int, path: tuple[int, ...]) -> None:
        if isinstance(node, dict) and "id" in node:
            self.compare_object(node["id"], value, where, depth, path)
        elif value.badge is not None and not (isinstance(node, dict) and "length" in node):
            self.inexact(value)
        elif problem := difference_of_scalars(node, value):
            self.differ(where, problem)
        elif value.badge is not None:
            self.inexact(value)
        else:
            self.report.values += 1

    def compare_object(self, number: int, value: Value, where: str, depth: int, path: tuple[int, ...]) -> None:
        content = self.sight.objects[number]
        if value.type != (expected := shown_type(content["type"])):
            self.differ(where, f"type {expected} was seen, {value.type} recorded")
            return
        if self.concurrent:
            return
        if value.id is not None:
            self.compare_identity(number, value.id, where)
        if value.badge is not None:
            self.inexact(value)
            if value.badge != "cut":
                return
        problem = difference_of_contents(content, value)
        if problem:
            self.differ(where, problem)
            return
        self.report.values += value.badge is None
        if depth == 0 or (value.id is not None and value.id in path):
            return
        inner = path if value.id is None else (*path, value.id)
        self.compare_items(content, value, where, depth - 1, inner)
        self.compare_entries(content, value, where, depth - 1, inner)
        self.compare_attributes(content, value, where, depth - 1, inner)

    def inexact(self, value: Value) -> None:
        self.report.inexact[value.badge or "", value.type] += 1

    def compare_identity(self, number: int, id_: int, where: str) -> None:
        """A recorded id stands for one object only; an object may, over time, have had several ids."""
        if self.seen_as.setdefault(id_, number) != number:
            self.differ(where, f"recorded id {id_} stands for two objects, {self.seen_as[id_]} and {number}")
        before = self.recorded_as.get(number)
        if before != id_:
            self.report.splits += before is not None
            self.recorded_as[number] = id_

    def compare_items(self, content: Mapping[str, Node], value: Value, where: str, depth: int, path: tuple[int, ...]) -> None:
        if "items" not in content or content["family"] in ("range", "slice"):
            return
        if value.items is None:
            self.differ(where, f"no items, but {len(content['items'])} were seen")
        elif content["family"] in UNORDERED:
            self.compare_unordered(content, value.items, where)
        else:
            for index, node, item in pair_up(content["items"], content.get("tail"), value.items, content["length"]):
                self.compare_value(node, item, f"{where}[{index}]", depth, path)

    def compare_unordered(self, content: Mapping[str, Node], items: Sequence[Value], where: str) -> None:
        """The order of a set depends on addresses: its scalars are compared sorted, of the rest the number."""
        for item in items:
            if item.badge == "unchecked":  # an object that may have changed; that it is in the set is known
                self.report.inexact[item.badge, item.type] += 1
        if len(items) != len(content["items"]) or any(item.badge not in (None, "unchecked") for item in items):
            self.report.inexact["cut", "set"] += 1
            return
        seen = sorted(text for node in content["items"] if (text := scalar_text(node)) is not None)
        recorded = sorted(item.text for item in items if item.id is None and not item.items and item.type in SCALAR_TYPES)
        if seen != recorded:
            self.differ(where, f"elements {seen} were seen, {recorded} recorded")
        self.report.values += len(items)

    def compare_entries(self, content: Mapping[str, Node], value: Value, where: str, depth: int, path: tuple[int, ...]) -> None:
        if "entries" not in content:
            return
        if value.entries is None:
            self.differ(where, f"no entries, but {len(content['entries'])} were seen")
            return
        keys = tuple(key for key, _ in value.entries)
        values = tuple(item for _, item in value.entries)
        for part, items in ((0, keys), (1, values)):
            head = [entry[part] for entry in content["entries"]]
            tail = [entry[part] for entry in content["tail"]] if "tail" in content else None
            for index, node, item in pair_up(head, tail, items, content["length"]):
                self.compare_value(node, item, f"{where}{{{index}}}{'key' if part == 0 else ''}", depth, path)

    def compare_attributes(self, content: Mapping[str, Node], value: Value, where: str, depth: int, path: tuple[int, ...]) -> None:
        seen = dict(content.get("attributes", {}))
        family = content["family"]
        if family == "BaseException":
            for name, part in (("__cause__", "cause"), ("__context__", "context")):
                if value.attributes is not None and name in value.attributes:
                    seen[name] = content[part]
        if family in ("type", "function", "builtin_function_or_method") and value.attributes is None:
            return  # Known by its name alone.
        recorded = value.attributes or {}
        if family == "ndarray" or "dtype" in content:
            return
        if sorted(seen) != sorted(recorded):
            self.differ(where, f"attributes {list(seen)} were seen, {list(recorded)} recorded")
            return
        if family == "object" and content.get("ordered") and list(seen) != list(recorded):
            self.differ(where, f"the order of the attributes was {list(seen)}, {list(recorded)} recorded")
        for name, node in seen.items():
            if name not in UNLIKE:
                self.compare_value(node, recorded[name], f"{where}.{name}", depth, path)


# -- texts of single values

SCALAR_TYPES = frozenset({"NoneType", "bool", "int", "float", "complex", "str", "bytes", "ellipsis", "NotImplementedType"})


def describe(moment: Moment) -> str:
    frame = moment.stack[-1] if moment.stack else None
    return f"{moment.kind} in {frame.function} line {frame.line}" if frame else moment.kind


def shown_type(label: str) -> str:
    """The type's name as a traceback shows it."""
    for prefix in ("builtins.", "__main__."):
        if label.startswith(prefix):
            return label.removeprefix(prefix)
    return label


def scalar_of(node: Node) -> object:
    """The value that a node of a scalar stands for; of a text that was cut, its beginning."""
    if not isinstance(node, dict):
        return node
    if "int" in node:
        return int(node["int"], 16)
    if "float" in node:
        return struct.unpack("<d", bytes.fromhex(node["float"]))[0]
    if "complex" in node:
        return complex(*struct.unpack("<dd", bytes.fromhex(node["complex"])))
    if "bytes" in node:
        return bytes.fromhex(node["bytes"])
    if "str" in node:
        return node["str"]
    return {"Ellipsis": ..., "NotImplemented": NotImplemented}[node["constant"]]


def scalar_text(node: Node) -> str | None:
    """The repr of a scalar, None for anything else."""
    if isinstance(node, dict) and "id" in node:
        return None
    return repr(scalar_of(node))


def difference_of_scalars(node: Node, value: Value) -> str | None:
    """What is wrong with a recorded scalar."""
    seen = scalar_of(node)
    kind = type(seen)
    if value.type != kind.__name__:
        return f"{seen!r:.80} was seen, {value.type} {value.text:.80} recorded"
    if kind in (str, bytes):
        assert isinstance(seen, str | bytes)
        length = node["length"] if isinstance(node, dict) else len(seen)
        if value.length != length:
            return f"length {length} was seen, {value.length} recorded"
        text = value.text.removesuffix("…") if value.badge == "cut" else value.text
        recorded = ast.literal_eval(text)
        # Of what was cut, what is recorded is the beginning of what was seen (or the other way round, by how much each keeps).
        begins = len(recorded) > 0 and (seen.startswith(recorded) or recorded.startswith(seen))
        equal = begins if value.badge == "cut" else recorded == seen
    elif kind is int:
        equal = int(value.text, 0) == seen
    elif kind is float:
        assert isinstance(seen, float)
        recorded = float(value.text)
        equal = math.isnan(recorded) if math.isnan(seen) else struct.pack("<d", recorded) == struct.pack("<d", seen)
    else:
        equal = value.text == repr(seen)
    return None if equal else f"{seen!r:.80} was seen, {value.text:.80} recorded"


def difference_of_contents(content: Mapping[str, Node], value: Value) -> str | None:
    """What is wrong with a recorded object itself; what it holds is compared one by one."""
    family = content["family"]
    name = shown_type(content["type"]).rpartition(".")[2]
    if family == "bytearray":
        data = bytes.fromhex(content["base"]["bytes"])
        if value.length != content["length"]:
            return f"length {content['length']} was seen, {value.length} recorded"
        if value.badge == "cut":
            return None
        return expect(f"{name}({data!r})", value.text)
    if "dtype" in content:
        shape = "" if len(content["shape"]) == 1 else f", shape={tuple(content['shape'])}"
        end = f"]{shape}, dtype={content['dtype']})"
        if not value.text.endswith(end):
            return f"{end} was seen, {value.text:.200} recorded"
    if "length" in content and value.length != content["length"]:
        return f"length {content['length']} was seen, {value.length} recorded"
    if family == "Enum":
        attributes = content.get("attributes", {})
        return None if str(attributes.get("_name_")) in value.text else f"member {attributes.get('_name_')}, {value.text} recorded"
    if "base" in content:
        return expect(f"{name}({scalar_of(content['base'])!r})", value.text)
    if family == "slice" or family == "range":
        fields = [scalar_text(node) for node in content["items"]]
        if None in fields:
            return None
        if family == "range" and fields[2] == "1":
            fields.pop()
        return expect(f"{family}({', '.join(map(str, fields))})", value.text)
    if "text" in content:
        return expect(content["text"], value.text)
    if isinstance(label := content.get("label"), str):
        # Classes are known by their qualified name without the module, built-in methods by their name alone.
        shown = label.removeprefix(content.get("module", "") + ".")
        shown = shown.rpartition(".")[2] if family == "builtin_function_or_method" else shown
        return None if shown in value.text else f"{label} was seen, {value.text} recorded"
    return None


def expect(seen: str, recorded: str) -> str | None:
    return None if seen == recorded else f"{seen:.100} was seen, {recorded:.100} recorded"


def pair_up(head: list[Node], tail: list[Node] | None, items: Sequence[Value], length: int) -> Iterator[tuple[int, Node, Value]]:
    """(index, node, value) for the entries that both sides kept. An item without a type stands for those that are left out."""
    gap = next((index for index, item in enumerate(items) if not item.type), None)
    front, back = (items, ()) if gap is None else (items[:gap], items[gap + 1 :])
    for index, (node, item) in enumerate(zip(head, front, strict=False)):
        yield index, node, item
    last = head if tail is None else tail
    if any(not item.type for item in back):
        return  # Several stretches are left out: only the first one's place is known.
    for back_index, (node, item) in enumerate(zip(reversed(last), reversed(back), strict=False)):
        yield length - 1 - back_index, node, item
