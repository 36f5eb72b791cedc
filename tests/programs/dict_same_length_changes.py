table = {"a": 1, "b": 2}
table["a"], table["b"] = table["b"], table["a"]
del table["a"]
table["c"] = 9
table[1] = "int"
table[1.0] = "float with the same key"
table[True] = "bool with the same key"
