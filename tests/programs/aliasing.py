a = [1]
b = a
c = [a, b, [1]]
a.append(2)
b.append(3)
d = {"x": a, "y": a}
d["x"].append(4)
e = list(a)
e.append(5)
a = None
b.append(6)


def same(first, second):
    first.append("through the first")
    return second


result = same(b, b)
