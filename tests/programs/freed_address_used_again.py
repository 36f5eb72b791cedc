# oracle: lifetimes
sizes = []
for number in range(30):
    items = [number, number]
    sizes.append(items[0])
    items = None
for number in range(30):
    table = {"k": number}
    table["k"] += 1
    del table


class Box:
    def __init__(self, value):
        self.value = value


def replace(count):
    last = None
    for number in range(count):
        box = Box(number)
        last = box.value
        box = Box(-number)
    return last


last = replace(20)
