"""Makes the screenshots: the real viewer on the bundled example, driven by keys. `python screenshots/make.py [DIRECTORY]`."""

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tttui.report.opening import open_run
from tttui.report.show import event_at
from tttui.tui import theme as themes
from tttui.tui.app import Debugger

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "examples" / "billing.py"


@dataclass(frozen=True)
class Shot:
    """One picture: where it starts, what is pressed, how large."""

    name: str
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (100, 30)
    theme: str = "night"


SHOTS = (
    Shot("failure"),
    Shot("who-set-it", ("tab", "j", "j", "j", "j", "j", "W")),
    Shot("calls", ("N", "N", "5"), (120, 40)),
    Shot("wide", ("S", "S", "S"), (200, 50)),
    Shot("small", ("N",), (80, 24)),
    Shot("help", ("question_mark",), (100, 36), "dracula"),
    Shot("light", ("N",), (100, 30), "day"),
)


async def take(recording: Path, shot: Shot, directory: Path) -> Path:
    """Drive the viewer and save what it shows."""
    with open_run(recording) as run:
        app = Debugger(run, event_at(run, "exception"), themes.load(shot.theme))
        async with app.run_test(size=shot.size) as pilot:
            await pilot.pause(0.2)
            for key in shot.keys:
                await pilot.press(key)
                await app.workers.wait_for_complete()
                # A digit is a pane's number once nothing follows it for half a second.
                await pilot.pause(0.7 if key.isdigit() else 0.1)
            picture = app.export_screenshot(title=f"tttui {EXAMPLE.name}")
    path = directory / f"{shot.name}.svg"
    # The names that Rich gives to its styles differ from run to run; those in a repository should not.
    path.write_text(re.sub(r"terminal-\d+", f"tttui-{shot.name}", picture), "utf-8")
    return path


def main(directory: Path) -> None:
    """Record the example once, take all pictures."""
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        script = Path(shutil.copy(EXAMPLE, temporary))
        recording = Path(temporary, "billing.db")
        command = [sys.executable, "-P", "-m", "tttui", "record", "-o", str(recording), str(script)]
        subprocess.run(command, capture_output=True, check=False, cwd=temporary)
        for shot in SHOTS:
            asyncio.run(take(recording, shot, directory))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
