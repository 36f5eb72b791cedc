"""Whether a recording was made here: it bears a seal that takes this user's key.

To look at a recording runs nothing of it. To run its program again does, and much of that happens before anything is held back:
which interpreter is started, with what words, in which environment. So that is sealed when it is recorded.
"""

import contextlib
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from typing import Any, Final

from tttui import paths

_SEALED: Final = ("command", "python", "cwd", "started", "circumstances")
_KEY_LENGTH: Final = 32


def seal(facts: Mapping[str, Any]) -> str | None:
    """The seal for facts of a recording, those that are JSON read or not; None where there can be no key."""
    key = _key()
    return None if key is None else hmac.new(key, _text_of(facts), hashlib.sha256).hexdigest()


def is_ours(facts: Mapping[str, Any]) -> bool:
    """Whether they bear the seal that they would get now."""
    borne, due = facts.get("seal"), seal(facts)
    return isinstance(borne, str) and due is not None and hmac.compare_digest(borne.encode(), due.encode())


def _text_of(facts: Mapping[str, Any]) -> bytes:
    return json.dumps([_read(facts.get(name)) for name in _SEALED], sort_keys=True).encode()


def _read(value: Any) -> Any:
    with contextlib.suppress(TypeError, ValueError, RecursionError):
        return json.loads(value)
    return value


def _key() -> bytes | None:
    """The user's key, made when it is first needed."""
    path = paths.state_directory() / "key"
    try:
        with contextlib.suppress(FileNotFoundError):
            return path.read_bytes()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = os.urandom(_KEY_LENGTH)
        # Made whole under another name: whoever else needs it at this moment finds none of it, or all.
        unnamed = path.with_name(f"key-{os.getpid()}")
        with open(os.open(unnamed, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(key)
        try:
            os.link(unnamed, path)
        except FileExistsError:
            key = path.read_bytes()
        finally:
            unnamed.unlink()
    except OSError:
        return None
    return key if len(key) == _KEY_LENGTH else None
