"""Which interpreter runs the program, and whether tttui can record in it."""

import os
import sys
from typing import Final

from tttui.errors import CANNOT_EXECUTE, NOT_FOUND, TttuiError
from tttui.record.startup import VARIABLE

# Prints whether the start-up hook ran (it takes the variable away), then the interpreter's own path. The recorder
# refuses an interpreter that it doesn't know when it is imported.
_PROBE: Final = f"""
import os, sys
print(int({VARIABLE!r} not in os.environ))
try:
    import tttui.native.recorder
    print("")
except Exception as error:
    print(" ".join(str(error).split()))
import tttui
print(tttui.__version__)
print(sys.executable)
"""
_PROBE_SECONDS: Final = 60


def interpreter(wanted: str | None) -> str:
    """The path of the interpreter to run: the wanted one, the active virtual environment's, or our own.

    TttuiError where it isn't there, can't be executed, or has no tttui like this one.
    """
    environment = os.environ.get("VIRTUAL_ENV")
    if wanted is None and environment and os.path.exists(os.path.join(environment, "bin", "python")):
        wanted = os.path.join(environment, "bin", "python")
    if wanted is None:
        return sys.executable
    import shutil  # it takes 2 ms to load

    found = shutil.which(wanted)
    if found is None:
        if os.path.isfile(wanted):
            raise TttuiError(f"{wanted} can't be executed", exit_code=CANNOT_EXECUTE)
        raise TttuiError(f"there is no interpreter {wanted}", exit_code=NOT_FOUND)
    found = os.path.abspath(found)
    if _same_environment(found):
        return found
    return _probe(found)


def _same_environment(python: str) -> bool:
    """Whether `python` is the interpreter and the environment that we run in: then nothing needs to be asked."""
    here = sys.executable
    return python == here or (os.path.dirname(python) == os.path.dirname(here) and os.path.realpath(python) == os.path.realpath(here))


def _probe(python: str) -> str:
    """The interpreter's own path (not that of a wrapper that finds it), once it says that it can record."""
    import subprocess

    import tttui

    try:
        answer = subprocess.run(
            [python, "-I", "-c", _PROBE],
            env={**os.environ, VARIABLE: "?"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PROBE_SECONDS,
        )
    except OSError as error:
        raise TttuiError(f"{python} can't be executed", error.strerror or "", exit_code=CANNOT_EXECUTE) from None
    except subprocess.TimeoutExpired:
        raise TttuiError(f"{python} doesn't answer", exit_code=CANNOT_EXECUTE) from None
    lines = answer.stdout.splitlines()
    hint = f"Install it there with: {python} -m pip install --no-deps tttui=={tttui.__version__}"
    if answer.returncode or len(lines) < 4:
        complaint = answer.stderr.strip().rpartition("\n")[2]
        if "No module named 'tttui'" in complaint:
            raise TttuiError(f"tttui is not installed for {python}", hint=hint)
        raise TttuiError(f"{python} can't record", complaint, hint)
    hooked, refusal, version, executable = lines[-4:]
    if refusal:
        raise TttuiError(f"{python} can't record", refusal, hint)
    if version != tttui.__version__:
        raise TttuiError(f"{python} has tttui {version}", f"this is tttui {tttui.__version__}", hint)
    if hooked != "1":
        raise TttuiError(f"the start-up hook of tttui is missing for {python}", "tttui.pth is not in its site-packages", hint)
    return executable or python
