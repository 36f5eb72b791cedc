# oracle: limits
items = list(range(100_000))
items[50_000] = "middle"
items.append("end")
items[0] = "start"
items[-1] = "new end"
items[1234] = None
size = len(items)
del items[10:]
items.append("small again")
