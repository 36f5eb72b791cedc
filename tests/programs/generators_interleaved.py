def walk(name, items):
    for item in items:
        position = name + str(item)
        yield position


first = walk("a", [1, 2, 3])
second = walk("b", [1, 2, 3])
order = []
for _ in range(3):
    order.append(next(first))
    order.append(next(second))
zipped = list(zip(walk("c", "xy"), walk("d", "zw")))
