"""The terminal user interface: panes that show one moment of a recording, and keys that move it."""
