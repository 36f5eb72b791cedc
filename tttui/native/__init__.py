"""The C extensions: `recorder` in the program, `reader` in whatever reads or writes a recording."""
