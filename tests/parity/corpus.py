"""The programs that are run plain and recorded, and how each of them is started.

They stand in `programs/*.txt`, a file for each theme. A program begins with a line ``### name``; directives follow it:

    #: flags -O -W error            interpreter flags
    #: arguments one "two words"    arguments of the program
    #: stdin first\\nsecond\\n        what it reads
    #: as module                    how it is started: see `LAYOUTS`
    #: source latin-1 crlf          how its text is stored: an encoding, "crlf", "no newline", "empty"
    #: stdout closed                or "full": a device without room
    #: environment NAME=VALUE       more environment
    #: from 3.12                    the first version it is for; "until 3.12" the last one
    #: needs numpy                  a package that it needs
    #: differs on 3.13: reason      a known difference there that isn't ours
"""

import importlib.util
import os
import py_compile
import re
import shlex
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(__file__).with_name("programs")


@dataclass(frozen=True, eq=False)
class Case:
    """One program of the corpus."""

    name: str
    text: str
    directives: dict[str, str]

    @property
    def layout(self) -> str:
        return self.directives.get("as", "script")

    @property
    def runs_no_code(self) -> bool:
        """Whether the interpreter ends before any code of the program runs."""
        return self.layout.startswith("missing") or "syntax_error" in self.name or "indentation_error" in self.name

    def reason_to_skip(self) -> str | None:
        version = sys.version_info[:2]
        if "from" in self.directives and version < parse_version(self.directives["from"]):
            return f"for Python {self.directives['from']} and later"
        if "until" in self.directives and version > parse_version(self.directives["until"]):
            return f"for Python up to {self.directives['until']}"
        package = self.directives.get("needs")
        if package is not None and importlib.util.find_spec(package) is None:
            return f"{package} is not installed for this interpreter"
        return None

    def known_difference(self) -> str | None:
        """Why the runs may differ on this version, if they may."""
        return self.directives.get(f"differs on {sys.version_info[0]}.{sys.version_info[1]}")

    def source(self) -> bytes:
        """The program's file."""
        how = self.directives.get("source", "utf-8")
        if how == "empty":
            return b""
        text = self.text.rstrip("\n") if how == "no newline" else self.text
        text = text.replace("\n", "\r\n") if how.endswith("crlf") else text
        encoding = how.removesuffix("crlf").strip()
        return text.encode("utf-8" if encoding == "no newline" else encoding)


@dataclass(frozen=True)
class Start:
    """How a program is started: what goes behind the interpreter (and its flags), and what it reads."""

    arguments: list[str]
    stdin: bytes = b""


def parse_version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def read_cases(directory: Path = PROGRAMS) -> Iterator[Case]:
    for path in sorted(directory.glob("*.txt")):
        parts = re.split(r"^### (\w+)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            directives = {}
            for line in re.findall(r"^#: (.*)\n", text, flags=re.MULTILINE):
                known = re.match(r"(differs on [\d.]+): (.*)", line)
                key, value = known.groups() if known else line.partition(" ")[::2]
                directives[key] = value
            yield Case(name, re.sub(r"^#: .*\n", "", text, flags=re.MULTILINE), directives)


# -- how a program is laid out in its directory


def as_script(case: Case, directory: Path) -> list[str]:
    return [str(write(directory / f"{case.name}.py", case))]


def as_module(case: Case, directory: Path) -> list[str]:
    write(directory / f"{case.name}.py", case)
    return ["-m", case.name]


def as_package(case: Case, directory: Path) -> list[str]:
    package = directory / case.name
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "helper.py").write_text("VALUE = 5\n")
    write(package / "__main__.py", case)
    return ["-m", case.name]


def as_command(case: Case, directory: Path) -> list[str]:
    return ["-c", case.text]


def as_stdin(case: Case, directory: Path) -> list[str]:
    return ["-"]


def as_directory(case: Case, directory: Path) -> list[str]:
    (directory / "program").mkdir()
    write(directory / "program" / "__main__.py", case)
    return [str(directory / "program")]


def as_zip(case: Case, directory: Path) -> list[str]:
    with zipfile.ZipFile(directory / "program.zip", "w") as archive:
        archive.writestr("__main__.py", case.source())
    return [str(directory / "program.zip")]


def as_relative(case: Case, directory: Path) -> list[str]:
    write(directory / f"{case.name}.py", case)
    return [f"./{case.name}.py"]


def as_link(case: Case, directory: Path) -> list[str]:
    (directory / "real").mkdir()
    (directory / "link.py").symlink_to(write(directory / "real" / f"{case.name}.py", case))
    return [str(directory / "link.py")]


def as_missing(case: Case, directory: Path) -> list[str]:
    return ["no_such_file.py"]


def as_missing_module(case: Case, directory: Path) -> list[str]:
    return ["-m", "no_such_module"]


def as_odd_name(case: Case, directory: Path) -> list[str]:
    return [str(write(directory / "odd \x1b[31m'name\n.py", case))]


def as_surrogate_name(case: Case, directory: Path) -> list[str]:
    return [str(write(Path(os.fsdecode(os.fsencode(directory) + b"/n\xffme.py")), case))]


def as_compiled(case: Case, directory: Path) -> list[str]:
    path = write(directory / f"{case.name}.py", case)
    py_compile.compile(str(path), str(directory / f"{case.name}.pyc"), doraise=True)
    path.unlink()
    return [str(directory / f"{case.name}.pyc")]


LAYOUTS: dict[str, Callable[[Case, Path], list[str]]] = {
    "script": as_script,
    "module": as_module,
    "package": as_package,
    "command": as_command,
    "stdin": as_stdin,
    "directory": as_directory,
    "zip": as_zip,
    "relative": as_relative,
    "link": as_link,
    "missing": as_missing,
    "missing module": as_missing_module,
    "odd name": as_odd_name,
    "surrogate name": as_surrogate_name,
    "compiled": as_compiled,
}


def write(path: Path, case: Case) -> Path:
    path.write_bytes(case.source())
    return path


def lay_out(case: Case, directory: Path) -> Start:
    """Write the program into an empty directory."""
    arguments = LAYOUTS[case.layout](case, directory)
    stdin = case.directives.get("stdin", "").encode().decode("unicode_escape")
    text = case.text if case.layout == "stdin" else stdin
    return Start([*arguments, *shlex.split(case.directives.get("arguments", ""))], text.encode())
