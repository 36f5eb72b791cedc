a = []
a.append(a)
b = {}
b["self"] = b
c = [1]
d = (c, 2)
c.append(d)
c.append(3)


class Node:
    pass


first, second = Node(), Node()
first.next = second
second.next = first
first.me = first
a.append("more")
b["more"] = a
second.next = None
