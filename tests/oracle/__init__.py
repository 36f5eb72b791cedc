"""An independent witness: what a program does, seen without the recorder and without its code."""
