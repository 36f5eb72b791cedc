"""Themes of the terminal user interface: TOML files, packaged as `tttui.themes`. See `docs/themes.md`."""
