# oracle: limits
"""What calls of code that isn't recorded are given, and change: an alias shows it."""

import operator
import re

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
pattern = re.compile("a")

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
        poke(x)
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
        poke(b.items)
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
        poke(b.items[0])
    except Exception as error:
        failed = 1
    after = 2
    after = alias is not None
    return after

def f3(k, name, n):
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
        poke(b.inner.items)
    except Exception as error:
        failed = 1
    after = 3
    after = alias is not None
    return after

def f4(k, name, n):
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
    after = 4
    after = alias is not None
    return after

def f5(k, name, n):
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
        poke(b.give())
    except Exception as error:
        failed = 1
    after = 5
    after = alias is not None
    return after

def f6(k, name, n):
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
        poke(late.anything)
    except Exception as error:
        failed = 1
    after = 6
    after = alias is not None
    return after

def f7(k, name, n):
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
        poke(GLOBAL.items)
    except Exception as error:
        failed = 1
    after = 7
    after = alias is not None
    return after

def f8(k, name, n):
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
        poke(s.items)
    except Exception as error:
        failed = 1
    after = 8
    after = alias is not None
    return after

def f9(k, name, n):
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
            x
        )
    except Exception as error:
        failed = 1
    after = 9
    after = alias is not None
    return after

def f10(k, name, n):
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
            b
            .items
        )
    except Exception as error:
        failed = 1
    after = 10
    after = alias is not None
    return after

def f11(k, name, n):
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
        operator.setitem(
            b.table,
            k,
            x,
        )
    except Exception as error:
        failed = 1
    after = 11
    after = alias is not None
    return after

def f12(k, name, n):
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
        poke(x if k else z)
    except Exception as error:
        failed = 1
    after = 12
    after = alias is not None
    return after

def f13(k, name, n):
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
        poke((y := b.items))
    except Exception as error:
        failed = 1
    after = 13
    after = alias is not None
    return after

def f14(k, name, n):
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
        poke(*[x])
    except Exception as error:
        failed = 1
    after = 14
    after = alias is not None
    return after

def f15(k, name, n):
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
        poke([x, z][1])
    except Exception as error:
        failed = 1
    after = 15
    after = alias is not None
    return after

def f16(k, name, n):
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
        poke((lambda q: q)(x))
    except Exception as error:
        failed = 1
    after = 16
    after = alias is not None
    return after

def f17(k, name, n):
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
        pattern.sub(lambda m: str(poke(x)), 'a')
    except Exception as error:
        failed = 1
    after = 17
    after = alias is not None
    return after

def f18(k, name, n):
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
        b.table.update(n=poke(x))
    except Exception as error:
        failed = 1
    after = 18
    after = alias is not None
    return after

def f19(k, name, n):
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
        poke(locals()['x'])
    except Exception as error:
        failed = 1
    after = 19
    after = alias is not None
    return after

def f20(k, name, n):
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
        poke(globals()['SHARED'])
    except Exception as error:
        failed = 1
    after = 20
    after = alias is not None
    return after

def f21(k, name, n):
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
        b.items = poke(b.items)
    except Exception as error:
        failed = 1
    after = 21
    after = alias is not None
    return after

def f22(k, name, n):
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
        b.table['a'] = poke(b.table['a'])
    except Exception as error:
        failed = 1
    after = 22
    after = alias is not None
    return after

def f23(k, name, n):
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
        x = poke(x)
    except Exception as error:
        failed = 1
    after = 23
    after = alias is not None
    return after

def f24(k, name, n):
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
        x, z = poke(z), poke(x)
    except Exception as error:
        failed = 1
    after = 24
    after = alias is not None
    return after

def f25(k, name, n):
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
        b = poke(b.items)
    except Exception as error:
        failed = 1
    after = 25
    after = alias is not None
    return after

def f26(k, name, n):
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
        b.inner, y = None, poke(b.inner.items)
    except Exception as error:
        failed = 1
    after = 26
    after = alias is not None
    return after

def f27(k, name, n):
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
        return_ = cell()
    except Exception as error:
        failed = 1
    after = 27
    after = alias is not None
    return after

def f28(k, name, n):
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
        poke(b.items if poke(x) else z)
    except Exception as error:
        failed = 1
    after = 28
    after = alias is not None
    return after

def f29(k, name, n):
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
        any(map(poke, t))
    except Exception as error:
        failed = 1
    after = 29
    after = alias is not None
    return after
f0("a", "items", None)
f1("a", "items", None)
f2("a", "items", None)
f3("a", "items", None)
f4("a", "items", None)
f5("a", "items", None)
f6("a", "items", None)
f7("a", "items", None)
f8("a", "items", None)
f9("a", "items", None)
f10("a", "items", None)
f11("a", "items", None)
f12("a", "items", None)
f13("a", "items", None)
f14("a", "items", None)
f15("a", "items", None)
f16("a", "items", None)
f17("a", "items", None)
f18("a", "items", None)
f19("a", "items", None)
f20("a", "items", None)
f21("a", "items", None)
f22("a", "items", None)
f23("a", "items", None)
f24("a", "items", None)
f25("a", "items", None)
f26("a", "items", None)
f27("a", "items", None)
f28("a", "items", None)
f29("a", "items", None)
