"""tttui: a time-travel debugger for Python in the terminal.

    with tttui.record("run.db"):       # record a part of a running program
        ...
    run = tttui.open("run.db")         # read a recording

This module is imported into every program that is recorded, so it imports nothing by itself, not even `typing`.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tttui.api import open as open
    from tttui.api import record as record

__version__ = "0.1.0"
__all__ = ["__version__", "open", "record"]


def __getattr__(name: str) -> object:
    if name in ("open", "record"):
        from tttui import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
