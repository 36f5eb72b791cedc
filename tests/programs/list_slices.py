items = list(range(10))
items[2:4] = ["a", "b", "c"]
items[:0] = [-1]
items[len(items):] = [100]
items[::3] = ["x"] * len(items[::3])
items[1:1] = [[]]
items[5:2] = ["inserted"]
items[:] = reversed(items)
items[-3:] = []
items[0:2] = items
del items[1::2]
