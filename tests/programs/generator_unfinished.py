# oracle: lifetimes
log = []


def worker():
    try:
        yield 1
        yield 2
    finally:
        log.append("closed")


def use():
    source = worker()
    return next(source)


value = use()
first = worker()
next(first)
first = None
count = len(log)
