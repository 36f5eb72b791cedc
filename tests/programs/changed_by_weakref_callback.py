# oracle: lifetimes
import weakref

gone = []


class Target:
    pass


target = Target()
reference = weakref.ref(target, lambda dead: gone.append("target"))
del target
after = len(gone)
finalised = Target()
weakref.finalize(finalised, gone.append, "finalised")
finalised = None
after = len(gone)
