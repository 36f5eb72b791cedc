from collections import ChainMap, UserDict, UserList
from collections.abc import MutableMapping


class Stack(UserList):
    def push(self, item):
        self.append(item)


class Table(UserDict):
    pass


class Folded(MutableMapping):
    def __init__(self):
        self.data = {}

    def __getitem__(self, key):
        return self.data[key]

    def __setitem__(self, key, value):
        self.data[key] = value

    def __delitem__(self, key):
        del self.data[key]

    def __iter__(self):
        return iter(self.data)

    def __len__(self):
        return len(self.data)


stack = Stack([1])
stack.append(2)
stack.push(3)
stack[0] = 5
stack.pop()
stack += [6]
del stack[0]
table = Table(a=1)
table["b"] = 2
table.update(c=3)
table.pop("a")
folded = Folded()
folded["x"] = 1
folded.update(y=2)
folded.setdefault("z", 3)
first, second = {}, {"k": 1}
both = ChainMap(first, second)
both["k"] = 2
both.update(m=1)
both.pop("k")


class Holder:
    def __init__(self):
        self.stack = Stack()
        self.table = UserDict()

    def put(self, item):
        self.stack.append(item)
        self.table[item] = item
        self.table.update(more=1)


holder = Holder()
holder.put(1)
plain = holder.table.data
holder.table["q"] = 2
after = 1
