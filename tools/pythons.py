"""Find the interpreters to test with: one line each, ``X.Y<TAB>path``, or ``X.Y<TAB>missing``.

In this order: $TTTUI_PYTHONS (paths, separated like $PATH), pythonX.Y on $PATH, those of pyenv and of uv. One that
doesn't run, isn't CPython, or is a free-threaded build doesn't count; nothing is downloaded.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SUPPORTED = ("3.11", "3.12", "3.13", "3.14", "3.15")
ASK = """
import os, sys, sysconfig
print(sys.implementation.name, "%d.%d" % sys.version_info[:2], bool(sysconfig.get_config_var("Py_GIL_DISABLED")))
print(os.path.abspath(sys.executable))
"""


def answer(command: list[str], **variables: str) -> str:
    """What a command prints; nothing where it fails."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, env={**os.environ, **variables}, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def candidates(version: str) -> Iterator[str]:
    """Paths of what may be an interpreter of a version, the most wanted first."""
    yield from filter(None, os.environ.get("TTTUI_PYTHONS", "").split(os.pathsep))
    for directory in os.get_exec_path():
        # A shim that fails must not hide a real one behind it.
        yield os.path.join(directory, f"python{version}")
    for installed in sorted(answer(["pyenv", "versions", "--bare"]).split(), key=len, reverse=True):
        if installed == version or installed.startswith(f"{version}."):
            yield answer(["pyenv", "which", "python"], PYENV_VERSION=installed).strip()
    yield answer(["uv", "python", "find", "--no-project", "--no-python-downloads", version]).strip()


def usable(path: str, version: str) -> str | None:
    """The interpreter's own path, if it is one of that version that tttui supports."""
    if not path or not Path(path).is_file():
        return None
    lines = answer([path, "-I", "-c", ASK]).splitlines()
    return lines[1] if len(lines) == 2 and lines[0] == f"cpython {version} False" else None


def find(version: str) -> str | None:
    return next((found for path in candidates(version) if (found := usable(path, version))), None)


def main() -> None:
    for version in sys.argv[1:] or SUPPORTED:
        print(version, find(version) or "missing", sep="\t", flush=True)


if __name__ == "__main__":
    main()
