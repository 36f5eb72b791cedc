"""Starts the hook before the program, as part of the interpreter's own start-up (PYTHONPATH holds this directory).

NULLHOOK is "nothing", or the path of a file that gets the counts, as JSON, when the program ends.
"""

import os
import sys


def start() -> None:
    import nullhook  # type: ignore[import-not-found]  # compiled for each run of the benchmarks

    here = os.path.dirname(__file__)
    libraries = {os.path.dirname(os.__file__), f"{sys.prefix}/lib", f"{sys.base_prefix}/lib", here}
    where = os.environ.pop("NULLHOOK")
    if where != "nothing":
        import atexit
        import json

        def save() -> None:
            counts = nullhook.counts()
            with open(where, "w") as file:
                json.dump(counts, file)

        atexit.register(save)
    nullhook.start(tuple(f"{path}/" for path in sorted(libraries)), where != "nothing")


if "NULLHOOK" in os.environ:
    start()
