class Node:
    def __init__(self, v):
        self.v = v
        self.kids = []


n = Node(1)
n.kids.append(Node(2))
n.kids.append(Node(3))
n.kids[0].v = 70
n.kids[1].kids.append(Node(4))
n.kids[1].kids[0].v += 1
table = {"a": {"b": {"c": [0]}}}
table["a"]["b"]["c"][0] = 1
table["a"]["b"]["d"] = n
table["a"]["b"]["d"].kids[0].v = 71
