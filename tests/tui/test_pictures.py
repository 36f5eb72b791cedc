"""The screen as a whole, at three sizes in two themes, and the screenshots of the repository: as they are kept.

A change that is meant: `python screenshots/make.py`, and, with TTTUI_UPDATE=1, this test; then look at what is different.
"""

import importlib.util
import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest
from rich.style import Style

from tttui.report.opening import open_run
from tui.viewer import Viewer, drive

ROOT = Path(__file__).parents[2]
SNAPSHOTS = Path(__file__).parent / "snapshots"
SIZES = ((80, 24), (120, 40), (200, 50))
THEMES = ("night", "day")


def make() -> ModuleType:
    """screenshots/make.py as a module."""
    name = "tttui_screenshots"
    spec = importlib.util.spec_from_file_location(name, ROOT / "screenshots" / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look for it there
    spec.loader.exec_module(module)
    return module


SHOTS = [shot.name for shot in make().SHOTS]


def test_the_recording_is_of_the_example_as_it_is() -> None:
    with open_run(ROOT / "screenshots" / "billing.db") as run:
        sources = [run.source(file.id) for file in run.files()]
        paths = [file.path for file in run.files()]
    assert (ROOT / "examples" / "billing.py").read_text() in sources, "run: python screenshots/make.py --record"
    assert all("/root" not in path and "/home" not in path for path in paths)


@pytest.mark.parametrize("name", SHOTS)
def test_a_screenshot_is_current(name: str) -> None:
    kept = ROOT / "screenshots" / f"{name}.svg"
    assert make().pictures([name])[name] == kept.read_text(), f"run: python screenshots/make.py (Textual {version('textual')})"


def test_the_pictures_of_the_readme_are_there() -> None:
    text = (ROOT / "README.md").read_text()
    for shot in make().SHOTS:
        path = f"screenshots/{shot.name}.png"
        assert (path in text) == shot.png
        assert (ROOT / path).exists() == shot.png


def _described(style: Style | None) -> str:
    if style is None:
        return ""
    words = [name for name in ("bold", "italic", "underline", "reverse", "dim") if getattr(style, name)]
    return " ".join([*words, style.color.name if style.color else "", "on", style.bgcolor.name if style.bgcolor else ""])


def _picture(viewer: Viewer) -> str:
    """The rows of the screen; below each in which something stands out the styles of its pieces, by a letter each."""
    names: dict[str, str] = {}
    rows = []
    for strip in viewer.app.screen._compositor.render_strips():
        letters = ""
        for text, style, _ in strip:
            letter = names.setdefault(_described(style), chr(ord("a") + len(names)) if len(names) < 26 else chr(ord("A") + len(names) - 26))
            letters += letter * len(text)
        rows += [strip.text, letters]
    legend = [f"{letter} {style}" for style, letter in names.items()]
    return "\n".join([*rows, *legend]) + "\n"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
def test_a_screen_is_as_it_was(tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    recording = Path(shutil.copy(ROOT / "screenshots" / "billing.db", tmp_path))
    kept = SNAPSHOTS / f"{size[0]}x{size[1]}-{theme}.txt"

    async def script(viewer: Viewer) -> None:
        await viewer.press("S", "S", "N", "n", "b")
        for _ in range(3):
            await viewer.settle()
        picture = _picture(viewer)
        if os.environ.get("TTTUI_UPDATE"):
            kept.parent.mkdir(exist_ok=True)
            kept.write_text(picture)
        assert picture == kept.read_text(), "look at what is different; TTTUI_UPDATE=1 keeps it"

    drive(recording, script, size=size, theme=theme)
