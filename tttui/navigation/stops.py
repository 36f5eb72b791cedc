"""What a move answers with."""

from dataclasses import dataclass
from typing import Any, Literal

Reason = Literal[
    "step", "next", "finish", "event", "line", "call", "exception", "output", "thread", "task", "true", "until",
    "breakpoint", "watchpoint", "goto", "failure", "frame", "history", "start", "end", "nothing",
]  # fmt: skip
"""Why it stands where it stands: what the move was after; "start" or "end": that the recording ends here;
"nothing": that there is no such thing, or none further on in that direction."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A breakpoint or watchpoint that matched."""

    number: int
    """Of the breakpoint."""
    description: str
    old: str | None = None
    """Texts of a watched value before and after; None where there is none."""
    new: str | None = None
    log: str | None = None
    """What its log expression gave."""
    problem: str | None = None
    """Why its condition could not be told: then it stops, rather than pass over what was asked for."""

    def to_json(self) -> dict[str, Any]:
        """The hit as an object; what is None is left out."""
        fields = {"number": self.number, "description": self.description, "old": self.old, "new": self.new, "log": self.log}
        return {name: value for name, value in (fields | {"problem": self.problem}).items() if value is not None}


@dataclass(frozen=True, slots=True)
class Stop:
    """The end of a move."""

    position: int
    moved: bool
    reason: Reason
    message: str = ""
    """One line for a person where there is more to say than the position: an end, a hit, why it didn't move."""
    hits: tuple[Hit, ...] = ()
    logs: tuple[tuple[int, Hit], ...] = ()
    """(event, hit) of what breakpoints logged on the way, in the order of the way."""

    @property
    def found(self) -> bool:
        """Whether the move got where it was meant to go."""
        return self.reason not in ("nothing", "start", "end")

    def to_json(self) -> dict[str, Any]:
        """The stop as one JSON object."""
        result: dict[str, Any] = {"position": self.position, "moved": self.moved, "reason": self.reason}
        if self.message:
            result["message"] = self.message
        if self.hits:
            result["hits"] = [hit.to_json() for hit in self.hits]
        if self.logs:
            result["logs"] = [{"event": event} | hit.to_json() for event, hit in self.logs]
        return result
