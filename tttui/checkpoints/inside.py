"""What evaluates in a copy of the program. This source is sent there and run in a namespace of its own.

It uses nothing but what every Python process has loaded, and must be good for every version that can be recorded.
"""

# mypy: ignore-errors
# ruff: noqa


def answer(frame, request):
    """Evaluate an expression or statements in a frame; the fields of the answer, encoded as `fields` of client.py reads them."""
    import io
    import sys

    keep, width, text = request.decode("utf-8", "surrogatepass").split("\n", 2)
    width = int(width)
    fields = {}
    output = io.StringIO()
    streams = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = output
    try:
        _evaluate(frame, text, keep == "1", width, fields)
    except BaseException as error:
        fields["error"] = type(error).__name__
        fields["message"] = _text_of(error, str, width)
        fields["traceback"] = _traceback_of(error, width)
    finally:
        sys.stdout, sys.stderr = streams
    fields["output"] = output.getvalue()[:width]
    parts = []
    for name, value in fields.items():
        data = value.encode("utf-8", "surrogatepass")
        parts.append(b"%s %d\n%s" % (name.encode(), len(data), data))
    return b"".join(parts)


def _evaluate(frame, text, keep, width, fields):
    if keep:
        globals_, locals_ = frame.f_globals, frame.f_locals
    else:
        # One namespace: else lambdas and comprehensions of the expression would not see the frame's variables.
        globals_ = locals_ = {**frame.f_globals, **frame.f_locals}
    code = _expression(text)
    if code is None:
        exec(_statements(frame, text, keep), globals_, locals_)
        return
    value = eval(code, globals_, locals_)
    fields["type"] = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    fields["value"] = _text_of(value, repr, width)


def _expression(text):
    try:
        return compile(text.strip(), "<checkpoint>", "eval")
    except SyntaxError:
        return None  # statements; were they carried out in here, what they raise would tell of this, too


def _statements(frame, text, keep):
    code = compile(text, "<checkpoint>", "exec")
    own = frame.f_code
    if keep and own.co_flags & 1:
        # What is a global to the function is one here, too: else setting it would make a local that nobody reads.
        locals_ = {*own.co_varnames, *own.co_cellvars, *own.co_freevars}
        names = [name for name in code.co_names if name in frame.f_globals and name not in locals_]
        if names:
            code = compile(f"global {', '.join(names)}\n{text}", "<checkpoint>", "exec")
    return code


def _text_of(value, how, width):
    text = how(value)
    return text if len(text) <= width else f"{text[:width]}… ({len(text):,} characters)"


def _traceback_of(error, width):
    import traceback

    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_globals is globals():
        trace = trace.tb_next
    try:
        return "".join(traceback.format_exception(type(error), error, trace))[-width:]
    except BaseException:
        return ""
