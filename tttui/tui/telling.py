"""What there is to say of a recording: how its program ended, that it grows, what a user should know first."""

from tttui.tui import moments
from tttui.tui.part import Part


class Telling(Part):
    """The part of `Debugger` that tells of the recording."""

    _growing: str = ""
    """What was said last of its growing."""

    def first_words(self) -> str:
        """What stands on the status line first."""
        app = self._app
        if app._problems:
            return "; ".join(app._problems)
        if app.desk.notebook.problem:
            return app.desk.notebook.problem
        if app._notice:
            return app._notice
        moment = app.desk.view.moment
        if app.live:
            return moments.paused(app)
        if moment is None:
            return f"{self.state_of_recording()}: nothing in scope ran; record with --all to have all code"
        words = []
        if moment.exception is not None:
            words.append(f"{moment.kind}: {moment.exception.text}")
        if app.source.differs_on_disk():
            words.append("the file has changed since: this is the source as it was recorded")
        if words:
            return "; ".join(words)
        if app.desk.run.meta.get("ended") in ("signal", "killed"):
            return f"{self.state_of_recording()} at event {app.desk.view.events - 1:,}: it is recorded up to there"
        return ""

    def state_of_recording(self) -> str:
        """How its program ended, or that it hasn't."""
        app = self._app
        meta = app.desk.run.meta
        if app.live:
            return "paused live"
        if meta.get("universe_ended"):
            return f"another universe: {meta['universe_ended']}"
        if meta.get("state") == "recording":
            return "being recorded"
        ended = str(meta.get("ended", ""))
        killed = f"killed by signal {meta.get('signal')}" if meta.get("signal") else "cut short"
        words = {"signal": killed, "killed": killed, "exception": "ended in an exception", "exit": f"exit {meta.get('exit_code')}"}
        stopped = meta.get("stopped")
        if meta.get("universe_of"):
            return f"another universe from event {meta.get('universe_event'):,}, {words.get(ended, ended)}"
        return words.get(ended, ended) + (f"; recording stopped early: {stopped}" if stopped else "")

    def follow(self) -> None:
        """A recording that is still being made: the end moves, and says so."""
        app = self._app
        was = app.desk.run.events
        if app.desk.run.refresh():
            app.header.state = self.state_of_recording()
            moments.look(app)
            if app.desk.run.events != was and app.status.text in ("", self._growing):
                # An answer stays: the header tells it, too.
                self._growing = f"the recording grows: {app.desk.run.events:,} events"
                app.say(self._growing)
            app.look_again()
