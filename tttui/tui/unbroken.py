"""`Unbroken`: what a user should know is said on the status line, wherever it comes up; the viewer goes on."""

from textual.message import Message
from textual.message_pump import MessagePump

from tttui.errors import TttuiError


class Unbroken(MessagePump):
    """A widget, or the application, that no `TttuiError` ends: a place that isn't there, a damaged part of a recording."""

    async def _dispatch_message(self, message: Message) -> None:
        from tttui.tui.app import Debugger

        try:
            await super()._dispatch_message(message)
        except TttuiError as error:
            app = self.app
            if not isinstance(app, Debugger) or app.is_opening:
                raise  # there is no status line yet
            app.problem(error)
