from collections import Counter, defaultdict


class Groups:
    def __init__(self):
        self.groups = defaultdict(list)
        self.counts = defaultdict(int)
        self.total = Counter()

    def seen(self, key):
        if self.counts[key]:
            return True
        group = self.groups[key]
        return self.total[key] == 0 and group == []

    def nested(self, key):
        return self.tree[key]["x"]["y"]


def tree():
    return defaultdict(tree)


g = Groups()
first = g.seen("a")
second = g.seen("b")
g.tree = tree()
third = g.nested("k")
groups = g.groups
fourth = [groups[key] for key in "xyz"]
fifth = "q" in groups or groups["q"] or groups["r"]
after = 1


class Missing(dict):
    def __missing__(self, key):
        self[key] = []
        return self[key]


m = Missing()
m["a"]
g.m = m
g.m["b"].append(1)
sixth = g.m["c"]
after = 2
