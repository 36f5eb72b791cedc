"""Runs a program and writes down every event of it: `python -m oracle.witness OPTIONS OUTPUT PROGRAM [ARGUMENT ...]`.

The output is JSON lines: first a header, then one line for each event, with what is new since the event before:

    {"kind", "thread", "task"?: [number, name at first], "value"?: node, "stack": [[call, line], ...],
     "frames"?: {call: {"file", "function", "optimized", "locals": {name: node}}}, "objects"?: {number: entry of the table}}

A "raise" in a frame that an exception only passes through, after the "unwind" of the frame below, is left out.
The stack is outermost first. `call` numbers activations from 1: a generator keeps its number through all its resumes. The line of
a frame is that of its last line event (for a call: its first line); for raise, reraise, handled, unwind and for callers it is
that of the instruction.
"""

import _thread
import argparse
import gc
import json
import os
import sys
import sysconfig
import types
import weakref
from typing import Any

from .hooks import NOTHING, hooks
from .structure import Structure, special

CO_OPTIMIZED = 0x1


class Witness:
    def __init__(self, descriptor: int, structure: Structure, libraries: tuple[str, ...] = ()) -> None:
        """`libraries`: directories of code that is not the program's own, besides the interpreter's."""
        self.descriptor = descriptor
        self.structure = structure
        self.foreign = tuple(
            {
                os.path.realpath(path) + os.sep
                for path in (*sysconfig.get_paths().values(), os.path.dirname(os.__file__), os.path.dirname(__file__))
            }
            | {path + os.sep for path in (*sysconfig.get_paths().values(), os.path.dirname(os.__file__), *libraries)}
        )
        self.wanted_files: dict[str, bool] = {}
        self.wanted_codes: dict[int, types.CodeType] = {}
        self.threads: dict[int, int] = {}
        self.tasks: weakref.WeakKeyDictionary[Any, list[Any]] = weakref.WeakKeyDictionary()
        self.task_count = 0
        self.calls: dict[int, int] = {}
        self.lines: dict[int, int] = {}
        self.namespaces: dict[int, dict[str, Any]] = {}
        self.unwound: dict[int, int] = {}
        self.call_count = 0
        self.frames_written: dict[int, str] = {}
        self.objects_written: dict[int, str] = {}
        self.lock = _thread.allocate_lock()
        self.busy: int | None = None
        """The thread that is writing an event down."""
        self.write({"python": sys.version.split()[0], "keep": structure.keep, "max_items": structure.max_items})

    def write(self, line: Any) -> None:
        """At once and unbuffered: programs end in many ways."""
        os.write(self.descriptor, json.dumps(line, separators=(",", ":")).encode("ascii") + b"\n")

    def wanted(self, code: types.CodeType) -> bool:
        """Whether the code is the program's own: in a file of its own, or compiled from text and run by such code."""
        name = code.co_filename
        if name.startswith("<"):
            return id(code) in self.wanted_codes
        answer = self.wanted_files.get(name)
        if answer is None:
            answer = self.wanted_files[name] = not name.startswith(self.foreign)
        return answer

    def on_audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Notice code without a file that the program is about to run by exec() or eval()."""
        if event == "exec" and self.busy != _thread.get_ident() and arguments[0].co_filename.startswith("<"):
            caller = sys._getframe(1)
            if self.wanted(caller.f_code):
                self.want(arguments[0])

    def want(self, code: types.CodeType) -> None:
        self.wanted_codes[id(code)] = code
        for constant in code.co_consts:
            if type(constant) is types.CodeType:
                self.want(constant)

    def report(self, kind: str, frame: types.FrameType, line: int | None, value: Any = NOTHING) -> None:
        # An exception that leaves a frame is raised again in the caller's, says the interpreter; that is no event of its own.
        thread = _thread.get_native_id()
        unwound = self.unwound.pop(thread, None)
        if kind == "unwind":
            self.unwound[thread] = id(value)
        elif kind == "raise" and unwound == id(value):
            return
        with self.lock:
            self.busy = _thread.get_ident()
            collecting = gc.isenabled()
            gc.disable()
            try:
                self.write_event(kind, frame, line, value, thread)
            finally:
                self.busy = None
                if collecting:
                    gc.enable()

    def write_event(self, kind: str, frame: types.FrameType, line: int | None, value: Any, native: int) -> None:
        if kind == "call" or id(frame) not in self.calls:  # An exception may be thrown into a generator that hasn't begun.
            self.call_count += 1
            self.calls[id(frame)] = self.call_count
            self.lines[id(frame)] = frame.f_code.co_firstlineno
        if line is not None:
            self.lines[id(frame)] = line
        self.structure.begin()
        thread = self.threads.setdefault(native, len(self.threads) + 1)
        event: dict[str, Any] = {"kind": kind, "thread": thread}
        task = current_task()
        if task is not None:
            if task not in self.tasks:
                self.task_count += 1
                self.tasks[task] = [self.task_count, task.get_name()]
            event["task"] = self.tasks[task]
        if value is not NOTHING:
            event["value"] = self.structure.node(value)
        stack: list[list[int]] = []
        frames: dict[int, Any] = {}
        current: types.FrameType | None = frame
        while current is not None:
            if self.wanted(current.f_code):
                number = self.calls.get(id(current), 0)
                where = self.lines[id(current)] if current is frame else current.f_lineno
                stack.insert(0, [number, where])
                frames[number] = self.frame_entry(current)
            current = current.f_back
        event["stack"] = stack
        objects = self.structure.table()
        self.add_news(event, "frames", frames, self.frames_written)
        self.add_news(event, "objects", objects, self.objects_written)
        self.write(event)
        if kind in ("return", "unwind"):
            for known in (self.calls, self.lines, self.namespaces):
                known.pop(id(frame), None)

    def frame_entry(self, frame: types.FrameType) -> Any:
        code = frame.f_code
        optimized = bool(code.co_flags & CO_OPTIMIZED)
        # From 3.13 this is a view of the frame, before it is a dict which the frame keeps.
        names = frame.f_locals
        items = dict(names.items())
        if not optimized:
            # While a comprehension runs in it, the view has the comprehension's variables alone.
            namespace = self.namespaces.setdefault(id(frame), names if isinstance(names, dict) else {})
            items = {name: item for name, item in ({**namespace, **items}).items() if not special(name)}
        nodes = {name: self.structure.node(item) for name, item in items.items()}
        if optimized and type(names) is dict and not self.structure.keep:
            names.clear()  # So that it keeps nothing alive. Not always: eval() and exec() called by the frame use the same dict.
        return {"file": code.co_filename, "function": code.co_qualname, "optimized": optimized, "locals": nodes}

    def add_news(self, event: dict[str, Any], what: str, entries: dict[int, Any], written: dict[int, str]) -> None:
        """Add the entries that are not as they were last written."""
        news = {}
        for number, entry in entries.items():
            text = json.dumps(entry)
            if written.get(number) != text or not self.structure.keep:
                written[number] = text
                news[number] = entry
        if news:
            event[what] = news


def current_task() -> Any:
    """The asyncio task that runs in this thread, or None."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None or not hasattr(asyncio, "current_task"):
        return None
    loop = asyncio._get_running_loop()
    return None if loop is None else asyncio.current_task(loop)


