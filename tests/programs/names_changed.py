import functools
import types


def plain():
    return 1


def renamed_here():
    def wrapper():
        return 2

    alias = wrapper
    wrapper.__qualname__ = "other"
    after = 0
    return alias


def updated():
    def wrapper():
        return 2

    functools.update_wrapper(wrapper, plain)
    after = 0
    return wrapper


def rename(function, name):
    function.__qualname__ = name
    after = 1


def in_containers():
    def inner():
        return 3

    rows = [inner, 1]
    table = {"a": inner, inner: 2}
    pair = (inner, 1)
    nested = [[(inner,)]]
    bound = functools.partial(inner, 1)
    del inner
    rename(rows[0], "renamed")
    after = 0
    rename(rows[0], "again")
    after = 1


class Thing:
    def method(self):
        return 1

    @property
    def name(self):
        return 2


def of_class():
    thing = Thing()
    bound = thing.method
    Thing.method.__qualname__ = "Thing.other"
    after = 0
    Thing.__qualname__ = "Something"
    after = 1
    Thing.__name__ = "What"
    after = 2
    Thing.__module__ = "elsewhere"
    after = 3
    Thing.__module__ = "__main__"
    after = 4


def generators():
    def each():
        yield 1

    one = each()
    rows = [one]
    one.__qualname__ = "first"
    after = 0
    one.__name__ = "second"
    after = 1

    async def task():
        return 1

    coroutine = task()
    coroutine.__qualname__ = "third"
    after = 2
    list(one)
    try:
        coroutine.send(None)
    except StopIteration as result:
        after = result.value


def modules():
    module = types.ModuleType("made")
    rows = [module]
    module.__name__ = "renamed"
    after = 0
    setattr(module, "__name__", "again")
    after = 1
    vars(module)["__name__"] = "vars"
    after = 2
    module.__dict__.update(__name__="update")
    after = 3
    name_it(module)
    after = 4


def name_it(module):
    module.__name__ = "in a call"
    after = 0


registry = []


def register(function):
    registry.append(function)
    return function


@register
def kept():
    return 4


def of_global():
    kept.__qualname__ = "of global"
    after = 0
    functools.update_wrapper(kept, plain)
    after = 1


def deep(function, n):
    if n:
        deep(function, n - 1)
        after = n
    else:
        functools.update_wrapper(function, plain)
        after = -1
        rename(function, "deep")


def deeper():
    def one():
        pass

    deep(one, 5)
    after = 0


def suspended():
    def one():
        pass

    def walk():
        local = one
        yield 1
        after = 0
        yield local

    walker = walk()
    next(walker)
    rename(one, "moved")
    next(walker)
    after = 1
    list(walker)


def wrapped(function):
    @functools.wraps(function)
    def inner(*args):
        return function(*args)

    return inner


def many():
    for n in range(12):
        one = wrapped(plain)
        one()


def of_a_library():
    import decimal

    kept = [decimal]
    setattr(decimal, "__name__", "number")
    after = 0
    decimal.__name__ = "decimal"
    after = 1


def in_many():
    def one():
        pass

    rows = [one] * 70
    table = {n: (n, one) for n in range(70)}
    one.__qualname__ = "many"
    after = 0


def in_wider_frames():
    def one():
        pass

    for each in (one, functools.partial(one), [one]):
        hold(each, one)
    after = 0


def hold(held, one):
    rename_held(one)
    after = held


def rename_held(one):
    one.__qualname__ = one.__qualname__ + "+"
    after = 0


class Node:
    def __init__(self, handler):
        self.handler = handler

    def handle(self):
        self.handler.__qualname__ += "!"
        after = 0


def in_instances():
    def one():
        pass

    node = Node(one)
    node.other = node.handle
    node.handle()
    after = 0
    for n in range(40):
        setattr(node, f"x{n}", n)
    node.handle()
    after = 1


class Text(str):
    pass


def twice(function):
    kept = [function]
    setattr(function, "__qualname__", "once") or setattr(function, "__qualname__", "twice")
    after = 0
    function.__qualname__ = Text("a text")
    after = 1
    return kept


renamed_here()
twice(lambda: 1)
of_a_library()
in_many()
in_wider_frames()
in_instances()
updated()
in_containers()
of_class()
generators()
modules()
of_global()
deeper()
suspended()
many()
