# oracle: limits
def f0(rows):
    next(row for row in rows if row[0] == 5).append(1)
    after = 0
    after = 0

def f1(rows):
    next((row for row in rows if row[0] == 15), None).append(2)
    after = 1
    after = 0

def f2(rows):
    sorted(rows, key=lambda row: -row[0])[0].append(3)
    after = 2
    after = 0

def f3(rows):
    rows[::-1][1].append(4)
    after = 3
    after = 0

def f4(rows):
    list(reversed(rows))[2].append(5)
    after = 4
    after = 0

def f5(rows):
    rows[10:][0].append(6)
    after = 5
    after = 0

def f6(rows):
    sorted(rows)[3].append(7)
    after = 6
    after = 0

def f7(rows):
    sorted(rows, reverse=True)[3].append(7)
    after = 7
    after = 0

def f8(rows):
    (rows[20:] or rows)[0].append(8)
    after = 8
    after = 0

def f9(rows):
    [row for row in rows if row[0] == 30][0].append(9)
    after = 9
    after = 0

def f10(rows):
    list(rows)[31].append(10)
    after = 10
    after = 0

def f11(rows):
    max(*[rows[40:]], key=len).append(11)
    after = 11
    after = 0

def f12(rows):
    max(*rows[50:], key=len).append(12)
    after = 12
    after = 0

def f13(rows):
    tuple(rows)[33].append(13)
    after = 13
    after = 0

def f14(rows):
    dict(enumerate(rows))[34].append(14)
    after = 14
    after = 0

def f15(rows):
    [*rows][35].append(15)
    after = 15
    after = 0

def f16(rows):
    rows.copy()[36].append(16)
    after = 16
    after = 0

def f17(rows):
    (rows + [])[37].append(17)
    after = 17
    after = 0

def f18(rows):
    (rows[30:] + rows)[1].append(17)
    after = 18
    after = 0

