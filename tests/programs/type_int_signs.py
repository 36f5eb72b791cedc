# -1 and 21846 (0x5555 + 1) differ in sign and digit; 0 and "" are both empty; 1 and "\x08" have the same bytes and size.
def rebind() -> list[object]:
    items: list[object] = [-1, 0, 1]
    value: object = -1
    items[0] = 21846
    value = 21846
    items[0] = -21846
    items[1] = ""
    items[1] = 0
    items[2] = "\x08"
    items[2] = 1
    value = ""
    value = 0
    value = False
    items[2] = True
    items[0] = 2**30 - 1
    items[0] = 2**30
    items[0] = -(2**30)
    return [value, *items]


class Counter:
    def __init__(self) -> None:
        self.count = -1


counter = Counter()
counter.count = 21846
counter.count = -1
print(rebind(), counter.count)
