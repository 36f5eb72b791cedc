"""Calls that fail when a test wants them to: faults.c, built with the machine's compiler and loaded into every process."""

import mmap
import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")
WRITER = "tttui.record.writer"
"""What the command line of the writer holds, and of no other process."""
_LAYOUT = struct.Struct("=5Q64s64s")


class Faults:
    """What fails. The calls that count are those that write to the recording: its file, its log, and what is beside them."""

    def __init__(self, directory: Path) -> None:
        compiler = shutil.which("cc")
        assert compiler is not None, "the compiler that built the extensions is needed"
        self._library, shared = directory / "faults.so", directory / "faults"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", str(SOURCE), "-o", str(self._library), "-ldl"], check=True)
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
