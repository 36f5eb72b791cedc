class Name(str):
    pass


class Money(int):
    def __new__(cls, amount, currency):
        self = super().__new__(cls, amount)
        self.currency = currency
        return self


class Ratio(float):
    pass


class Stack(list):
    def push(self, item):
        self.append(item)


class Table(dict):
    pass


class Pair(tuple):
    pass


class Bag(set):
    pass


class Data(bytes):
    pass


class Buffer(bytearray):
    pass


name = Name("ann")
name.title_ = "dr"
money = Money(5, "eur")
ratio = Ratio(0.5)
stack = Stack([1])
stack.push(2)
stack.label = "stack"
table = Table(a=1)
table["b"] = 2
table.label = "table"
pair = Pair((1, 2))
pair.label = "pair"
bag = Bag([1])
bag.add(2)
bag.label = "bag"
data = Data(b"xyz")
buffer = Buffer(b"xyz")
buffer.append(1)
