# oracle: limits
"""What calls of code that isn't recorded are given, and change: whoever called the function has other names for it."""

import operator
import re

poke = operator.methodcaller("append", 1)
pattern = re.compile("a")
SHARED = [7]


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

    def give(self):
        return self.items[0]


class Slotted:
    __slots__ = ("items",)

    def __init__(self):
        self.items = [[0]]


class Late:
    def __getattr__(self, name):
        return SHARED


GLOBAL = Box([0])


def run(function):
    x, z = [1], [2]
    b, s = Box(x, z), Slotted()
    table, items, value = b.table, b.items, b.table["a"]
    function("a", x, z, b, s, Late(), (x, z))


def given_0(k, x, z, b, s, late, t):
    before = 0
    poke(x)
    after = 0
    after = 1


def given_1(k, x, z, b, s, late, t):
    before = 0
    poke(b.items)
    after = 0
    after = 1


def given_2(k, x, z, b, s, late, t):
    before = 0
    poke(b.items[0])
    after = 0
    after = 1


def given_3(k, x, z, b, s, late, t):
    before = 0
    poke(b.inner.items)
    after = 0
    after = 1


def given_4(k, x, z, b, s, late, t):
    before = 0
    poke(b.first)
    after = 0
    after = 1


def given_5(k, x, z, b, s, late, t):
    before = 0
    poke(b.give())
    after = 0
    after = 1


def given_6(k, x, z, b, s, late, t):
    before = 0
    poke(late.anything)
    after = 0
    after = 1


def given_7(k, x, z, b, s, late, t):
    before = 0
    poke(GLOBAL.items)
    after = 0
    after = 1


def given_8(k, x, z, b, s, late, t):
    before = 0
    poke(s.items)
    after = 0
    after = 1


def given_9(k, x, z, b, s, late, t):
    before = 0
    poke(
        x
    )
    after = 0
    after = 1


def given_10(k, x, z, b, s, late, t):
    before = 0
    poke(
        b
        .items
    )
    after = 0
    after = 1


def given_11(k, x, z, b, s, late, t):
    before = 0
    operator.setitem(
        b.table,
        k,
        x,
    )
    after = 0
    after = 1


def given_12(k, x, z, b, s, late, t):
    before = 0
    poke(x if k else z)
    after = 0
    after = 1


def given_13(k, x, z, b, s, late, t):
    before = 0
    poke((y := b.items))
    after = 0
    after = 1


def given_14(k, x, z, b, s, late, t):
    before = 0
    poke(*[x])
    after = 0
    after = 1


def given_15(k, x, z, b, s, late, t):
    before = 0
    poke([x, z][1])
    after = 0
    after = 1


def given_16(k, x, z, b, s, late, t):
    before = 0
    poke((lambda q: q)(x))
    after = 0
    after = 1


def given_17(k, x, z, b, s, late, t):
    before = 0
    pattern.sub(lambda m: str(poke(x)), 'a')
    after = 0
    after = 1


def given_18(k, x, z, b, s, late, t):
    before = 0
    b.table.update(n=poke(x))
    after = 0
    after = 1


def given_19(k, x, z, b, s, late, t):
    before = 0
    poke(locals()['x'])
    after = 0
    after = 1


def given_20(k, x, z, b, s, late, t):
    before = 0
    poke(globals()['SHARED'])
    after = 0
    after = 1


def given_21(k, x, z, b, s, late, t):
    before = 0
    b.items = poke(b.items)
    after = 0
    after = 1


def given_22(k, x, z, b, s, late, t):
    before = 0
    b.table['a'] = poke(b.table['a'])
    after = 0
    after = 1


def given_23(k, x, z, b, s, late, t):
    before = 0
    x = poke(x)
    after = 0
    after = 1


def given_24(k, x, z, b, s, late, t):
    before = 0
    x, z = poke(z), poke(x)
    after = 0
    after = 1


def given_25(k, x, z, b, s, late, t):
    before = 0
    b = poke(b.items)
    after = 0
    after = 1


def given_26(k, x, z, b, s, late, t):
    before = 0
    b.inner, y = None, poke(b.inner.items)
    after = 0
    after = 1


def given_27(k, x, z, b, s, late, t):
    before = 0
    poke(b.items if poke(x) else z)
    after = 0
    after = 1


def given_28(k, x, z, b, s, late, t):
    before = 0
    any(map(poke, t))
    after = 0
    after = 1


def given_by_a_closure(k, x, z, b, s, late, t):
    def inside():
        poke(x)
        poke(b.items)
        return 1

    after = inside()
    after = 2


def again_0(k, x, z, b, s, late, t):
    before = 0
    poke(b.first)
    after = 0
    after = 1


def again_1(k, x, z, b, s, late, t):
    before = 0
    poke(b[0])
    after = 0
    after = 1


def again_2(k, x, z, b, s, late, t):
    before = 0
    poke(
        b.first
    )
    after = 0
    after = 1


for each in (given_0, given_1, given_2, given_3, given_4, given_5, given_6, given_7, given_8, given_9, given_10, given_11, given_12, given_13, given_14, given_15, given_16, given_17, given_18, given_19, given_20, given_21, given_22, given_23, given_24, given_25, given_26, given_27, given_28, given_by_a_closure):
    run(each)
# often enough for the interpreter to specialise it
for _ in range(9):
    for each in (again_0, again_1, again_2):
        run(each)
