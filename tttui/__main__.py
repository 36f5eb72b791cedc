"""`python -m tttui` is the same as the `tttui` command."""

import sys

from tttui.cli import main

if __name__ == "__main__":
    sys.exit(main())
