"""Themes on the screen: what Textual has to know of them, and switching while the viewer runs."""

from textual.theme import Theme as TextualTheme

from tttui.errors import TttuiError
from tttui.tui import theme as themes
from tttui.tui.part import Part
from tttui.tui.theme import Theme


class Dressing(Part):
    """The part of `Debugger` that wears themes."""

    def wear(self, theme: Theme) -> None:
        """Look like a theme from the next paint on."""
        app = self._app
        app.desk.theme = theme
        colors = theme.colors
        prefix = "ansi_" if theme.ansi else ""
        usual = {name: prefix + value for name, value in colors.items()}
        name = f"tttui-{theme.name}"
        variables = {
            "input-cursor-background": usual["foreground"], "input-cursor-foreground": "ansi_black" if theme.ansi else usual["background"],
            "input-cursor-text-style": "reverse" if theme.ansi else "none",
        }  # fmt: skip
        if theme.ansi:
            variables |= {"ansi-background": "ansi_black", "ansi-foreground": "ansi_white"}
        app.register_theme(
            TextualTheme(
                name, primary=usual["blue"], secondary=usual["cyan"], warning=usual["yellow"], error=usual["red"], success=usual["green"],
                accent=usual["magenta"], foreground=usual["foreground"], background=usual["background"], surface=usual["background"],
                panel=usual["background"], boost=usual["background"], dark=theme.dark, variables=variables, ansi=theme.ansi,
            )
        )  # fmt: skip
        app.theme = name

    def use_theme(self, theme: Theme) -> None:
        """Switch at once, everything being drawn again."""
        app = self._app
        self.wear(theme)
        for strips in (*app._strips, app.prompt_sign):
            strips.repaint()

    def try_theme(self, name: str) -> None:
        app = self._app
        try:
            self.use_theme(themes.load(name))
        except TttuiError as error:
            app.problem(error)
        else:
            app.say(f"theme {name}, for now: {app.key_for('theme')} keeps one")
