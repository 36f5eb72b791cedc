log = []


def inner():
    try:
        yield 1
        yield 2
    except ValueError:
        log.append("inner")
        yield 3
    finally:
        log.append("finally")


def outer():
    try:
        yield from inner()
    except KeyError:
        log.append("outer")
        yield 4


a = outer()
values = [next(a), a.throw(ValueError), a.throw(KeyError)]
a.close()
