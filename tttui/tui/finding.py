"""What can be found: texts in the run or in a pane, actions, keys and themes."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tttui.errors import TttuiError
from tttui.tui import theme as themes
from tttui.tui.actions import ACTIONS, GROUPS, shown_keys
from tttui.tui.gathering import Gathering
from tttui.tui.panes.results import Result
from tttui.tui.prompt import Question
from tttui.tui.sources import short


class Finding(Gathering):
    """The part of `Debugger` that lists what there is."""

    def find(self, text: str) -> None:
        """A text in all values, names, output and exceptions of the run."""
        from tttui.navigation.find import find as find_text

        def find(run: Any, cancelled: Callable[[], bool]) -> Iterator[Result]:
            for found in find_text(run, text, cancelled=cancelled):
                text_found = f"{found.what} = {found.text}" if found.where == "value" else found.text
                yield Result(text_found, found.event, f"{short(found.file)}:{found.line} {found.function}")

        self.gather(f"find {text}", find, f"{text!r} is in no value, output or exception of the run")

    def _search_question(self) -> Question:
        app = self._app
        if app.active is app.locals:

            def narrow(text: str) -> None:
                app.locals.filter = text
                app.locals.show()

            return Question("filter", narrow, changed=narrow, cancelled=lambda: narrow(""), sort="filter", initial=app.locals.filter)
        pane = app.active
        start = pane.cursor

        def look(text: str) -> None:
            """As it is typed: the next row that has it."""
            pane.cursor = start
            if not (text and pane.find(text, stay=True)):
                pane.show()

        def back() -> None:
            look("")

        def found(text: str) -> None:
            pane.sought = text
            if text and not pane.find(text, stay=True):
                app.say(f"{text!r} is not in this pane")

        if pane is app.source:
            return Question("find in the run", lambda text: self.find(text) if text else None, look, back, sort="search")
        return Question("find in this pane", found, look, back, sort="search")

    def _palette_question(self) -> Question:
        app = self._app

        def rows(text: str) -> list[Result]:
            words = text.lower().split()
            return [
                Result(
                    action.help,
                    lead=f"{shown_keys(action, app.key_map[action.name]):<10} {action.name.replace('_', ' ')}",
                    style="text" if app.can(action.name) else "faint",
                    action=partial(app.perform, action.name),
                )
                for action in ACTIONS
                if all(word in f"{action.name} {action.short} {action.help}".lower().replace("_", " ") for word in words)
            ]

        def changed(text: str) -> None:
            app.results.begin("Actions")
            app.results.add(rows(text))
            app.results.show()

        def up() -> None:
            app.results.motion("up", 1)

        def down() -> None:
            app.results.motion("down", 1)

        def choose(text: str) -> None:
            chosen = app.results.results[app.results.cursor : app.results.cursor + 1]
            if chosen and chosen[0].action is not None:
                app.close_top()
                app.call_later(chosen[0].action)

        self.show_results("Actions", rows(""))
        keys = {"up": up, "ctrl+p": up, "down": down, "ctrl+n": down}
        return Question("action", choose, changed=changed, cancelled=app.close_top, sort="palette", keys=keys)

    def help(self) -> None:
        """The keys; what the active pane is for comes first."""
        app = self._app
        pane = app.active

        def perform(name: str) -> None:
            app.close_top()
            if pane is not app.results:
                app.activate(pane)
            app.perform(name)

        rows = [
            Result(f"{pane.TITLE}: {app.keyed(pane.HELP)}", style="name", wraps=True),
            Result("a count before a key repeats it: 20N; the same key with Shift goes back", style="muted", wraps=True),
        ]
        for group in GROUPS:
            rows.append(Result(group, style="title_focused"))
            rows.extend(
                Result(action.help, lead=shown_keys(action, keys), action=partial(perform, action.name), wraps=True)
                for action in ACTIONS
                if action.group == group and (keys := app.key_map[action.name])
            )
        self.show_results("Help: Enter does it, Esc closes", rows)
        app.give_room()

    def list_themes(self) -> None:
        """All themes; the selected one is shown at once, and kept with Enter."""
        app = self._app
        before = app.desk.theme

        def keep(theme: themes.Theme) -> None:
            app.results.left = None
            app.use_theme(theme)
            app.memory.theme = theme.name
            app.memory.save()
            app.close_pane()
            app.say(f"theme {theme.name}, from now on")

        rows = []
        for source in themes.sources():
            try:
                theme = themes.read(source)
                shown = f"{theme.title}, {theme.sort}"
                rows.append(Result(shown, lead=source.name, action=partial(keep, theme), preview=partial(app.use_theme, theme)))
            except TttuiError as error:
                rows.append(Result(str(error), lead=source.name, style="problem", wraps=True))
        self.show_results("Themes: Enter keeps one, Esc doesn't", rows)
        app.results.left = partial(app.use_theme, before)
        app.results.cursor = next((index for index, row in enumerate(rows) if row.lead == before.name), 0)
        app.results.show()
