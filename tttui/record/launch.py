"""`tttui record`: run a program as the plain interpreter would, with a recording beside it.

The program is a child on the same terminal, in the same process group, with the same descriptors, started from
the interpreter's own command line; one environment variable tells the start-up hook in it where the ring is. This
process waits, passes on the signals that reach it alone, and ends the way the program ended.
"""

import gc
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from tttui.config import Settings
from tttui.errors import CANNOT_EXECUTE, NOT_FOUND, OWN_FAILURE, TttuiError, say
from tttui.orderly import ending_in_order, undisturbed
from tttui.record import circumstances, database, origin, recovery, rings
from tttui.record.destination import new_recording
from tttui.record.options import Invocation
from tttui.record.start import first_facts, spawn_writer
from tttui.record.startup import VARIABLE
from tttui.record.target import interpreter

if TYPE_CHECKING:
    from tttui.checkpoints.keeper import Keeper
    from tttui.native.reader import Ring

_JOB_CONTROL: Final = frozenset({signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU})
# A fault of this process is its own; the others are none, or mean nothing to a process that waits.
_OWN: Final = frozenset({signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP, signal.SIGSYS})
_NOT_FORWARDED: Final = frozenset({signal.SIGCHLD, signal.SIGCONT, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGKILL, signal.SIGSTOP})
_FORWARDED: Final = frozenset(signal.valid_signals()) - _JOB_CONTROL - _OWN - _NOT_FORWARDED
_WAITED_FOR: Final = frozenset({signal.SIGCHLD}) | _FORWARDED | _JOB_CONTROL
# si_code of a signal that the kernel made itself, for a key on the terminal or a terminal that went away: it goes to
# the whole process group, so the program has got it too. (That a process sent one to the whole group can't be seen:
# then the program gets it twice.)
_SI_KERNEL: Final = 0x80
_WRITER_ATTEMPTS: Final = 5
_PROGRESS_AFTER: Final = 1.0
_STOP_SECONDS: Final = 0.02
"""How often to see whether the program has come to where it was to stop."""
_COMMIT_SECONDS: Final = 5.0
_FOR_GOOD: Final = (1 << 64) - 1
"""RingHeader.resumed where the program is to go on to its end."""

Look = Callable[[Path, int | None], int]
"""Looks at a recording, while the program waits at an event or (None) has ended; how many stops it is to go on to: 0 to its end."""


def _occupy_closed_descriptors() -> tuple[int, ...]:
    """Fill those of stdin, stdout and stderr that are closed, so that no file of ours becomes the program's output."""
    closed = []
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            if os.open(os.devnull, os.O_RDWR) == descriptor:
                closed.append(descriptor)
                os.set_inheritable(descriptor, True)
    return tuple(closed)


_CLOSED: Final = _occupy_closed_descriptors()
"""Closed when we were started: closed again in the program."""


class Outcome(NamedTuple):
    """How it ended: the program's wait status, and the recording if there is one."""

    wait_status: int
    recording: Path | None
    keeper: "Keeper | None" = None
    """Holds the checkpoints, where they were to be kept; stop it when they are no longer needed."""


def record(invocation: Invocation, settings: Settings, *, keep: bool = False, look: Look | None = None) -> Outcome:
    """Run a program to its end and record it. TttuiError where it could not be started.

    Where the program is to stop, `look` is called; when it returns the program goes on. The copies of the program that were
    made on the way end with it, unless they are to be kept. The program runs even where it can't be recorded for want of a
    writer or of room for the ring.
    """
    python = interpreter(settings.python)
    _may_run(python)
    recovery.sweep()
    with ending_in_order():
        return _record(python, invocation, settings, keep=keep, look=look)


def _record(python: str, invocation: Invocation, settings: Settings, *, keep: bool, look: Look | None) -> Outcome:
    with new_recording(settings.output, invocation.title) as path:
        session = _Session(path, python, invocation, settings)
        session.look = look
        try:
            with undisturbed():
                session.prepare()
        except BaseException:
            session.stop_keeper()
            session.discard()
            raise
    try:
        status = session.run()
        with undisturbed():
            if not keep:
                session.stop_keeper()
            recorded = session.recorded(named=settings.output is not None)
    except BaseException:
        session.stop_keeper()
        if not session.started:
            session.discard()
        raise
    if not recorded:
        session.stop_keeper()
        return Outcome(status, None)
    return Outcome(status, path, session.keeper)


