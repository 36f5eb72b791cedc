"""The start-up hook: there when wanted, nothing when not."""

import os
import site
import subprocess
import sys
from pathlib import Path

import pytest

import tttui
from record.running import run
from tttui.record.startup import VARIABLE, library_prefixes

ROOT = Path(__file__).parent.parent.parent
SHOW_MODULES = "import sys; print(sorted(sys.modules))"


def modules(*flags: str, **environment: str) -> list[str]:
    done = run([sys.executable, *flags, "-c", SHOW_MODULES], env={**os.environ, **environment})
    assert (done.code, done.err) == (0, b"")
    found: list[str] = eval(done.out)
    return found


def test_without_a_recording_nothing_of_ours_is_imported() -> None:
    assert [name for name in modules() if "tttui" in name and not name.startswith("__editable__")] == []


@pytest.mark.parametrize("ring", ["?", "/no/such/ring", "relative", ""])
def test_a_hook_that_cannot_record_is_silent_and_leaves_only_the_packages(ring: str) -> None:
    assert [name for name in modules(**{VARIABLE: ring}) if name.startswith("tttui")] in (
        [],
        ["tttui"],
        ["tttui", "tttui.native", "tttui.native.recorder"],
    )


def test_a_file_that_is_no_ring_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"x" * 100_000)
    modules(**{VARIABLE: str(other)})
    assert other.read_bytes() == b"x" * 100_000


def test_without_site_there_is_no_hook() -> None:
    assert [name for name in modules("-S", **{VARIABLE: "/no/such/ring"}) if "tttui" in name] == []


def test_the_library_is_the_standard_library_and_tttui_and_not_the_users_code() -> None:
    prefixes = library_prefixes()
    assert all(prefix.endswith("/") for prefix in prefixes)
    for path in (os.__file__, subprocess.__file__, tttui.__file__, *site.getsitepackages()):
        # What is below a directory of these names counts as installed wherever it is.
        assert f"{path}/".startswith(prefixes) or path.endswith(("/site-packages", "/dist-packages")), path
    for path in (__file__, os.path.join(sys.prefix, "bin", "tool"), "/srv/app/lib/app.py"):
        assert not path.startswith(prefixes), path


def test_the_installed_hook_is_the_one_in_the_sources() -> None:
    found = [Path(place) / "tttui.pth" for place in (*site.getsitepackages(), site.getusersitepackages())]
    installed = [path.read_text() for path in found if path.exists()]
    assert installed == [(ROOT / "tttui.pth").read_text()]
    assert len(installed[0].splitlines()) == 1
    assert installed[0].startswith("import ")


def test_what_newer_pythons_call_is_there_and_goes_again() -> None:
    module, _, function = (ROOT / "tttui.start").read_text().strip().partition(":")
    show = "print(sorted(n for n in sys.modules if 'tttui' in n and not n.startswith('__editable__')))"
    assert run([sys.executable, "-c", f"import sys, {module} as m; m.{function}(); {show}"]).out == b"[]\n"
