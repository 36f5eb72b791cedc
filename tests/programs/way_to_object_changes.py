# oracle: limits
# Lines that change an object, and then the way that led to it.
class Holder:
    def __init__(self, rows):
        self.rows = rows

    def cut(self):
        self.rows = None


def drop(rows):
    rows[65] = None


def f0(rows, table):
    x = rows[65]
    x.append(1); x = 5
    after = 0


def f1(rows, table):
    x = rows[65]
    x.append(1); del x
    after = 1


def f2(rows, table):
    x = rows
    x = x[65].append(1)
    after = 2


def f3(rows, table):
    x = rows[65]; x.append(1); x = 5
    after = 3


def f4(rows, table):
    x = [rows[65]]
    x[0].append(x.pop())
    after = 4


def f5(rows, table):
    x = [rows[65]]
    x[0].append(1); x.clear()
    after = 5


def f6(rows, table):
    x = {"a": rows[65]}
    x["a"].append(1); del x["a"]
    after = 6


def f7(rows, table):
    x = rows[:]
    x[65].append(1); x[65] = None
    after = 7


def f8(rows, table):
    x = rows[:]
    x[65], y = None, x[65].append(1)
    after = 8


def f9(rows, table):
    x = rows[:]
    x[65].append(1); x.insert(0, 1)
    after = 9


def f10(rows, table):
    x = rows[:]
    x[64].append(1); x.sort(reverse=True)
    after = 10


def f11(rows, table):
    x = rows[:]
    x[-1].append(1); x.append(5)
    after = 11


def f12(rows, table):
    x = rows[:]
    x[-3].append(x.pop())
    after = 12


def f13(rows, table):
    x = rows[:]
    x.pop(65).append(1)
    after = 13


def f14(rows, table):
    x = dict(table)
    x["65"].append(1); x.update({"65": 5})
    after = 14


def f15(rows, table):
    x = dict(table)
    x["65"].append(x.pop("65"))
    after = 15


def f16(rows, table):
    x = [[[rows[65]]]]
    x[0][0][0].append(1); x[0] = None
    after = 16


def f17(rows, table):
    x = rows[:]
    y = x
    x[65].append(1); y.clear()
    after = 17


def f18(rows, table):
    h = Holder(rows)
    h.rows, x = None, h.rows[65].append(1)
    after = 18


def f19(rows, table):
    h = Holder(rows)
    x = h.rows; h.rows = None; x[65].append(1)
    after = 19


def f20(rows, table):
    h = Holder(rows)
    h.rows[65].append(h.cut())
    after = 20


def f21(rows, table):
    h = Holder(rows[65])
    h.rows.append(h.cut())
    after = 21


def f22(rows, table):
    rows[65].append(drop(rows))
    after = 22


def f23(rows, table):
    rows[65] += drop(rows) or [1]
    after = 23


def f24(rows, table):
    i = 65
    rows[i].append(1); i = 5
    after = 24


def f25(rows, table):
    while len(rows[65]) < 3: rows[65].append(1)
    after = 25


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
f17([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f18([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f19([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f20([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f21([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f22([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f23([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f24([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
f25([*map(list, zip(range(66)))], dict(zip(map(str, range(66)), map(list, zip(range(66))))))
