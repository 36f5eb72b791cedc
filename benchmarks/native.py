"""Compiles the two small C files of the benchmarks, with nothing but the C compiler."""

import json
import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Interpreter:
    """The interpreter that is measured."""

    path: str
    version: str
    tag: str
    """As in file names, e.g. cpython-313."""
    hexversion: int
    include: str
    suffix: str
    compiler: str

    @classmethod
    def ask(cls, path: str) -> "Interpreter":
        found = subprocess.run(
            [
                path,
                "-c",
                "import json, platform, sys, sysconfig as s; print(json.dumps([sys.executable, platform.python_version(),"
                " sys.implementation.cache_tag, sys.hexversion, s.get_path('include'), s.get_config_var('EXT_SUFFIX'),"
                " s.get_config_var('CC') or 'cc']))",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        return cls(*json.loads(found.stdout))


def compile_meter(interpreter: Interpreter, directory: Path) -> Path:
    return _compile(interpreter, HERE / "meter/meter.c", directory / "meter.so")


def compile_null_hook(interpreter: Interpreter, directory: Path) -> Path:
    return _compile(interpreter, HERE / "nullhook/nullhook.c", directory / f"nullhook{interpreter.suffix}")


def _compile(interpreter: Interpreter, source: Path, target: Path) -> Path:
    # the compiler that built the interpreter may not be on this machine
    compiler = os.environ.get("CC") or interpreter.compiler
    if shutil.which(shlex.split(compiler)[0]) is None:
        compiler = "cc"
    flags = ["-std=gnu11", "-O2", "-Wall", "-shared", "-fPIC", f"-I{interpreter.include}"]
    subprocess.run([*shlex.split(compiler), *flags, str(source), "-o", str(target)], check=True)
    return target
