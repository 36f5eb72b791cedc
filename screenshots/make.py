"""Makes the screenshots: the real viewer on a recording of the bundled example, driven by keys.

python screenshots/make.py             takes all pictures again
python screenshots/make.py --png       and renders the README's as PNG (with cairosvg, where it is installed)
python screenshots/make.py --record    records the example again first: after a change of it, or of the format

The recording is kept beside the pictures, so that they come out the same on every machine and Python.
"""

import asyncio
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tttui.report.opening import open_run
from tttui.report.show import event_at
from tttui.tui import theme as themes
from tttui.tui.app import Debugger

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "examples" / "billing.py"
RECORDING = HERE / "billing.db"
PLACE = Path(tempfile.gettempdir(), "tttui-demo")
"""Where the example is recorded: its path is seen in the pictures."""


@dataclass(frozen=True)
class Shot:
    """One picture: what is pressed, how large it is. A word of several letters is the name of a key, or a text after `:`."""

    name: str
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (100, 30)
    theme: str = "night"
    png: bool = False
    """Whether the README shows it."""


SHOTS = (
    Shot("failure", png=True),
    Shot("who-set-it", ("tab", "j", "j", "j", "j", "j", "W"), png=True),
    Shot("why", ("tab", "j", "j", "j", "j", "j", "y"), (100, 36)),
    Shot("calls", ("N", "N", "5"), (120, 40)),
    Shot("wide", ("2", "j", "j", "j", "j", "j", "W", ":watch-self.income", "1", "s", "n", "n", "b", "n", "n"), (200, 50), png=True),
    Shot("timeline", ("4", "z", "plus", "v"), (100, 30)),
    Shot("small", ("N",), (80, 24)),
    Shot("help", ("question_mark",), (100, 36), "dracula"),
    Shot("light", ("N",), (100, 30), "day"),
    Shot("sixteen-colours", ("N",), (80, 24), "ansi"),
)


async def take(recording: Path, shot: Shot) -> str:
    """Drive the viewer, and give what it shows as SVG."""
    with open_run(recording) as run:
        app = Debugger(run, event_at(run, "exception"), themes.load(shot.theme))
        async with app.run_test(size=shot.size) as pilot:

            async def settle() -> None:
                await app.workers.wait_for_complete()
                await pilot.pause()
                await pilot.pause()
                while app.is_behind:
                    await pilot.pause()

            await settle()
            for key in shot.keys:
                if key.startswith(":watch-"):
                    app.add_watch(key.removeprefix(":watch-"))
                elif key.startswith(":"):
                    app.command(key[1:])
                else:
                    await pilot.press(key)
                if key.isdigit():
                    # It is a pane's number once nothing follows it for half a second.
                    await pilot.pause(0.7)
                await settle()
            picture = app.export_screenshot(title=f"tttui {EXAMPLE.name}")
    theme = themes.load(shot.theme)
    if not theme.ansi:
        picture = picture.replace("#292929", theme.colors["background"])  # what Rich puts around it
    # The names that Rich gives to its styles differ from run to run; those in a repository should not.
    return re.sub(r"terminal-\d+", f"tttui-{shot.name}", picture)


def pictures(names: Sequence[str] = ()) -> dict[str, str]:
    """SVG by name. On a copy of the recording: notes are saved beside it."""
    found = {}
    for shot in SHOTS:
        if names and shot.name not in names:
            continue
        with tempfile.TemporaryDirectory() as temporary:
            recording = Path(shutil.copy(RECORDING, temporary))
            found[shot.name] = asyncio.run(take(recording, shot))
    return found


def record() -> None:
    """Record the example; what the recording says of this machine is left out, and it is made as small as it can be."""
    PLACE.mkdir(exist_ok=True)
    try:
        script = Path(shutil.copy(EXAMPLE, PLACE))
        RECORDING.unlink(missing_ok=True)
        command = [sys.executable, "-P", "-m", "tttui", "record", "-o", str(RECORDING), script.name]
        subprocess.run(command, capture_output=True, check=False, cwd=PLACE)
    finally:
        shutil.rmtree(PLACE)
    database = sqlite3.connect(RECORDING, isolation_level=None)
    facts: dict[str, Any] = {"command": json.dumps(["python3", script.name]), "python": "/usr/bin/python3", "platform": "Linux", "pid": 1}
    for key, value in facts.items():
        database.execute("UPDATE meta SET value = ? WHERE key = ?", (value, key))
    database.execute("PRAGMA journal_mode = DELETE")
    database.execute("PRAGMA page_size = 1024")
    database.execute("VACUUM")
    database.close()


def main(arguments: Sequence[str]) -> None:
    if "--record" in arguments:
        record()
    found = pictures()
    for name, picture in found.items():
        (HERE / f"{name}.svg").write_text(picture, "utf-8")
    if "--png" in arguments:
        import cairosvg  # with a font of fixed width: DejaVu Sans Mono

        for shot in SHOTS:
            if shot.png:
                cairosvg.svg2png(
                    bytestring=found[shot.name].replace("Fira Code", "DejaVu Sans Mono").encode(),
                    write_to=str(HERE / f"{shot.name}.png"),
                    output_width=1800 if shot.size[0] > 120 else 1200,
                )


if __name__ == "__main__":
    main(sys.argv[1:])
