# oracle: limits
import operator


class Node:
    def __init__(self, name):
        self.name = name
        self.size = 0
        self.children = []


nodes = [Node(name) for name in "abc"]
stack = list(nodes)
first = nodes[2]
stack.pop().children.append(1)
stack.pop(0).name = "changed"
min(nodes, key=operator.attrgetter("name")).size = 5
max(nodes, key=lambda node: node.size).children.append(2)
next(iter(nodes)).children.append(3)
sorted(nodes, key=operator.attrgetter("name"))[0].name = "sorted"
list(nodes)[1].children.append(4)
groups = {}
for number in range(70):
    groups.setdefault(number % 35, []).append(number)
groups.get(5).append("five")
by_name = {node.name: node for node in nodes}
by_name.get(first.name).size += 1
by_name["sorted"].children += [6]
table = {"k": stack}
table.pop("k").append(None)


def find(name):
    return by_name[name]


find("sorted").children.append(7)
find("sorted").size = find("changed").size = 8
reversed_nodes = [*reversed(nodes)]
for node in nodes: node.size += 1
for index, node in enumerate(nodes): node.name += str(index)
for key, node in by_name.items(): node.children.append(key)
for left, right in zip(nodes, reversed_nodes): left.other, right.back = right, left
{node.name: node.children.append("comprehension") for node in nodes}
after = 1
