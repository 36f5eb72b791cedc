import collections
import itertools
import operator


class Node:
    def __init__(self, number):
        self.number = number


clear = operator.methodcaller("clear")
update = operator.methodcaller("update", number=0)


def deep_in_a_list(rows):
    kept = rows[150]
    operator.setitem(rows[150], "number", "by subscript")
    after = 1
    any(map(update, [rows[151]]))
    return kept


def deep_in_a_tuple(rows):
    kept = rows[99]
    any(map(clear, [rows[99]]))
    return kept


def deep_in_a_dict(table):
    kept = table["last"]
    any(map(clear, [table["last"]]))
    return kept


def in_each(nodes, kept, number):
    any(map(object.__setattr__, nodes, itertools.repeat("number"), itertools.repeat(number)))
    return kept.number


def in_an_instance(holder):
    kept = holder.last
    any(map(clear, [holder.last]))
    return kept


same = {"number": 0}
rows = [same] * 100 + [{"number": number} for number in range(100)]
deep_in_a_list(rows)
deep_in_a_list([0] * 100 + [{"number": number} for number in range(100)])
deep_in_a_tuple(tuple(range(99)) + ([1, 2],))
deep_in_a_dict({**{number: number for number in range(99)}, "last": [1, 2]})
node = Node(1)
nodes = [*map(Node, range(80)), node]
in_each(frozenset(nodes), node, 2)
in_each(set(nodes), node, 3)
in_each(dict.fromkeys(nodes), node, 4)
in_each(dict.fromkeys([node]), node, 5)
in_each(frozenset([node]), node, 6)
holder = Node(2)
vars(holder).update(zip(map("number_{}".format, range(100)), range(100)))
holder.last = [1, 2]
in_an_instance(holder)
queue = collections.deque(range(99))
queue.append([1, 2])
last = queue[-1]
any(map(clear, [queue[-1]]))
after = 1