def _may_run(python: str) -> None:
    if not os.path.exists(python):
        raise TttuiError(f"there is no interpreter {python}", exit_code=NOT_FOUND)
    if not os.access(python, os.X_OK):
        raise TttuiError(f"{python} can't be executed", exit_code=CANNOT_EXECUTE)


class _Session:
    """One recording from its launcher's point of view: ring, recording, writer, program."""

    def __init__(self, path: Path, python: str, invocation: Invocation, settings: Settings) -> None:
        self._path = path
        self._python = python
        self._arguments = [python, *invocation.flags, *invocation.program]
        self._without_site = invocation.without_site
        self._settings = settings
        self._ring_path: Path | None = None
        self._ring: Ring | None = None
        self._writer = 0
        self._attempts = 0
        self._written = 0
        self._began_file = False
        self._file = -1  # the recording, as a mere name: to see whether it has been removed
        self._program = 0
        self._mask: set[signal.Signals] = set()
        self._why_not = ""
        self.keeper: Keeper | None = None
        self.look: Look | None = None
        self._looked = 0
        self._stops_to_pass = 0

    def run(self) -> int:
        """The program's wait status."""
        # What is blocked here waits for `sigtimedwait`; the program gets the mask that was there before.
        self._mask = {signal.Signals(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, _WAITED_FOR)}
        try:
            self._start_program()
            status = self._wait_for_program()
            self._wait_for_writer(status)
            self._writer = 0  # whose end nobody here needs to know of any more
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
        return status

    @property
    def started(self) -> bool:
        return self._program != 0

    def discard(self) -> None:
        """Remove what was made, the program not having been started."""
        if self._ring_path is not None:
            rings.remove(self._ring_path)
        if self._began_file:
            database.remove(self._path)

    # -- before

    def prepare(self) -> None:
        """Make recording and ring, and start the writer. What fails for want of room leaves the program unrecorded."""
        with _all_the_room_there_is():
            copies_report_to, viewers_ask = self._make_keeper()
            try:
                self._ring_path = rings.create(self._path, self._settings.for_recorder(copies_report_to))
            except OSError as error:
                self._why_not = f"no room for the ring: {error.strerror or error}"
            facts = first_facts(self._arguments, self._python, self._settings, self._ring_path, viewers_ask)
            facts = {**facts, "circumstances": self._circumstances()}
            self._began_file = True  # where nothing was (new_recording())
            database.create(self._path, {**facts, "seal": origin.seal(facts)})
            # Closing another kind of descriptor would let go of SQLite's locks on the file.
            self._file = os.open(self._path, os.O_PATH | os.O_CLOEXEC)
            if self._ring_path is None:
                return
            from tttui.native.reader import Ring

            self._ring = Ring(str(self._ring_path))
            if not self._start_writer():
                rings.remove(self._ring_path)
                self._ring_path = self._ring = None

    def _circumstances(self) -> str:
        settings = self._settings
        capacity = 0
        if self._ring_path is not None:
            from tttui.native.reader import Ring

            ring = Ring(str(self._ring_path))
            capacity = ring.capacity
            ring.close()
        noted = circumstances.of_launch(self._environment(), _CLOSED, capacity, settings.redact, settings.no_redact)
        return database.storable(json.dumps(noted, ensure_ascii=False))

    def _environment(self) -> dict[bytes, bytes]:
        """The program's, but for the variable that names the ring."""
        environment = _original_environment()
        environment.pop(VARIABLE.encode(), None)
        return environment

    def _make_keeper(self) -> tuple[str, str]:
        """(where copies report, where viewers ask), both empty where there are to be none or nobody could keep them."""
        settings = self._settings
        if settings.no_checkpoints or not settings.checkpoints:
            return "", ""
        from tttui.checkpoints import keeper

        try:
            self.keeper = keeper.make(settings.checkpoints, settings.checkpoint_memory)
        except OSError:
            return "", ""
        return self.keeper.copies_report_to, self.keeper.viewers_ask

    def stop_keeper(self) -> None:
        """End the copies, if there are any."""
        if self.keeper is not None:
            self.keeper.stop()
            self.keeper = None

    def _start_writer(self) -> bool:
        """Start a writer, if the last ones didn't all fail; whether there is one."""
        assert self._ring_path is not None
        assert self._ring is not None
        if (written := self._ring.tail) != self._written:
            self._attempts, self._written = 0, written
        if self._attempts >= _WRITER_ATTEMPTS:
            return False
        self._attempts += 1
        try:
            self._writer = spawn_writer(self._ring_path, self._path, "--launcher", str(os.getpid()))
        except OSError as error:
            self._why_not = f"no writer could be started: {error.strerror or error}"
            return False
        return True

    # -- the program

    def _start_program(self) -> None:
        environment = self._environment()
        if self._ring_path is not None:
            environment[VARIABLE.encode()] = os.fsencode(self._ring_path)
        else:
            say(f"{self._why_not}; the program runs without being recorded")
        try:
            self._program = os.posix_spawn(
                self._python,
                self._arguments,
                environment,
                file_actions=[(os.POSIX_SPAWN_CLOSE, descriptor) for descriptor in _CLOSED],
                setsigmask=self._mask,
                # Ignored here because this is Python; ignored in the program only if it wants so.
                setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
            )
        except OSError as error:
            code = NOT_FOUND if isinstance(error, FileNotFoundError) else CANNOT_EXECUTE
            raise TttuiError(f"{self._python} can't be executed", error.strerror or "", exit_code=code) from None
        if self.keeper is not None:
            self.keeper.start(self._children)
        if signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
            # So it was for us, and is for the program; but here children have to be waited for.
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)

    def _children(self) -> frozenset[int]:
        """Children of this process that are waited for here."""
        return frozenset({self._program, self._writer})

    def _wait_for_program(self) -> int:
        pause = _STOP_SECONDS if self._settings.stops and self.look is not None else 1.0
        while True:
            received = signal.sigtimedwait(_WAITED_FOR, pause)
            pid, status = os.waitpid(self._program, os.WNOHANG | os.WUNTRACED)
            if pid and not os.WIFSTOPPED(status):
                return status
            if pid:
                self._stop_together()
            elif (
                received is not None
                and received.si_signo in _FORWARDED
                and (received.si_code != _SI_KERNEL or (received.si_signo == signal.SIGHUP and _leads_session()))
            ):
                _send(self._program, received.si_signo)
            self._keep_a_writer()
            self._look_where_it_waits()

    def _look_where_it_waits(self) -> None:
        """The program has come to a line at which it was to stop."""
        ring = self._ring
        if ring is None or self.look is None or ring.paused == self._looked:
            return
        self._looked = ring.paused
        if self._stops_to_pass:
            self._stops_to_pass -= 1
            ring.resumed = self._looked
            return
        give_up = time.monotonic() + _COMMIT_SECONDS
        while ring.tail < ring.head and time.monotonic() < give_up:
            time.sleep(0.01)
        stops, on_terminal = 0, _has_terminal()
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
        try:
            stops = self.look(self._path, self._looked - 1)
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, _WAITED_FOR)
            if on_terminal and not _has_terminal():
                _send(self._program, signal.SIGHUP)  # the signal came here, to whoever leads the session
            self._stops_to_pass = max(stops - 1, 0)
            ring.resumed = self._looked if stops else _FOR_GOOD

    def _stop_together(self) -> None:
        """The program was stopped: so stops this process, and the shell has its terminal back."""
        from tttui.record.processes import stopped

        os.kill(os.getpid(), signal.SIGSTOP)
        # Here again after SIGCONT, which reaches both or only this process.
        if stopped(self._program):
            _send(self._program, signal.SIGCONT)

    # -- the writer

    def _keep_a_writer(self) -> None:
        """If the writer has died, the next one goes on where it was."""
        if self._writer and self._writer_has_ended() and not self._start_writer() and self._ring is not None:
            self._ring.stop = 1

    def _writer_has_ended(self) -> bool:
        try:
            pid, _ = os.waitpid(self._writer, os.WNOHANG)
        except ChildProcessError:
            pid = self._writer
        if pid:
            self._writer = 0
        return bool(pid)

    def _wait_for_writer(self, status: int) -> None:
        """Tell the writer that the program has ended, and wait until the recording is finished."""
        if self._ring is None or self._ring_path is None:
            return
        if self.keeper is not None:
            self._ring.checkpoint_memory = self.keeper.most_memory
        self._ring.wait_status = status
        self._ring.ended = 1
        since = time.monotonic()
        shown = False
        while self._ring_path.exists():
            gone = not self._writer or self._writer_has_ended()
            if gone and (not self._ring_path.exists() or not self._start_writer()):
                break
            received = signal.sigtimedwait(_WAITED_FOR, 0.1)
            if received is not None and received.si_signo in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
                break  # the writer goes on by itself
            if time.monotonic() - since > _PROGRESS_AFTER:
                shown = self._show_progress() or shown
        if not self._ring_path.exists():
            rings.remove(self._ring_path)  # a writer that came too late may have begun a log
        elif not self._writer and self._removed():
            rings.remove(self._ring_path)
        elif not self._writer:
            say(f"the recording is not finished: {rings.last_words(self._ring_path) or self._why_not}")
        if shown:
            _erase_line()

    def _show_progress(self) -> bool:
        ring = self._ring
        if ring is None or sys.stderr is None or not sys.stderr.isatty():
            return False
        sys.stderr.write(f"\rtttui: writing the recording, {(ring.head - ring.tail) / 1e6:,.1f} MB to go ")
        sys.stderr.flush()
        return True

    # -- afterwards

    def _removed(self) -> bool:
        """Whether somebody has removed the recording (not: given it another name)."""
        return os.fstat(self._file).st_nlink == 0

    def recorded(self, *, named: bool) -> bool:
        """Whether there is a recording worth keeping; if not, it is removed, and the reason said."""
        ring = self._ring
        if ring is None:
            database.remove(self._path)
            return False
        if not ring.attached:
            self.discard()
            say(f"nothing was recorded: {self._why_not_attached()}")
            return False
        if self._removed():
            say("the recording was removed while it was being made")
            return False
        if not ring.events and not named:
            self.discard()
            say("nothing was recorded: the program ended before any code of its own ran")
            return False
        return True

    def _why_not_attached(self) -> str:
        if self._without_site:
            return "-S turns the start-up hook off"
        return f"the start-up hook (tttui.pth) did not run in {self._python}"


