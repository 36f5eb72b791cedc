# oracle: limits
# A line changes what a call, an attribute or an operator has given it, or what that holds.
kept = [*map(list, zip(range(66)))]


class Holder:
    count = 0

    def __init__(self, rows):
        self.rows = rows

    @property
    def last(self):
        return self.rows[-1]

    @property
    def pair(self):
        return self.rows[65], self.rows

    def __getitem__(self, number):
        return self.rows[number]

    def __add__(self, number):
        return self.rows[number]

    def __getattr__(self, name):
        return self.rows[64]

    def of(self, number):
        return self.rows[number], self.rows

    def both(self):
        return [1, self.rows[63]]


class Kept:
    def __init__(self):
        self.rows, self.one = kept, kept[63]


def f0(rows, table):
    h = Holder(rows)
    h.last.append(1)
    after = 0


def f1(rows, table):
    h = Holder(rows)
    h[65].append(1)
    after = 1


def f2(rows, table):
    h = Holder(rows)
    h.pair[0].append(1)
    after = 2


def f3(rows, table):
    h = Holder(rows)
    h.pair[1][64].append(1)
    after = 3


def f4(rows, table):
    h = Holder(rows)
    h.of(65)[0].append(1)
    after = 4


def f5(rows, table):
    h = Holder(rows)
    (h + 65).append(1)
    after = 5


def f6(rows, table):
    h = Holder(rows)
    h.other.append(1)
    after = 6


def f7(rows, table):
    h = Holder(rows)
    h.both()[1].append(1)
    after = 7


def f8(rows, table):
    h = Holder(rows)
    type(h).count += 1
    after = 8


def f9(rows, table):
    h = Holder(rows)
    h.__dict__["rows"][65].append(1)
    after = 9


def f10(rows, table):
    h = Holder(rows)
    list(map(h.__getitem__, [65]))[0].append(1)
    after = 10


def f11(rows, table):
    h = Holder(rows)
    h[61], h[62], h[63], h[64], h[60], h[65].append(1)
    after = 11


def f12(rows, table):
    def g(): return rows, table
    g()[1]["65"].append(1)
    after = 12


def f13(rows, table):
    def g(): yield from rows[59:]
    list(g())[6].append(1)
    after = 13


def f14(rows, table):
    def g(): return kept
    g()[65].append(1)
    after = 14


def f15(rows, table):
    Kept().rows[64].append(1)
    after = 15


def f16(rows, table):
    Kept().one.append(1)
    after = 16


f0([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f1([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f2([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f3([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f4([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f5([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f6([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f7([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f8([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f9([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f10([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f11([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f12([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f13([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f14([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f15([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f16([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
