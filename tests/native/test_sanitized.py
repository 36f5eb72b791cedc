"""The fuzz tests with a reader that is built with AddressSanitizer and UBSan: nothing is read or written that isn't there."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import tttui

TESTS = Path(__file__).parent.parent
SANITIZERS = "-fsanitize=address,undefined"
# What the reader keeps for the life of the process is no leak; and a size that lies must come to an error, not to an allocation.
OPTIONS = "detect_leaks=0:allocator_may_return_null=1:max_allocation_size_mb=300:hard_rss_limit_mb=4000"


def build(directory: Path) -> Path:
    """A copy of the package with a sanitized reader; the directory that it is in."""
    package = directory / "tttui"
    shutil.copytree(Path(tttui.__file__).parent, package, ignore=shutil.ignore_patterns("reader.*.so", "__pycache__"))
    native = package / "native"
    library = native / f"reader{sysconfig.get_config_var('EXT_SUFFIX')}"
    sources = [str(native / "reader.c"), *map(str, sorted((native / "decode").glob("*.c")))]
    include = ["-I", sysconfig.get_paths()["include"]]
    command = ["cc", "-shared", "-fPIC", "-std=c11", "-O1", "-g", "-fno-strict-aliasing", SANITIZERS, "-fno-sanitize-recover=undefined"]
    done = subprocess.run([*command, *include, *sources, "-o", str(library)], capture_output=True, text=True, check=False)
    if done.returncode and "-lasan" in done.stderr + done.stdout:
        pytest.skip("the compiler comes without sanitizers")
    assert not done.returncode, done.stderr
    return directory


def runtime(name: str) -> str:
    return subprocess.run(["cc", f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_damaged_chunks_under_sanitizers(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": f"{build(tmp_path)}{os.pathsep}{TESTS}",
        "PYTHONMALLOC": "malloc",
        "LD_PRELOAD": f"{runtime('libasan.so')} {runtime('libubsan.so')}",
        "ASAN_OPTIONS": OPTIONS,
        "TTTUI_FUZZ": os.environ.get("TTTUI_FUZZ", "4000"),
    }
    asked = [sys.executable, "-c", "from tttui.native import reader; print(reader.__file__)"]
    found = subprocess.run(asked, capture_output=True, text=True, env=environment, cwd=tmp_path, check=True).stdout
    assert found.startswith(str(tmp_path))
    # A leak can't be told from memory where the allocator keeps what was freed for a while.
    tests = [str(TESTS / "native" / "test_fuzz.py"), str(TESTS / "native" / "test_search.py"), "-k", "not leaks"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(TESTS), *tests]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
