"""Looks at every variable of every frame of a moment that was entered, and compares that with what was recorded.

What looks is the witness of `oracle`, in the copy; what compares doesn't know that the values came from one.
"""

import base64
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from oracle.compare import DEPTH, Comparison, Report
from oracle.testimony import NO_VALUE, FrameSeen, Observations, Sight

from checkpoints.keeping import Kept
from tttui.checkpoints.client import Entered
from tttui.store.records import Moment

TESTS: Final = Path(__file__).parents[1]
MOST_ITEMS: Final = 20

LOOKS: Final = f"""
def look(frame):
    import sys
    sys.path.insert(0, {str(TESTS)!r})
    import base64, json, zlib
    from oracle.structure import Structure, special
    structure = Structure({MOST_ITEMS}, 4096, False)
    structure.begin()
    stack = []
    while frame is not None:
        code = frame.f_code
        optimized = bool(code.co_flags & 1)
        # While a comprehension runs in a module, what the frame says of its variables are the comprehension's alone.
        items = {{**(frame.f_globals if code.co_name == "<module>" else {{}}), **frame.f_locals}}
        names = {{name: structure.node(value) for name, value in items.items() if optimized or not special(name)}}
        stack.append([code.co_filename, code.co_qualname, frame.f_lineno or code.co_firstlineno, optimized, names])
        frame = frame.f_back
    found = json.dumps([stack, structure.table()])
    return base64.b85encode(zlib.compress(found.encode(), 9)).decode()
"""


def look(found: Kept, moment: Entered) -> Report:
    """What is different in this moment from what was recorded."""
    recorded = found.run.moment(moment.event, depth=DEPTH)
    report = Report()
    done = moment.evaluate(
        f"(lambda names: (exec({LOOKS!r}, names), names['look'](__import__('sys')._getframe()))[1])({{}})", width=100_000
    )
    if done.error or done.value is None:
        report.differ(f"event {moment.event}", f"it can't be looked at: {done.error} {done.held} {done.traceback}")
        return report
    stack, objects = json.loads(zlib.decompress(base64.b85decode(done.value[1:-1])))
    content = {int(number): entry for number, entry in objects.items()}
    task = None if recorded.task is None else (recorded.task.id, recorded.task.name)
    sight = Sight(recorded.kind, 1, task, NO_VALUE, frames_of(recorded, stack), content)
    comparison = Comparison(Observations("", False, MOST_ITEMS, [sight]), concurrent=False)
    comparison.compare_event(sight, recorded)
    return comparison.report


def frames_of(recorded: Moment, stack: Sequence[list[Any]]) -> tuple[FrameSeen, ...]:
    """The frames of recorded code, from the outermost on."""
    files = {frame.file for frame in recorded.stack}
    frames = [frame for frame in stack if frame[0] in files]
    if frames and recorded.stack and recorded.kind != "line":
        frames[0][2] = recorded.stack[-1].line  # the frame is further on by then than the line that it last came to
    return tuple(
        FrameSeen(number, line, file, function, optimized, names)
        for number, (file, function, line, optimized, names) in enumerate(reversed(frames), 1)
    )
