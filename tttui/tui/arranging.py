"""Which panes are shown, and where: going to them, hiding, moving, resizing and maximising them; what was wished is kept."""

from typing import TYPE_CHECKING, Any, Final

from textual.geometry import Size
from textual.widget import Widget

from tttui.tui.layouts import PANES, WIDE, Layout, Wishes, arrange, exchanged, hidden, resized, size_class
from tttui.tui.part import Part

if TYPE_CHECKING:
    from tttui.tui.panes.base import Pane

_WIDER: Final = 4
_TALLER: Final = 2
_READABLE: Final = 14
"""Rows below which a text to read, such as the help, is shown alone."""


class Arranging(Part):
    """The part of `Debugger` that puts the panes on the screen."""

    standing: Layout = Layout({})
    _wide: str = ""
    """Which of the panes that take turns was asked for."""
    _maximised: str = ""
    _to_read: bool = False
    """Whether it stands alone only to be read, and goes as a whole."""
    _before_it: str = "source"
    """The pane that was active before those that take turns were."""

    # -- placing

    @property
    def wishes(self) -> Wishes:
        """What is wished for a terminal of this size."""
        app = self._app
        return app.memory.layouts.get(size_class(*app.size), Wishes())

    def wish(self, wishes: Wishes) -> None:
        """Wish for something else, for terminals of this size, from now on."""
        app = self._app
        app.memory.layouts[size_class(*app.size)] = wishes
        app.memory.save()
        self.arrange_again()

    def arrange(self, size: Size | None = None) -> None:
        """Give every pane its place; only those whose place changed are touched."""
        app = self._app
        width, height = size or app.size
        wishes = app.memory.layouts.get(size_class(width, height), Wishes())
        desk = app.desk
        layout = self.standing = arrange(width, height, self._wide, self._maximised, wishes, desk.lanes, len(desk.universes))
        app.header.set_junctions(layout.junctions_above)
        app.timeline.set_junctions(layout.junctions_below)
        regions = dict(layout.regions)
        question = app.prompt.question
        if "status" in regions and question is not None:
            row = regions.pop("status")
            sign = len(question.sign) + 2
            regions["sign"] = row.crop_size((sign, 1))
            regions["prompt"] = type(row)(sign, row.y, row.width - sign, 1)
        for widget in app.widgets():
            _place(widget, regions.get(widget.id or ""))
        if layout.fits and not app.active.display:
            self.activate(next((pane for name in PANES if (pane := app.panes[name]).display), app.source))

    def arrange_again(self) -> None:
        app = self._app
        self.arrange()
        app.call_after_refresh(app.paint)

    # -- going to panes

    def activate(self, pane: "Pane") -> None:
        """Make a pane the one that the keys are about; one that is hidden is shown again."""
        app = self._app
        if pane is app.active and pane.display:
            return
        before, app.active = app.active, pane
        if pane.id in WIDE and before.id not in WIDE:
            self._before_it = before.id or ""
        if not pane.display:
            name = pane.id or ""
            if name in self.wishes.hidden:
                app.memory.layouts[size_class(*app.size)] = hidden(self.wishes, name, hide=False)
                app.memory.save()
            if self._maximised:
                self._maximised = "" if self._to_read else name
                self._to_read = False
            if name in WIDE:
                self._wide = name
            self.arrange()
            if not pane.display and app.size:
                self._wide = name  # its own place is taken by another: it has its turn with the others
                self.arrange()
            app.call_after_refresh(app.paint)
        before.show()
        pane.show()

    def activate_by_name(self, name: str) -> None:
        app = self._app
        self.activate(app.panes[name])
        app.say(app.keyed(app.active.HELP))

    def next_pane(self, step: int) -> None:
        app = self._app
        self.activate(self._shown_after(step))
        app.say("")

    def _shown_after(self, step: int) -> "Pane":
        app = self._app
        shown = [pane for name in PANES if (pane := app.panes[name]).display]
        if not shown:  # the terminal is too small
            return app.active
        index = shown.index(app.active) if app.active in shown else 0
        return shown[(index + step) % len(shown)]

    # -- hiding, moving, resizing

    def maximise(self) -> None:
        self._to_read = False
        self._maximised = "" if self._maximised else self._app.active.id or ""
        self.arrange_again()

    def give_room(self) -> None:
        """Show the active pane alone where it is too low to read in, until it is closed."""
        app = self._app
        region = self.standing.regions.get(app.active.id or "")
        if not self._maximised and region is not None and region.height < _READABLE:
            self.maximise()
            self._to_read = True

    def close_pane(self) -> bool:
        """Close what covers other panes; whether anything did."""
        app = self._app
        if app.active is app.results:
            app.results.leave()
        if self._maximised:
            to_read = self._to_read
            self.maximise()
            if not to_read:
                return True
        if self._wide:
            self._wide = ""
            app.active = app.panes[self._before_it]
            self.arrange_again()
            return True
        return False

    def hide_pane(self) -> None:
        """Hide the active pane, from now on."""
        app = self._app
        name = app.active.id or ""
        shown = [pane for pane in PANES if app.panes[pane].display]
        if len(shown) < 2:
            app.say("it is the only pane")
            return
        self._maximised = ""
        # What has its turn goes; what is always there is hidden until it is asked for.
        if name == self._wide:
            self._wide = ""
            self.arrange()
        if app.active.display:
            self.wish(hidden(self.wishes, name, hide=True))
        self.arrange_again()
        app.say(f"{app.panes[name].TITLE} is hidden: {PANES.index(name) + 1} shows it again")

    def exchange_pane(self) -> None:
        """The active pane and the next one change places."""
        app = self._app
        one = app.active.id or ""
        shown = [name for name in self.standing.slots if app.panes[name].display]
        if self._maximised or one not in shown or len(shown) < 2:
            app.say("this pane has a place of its own")
            return
        other = shown[(shown.index(one) + 1) % len(shown)]
        wishes = exchanged(self.standing, self.wishes, one, other)
        self._wide = ""
        self.wish(wishes)
        app.say(f"{app.panes[one].TITLE} and {app.panes[other].TITLE} have changed places")

    def resize_pane(self, wider: int = 0, taller: int = 0) -> None:
        """Make the active pane larger or smaller."""
        app = self._app
        name = app.active.id or ""
        if self._maximised or (name not in self.standing.slots and name != "timeline"):
            app.say("this pane can't be resized")
            return
        rows = 1 if name == "timeline" else _TALLER
        self.resize_by(name, wider * _WIDER, taller * rows)

    def resize_by(self, name: str, wider: int, taller: int) -> None:
        """Make a pane so many cells larger."""
        self.wish(resized(self.standing, self.wishes, name, wider, taller))

    def reset_layout(self) -> None:
        """All panes as they come."""
        app = self._app
        self._wide = self._maximised = ""
        app.memory.layouts.clear()
        app.memory.save()
        self.arrange_again()
        app.say("the panes stand as they come")


def _place(widget: Widget, region: Any) -> None:
    """Move a widget, where it isn't there already."""
    if region is None:
        if widget.display:
            widget.display = False
        return
    if not widget.display:
        widget.display = True
    styles = widget.styles
    wanted = (region.x, region.y, region.width, region.height)
    if getattr(widget, "_tttui_place", None) != wanted:
        widget._tttui_place = wanted  # type: ignore[attr-defined]
        styles.offset = (region.x, region.y)
        styles.width = region.width
        styles.height = region.height
