# oracle: lifetimes
import weakref

gone = []
table = {"key": 1, "other": 2}


class Target:
    pass


def work():
    local = []
    target = Target()
    weakref.finalize(target, local.append, "local")
    weakref.finalize(target, table.pop, "key")
    target = None
    after = len(local)
    return local


work()
target = Target()
reference = weakref.ref(target, gone.append)
del target
gone.clear()
finalised = Target()
weakref.finalize(finalised, gone.append, "finalised")
finalised = None
after = len(gone)
