"""The small parent that gives the terminal back as it was, whatever kills the viewer.

The viewer is a forked child on the same terminal. The parent does nothing but wait: it loads no Textual, so
there is little in it that could fail. A viewer whose parent is gone leaves by itself.
"""

import os
import select
import signal
import sys
import termios
import traceback
import warnings
from collections.abc import Callable
from typing import Any, Final, NoReturn, Self

RESTORE: Final = (
    b"\x1b[?2026l"  # synchronised output ends
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # no mouse
    b"\x1b[?2004l\x1b[?1004l"  # no bracketed paste, no focus reports
    b"\x1b[<u"  # the Kitty protocol's keys as before
    b"\x1b[?1049l\x1b[?25h\x1b[0m"  # the first screen, a cursor, plain text
)
_FORWARDED: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGWINCH, signal.SIGUSR1)
_OWN_FAILURE: Final = 125


def run(view: Callable[[], int], *, plain: bool = False) -> int:
    """Run `view` in a child on the terminal; gives its exit code, 128 + number where a signal ended it.

    `plain`: it sends no sequences, so none are sent to undo them.
    """
    terminal = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    try:
        before = termios.tcgetattr(terminal)
        sys.stdout.flush()
        sys.stderr.flush()
        with _PassingOn() as passing_on:
            with warnings.catch_warnings():
                # Of threads at a fork: the one that there may be here is at rest then (checkpoints/keeper.py).
                warnings.simplefilter("ignore", DeprecationWarning)
                child = os.fork()
            if not child:
                passing_on.__exit__()
                _become_the_viewer(terminal, view, plain)
            passing_on.to(child)
            status = _wait(child, terminal, before)
        clean = os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0
        if not clean and not plain:
            _write(terminal, RESTORE)
        _restore(terminal, before)
        return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
    finally:
        os.close(terminal)


def is_terminal_gone() -> bool:
    """In the viewer. A hang-up tells the session's leader alone; one that takes no notice passes nothing on."""
    poll = select.poll()
    poll.register(0, 0)
    return any(events & select.POLLHUP for _, events in poll.poll(0))


def _become_the_viewer(terminal: int, view: Callable[[], int], plain: bool) -> NoReturn:
    """In the child: standard input, output and error are the terminal, wherever they went before."""
    code = _OWN_FAILURE
    try:
        for descriptor in (0, 1, 2):
            if not os.isatty(descriptor):
                os.dup2(terminal, descriptor)
        code = view()
        sys.stdout.flush()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else _OWN_FAILURE
    except BaseException as error:
        _say_what_failed(error, plain)
    finally:
        os._exit(code)


def _say_what_failed(error: BaseException, plain: bool) -> None:
    from tttui.console import report
    from tttui.errors import TttuiError

    if not isinstance(error, TttuiError):
        log = _log(error)
        where = f"; what is needed to mend it is in {log}" if log else ""
        error = TttuiError("tttui failed", f"{type(error).__name__}: {error}", f"the recording is untouched{where}")
    if not plain:
        os.write(2, RESTORE)
    report(error)


def _log(error: BaseException) -> str:
    """Keep the traceback in a file; gives its path, empty where that can't be done."""
    from tttui.paths import state_directory
    from tttui.safe import safe

    path = state_directory() / "viewer-failure.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = "".join(traceback.format_exception(error))
        path.write_text("".join(f"{safe(line)}\n" for line in text.splitlines()), "utf-8")
    except OSError:
        return ""
    return str(path)


def _wait(child: int, terminal: int, before: list[Any]) -> int:
    """The child's wait status. When it stops, so does this process."""
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            return status
        _restore(terminal, before)
        os.kill(os.getpid(), signal.SIGSTOP)
        _send(child, signal.SIGCONT)


class _PassingOn:
    """Meanwhile what comes for this process goes on to the viewer, also what comes before there is one: it waits until then.

    A connection that drops while the viewer is forked has sent its signal to all that there were: a viewer that began behind that would
    stay for ever. And what comes to a process that has just been forked is forgotten by the interpreter, unless it waits; what raises where
    one is forked is swallowed.
    """

    def __init__(self) -> None:
        self._child = 0
        self._came: list[int] = []
        self._before: dict[signal.Signals, Any] = {}
        self._mask: set[signal.Signals] = set()

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._pass_on) for number in _FORWARDED}
        self._before |= {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP)}
        self._mask = {signal.Signals(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, _FORWARDED)}
        return self

    def __exit__(self, *_: object) -> None:
        """In the viewer, too, which obeys them itself."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)

    def _pass_on(self, number: int, frame: object) -> None:
        if self._child:
            _send(self._child, number)
        else:
            self._came.append(number)

    def to(self, child: int) -> None:
        """The viewer is this one."""
        self._child = child
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
        for number in self._came:
            _send(child, number)


def _send(process: int, number: int) -> None:
    try:
        os.kill(process, number)
    except ProcessLookupError:
        pass


def _write(terminal: int, data: bytes) -> None:
    try:
        os.write(terminal, data)
    except OSError:
        pass  # the terminal is gone


def _restore(terminal: int, before: list[Any]) -> None:
    # A background process that sets the terminal would be stopped for it.
    kept = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
    except (termios.error, OSError):
        pass
    finally:
        signal.signal(signal.SIGTTOU, kept)
