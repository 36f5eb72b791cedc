"""Whatever kills the program, the writer or the file: what was recorded is there, or one line says why not."""
