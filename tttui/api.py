"""The public API: `record` a part of a running program, `open` a recording."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tttui.record.session import Recording

if TYPE_CHECKING:
    from tttui.store.run import Run

__all__ = ["Recording", "open", "record"]


def record(
    path: str | Path | None = None,
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    all: bool = False,
    max_items: int | None = None,
    max_depth: int | None = None,
    max_string: int | None = None,
    max_size: int | str | None = None,
    redact: Sequence[str] = (),
    no_redact: bool = False,
) -> Recording:
    """Record a part of this program: as a context manager, as a decorator, or with `start()` and `stop()`.

        with tttui.record("run.db") as recording:
            ...

        @tttui.record()
        def main(): ...

    `path` is the file to write; without one it goes to where `tttui list` shows it. `include` and `exclude` are
    patterns of paths or modules; `all` records the standard library and installed packages, too. `max_items`,
    `max_depth` and `max_string` limit what is kept of one value, `max_size` ("500M", or bytes) the file.
    What is not given here comes from the environment, the project's and the user's settings.
    Texts kept under the names of secrets aren't recorded, nor those under names that match `redact`; `no_redact` records all.
    All threads are recorded, those that exist already included.

    Errors: `TttuiError` from `start()` where nothing can be recorded here.
    """
    given = {
        "output": None if path is None else str(path),
        "include": list(include) or None,
        "exclude": list(exclude) or None,
        "all": all or None,
        "max_items": max_items,
        "max_depth": max_depth,
        "max_string": max_string,
        "max_size": max_size,
        "redact": list(redact) or None,
        "no_redact": no_redact or None,
    }
    return Recording({key: value for key, value in given.items() if value is not None})


def open(path: str | Path) -> "Run":
    """Open a recording for reading. `TttuiError` where it isn't one, or is damaged or from a newer tttui."""
    from tttui.store.run import Run

    return Run.open(path)
