# oracle: limits
# An item of a large container is changed that a condition, a choice or another container leads to.
import collections


def f0(rows, table):
    [v.append(1) for v in table.values() if v == [65]]
    after = 0


def f1(rows, table):
    [v for v in rows if v == [65] and not v.append(1)]
    after = 1


def f2(rows, table):
    list(v for v in rows if v == [65] and v.append(1))
    after = 2


def f3(rows, table):
    (rows * 2)[131].append(1)
    after = 3


def f4(rows, table):
    (rows[65] and rows[64]).append(1)
    after = 4


def f5(rows, table):
    (table.get("none") or table["65"]).append(1)
    after = 5


def f6(rows, table):
    rows[65 if table else 64].append(1)
    after = 6


def f7(rows, table):
    table.setdefault("65" if rows else "", []).append(1)
    after = 7


def f8(rows, table):
    def g(): [v.append(1) for v in rows if v == [65]]
    g()
    after = 8


def f9(rows, table):
    c = collections.deque(rows)
    [v.append(1) for v in c if v == [65]]
    after = 9


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
