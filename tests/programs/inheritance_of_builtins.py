class Stack(list):
    def __init__(self, *items):
        super().__init__(items)
        self.pushes = 0

    def push(self, item):
        self.append(item)
        self.pushes += 1

    def pop(self, *place):
        self.pushes -= 1
        return super().pop(*place)


class Upper(dict):
    def __setitem__(self, key, value):
        super().__setitem__(key.upper(), value)


class Tagged(set):
    tags = []

    def add(self, item):
        self.tags.append(item)
        set.add(self, item)


class Money(int):
    def __new__(cls, value, unit):
        made = super().__new__(cls, value)
        made.unit = unit
        return made


stack = Stack(1, 2)
stack.push(3)
stack += [4]
stack[0] = "zero"
stack.pop()
stack.pop(0)
stack.sort()
del stack[:]
wide = Stack(*range(100))
wide.push("end")
wide.pushes = 50
wide.pop(10)
upper = Upper()
upper["key"] = 1
upper.update(other=2)
upper.setdefault("third", []).append(3)
tagged = Tagged()
tagged.add(1)
tagged |= {2}
money = Money(5, "EUR")
money.unit = "USD"
money.history = [1]
money.history.append(2)
after = 1
