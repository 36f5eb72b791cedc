"""`Part`: what the parts of `Debugger` have in common. Each does one job, and knows the application that it is a part of."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tttui.tui.app import Debugger


class Part:
    """A part of `Debugger`."""

    @property
    def _app(self) -> "Debugger":
        """The application, by its own type."""
        from tttui.tui.app import Debugger

        assert isinstance(self, Debugger)
        return self