def f19(rows):
    rows[len(rows) // 2].append(18)
    after = 19
    after = 0

def f20(rows):
    rows[-len(rows)].append(19)
    after = 20
    after = 0

def f21(rows):
    dict(zip(map(str, range(70)), rows)).get("38").append(20)
    after = 21
    after = 0

def f22(rows):
    list(filter(None, rows))[39].append(21)
    after = 22
    after = 0

def f23(rows):
    list(filter(lambda row: row[0] > 5, rows))[39].append(21)
    after = 23
    after = 0

def f24(rows):
    list(zip(rows))[41][0].append(22)
    after = 24
    after = 0

def f25(rows):
    {row[0]: row for row in rows}[42].append(23)
    after = 25
    after = 0

def f26(rows):
    rows[43 if rows else 44].append(24)
    after = 26
    after = 0

def f27(rows):
    first, *rest = rows; rest[44].append(25)
    after = 27
    after = 0

def f28(rows):
    [x, y] = rows[45:47]; x.append(26)
    after = 28
    after = 0

def f29(rows):
    x = rows[len(rows) - 2]; x.append(27)
    after = 29
    after = 0

def f30(rows):
    max(rows).append(28)
    after = 30
    after = 0

def f31(rows):
    min(rows[5:], key=lambda row: row[0]).append(29)
    after = 31
    after = 0

def f32(rows):
    max(rows, key=rows.index).append(30)
    after = 32
    after = 0

def f33(rows):
    rows[int("50")].append(31)
    after = 33
    after = 0

def f34(rows):
    rows[rows.index([51])].append(32)
    after = 34
    after = 0

def f35(rows):
    rows[(lambda: 52)()].append(33)
    after = 35
    after = 0

def f36(rows):
    getattr(rows, "pop")().append(34)
    after = 36
    after = 0

def f37(rows):
    rows.__getitem__(53).append(35)
    after = 37
    after = 0

def f38(rows):
    (row := rows[54]).append(36)
    after = 38
    after = 0

def f39(rows):
    list(map(lambda row: row, rows))[55].append(37)
    after = 39
    after = 0

def f40(rows):
    sum([rows[20:], rows[:20]], [])[0].append(38)
    after = 40
    after = 0

def f41(rows):
    list(set(map(id, rows))) and rows[56].append(39)
    after = 41
    after = 0

def f42(rows):
    next(iter(rows[57:])).append(40)
    after = 42
    after = 0

def f43(rows):
    next(reversed(rows)).append(41)
    after = 43
    after = 0

def f44(rows):
    [row.append(1) for row in rows if row[0] == 33]
    after = 44
    after = 0

def f45(rows):
    [(row[0] == 34 and row.append(1)) for row in rows]
    after = 45
    after = 0

def f46(rows):
    rows[0 if len(rows) > 100 else 60].append(42)
    after = 46
    after = 0

def f47(rows):
    dict.fromkeys([1], rows[61])[1].append(43)
    after = 47
    after = 0

def f48(rows):
    {"a": rows[62]}["a"].append(44)
    after = 48
    after = 0

def f49(rows):
    (lambda row: row)(rows[63]).append(45)
    after = 49
    after = 0

def f50(rows):
    (lambda rows: rows)(rows)[64].append(46)
    after = 50
    after = 0

def f51(rows):
    rows[65:66][0].append(47)
    after = 51
    after = 0

def f52(rows):
    rows[slice(66, 67)][0].append(48)
    after = 52
    after = 0

def f53(rows):
    rows[True].append(49)
    after = 53
    after = 0

def f54(rows):
    rows[-1:][0].append(50)
    after = 54
    after = 0

def f55(rows):
    print(rows[67].append(51), end="")
    after = 55
    after = 0

def f56(rows):
    rows[5] += [1]
    after = 56
    after = 0

def f57(rows):
    rows[rows[6][0]] += [1]
    after = 57
    after = 0

def f58(rows):
    rows[rows[7][0]][0] = "x"
    after = 58
    after = 0

def f59(rows):
    rows[int("8")][0] = "x"
    after = 59
    after = 0

def f60(rows):
    rows[8:9][0][0] = "x"
    after = 60
    after = 0

def f61(rows):
    del rows[int("9")][0]
    after = 61
    after = 0

def f62(rows):
    (rows[10], rows[11])[1].append(1)
    after = 62
    after = 0

def f63(rows):
    [rows[12]][0].append(1)
    after = 63
    after = 0

def f64(rows):
    (rows if rows else None)[13].append(1)
    after = 64
    after = 0

def f65(rows):
    (None or rows)[14].append(1)
    after = 65
    after = 0

def f66(rows):
    x = y = rows[15]; y.append(2)
    after = 66
    after = 0

def f67(rows):
    for x in rows[16:17]: x.append(1)
    after = 67
    after = 0

def f68(rows):
    for i, x in enumerate(rows[17:18]): x.append(1)
    after = 68
    after = 0

def f69(rows):
    for x in sorted(rows, reverse=True)[:1]: x.append(1)
    after = 69
    after = 0

def f70(rows):
    for x in filter(None, rows[20:21]): x.append(1)
    after = 70
    after = 0

def f71(rows):
    x = [r for r in rows][30]; x.append(3)
    after = 71
    after = 0

def f72(rows):
    any(row.append(1) for row in rows if row[0] == 40)
    after = 72
    after = 0

def f73(rows):
    list(rows[41].append(i) for i in range(3))
    after = 73
    after = 0

def f74(rows):
    rows[42].extend(i for i in range(3))
    after = 74
    after = 0

def f75(rows):
    rows[rows.index(max(rows))].append(1)
    after = 75
    after = 0

def f76(rows):
    rows[len([1, 2, 3])].append(1)
    after = 76
    after = 0

def f77(rows):
    rows[sum([1, 2, 3])].append(1)
    after = 77
    after = 0

def f78(rows):
    rows[ord("a") - 50].append(1)
    after = 78
    after = 0

def f79(rows):
    rows[hash(5)].append(1)
    after = 79
    after = 0

def f80(rows):
    rows[round(5.4)].append(1)
    after = 80
    after = 0

def f81(rows):
    rows[min(3, 4)].append(1)
    after = 81
    after = 0

def f82(rows):
    rows[max(3, len(rows) - 1)].append(1)
    after = 82
    after = 0

def f83(rows):
    rows[abs(-7)].append(1)
    after = 83
    after = 0

def f84(rows):
    rows[~5].append(1)
    after = 84
    after = 0

def f85(rows):
    rows[7 & 5].append(1)
    after = 85
    after = 0

def f86(rows):
    rows[7 ^ 5].append(1)
    after = 86
    after = 0

def f87(rows):
    rows[1 << 3].append(1)
    after = 87
    after = 0

def f88(rows):
    rows[rows[3][0] * 2 + rows[1][0] - 4 // 2 % 7].append(1)
    after = 88
    after = 0

f0([*map(list, zip(range(70)))])
f1([*map(list, zip(range(70)))])
f2([*map(list, zip(range(70)))])
f3([*map(list, zip(range(70)))])
f4([*map(list, zip(range(70)))])
f5([*map(list, zip(range(70)))])
f6([*map(list, zip(range(70)))])
f7([*map(list, zip(range(70)))])
f8([*map(list, zip(range(70)))])
f9([*map(list, zip(range(70)))])
f10([*map(list, zip(range(70)))])
f11([*map(list, zip(range(70)))])
f12([*map(list, zip(range(70)))])
f13([*map(list, zip(range(70)))])
f14([*map(list, zip(range(70)))])
f15([*map(list, zip(range(70)))])
f16([*map(list, zip(range(70)))])
f17([*map(list, zip(range(70)))])
f18([*map(list, zip(range(70)))])
f19([*map(list, zip(range(70)))])
f20([*map(list, zip(range(70)))])
f21([*map(list, zip(range(70)))])
f22([*map(list, zip(range(70)))])
f23([*map(list, zip(range(70)))])
f24([*map(list, zip(range(70)))])
f25([*map(list, zip(range(70)))])
f26([*map(list, zip(range(70)))])
f27([*map(list, zip(range(70)))])
f28([*map(list, zip(range(70)))])
f29([*map(list, zip(range(70)))])
f30([*map(list, zip(range(70)))])
f31([*map(list, zip(range(70)))])
f32([*map(list, zip(range(70)))])
f33([*map(list, zip(range(70)))])
f34([*map(list, zip(range(70)))])
f35([*map(list, zip(range(70)))])
f36([*map(list, zip(range(70)))])
f37([*map(list, zip(range(70)))])
f38([*map(list, zip(range(70)))])
f39([*map(list, zip(range(70)))])
f40([*map(list, zip(range(70)))])
f41([*map(list, zip(range(70)))])
f42([*map(list, zip(range(70)))])
f43([*map(list, zip(range(70)))])
f44([*map(list, zip(range(70)))])
f45([*map(list, zip(range(70)))])
f46([*map(list, zip(range(70)))])
f47([*map(list, zip(range(70)))])
f48([*map(list, zip(range(70)))])
f49([*map(list, zip(range(70)))])
f50([*map(list, zip(range(70)))])
f51([*map(list, zip(range(70)))])
f52([*map(list, zip(range(70)))])
f53([*map(list, zip(range(70)))])
f54([*map(list, zip(range(70)))])
f55([*map(list, zip(range(70)))])
f56([*map(list, zip(range(70)))])
f57([*map(list, zip(range(70)))])
f58([*map(list, zip(range(70)))])
f59([*map(list, zip(range(70)))])
f60([*map(list, zip(range(70)))])
f61([*map(list, zip(range(70)))])
f62([*map(list, zip(range(70)))])
f63([*map(list, zip(range(70)))])
f64([*map(list, zip(range(70)))])
f65([*map(list, zip(range(70)))])
f66([*map(list, zip(range(70)))])
f67([*map(list, zip(range(70)))])
f68([*map(list, zip(range(70)))])
f69([*map(list, zip(range(70)))])
f70([*map(list, zip(range(70)))])
f71([*map(list, zip(range(70)))])
f72([*map(list, zip(range(70)))])
f73([*map(list, zip(range(70)))])
f74([*map(list, zip(range(70)))])
f75([*map(list, zip(range(70)))])
f76([*map(list, zip(range(70)))])
f77([*map(list, zip(range(70)))])
f78([*map(list, zip(range(70)))])
f79([*map(list, zip(range(70)))])
f80([*map(list, zip(range(70)))])
f81([*map(list, zip(range(70)))])
f82([*map(list, zip(range(70)))])
f83([*map(list, zip(range(70)))])
f84([*map(list, zip(range(70)))])
f85([*map(list, zip(range(70)))])
f86([*map(list, zip(range(70)))])
f87([*map(list, zip(range(70)))])
f88([*map(list, zip(range(70)))])
