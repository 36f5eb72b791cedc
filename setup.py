"""Builds the C extensions and puts the start-up hook into site-packages; the rest is in pyproject.toml."""

import base64
import csv
import hashlib
import io
import sys
import zipfile
from pathlib import Path

from setuptools import Extension, find_packages, setup
from setuptools.command.build_py import build_py
from setuptools.command.editable_wheel import editable_wheel

HERE = Path(__file__).parent
NATIVE = "tttui/native"
FLAGS = [
    "-std=c11",
    "-O3",
    "-g",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wno-unused-parameter",
    "-Wno-missing-field-initializers",
    "-Wno-cast-function-type",
    "-fvisibility=hidden",
    "-fno-strict-aliasing",
]
# The recorder is one translation unit (recorder.c includes its parts); the reader's parts are compiled each by itself.
RECORDER = ["recorder.c"]
PRELOAD = ["preload.c"]
READER = ["reader.c", *sorted(f"decode/{part.name}" for part in (HERE / NATIVE / "decode").glob("*.c"))]

# What makes Python look for a recording at start-up. From 3.15 on the .start file replaces the line in the .pth.
STARTUP_FILES = ["tttui.pth", *(["tttui.start"] if sys.version_info >= (3, 15) else [])]


def native(name: str, sources: list[str]) -> Extension:
    headers = sorted(str(header.relative_to(HERE)) for header in (HERE / NATIVE).rglob("*.h"))
    return Extension(
        f"tttui.native.{name}",
        [f"{NATIVE}/{source}" for source in sources],
        depends=headers,
        extra_compile_args=FLAGS,
    )


class BuildWithStartup(build_py):
    """Puts the start-up files beside the packages, so at the top of site-packages."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for name in STARTUP_FILES:
                self.copy_file(name, str(Path(self.build_lib, name)), preserve_mode=False)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        own = [] if self.editable_mode else [str(Path(self.build_lib, name)) for name in STARTUP_FILES]
        return [*super().get_outputs(include_bytecode), *own]


class EditableWithStartup(editable_wheel):
    """Puts them into the wheel of an editable install, which holds nothing of the project's otherwise."""

    def run(self) -> None:
        super().run()
        (wheel,) = Path(self.dist_dir).glob("*.whl")
        add_to_wheel(wheel, {name: (HERE / name).read_bytes() for name in STARTUP_FILES})


def add_to_wheel(wheel: Path, files: dict[str, bytes]) -> None:
    """Add files at the top of a wheel, and their lines to its RECORD."""
    with zipfile.ZipFile(wheel) as archive:
        content = [(item, archive.read(item)) for item in archive.infolist()]
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        for item, data in content:
            if item.filename.endswith(".dist-info/RECORD"):
                data += record_lines(files)
            archive.writestr(item, data)


def record_lines(files: dict[str, bytes]) -> bytes:
    lines = io.StringIO()
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        csv.writer(lines, lineterminator="\n").writerow([name, f"sha256={digest}", len(data)])
    return lines.getvalue().encode()


setup(
    packages=[*find_packages(include=["tttui", "tttui.*"]), "tttui.themes"],
    package_dir={"tttui.themes": "themes"},
    ext_modules=[native("recorder", RECORDER), native("reader", READER), native("preload", PRELOAD)],
    cmdclass={"build_py": BuildWithStartup, "editable_wheel": EditableWithStartup},
)
