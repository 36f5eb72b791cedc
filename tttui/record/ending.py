"""How a run ended: from the status that its parent got, and from the last exception that nobody caught."""

import json
import os
import signal
from pathlib import Path
from typing import Any

# Exceptions with which a program ends on purpose.
_NOT_FAILURES = frozenset({"SystemExit", "GeneratorExit"})


def facts_of(path: Path, wait_status: int | None, last_raise: str | None) -> dict[str, str | int | None]:
    """The facts `ended`, `exit_code`, `signal` and `exception`.

    `wait_status` is None where nobody saw the end; `last_raise` is the JSON of `scan()["last_raise"]`.
    """
    facts: dict[str, str | int | None] = {"ended": "killed", "exit_code": None, "signal": None, "exception": None}
    failed = interrupted = False
    if wait_status is not None:
        if os.WIFSIGNALED(wait_status):
            number = os.WTERMSIG(wait_status)
            facts["ended"] = "killed" if number == signal.SIGKILL else "signal"
            facts["signal"] = number
            # Python ends itself by this signal when nobody caught a KeyboardInterrupt.
            interrupted = number == signal.SIGINT
        else:
            facts["exit_code"] = os.WEXITSTATUS(wait_status)
            facts["ended"] = "exit"
            failed = facts["exit_code"] == 1
    if last_raise is not None and (failed or interrupted):
        exception = _exception(path, json.loads(last_raise))
        if exception is not None and (failed or exception["type"] == "KeyboardInterrupt"):
            facts["ended"] = "exception"
            facts["exception"] = json.dumps(exception)
    return facts


def _exception(path: Path, last_raise: list[int]) -> dict[str, Any] | None:
    """What is known of an exception that left the outermost recorded frame of a thread; None if it is no failure."""
    event = last_raise[0]
    try:
        from tttui.store.run import Run

        with Run.open(path) as run:
            moment = run.moment(event, depth=2)
    except Exception:
        # Whatever is wrong with that one moment: the recording is finished all the same.
        return {"type": "", "text": "", "event": event}
    if moment.exception is None or moment.exception.type in _NOT_FAILURES:
        return None
    frame = moment.stack[-1] if moment.stack else None
    return {
        "type": moment.exception.type,
        "text": moment.exception.text,
        "event": event,
        "thread": moment.thread.id,
        **({} if frame is None else {"file": frame.file, "line": frame.line, "function": frame.function}),
    }
