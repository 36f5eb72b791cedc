# oracle: limits
# What one line of a statement has found and another one changes.

def f0(rows, table):
    (table
        .setdefault("65", [])
        .append(1))
    after = 0


def f1(rows, table):
    (rows
        [65]
        .append(1))
    after = 1


def f2(rows, table):
    rows[
        65
    ].append(
        1
    )
    after = 2


def f3(rows, table):
    [
        v.append(1)
        for v in
        table.values()
        if v == [65]
    ]
    after = 3


def f4(rows, table):
    next(
        v
        for v in rows[60:]
        if v == [65]
    ).append(
        1
    )
    after = 4


def f5(rows, table):
    max(
        rows,
        key=len,
    ).append(1)
    after = 5


def f6(rows, table):
    (
        rows[65]
        if table
        else []
    ).append(1)
    after = 6


def f7(rows, table):
    [
        rows[65],
        rows[64],
    ][1].append(1)
    after = 7


def f8(rows, table):
    {
        "a": rows[65],
    }.get(
        "a"
    ).append(1)
    after = 8


def f9(rows, table):
    x = (
        rows[65]
        .append(1)
    )
    after = 9


def f10(rows, table):
    list(rows)[
        65
    ].append(1)
    after = 10


def f11(rows, table):
    (rows
        .__getitem__(65)
        .append(1))
    after = 11


def f12(rows, table):
    rows[64].append(
        rows[65]
        .append(1)
    )
    after = 12


def f13(rows, table):
    x = {"a": rows[65]}
    (x
        .pop("a")
        .append(1))
    after = 13


def f14(rows, table):
    x = rows[:]
    (x
        .pop(65)
        .append(1))
    after = 14


def f15(rows, table):
    rows[65][:] = [
        5
    ]
    after = 15


def f16(rows, table):
    match table:
        case {"65": x} if x.append(1): pass
    after = 16


def f17(rows, table):
    match rows:
        case [x, *y] if not y[64].append(1): pass
    after = 17


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
