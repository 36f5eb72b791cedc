"""The programs: plain scripts that do a fixed amount of work ROUNDS times (0: start up and end)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

PROGRAMS = Path(__file__).parent / "programs"

Group = Literal["tight", "library"]


@dataclass(frozen=True)
class Program:
    """A script of the suite; `rounds` make it take 0.2 to 0.5 seconds of CPU in plain Python."""

    name: str
    title: str
    rounds: int
    group: Group = "tight"
    """tight: nearly all time is spent in the user's own lines; library: nearly none of it."""
    needs: str | None = None
    """A module without which it can't run."""

    @property
    def path(self) -> Path:
        return PROGRAMS / f"{self.name}.py"


SUITE = (
    Program("integer_loop", "integer loop", 800),
    Program("fibonacci", "recursive fib", 1000),
    Program("nbody", "nbody", 150),
    Program("richards", "richards (OOP)", 110),
    Program("word_count", "dict/list word count", 230),
    Program("string_building", "string building", 300),
    Program("generators", "generators", 1200),
    Program("asyncio_tasks", "asyncio", 300),
    Program("exceptions", "exceptions", 600),
    Program("deep_recursion", "deep recursion", 400),
    Program("many_objects", "100,000 live objects", 100),
    Program("growing_list", "list to 100,000", 32),
    Program("tokenizer", "tokenizer (patterns)", 2500),
    Program("json_and_regex", "JSON/regex (library)", 280, "library"),
    Program("numpy_arrays", "numpy", 50, "library", "numpy"),
)
