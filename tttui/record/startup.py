"""The start-up hook: switches the recorder on in the program, before Python runs the program itself.

`tttui.pth` (on Python 3.15 also `tttui.start`) in site-packages imports this module where the environment names
a ring. The program must not notice: the variable goes at once, so that no child inherits it, the modules of this
package go from `sys.modules`, and nothing that fails here is the program's problem: the launcher sees that no
recorder has opened the ring, and says so.
"""

import os
import sys

VARIABLE = "TTTUI_RECORDING"
_KEPT = ("tttui", "tttui.native", "tttui.native.recorder")


def library_prefixes() -> tuple[str, ...]:
    """Where code lives that isn't the user's: the standard library, installed packages, tttui."""
    standard_library = os.path.dirname(os.__file__)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    # The zipped standard library of an embedded Python has no directory of its own.
    zipped = f"python{sys.version_info.major}{sys.version_info.minor}.zip"
    directories = [standard_library, os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]
    for prefix in (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix):
        for library in {"lib", sys.platlibdir}:
            directories.append(os.path.join(prefix, library, version))
            directories.append(os.path.join(prefix, library, zipped))
    found: list[str] = []
    for directory in directories:
        for path in (directory, os.path.realpath(directory)):
            prefix = path.rstrip("/") + "/"
            if len(prefix) > 1 and prefix not in found:
                found.append(prefix)
    return tuple(found)


def start() -> None:
    """Start recording into the ring that the environment names, if it names one."""
    ring = os.environ.pop(VARIABLE, "")
    # A launcher that only asks whether the hook is there names none.
    if ring.startswith("/"):
        from tttui.native import recorder

        recorder.start(ring, library_prefixes(), True)


def _leave_no_trace(before: frozenset[str]) -> None:
    """Take out of `sys.modules` what this start-up has brought in, but for the recorder and the packages it is in.

    Some of it isn't ours: with -X dev, importing an extension module makes Python look up a codec.
    """
    for name in list(sys.modules):
        ours = name == "tttui" or name.startswith("tttui.")
        if (name in before and not ours) or name in _KEPT:
            continue
        del sys.modules[name]
        parent, _, child = name.rpartition(".")
        if parent in sys.modules:
            sys.modules[parent].__dict__.pop(child, None)


def run() -> None:
    """What the hook does."""
    before = frozenset(sys.modules)
    try:
        start()
    except BaseException:
        # The program is none the wiser, and the launcher sees that nobody has opened the ring.
        pass
    finally:
        _leave_no_trace(before)
