# oracle: limits
"""The same, of what runs often enough for the interpreter to specialise it."""

import operator

poke = operator.methodcaller("append", 1)


class Box:
    def __init__(self, *items):
        self.items = list(items)
        self.table = {"a": [1], "b": [2]}
        self.inner = self

    @property
    def first(self):
        return self.items[0]

    def __getitem__(self, i):
        return self.items[i]

    def __call__(self):
        return self.items

    def give(self):
        return self.items[0]

    def __iter__(self):
        return iter(self.items)


class Slotted:
    __slots__ = ("items", "name")

    def __init__(self):
        self.items = [[0]]
        self.name = "x"


class Late:
    def __getattr__(self, name):
        return SHARED


SHARED = [7]
GLOBAL = Box([0])

def f0(k, name, n):
    x, z = [1], [2]
    b = Box(x, z)
    s, late, t = Slotted(), Late(), (x, z)
    b.items[0] = x
    alias, atable, aitems, sitems = x, b.table, b.items, s.items
    avalue, zalias, balias = b.table["a"], z, b
    cx, cb = [3], b
    def cell():
        poke(cx)
        return poke(cb.items)
    before = 0
    try:
        poke(b.first)
    except Exception as error:
        failed = 1
    after = 0
    after = alias is not None
    return after

def f1(k, name, n):
    x, z = [1], [2]
    b = Box(x, z)
    s, late, t = Slotted(), Late(), (x, z)
    b.items[0] = x
    alias, atable, aitems, sitems = x, b.table, b.items, s.items
    avalue, zalias, balias = b.table["a"], z, b
    cx, cb = [3], b
    def cell():
        poke(cx)
        return poke(cb.items)
    before = 0
    try:
        poke(b[0])
    except Exception as error:
        failed = 1
    after = 1
    after = alias is not None
    return after

def f2(k, name, n):
    x, z = [1], [2]
    b = Box(x, z)
    s, late, t = Slotted(), Late(), (x, z)
    b.items[0] = x
    alias, atable, aitems, sitems = x, b.table, b.items, s.items
    avalue, zalias, balias = b.table["a"], z, b
    cx, cb = [3], b
    def cell():
        poke(cx)
        return poke(cb.items)
    before = 0
    try:
        poke(
            b.first
        )
    except Exception as error:
        failed = 1
    after = 2
    after = alias is not None
    return after
for _ in range(9):
    f0("a", "items", None)
for _ in range(9):
    f1("a", "items", None)
for _ in range(9):
    f2("a", "items", None)
