"""What a program runs under besides its own code and inputs: noted when it is recorded, so that it can be run again.

No value of an environment variable is kept unless its name says that it is harmless; of the others there are 16 bits of a
checksum, to tell whether they are what they were.
"""

import fcntl
import os
import re
import stat
import struct
import termios
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

_HARMLESS: Final = re.compile(
    r"(PYTHON|LC_|XDG_|OMP_|MKL_|OPENBLAS_|NUMEXPR_)\w*|LANG|LANGUAGE|TZ|PATH|HOME|PWD|OLDPWD|USER|LOGNAME|SHELL|SHLVL|TERM|COLORTERM"
    r"|COLUMNS|LINES|TMPDIR|TEMP|TMP|VIRTUAL_ENV|NO_COLOR|FORCE_COLOR|CLICOLOR|DISPLAY|HOSTNAME|LD_LIBRARY_PATH|LD_PRELOAD|_"
)
_KINDS: Final = {
    stat.S_IFREG: "file", stat.S_IFIFO: "pipe", stat.S_IFSOCK: "socket", stat.S_IFCHR: "device", stat.S_IFDIR: "directory",
}  # fmt: skip


def environment(given: Mapping[bytes, bytes]) -> list[list[str | int]]:
    """An environment as it is noted: [name, value], or [name, checksum], in its order."""
    noted: list[list[str | int]] = []
    for name, value in given.items():
        text = os.fsdecode(name)
        noted.append([text, os.fsdecode(value) if _HARMLESS.fullmatch(text) else checksum(value)])
    return noted


def checksum(value: bytes) -> int:
    """16 bits that tell whether a value is another one, and next to nothing about it."""
    return zlib.crc32(b"tttui" + value) & 0xFFFF


def descriptors(closed: Sequence[int]) -> list[dict[str, Any]]:
    """What standard input, output and error are; those in `closed` are none."""
    return [{"kind": "closed"} if descriptor in closed else _descriptor(descriptor) for descriptor in range(3)]


def inherited() -> list[int]:
    """Other descriptors of this process that a program gets from it."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            if int(name) > 2 and os.get_inheritable(int(name)):
                found.append(int(name))
        except OSError:
            pass  # it was that of the listing
    return sorted(found)


def _descriptor(descriptor: int) -> dict[str, Any]:
    try:
        found = os.fstat(descriptor)
        if os.isatty(descriptor):
            size = struct.unpack("4H", fcntl.ioctl(descriptor, termios.TIOCGWINSZ, bytes(8)))
            return {"kind": "terminal", "rows": size[0], "columns": size[1]}
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), "device")
        if kind != "file":
            return {"kind": kind}
        return {"kind": kind, "path": os.readlink(f"/proc/self/fd/{descriptor}"), "offset": os.lseek(descriptor, 0, os.SEEK_CUR)}
    except OSError:
        return {"kind": "closed"}


def of_launch(given: Mapping[bytes, bytes], closed: Sequence[int], capacity: int, redact: Sequence[str], no_redact: bool) -> dict[str, Any]:
    """All of it, for the fact `circumstances` of a recording."""
    import tttui

    return {
        "tttui": tttui.__version__,
        "environment": environment(given),
        "descriptors": descriptors(closed),
        "inherited": inherited(),
        "capacity": capacity,
        "redact": list(redact),
        "no_redact": no_redact,
        "parent": os.getpid(),
        "group": os.getpgrp(),
        "session": os.getsid(0),
    }
