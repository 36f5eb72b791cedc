table = {index: index for index in range(80)}
table[70] = "changed"
table[79] = "last"
table[0] = "first"
del table[40]
table[40] = "moved to the end"