def main() -> None:
    parser = argparse.ArgumentParser(prog="witness", description="Write down every event of a program.")
    parser.add_argument("--max-items", type=int, default=1000, help="items kept of each end of a container")
    parser.add_argument("--max-string", type=int, default=4096, help="characters kept of a string")
    parser.add_argument("--lifetimes", action="store_true", help="keep nothing alive; numbers of objects then mean one snapshot only")
    parser.add_argument("--library", action="append", default=[], help="a directory of code that is not the program's own")
    parser.add_argument("output")
    parser.add_argument("program")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    with open(options.program, "rb") as file:
        source = file.read()
    # Out of the way of the program's own descriptors.
    descriptor = os.open(options.output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(descriptor, 200)
    os.close(descriptor)
    witness = Witness(200, Structure(options.max_items, options.max_string, not options.lifetimes), tuple(options.library))
    module = types.ModuleType("__main__")
    module.__dict__.update(__file__=options.program, __builtins__=__builtins__)
    sys.modules["__main__"] = module
    sys.argv = [options.program, *options.arguments]
    sys.path[0] = os.path.dirname(os.path.abspath(options.program))
    code = compile(source, options.program, "exec", dont_inherit=True)
    del source
    sys.addaudithook(witness.on_audit)
    hooks(witness.wanted, witness.report).start()
    exec(code, module.__dict__)


if __name__ == "__main__":
    main()
