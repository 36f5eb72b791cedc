"""Where there is no terminal: what a run came to, in plain lines on stderr."""

from pathlib import Path
from typing import Final

from tttui.errors import TttuiError, say

_FRAMES: Final = 20


def report(recording: Path) -> None:
    """The failure, the path that led to it, and how to look at it. The program's own output stays as it is."""
    from tttui.navigation.failure import find_failure
    from tttui.report.opening import open_run
    from tttui.report.show import source_line

    try:
        with open_run(recording) as run:
            failure = find_failure(run)
            if failure is not None:
                moment = run.moment(failure.raised, depth=1)
                what = moment.exception.text if moment.exception is not None else "an exception"
                say(f"the failure is event {failure.raised:,}: {what}")
                if len(moment.stack) > _FRAMES:
                    say(f"  … {len(moment.stack) - _FRAMES} more frames")
                for frame in moment.stack[-_FRAMES:]:
                    say(f"  {frame.file}:{frame.line} in {frame.function}: {(source_line(run, frame) or '').strip()}")
                last = moment.stack[-1] if moment.stack else None
                for name, value in (last.locals if last is not None else {}).items():
                    say(f"    {name} = {value.text}")
    except TttuiError as error:
        say(str(error))
    say(f"look at it with: tttui open {recording}")
