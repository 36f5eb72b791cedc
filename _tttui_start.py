"""What `tttui.start` names: Python 3.15 and later run it at start-up, in every program of the environment."""


def start() -> None:
    """Do nothing, and leave nothing behind, where no recording is wanted."""
    import os
    import sys

    del sys.modules[__name__]
    if os.environ.get("TTTUI_RECORDING"):
        from tttui.record import startup

        startup.run()
