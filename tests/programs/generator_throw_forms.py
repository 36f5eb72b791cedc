# oracle: lifetimes
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


def middle():
    yield from inner()
    yield 9


def outer():
    try:
        yield from middle()
    except KeyError:
        log.append("outer")
        yield 4


a = outer()
values = [next(a), a.throw(ValueError)]
try:
    a.throw(TypeError("through all"))
except TypeError as error:
    caught = error
b = outer()
try:
    b.throw(ValueError("never started"))
except ValueError as error:
    caught = error
c = outer()
next(c)
c.close()
d = outer()
next(d)
got = d.throw(KeyError)
d.close()
e = outer()
next(e)
del e
f = inner()
next(f)
try:
    f.throw(RuntimeError("out"))
except RuntimeError as error:
    caught = error
try:
    f.throw(RuntimeError("again, when it is over"))
except RuntimeError as error:
    caught = error
after = 1


class Library:
    def __init__(self):
        self.step = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.step += 1
        return self.step

    def throw(self, *what):
        log.append("thrown")
        return "handled"

    def close(self):
        log.append("closed")


def through():
    yield from Library()


g = through()
h = [next(g), g.throw(ValueError("x")), next(g)]
g.close()
after = 2
