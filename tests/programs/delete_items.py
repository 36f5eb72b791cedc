items = list(range(10))
del items[0]
del items[-1]
del items[2:5]
del items[::2]
table = {"a": 1, "b": 2, "c": 3}
del table["b"]
table["b"] = 4


class Thing:
    pass


thing = Thing()
thing.x = 1
thing.y = 2
del thing.x
thing.x = 3
