# oracle: limits
table = dict(zip(range(20_000), map(str, range(20_000))))
table[5] = "five"
table["new"] = 1
del table[7]
table[15_000] = "late"
size = len(table)
