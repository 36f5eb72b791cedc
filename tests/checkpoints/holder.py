"""Records a program and keeps its checkpoints until a descriptor is closed: what `tttui SCRIPT` does while a viewer is open.

holder.py DESCRIPTOR ARGUMENTS OF tttui record ...
"""

import os
import sys

from tttui import config
from tttui.record import launch
from tttui.record.options import parse


def main() -> int:
    hold = int(sys.argv[1])
    os.set_inheritable(hold, False)
    invocation = parse(sys.argv[2:])
    outcome = launch.record(invocation, config.load(invocation.given), keep=True)
    os.write(hold, b"recorded\n")
    os.read(hold, 1)
    if outcome.keeper is not None:
        outcome.keeper.stop()
    return os.waitstatus_to_exitcode(outcome.wait_status)


if __name__ == "__main__":
    sys.exit(main())
