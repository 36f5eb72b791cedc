"""The tables of a query whose rows stand in the recording as they are."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from tttui.report.formats import sql_text
from tttui.report.info import command_line, duration_s, ended, exception_text, signal_name, size_on_disk
from tttui.report.show import source_lines

if TYPE_CHECKING:
    from tttui.store.records import Code
    from tttui.store.run import Run

_COROUTINE, _GENERATOR, _ASYNC_GENERATOR = 0x80 | 0x100, 0x20, 0x200  # co_flags (iterable coroutines count as coroutines)

Row = tuple[Any, ...]


def _runs(run: "Run") -> Iterator[Row]:
    meta = run.meta
    exception = meta.get("exception")
    row = (
        str(run.path),
        command_line(meta),
        meta.get("python"),
        meta.get("platform"),
        meta.get("cwd"),
        meta.get("started"),
        duration_s(meta),
        ended(meta),
        meta.get("exit_code"),
        signal_name(meta),
        exception_text(exception) or None,
        run.events,
        run.calls,
        size_on_disk(run.path),
        meta.get("pid"),
    )
    yield tuple(map(sql_text, row))


def _files(run: "Run") -> Iterator[Row]:
    for file in run.files():
        yield file.id, sql_text(file.path), ("unknown", "file", "compiled")[file.origin] if file.origin in (0, 1, 2) else "unknown"


def _sources(run: "Run") -> Iterator[Row]:
    for file in run.files():
        source = run.source(file.id)
        if source is not None:
            yield file.id, sql_text(source), len(source_lines(source))


def _functions(run: "Run") -> Iterator[Row]:
    lines: dict[int, int] = {}
    for code, _, hits in run.line_hits():
        lines[code] = lines.get(code, 0) + hits
    for code_ in run.codes():
        yield (
            code_.id, code_.file, sql_text(code_.name), sql_text(code_.qualname), _kind_of_function(code_), code_.first_line,
            code_.argument_count(), code_.calls, lines.get(code_.id, 0),
        )  # fmt: skip


def _kind_of_function(code: "Code") -> str:
    if code.flags & _ASYNC_GENERATOR:
        return "async generator"
    if code.flags & _COROUTINE:
        return "coroutine"
    if code.flags & _GENERATOR:
        return "generator"
    return "module" if code.name == "<module>" else "function"


def _output(run: "Run") -> Iterator[Row]:
    for output in run.outputs():
        stream = "stdout" if output.fd == 1 else "stderr" if output.fd == 2 else str(output.fd)
        yield output.id, output.event, stream, output.data.decode("utf-8", "replace"), len(output.data)


PLAIN: Final[dict[str, Callable[["Run"], Iterator[Row]]]] = {
    "_runs": _runs,
    "_threads": lambda run: ((thread.id, thread.native, sql_text(thread.name)) for thread in run.threads()),
    "_tasks": lambda run: ((task.id, sql_text(task.name)) for task in run.tasks()),
    "_files": _files,
    "_sources": _sources,
    "_functions": _functions,
    "_output": _output,
}
