"""A shell-like parent on a real pseudo-terminal: starts a job in the foreground, types, and sees it stop and end."""

import os
import pty
import select
import signal
import time
from pathlib import Path
from typing import Self

_SECONDS = 180.0


class Job:
    """A command in the foreground of a terminal of its own; its parent here plays the shell."""

    def __init__(self, command: list[str], directory: Path) -> None:
        self._shell_in, shell_end = os.pipe()
        self.screen = b""
        # The shell is a process of its own, because a session has one terminal and this process has another.
        self.shell, self.master = pty.fork()
        if not self.shell:
            _play_shell(command, directory, shell_end)
        os.close(shell_end)
        self._reports = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self.shell, signal.SIGKILL)
        os.waitpid(self.shell, 0)
        os.close(self.master)
        os.close(self._shell_in)

    def hang_up(self) -> None:
        """The terminal goes away."""
        os.close(self.master)
        self.master = os.open(os.devnull, os.O_RDWR)

    def type(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def wait_for(self, text: bytes, times: int = 1) -> None:
        """Wait until the terminal shows a text, so many times."""
        give_up = time.monotonic() + _SECONDS
        while self.screen.count(text) < times:
            self._pump(give_up, f"{text!r} did not appear in {self.screen!r}")

    def report(self) -> str:
        """The next thing that the shell sees of its job: "pid N", "stopped N", "exited N" or "killed N"."""
        give_up = time.monotonic() + _SECONDS
        while b"\n" not in self._reports:
            self._pump(give_up, f"no report; the screen is {self.screen!r}")
        line, _, self._reports = self._reports.partition(b"\n")
        return line.decode()

    def resume(self) -> None:
        """What `fg` does."""
        os.kill(self.shell, signal.SIGUSR1)

    def _pump(self, give_up: float, complaint: str) -> None:
        assert time.monotonic() < give_up, complaint
        for descriptor in select.select([self.master, self._shell_in], [], [], 0.1)[0]:
            try:
                data = os.read(descriptor, 65536)
            except OSError:
                data = b""
            if descriptor == self.master:
                self.screen += data
            else:
                self._reports += data


def _play_shell(command: list[str], directory: Path, reports: int) -> None:
    """In the child: start the job in a process group of its own in the foreground, and report what becomes of it."""
    try:
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
        os.chdir(directory)
        job = os.fork()
        if not job:
            os.setpgid(0, 0)
            os.tcsetpgrp(0, os.getpid())
            signal.signal(signal.SIGTTOU, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
            os.execv(command[0], command)
        os.write(reports, f"pid {job}\n".encode())
        while True:
            _, status = os.waitpid(job, os.WUNTRACED)
            if os.WIFSTOPPED(status):
                os.tcsetpgrp(0, os.getpgrp())
                os.write(reports, f"stopped {os.WSTOPSIG(status)}\n".encode())
                signal.sigwait({signal.SIGUSR1})
                os.tcsetpgrp(0, job)
                os.killpg(job, signal.SIGCONT)
            elif os.WIFSIGNALED(status):
                os.write(reports, f"killed {os.WTERMSIG(status)}\n".encode())
                break
            else:
                os.write(reports, f"exited {os.WEXITSTATUS(status)}\n".encode())
                break
        time.sleep(600)
    finally:
        os._exit(1)
