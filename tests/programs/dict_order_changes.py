table = {"a": 1, "b": 2, "c": 3}
value = table.pop("a")
table["a"] = value
del table["c"]
table["c"] = 3
table["b"] = table.pop("b")
first = next(iter(table))
