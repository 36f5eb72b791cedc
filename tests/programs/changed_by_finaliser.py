# oracle: lifetimes
log = []
table = {"count": 0}


class Guard:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        log.append(self.name)
        table["count"] += 1


guard = Guard("first")
guard = None
guard = Guard("second")
del guard


def scope():
    inner = Guard("inner")
    return len(log)


size = scope()
items = [Guard("a"), Guard("b")]
items.clear()
after = len(log)