@contextmanager
def _all_the_room_there_is() -> Iterator[None]:
    """While it holds, the soft limit on file sizes is the hard one: the limit is meant for the program."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _original_environment() -> dict[bytes, bytes]:
    """The environment as this process got it: Python itself may have set LC_CTYPE since (PEP 538)."""
    environment = dict(os.environb)
    try:
        given = Path("/proc/self/environ").read_bytes()
    except OSError:
        return environment
    if b"LC_CTYPE" in environment and not any(entry.startswith(b"LC_CTYPE=") for entry in given.split(b"\0")):
        del environment[b"LC_CTYPE"]
    return environment


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def _leads_session() -> bool:
    """Whether a terminal that goes away tells nobody but this process."""
    return os.getsid(0) == os.getpid()


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _erase_line() -> None:
    sys.stderr.write("\r\x1b[K")
    sys.stderr.flush()


def end_like(wait_status: int) -> NoReturn:
    """End this process the way the program ended."""
    gc.freeze()  # what is left is freed with the process: looking through it for garbage takes longer than starting the program
    if os.WIFSIGNALED(wait_status):
        number = os.WTERMSIG(wait_status)
        sys.stdout.flush()
        # The program has left the core dump, if there is to be one.
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
        os.kill(os.getpid(), number)
        time.sleep(0.1)
        os._exit(128 + number)  # process 1 of a container can't be killed by a signal
    if os.WIFEXITED(wait_status):
        sys.exit(os.WEXITSTATUS(wait_status))
    sys.exit(OWN_FAILURE)
