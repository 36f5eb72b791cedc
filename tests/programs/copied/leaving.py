"""What happens at the end: exit functions, finalisers, an exit code."""
import atexit
import sys
import weakref


class Thing:
    def __del__(self):
        gone.append("thing")


gone = []
atexit.register(gone.append, "at exit")
thing = Thing()
finalizer = weakref.finalize(thing, gone.append, "finalised")
del thing
state = list(gone)


def leave(code):
    try:
        sys.exit(code)
    finally:
        gone.append("left")


leave(4)
