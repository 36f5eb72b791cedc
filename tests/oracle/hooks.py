"""How the interpreter tells the oracle what happens: one narrow interface over its two ways.

From 3.12 it is `sys.monitoring` with callbacks in Python. On 3.11 it is the C-level trace function, reached by ctypes rather than
by `sys.settrace`: the trampoline behind `sys.settrace` writes a copy of the locals back into the frame and keeps it, which keeps
deleted objects alive. Both are the hooks that a recorder in C sees, so the streams can be compared event by event.

`report(kind, frame, line, value)` gets every event of code that `wanted` accepts. The line is given where the event says on which
line the frame is: line, raise, reraise, handled, unwind.

====================  ======================================  ============================================
kind                  from 3.12                               on 3.11
====================  ======================================  ============================================
call                  PY_START                                "call" at a RESUME 0
line                  LINE                                    "line"
return                PY_RETURN                               "return" with a value, not at a YIELD_VALUE
yield                 PY_YIELD                                "return" with a value, at a YIELD_VALUE
resume                PY_RESUME                               "call" at any other RESUME
throw                 PY_THROW                                "call" at no RESUME (the value comes with the
                                                              "exception" that follows)
raise                 RAISE                                   "exception"
reraise               RERAISE                                 (not told)
handled               EXCEPTION_HANDLED                       (not told)
unwind                PY_UNWIND                               "return" without a value
====================  ======================================  ============================================
"""

import ctypes
import dis
import sys
import threading
import types
from collections.abc import Callable
from typing import Any, Protocol

NOTHING: Any = object()
"""Stands for "the event has no value", since None is one."""


class Report(Protocol):
    def __call__(self, kind: str, frame: types.FrameType, line: int | None, value: Any = ...) -> None: ...


class Hooks(Protocol):
    def start(self) -> None: ...
    def stop(self) -> None: ...


class MonitoringHooks:
    """`sys.monitoring`, CPython 3.12 and later."""

    TOOL = 4

    def __init__(self, wanted: Callable[[types.CodeType], bool], report: Report) -> None:
        self.wanted = wanted
        self.report = report

    def start(self) -> None:
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]  # from 3.12 on
        events = monitoring.events
        monitoring.use_tool_id(self.TOOL, "oracle")
        callbacks: dict[int, Any] = {
            events.PY_START: self.without_value("call"),
            events.PY_RESUME: self.without_value("resume"),
            events.LINE: self.on_line,
            events.PY_RETURN: self.with_value("return"),
            events.PY_YIELD: self.with_value("yield"),
            events.PY_THROW: self.with_value("throw"),
            events.RAISE: self.with_value("raise"),
            events.RERAISE: self.with_value("reraise"),
            events.EXCEPTION_HANDLED: self.with_value("handled"),
            events.PY_UNWIND: self.with_value("unwind"),
        }
        for event, callback in callbacks.items():
            monitoring.register_callback(self.TOOL, event, callback)
        monitoring.set_events(self.TOOL, sum(callbacks))

    def stop(self) -> None:
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]  # from 3.12 on
        monitoring.set_events(self.TOOL, 0)
        monitoring.free_tool_id(self.TOOL)

    def on_line(self, code: types.CodeType, line: int) -> None:
        if self.wanted(code):
            self.report("line", sys._getframe(1), line)

    def without_value(self, kind: str) -> Callable[[types.CodeType, int], None]:
        def callback(code: types.CodeType, offset: int) -> None:
            if self.wanted(code):
                self.report(kind, sys._getframe(1), None)

        return callback

    def with_value(self, kind: str) -> Callable[[types.CodeType, int, object], None]:
        moves = kind in ("raise", "reraise", "handled", "unwind")

        def callback(code: types.CodeType, offset: int, value: object) -> None:
            if self.wanted(code):
                self.report(kind, sys._getframe(1), line_of(code, offset) if moves else None, value)

        return callback


def line_of(code: types.CodeType, offset: int) -> int | None:
    """The line of an instruction; None where it has none. Where a handler begins, the frame itself still stands at the raise."""
    return next((line for start, stop, line in code.co_lines() if start <= offset < stop), None)


class TraceHooks:
    """`PyEval_SetTrace`, CPython 3.11."""

    CALL, EXCEPTION, LINE, RETURN = range(4)
    RESUME, YIELD, PUSH_EXC_INFO = dis.opmap["RESUME"], dis.opmap["YIELD_VALUE"], dis.opmap["PUSH_EXC_INFO"]

    def __init__(self, wanted: Callable[[types.CodeType], bool], report: Report) -> None:
        self.wanted = wanted
        self.report = report
        self.thrown_into: types.FrameType | None = None
        self.last_exception: dict[int, object] = {}
        prototype = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.py_object, ctypes.c_int, ctypes.c_void_p)
        self.function = prototype(self.on_event)
        self.set_trace = ctypes.pythonapi.PyEval_SetTrace
        self.set_trace.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        self.set_trace.restype = None

    def start(self) -> None:
        threading.settrace(self.on_thread)
        self.install()

    def stop(self) -> None:
        threading.settrace(None)  # type: ignore[arg-type, unused-ignore]
        self.set_trace(None, None)

    def install(self) -> None:
        self.set_trace(ctypes.cast(self.function, ctypes.c_void_p), None)

    def on_thread(self, frame: types.FrameType, event: str, value: object) -> None:
        """The first event of a new thread: the call of its `run`, which is `threading`'s own or the program's."""
        self.install()
        if event == "call" and self.wanted(frame.f_code):
            self.report("call", frame, None)

    def on_event(self, nothing: None, frame: types.FrameType, what: int, pointer: int | None) -> int:
        code = frame.f_code
        if self.wanted(code):
            value = ctypes.cast(pointer, ctypes.py_object).value if pointer else NOTHING
            self.on_wanted(frame, what, value)
        return 0

    def on_wanted(self, frame: types.FrameType, what: int, value: Any) -> None:
        instructions = frame.f_code.co_code
        opcode, argument = instructions[frame.f_lasti], instructions[frame.f_lasti + 1]
        if what == self.LINE:
            handled = sys.exc_info()[1]
            if id(frame) in self.last_exception and handled is not None and opcode != self.PUSH_EXC_INFO:
                self.last_exception[id(frame)] = handled  # What a bare "raise" and the end of a "finally" raise again.
            self.report("line", frame, frame.f_lineno)
        elif what == self.CALL and opcode == self.RESUME:
            self.report("resume" if argument & 3 else "call", frame, None)
        elif what == self.CALL:
            self.thrown_into = frame
        elif what == self.EXCEPTION:
            if self.thrown_into is frame:
                self.report("throw", frame, None, value[1])
            self.thrown_into = None
            self.last_exception[id(frame)] = value[1]
            self.report("raise", frame, frame.f_lineno, value[1])
        elif value is NOTHING:
            self.report("unwind", frame, frame.f_lineno, self.last_exception.pop(id(frame), None))
        else:
            self.report("yield" if opcode == self.YIELD else "return", frame, None, value)


def hooks(wanted: Callable[[types.CodeType], bool], report: Report) -> Hooks:
    return MonitoringHooks(wanted, report) if sys.version_info >= (3, 12) else TraceHooks(wanted, report)
