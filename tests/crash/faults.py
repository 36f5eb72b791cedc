"""Calls that fail when a test wants them to: faults.c, loaded into every process of a recording."""

import mmap
import shutil
import struct
import subprocess
from pathlib import Path

WRITER = "tttui.record.writer"
"""What the command line of the writer holds, and of no other process."""
_LAYOUT = struct.Struct("=5Q64s64s")


def built(name: str, directory: Path, beside: str = __file__) -> Path:
    """A library made of a C file beside this one, or another, by the machine's compiler, which has made the extensions, too."""
    compiler = shutil.which("cc")
    assert compiler is not None
    library = directory / f"{name}.so"
    source = Path(beside).with_name(f"{name}.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", str(source), "-o", str(library), "-ldl"], check=True)
    return library


class Faults:
    """What fails. The calls that count are those that write to the recording: its file, its log, and what is beside them."""

    def __init__(self, directory: Path) -> None:
        self._library, shared = built("faults", directory), directory / "faults"
        shared.write_bytes(bytes(_LAYOUT.size))
        with shared.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _LAYOUT.size)
        self._path = shared

    def environment(self) -> dict[str, str]:
        """What a process needs in its environment to have its calls fail."""
        return {"LD_PRELOAD": str(self._library), "FAULTS": str(self._path)}

    def set(self, first: int, last: int, error: int, *, within: str = WRITER, name: str = "run.db") -> None:
        """Let the calls first .. last - 1 fail with an errno (0: write only a half); counted from 0, from now on."""
        _LAYOUT.pack_into(self._memory, 0, 0, 0, first, last, error, within.encode(), name.encode())

    @property
    def calls(self) -> int:
        """How many have been counted."""
        return int(_LAYOUT.unpack_from(self._memory)[0])

    @property
    def failed(self) -> int:
        return int(_LAYOUT.unpack_from(self._memory)[1])
