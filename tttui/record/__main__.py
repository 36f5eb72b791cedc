"""`python -m tttui.record`: `tttui record` for an environment that holds nothing but tttui."""

import sys

from tttui import config
from tttui.errors import OWN_FAILURE, TttuiError, say
from tttui.record import launch
from tttui.record.options import parse
from tttui.record.summary import summary


def main() -> int:
    try:
        invocation = parse(sys.argv[1:])
        outcome = launch.record(invocation, config.load(invocation.given))
    except TttuiError as error:
        say(str(error))
        return error.exit_code
    except Exception as error:
        say(f"tttui failed: {type(error).__name__}: {error}")
        return OWN_FAILURE
    if outcome.recording is not None:
        say(summary(outcome.recording))
    return launch.end_like(outcome.wait_status)


if __name__ == "__main__":
    sys.exit(main())
