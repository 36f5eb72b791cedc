# oracle: limits
# Keys that are equal to those of other types, and keys that are pieces of texts.
import enum


class Number(enum.IntEnum):
    LAST = 65


def f0(rows, table):
    table = dict(zip(map(float, range(66)), rows))
    table[65].append(1)
    after = 0


def f1(rows, table):
    table = dict(zip(map(float, range(66)), rows))
    table[65] = 5
    after = 1


def f2(rows, table):
    table |= {True: [0]}
    table[1].append(1)
    after = 2


def f3(rows, table):
    table = dict(enumerate(rows[:65])) | {Number.LAST: [65]}
    table[65].append(1)
    after = 3


def f4(rows, table):
    word = "65"
    table[word[:2]].append(1)
    after = 4


def f5(rows, table):
    word = "65"
    table[word[0] + word[1]].append(1)
    after = 5


def f6(rows, table):
    word, i = "65", 1
    table[word[i]].append(1)
    after = 6


def f7(rows, table):
    word, i = "65", 1
    table[word[i - 1:i + 1]].append(1)
    after = 7


def f8(rows, table):
    word = "65"
    table[word[::-1][:2]].append(1)
    after = 8


def f9(rows, table):
    word = "655"
    table[word[-200:-1]].append(1)
    after = 9


def f10(rows, table):
    word = "655"
    table.setdefault(word[:2], []).append(1)
    after = 10


def f11(rows, table):
    word = "655"
    table.setdefault(word[1:3] + "0", []).append(1)
    after = 11


def f12(rows, table):
    word = "655"
    table.setdefault("new" + word[:1], []).append(word[0])
    after = 12


def f13(rows, table):
    word = "655"
    table[word[:2]] = 5
    after = 13


def f14(rows, table):
    word = "655"
    table["new" + word[:1]] = 5
    after = 14


def f15(rows, table):
    word = "655"
    table[word[:2]].append(1); word = "5"
    after = 15


def f16(rows, table):
    words = ["65", "64"]
    table[words[0]].append(words.pop(0))
    after = 16


def f17(rows, table):
    words = ["655", "644"]
    for word in words: table.setdefault(word[:2], []).append(1)
    after = 17


def f18(rows, table):
    table.setdefault("a", []); table.setdefault("b", []); table.setdefault("1", [])
    after = 18


def f19(rows, table):
    table.setdefault("a", []).append(table.pop("1"))
    after = 19


def f20(rows, table):
    table["a"] = table.pop("1"); table.setdefault("b", 3)
    after = 20


def f21(rows, table):
    rows[60:][5].append(1)
    after = 21


def f22(rows, table):
    x = rows[60:]; x[4].append(1); x[5][0] = 5
    after = 22


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
