"""Leaves an empty screen behind where a terminal has no second one: GNU screen as it comes, mosh."""

from typing import Final

from textual.drivers.linux_driver import LinuxDriver

_EMPTY: Final = "\x1b[0m\x1b[H\x1b[2J"


class TidyDriver(LinuxDriver):
    """Empties the screen before the first one is shown again. Without one, the shell would write its prompt into our panes."""

    def stop_application_mode(self) -> None:
        self.write(_EMPTY)
        super().stop_application_mode()
