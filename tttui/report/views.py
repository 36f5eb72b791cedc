"""The SQL views that `tttui query` offers: their columns, what each means, and the tables below them.

This is the only definition: the database is built from it, `tttui query --views` prints it, and
`docs/query.md` is made from it.

Tables are private (their names begin with ``_``) and hold ids where the recording does; a view joins
the names in. A statement fills only the tables that it reads, and of a table only the columns that
cost something and that it asks for (see `query.py`).
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Column:
    """One column of a view."""

    name: str
    type: str  # "integer", "real", "text", or "value": a number where Python's was one, else text
    meaning: str


@dataclass(frozen=True)
class View:
    """One view: what a row is, its columns, and the SELECT that makes it."""

    name: str
    row: str  # what one row stands for
    columns: tuple[Column, ...]
    select: str
    expanded: bool = False  # whether it reads the event stream (and so takes time on a long recording)


TABLES: Final[dict[str, str]] = {
    "_runs": (
        "path, command, python, platform, directory, started, duration_s, ended, exit_code, signal, exception,"
        " events, calls, size_bytes, pid"
    ),
    "_threads": "id integer primary key, native, name",
    "_tasks": "id integer primary key, name",
    "_files": "id integer primary key, path, origin",
    "_sources": "id integer primary key, source, lines",
    "_functions": "id integer primary key, file, name, qualname, kind, first_line, parameters, calls, line_events",
    "_output": "id integer primary key, event, stream, text, bytes",
    "_calls": (
        "id integer primary key, code, caller, caller_line, thread, task, first_event, last_event, start_ns, end_ns, ended, exception"
    ),
    "_raised": "id integer primary key, exception",
    "_arguments": "id integer primary key, arguments",
    "_results": "id integer primary key, result, type, object",
    "_lines": "event integer primary key, call, code, line, thread, task, time_ns",
    "_changes": (
        "id integer primary key, event, call, code, line, thread, kind, name, object, key, old, old_type, old_object,"
        " new, new_type, new_object"
    ),
    "_exceptions": (
        "event integer primary key, call, code, line, thread, task, time_ns, object, type, message,"
        " handled_event, handled_call, handled_code, unwound"
    ),
}
"""The columns of each table."""


def _columns(*rows: str) -> tuple[Column, ...]:
    """Columns from lines of ``name type: meaning``."""
    made = []
    for row in rows:
        head, _, meaning = row.partition(": ")
        name, _, kind = head.partition(" ")
        made.append(Column(name, kind, meaning))
    return tuple(made)


VIEWS: Final[tuple[View, ...]] = (
    View(
        "runs",
        "the recording itself (one row)",
        _columns(
            "path text: the recording's file",
            "command text: the command line, as a shell would take it",
            "python text: version of Python",
            "platform text: the system it ran on",
            "directory text: working directory at the start",
            "started text: when it began (ISO 8601, UTC)",
            "duration_s real: how long it ran, seconds",
            "ended text: exit, exception, signal, killed or recording",
            "exit_code integer: the program's exit code",
            "signal text: the signal that ended it",
            "exception text: the exception that ended it",
            "events integer: number of events",
            "calls integer: number of calls",
            "size_bytes integer: size of the recording on disk",
        ),
        "select path, command, python, platform, directory, started, duration_s, ended, exit_code, signal, exception,"
        " events, calls, size_bytes from _runs",
    ),
    View(
        "processes",
        "a process of the program (one row: children are not recorded)",
        _columns(
            "pid integer: process id",
            "command text: its command line",
            "python text: version of Python",
            "started text: when it began (ISO 8601, UTC)",
            "duration_s real: how long it ran, seconds",
            "ended text: exit, exception, signal, killed or recording",
            "exit_code integer: its exit code",
            "signal text: the signal that ended it",
        ),
        "select pid, command, python, started, duration_s, ended, exit_code, signal from _runs",
    ),
    View(
        "threads",
        "a thread that ran recorded code",
        _columns(
            "thread integer: number of the thread",
            "native_id integer: the operating system's thread id",
            "name text: its name when first seen",
        ),
        "select id as thread, native as native_id, name from _threads",
    ),
    View(
        "tasks",
        "an asyncio task that ran recorded code",
        _columns("task integer: number of the task", "name text: the name that it was given before it began, else its function"),
        "select id as task, name from _tasks",
    ),
    View(
        "files",
        "a source file (or a piece of source given to compile())",
        _columns(
            "file text: its path, as Python knows it",
            "origin text: file, compiled or unknown: where the source comes from",
            "lines integer: number of lines; NULL where the source is not known",
            "source text: the source as it was when its first code ran",
        ),
        "select path as file, origin, lines, source from _files left join _sources using (id)",
    ),
    View(
        "functions",
        "a function (or module, class body, lambda, comprehension) whose code ran",
        _columns(
            "code integer: number of the code object",
            "function text: qualified name",
            "name text: short name",
            "kind text: function, generator, coroutine, async generator or module",
            "file text: path of its file",
            "first_line integer: line on which it begins",
            "parameters integer: number of its parameters",
            "calls integer: how often it was called",
            "line_events integer: how many lines ran in it",
        ),
        "select f.id as code, f.qualname as function, f.name, f.kind, files.path as file, f.first_line, f.parameters,"
        " f.calls, f.line_events from _functions f left join _files files on files.id = f.file",
    ),
    View(
        "calls",
        "a call (one activation of a function; a generator that is resumed is still one call)",
        _columns(
            "call integer: number of the call",
            "function text: qualified name of the called function",
            "code integer: its functions.code",
            "file text: path of its file",
            "caller integer: the calling call; NULL: code that isn't recorded",
            "caller_function text: qualified name of the caller",
            "caller_line integer: line on which the caller stood",
            "thread integer: threads.thread",
            "task integer: tasks.task; NULL: none",
            "arguments text: JSON object of the arguments by name",
            "result value: the returned value; NULL: it has not returned",
            "result_type text: type of the result",
            "result_object integer: identity of the result, where it is an object",
            "exception text: the exception that left it; NULL: none",
            "ended text: return, exception, or open: it hadn't ended when the recording did",
            "first_event integer: event at which it begins; NULL: it began before the recording did",
            "last_event integer: event at which it ends; NULL: open",
            "start_ns integer: ns since the start of the run",
            "end_ns integer: the same of its end; NULL: open",
            "duration_ns integer: end_ns - start_ns (the time while suspended included)",
        ),
        "select c.id as call, f.qualname as function, c.code, files.path as file, c.caller,"
        " cf.qualname as caller_function, c.caller_line, c.thread, c.task, a.arguments, r.result,"
        " r.type as result_type, r.object as result_object, x.exception, c.ended, c.first_event, c.last_event,"
        " c.start_ns, c.end_ns, c.end_ns - c.start_ns as duration_ns"
        " from _calls c left join _functions f on f.id = c.code left join _files files on files.id = f.file"
        " left join _calls cc on cc.id = c.caller left join _functions cf on cf.id = cc.code"
        " left join _arguments a on a.id = c.id left join _results r on r.id = c.id left join _raised x on x.id = c.exception",
        expanded=True,
    ),
    View(
        "lines",
        "a line that ran",
        _columns(
            "event integer: the event: the state before the line ran",
            "call integer: calls.call",
            "function text: qualified name of the function",
            "code integer: functions.code",
            "file text: path of the file",
            "line integer: line number",
            "thread integer: threads.thread",
            "task integer: tasks.task; NULL: none",
            "time_ns integer: ns since the start of the run, at the last clock reading before the event",
        ),
        "select l.event, l.call, f.qualname as function, l.code, files.path as file, l.line, l.thread, l.task,"
        " l.time_ns from _lines l left join _functions f on f.id = l.code left join _files files on files.id = f.file",
        expanded=True,
    ),
    View(
        "changes",
        "a variable, attribute or item that got a new value",
        _columns(
            "event integer: the first event at which the new value is there",
            "call integer: the call that was running",
            "function text: its qualified name",
            "file text: path of its file",
            "line integer: the line that had been running: the one that made the change",
            "thread integer: threads.thread",
            "kind text: variable, item, attribute or content",
            "name text: the variable or attribute; NULL: an item",
            "object integer: identity of the changed object (a module's variables are items of one); NULL: a variable of the call",
            "key value: the index or key of the item",
            "old value: what was there before; NULL: nothing, or not known",
            "old_type text: its type",
            "old_object integer: its identity, where it is an object",
            "new value: what is there now; NULL: nothing (deleted)",
            "new_type text: its type",
            "new_object integer: its identity, where it is an object",
        ),
        "select c.event, c.call, f.qualname as function, files.path as file, c.line, c.thread, c.kind, c.name,"
        " c.object, c.key, c.old, c.old_type, c.old_object, c.new, c.new_type, c.new_object"
        " from _changes c left join _functions f on f.id = c.code left join _files files on files.id = f.file",
        expanded=True,
    ),
    View(
        "exceptions",
        "an exception that was raised in recorded code (or came out of code that isn't recorded)",
        _columns(
            "event integer: the event of the raise",
            "type text: its type",
            "message text: its arguments, as str() shows them",
            "object integer: identity of the exception object",
            "call integer: calls.call in which it was raised",
            "function text: qualified name of the function",
            "file text: path of its file",
            "line integer: line that raised",
            "thread integer: threads.thread",
            "task integer: tasks.task; NULL: none",
            "time_ns integer: ns since the start of the run",
            "handled_event integer: event at which a handler took it; NULL: no recorded one",
            "handled_function text: function of that handler",
            "unwound integer: calls that it left on its way",
        ),
        "select e.event, e.type, e.message, e.object, e.call, f.qualname as function, files.path as file, e.line,"
        " e.thread, e.task, e.time_ns, e.handled_event, h.qualname as handled_function, e.unwound"
        " from _exceptions e left join _functions f on f.id = e.code left join _files files on files.id = f.file"
        " left join _functions h on h.id = e.handled_code",
        expanded=True,
    ),
    View(
        "output",
        "a piece of output, in the order in which it was written",
        _columns(
            "event integer: the last event before it was written",
            "stream text: stdout or stderr",
            "text text: what was written, as UTF-8 (undecodable bytes replaced)",
            "bytes integer: its length",
        ),
        "select event, stream, text, bytes from _output",
    ),
)

ASKED_FOR: Final[dict[tuple[str, str], str]] = {
    ("files", "source"): "_sources",
    ("files", "lines"): "_sources",
    ("calls", "arguments"): "_arguments",
    ("calls", "exception"): "_raised",
    ("calls", "result"): "_results",
    ("calls", "result_type"): "_results",
    ("calls", "result_object"): "_results",
}
"""The columns (view, column) that cost something of their own, and the table that is filled only for them."""

EXAMPLES: Final[tuple[tuple[str, str], ...]] = (
    ("Which functions were called most?", "select function, calls from functions order by calls desc limit 10"),
    ("Which lines ran most?", "select file, line, count(*) as times from lines group by file, line order by times desc limit 10"),
    (
        "With which arguments did a function fail?",
        "select first_event, arguments, exception from calls where function = 'parse' and exception is not null",
    ),
    (
        "Which calls took longest?",
        "select call, function, arguments, duration_ns / 1e6 as ms from calls order by duration_ns desc limit 10",
    ),
    (
        "Every value that a variable had, and the line that gave it",
        "select event, function, line, old, new from changes where kind = 'variable' and name = 'total'",
    ),
    (
        "When did a number become negative?",
        "select event, function, name, new from changes where typeof(new) != 'text' and new < 0 limit 1",
    ),
    (
        "Who changed an object's attribute?",
        "select event, function, line, object, old, new from changes where kind = 'attribute' and name = 'balance'",
    ),
    (
        "Which exceptions were caught, and where?",
        "select type, message, function, line, handled_function from exceptions where handled_event is not null",
    ),
    (
        "What was running when a text was printed?",
        "select o.event, l.function, l.line, o.text from output o join lines l on l.event = o.event where o.text like '%error%'",
    ),
    (
        "One argument, as a number",
        "select call, json_extract(arguments, '$.n') as n, result from calls where function = 'fib' order by n desc limit 5",
    ),
)
"""Questions and the statements that answer them."""
