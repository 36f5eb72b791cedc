"""Questions to the whole run: a value at every hit of a line, texts, objects."""

from typing import TYPE_CHECKING, Final

from rich.text import Text

from tttui.navigation import find as finding
from tttui.navigation import printing
from tttui.safe import safe
from tttui.shell.answers import Answer, Row, nothing
from tttui.shell.arguments import UsageError, options, place, split_condition, split_word
from tttui.shell.questions import meant, short_text
from tttui.shell.table import Request, command

if TYPE_CHECKING:
    from tttui.navigation.find import Where
    from tttui.shell.session import Session


@command("print-all pa", "Asking", "[-b] [FILE:]LINE EXPRESSION [if CONDITION]", completes="place")
def print_all(session: "Session", request: Request) -> Answer:
    """Print the value of an expression each time a line was about to run: event, time, value. -b: the latest first."""
    chosen = options(request.arguments, "b")
    where, rest = split_word(chosen.rest)
    expression, condition = split_condition(rest)
    wanted = place(where)
    file = wanted.file if wanted.file is not None else session.current_file()
    if wanted.line is None or file is None or not expression:
        raise UsageError("a line and an expression are needed", request.arguments, "print-all FILE:LINE EXPRESSION")
    printed = printing.print_all(
        session.run, file, wanted.line, expression, condition=condition or None, backwards="b" in chosen.letters, pinned=session.pins
    )
    rows = (
        Row(
            Text.assemble(
                (f"{hit.event:>10,} ", "bold"), (f"{hit.time_ns / 1e9:>12.6f} s  ", "dim"),
                (safe(hit.error), "yellow") if hit.value is None else safe(short_text(hit.value)),
            ),
            {
                "event": hit.event, "time_ns": hit.time_ns, "call": hit.call,
                **({"error": hit.error} if hit.value is None else {"value": hit.value.to_json()}),
            },
        )
        for hit in printed
    )  # fmt: skip
    return Answer({"expression": expression}, rows=rows, rows_name="hits", nothing="that line never ran")


_WHERE: "Final[dict[str, Where]]" = {"v": "value", "n": "name", "f": "function", "o": "output", "e": "exception"}


@command("find", "Asking", "[-r] [-i] [-b] [-v -n -f -o -e] TEXT | $NUMBER")
def find(session: "Session", request: Request) -> Answer:
    """Find a text in values, names, functions, output and exceptions; or all places at which something came to be a pinned object.
    -r: a regular expression. -i: small and capital letters alike. -b: the latest first.
    Only in -v values, -n names, -f functions, -o output, -e exceptions. Quotes around the text are taken off.
    """
    chosen = options(request.arguments, "ribvnfoe")
    text = meant(chosen.rest)
    back = "b" in chosen.letters
    if text in session.pins:
        found = finding.find_object(session.run, session.pins[text], backwards=back)
    else:
        where = frozenset(_WHERE[letter] for letter in chosen.letters & _WHERE.keys()) or finding.EVERYWHERE
        quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
        pattern = text[1:-1] if quoted else text
        found = finding.find(
            session.run, pattern, regex="r" in chosen.letters, ignore_case="i" in chosen.letters, where=where, backwards=back
        )
    rows = (
        Row(
            Text.assemble(
                (f"{one.event:>10,} ", "bold"), (f"{one.where} ", "yellow"), (safe(one.what), "cyan"), f"  {safe(one.text)}",
                (f"  {safe(one.function)}  {safe(one.file)}:{one.line}", "dim"),
            ),
            {
                "event": one.event, "where": one.where, "what": one.what, "text": one.text, "start": one.start, "stop": one.stop,
                "function": one.function, "file": one.file, "line": one.line,
            },
        )
        for one in found
    )  # fmt: skip
    return Answer({"text": text}, rows=rows, rows_name="found", nothing=f"{text!r} is in no value, output or exception of the run")


@command("same", "Asking", "EXPRESSION [EXPRESSION]", completes="name")
def same(session: "Session", request: Request) -> Answer:
    """Show where two variables, attributes or items are one object; with one, every other way to it from the stack here."""
    words = request.arguments.split()
    if len(words) == 2:
        one, two = session.target(words[0]), session.target(words[1])
        rows = (
            Row(
                Text(f"events {stretch.start:,} to {stretch.stop - 1:,}: object #{stretch.object}"),
                {"start": stretch.start, "stop": stretch.stop, "object": stretch.object},
            )
            for stretch in finding.together(session.run, one, two)
        )
        return Answer({"expressions": words}, rows=rows, rows_name="stretches", nothing=f"{words[0]} and {words[1]} are never one object")
    text = meant(request.arguments)
    value = session.value(text)
    if value.id is None:
        return nothing(f"{text} is a {value.type}: it has no identity in the recording")
    ways = finding.aliases(session.run, session.navigator.position, value.id)
    rows = (
        Row(
            Text.assemble((safe(way.path), "cyan"), (f"  in {safe(way.function)}, frame {way.depth} from the outermost", "dim")),
            {"path": way.path, "depth": way.depth, "function": way.function},
        )
        for way in ways
    )
    return Answer({"expression": text, "object": value.id}, rows=rows, rows_name="ways", nothing="there is no way to it from here")
