import copy
import operator

xs = [3, 1]
list.append(xs, 2)
list.sort(xs)
operator.iadd(xs, [4])
operator.setitem(xs, 0, 9)
operator.delitem(xs, 1)
d = {}
dict.update(d, a=1)
dict.__setitem__(d, "b", 2)
dict.setdefault(d, "c", []).append(3)
s = set()
set.add(s, 1)


class Point:
    __slots__ = ("x", "y")

    def __init__(self):
        self.x = [1]


p = Point()
Point.y.__set__(p, 5)
object.__setattr__(p, "x", [2])
q = copy.copy(p)
q.x.append(3)
r = copy.deepcopy(p)
r.x.append(4)
getattr(p, "x").append(5)
operator.attrgetter("x")(p).append(6)
(p.x if p.y else q.x).append(7)
(lambda: p.x)().append(8)
next(iter([p])).x.append(9)
[p][0].x.append(10)
{"k": p}["k"].y = 11
(p, q)[1].y = 12
max([p], key=id).y = 13
exec("p.y = 14")
eval("p.x.append(15)")
p.y = p.x[0] = 16
p.x[:] = [17]
a, *p.x, b = 1, 2, 3, 4
for p.y in range(2):
    pass
with open("/dev/null") as p.y:
    p.y = None
import math as m
try:
    raise ValueError([1])
except ValueError as error:
    error.args[0].append(2)
    error.extra = [3]
    error.extra.append(4)
    kept = error
kept.extra += [5]
kept.args = (6,)


def default(into=[]):
    into.append(1)
    return into


default()
held = default()
default.calls = [1]
default.calls.append(2)
default.__defaults__[0].append(3)
t = ([1], {"k": [2]})
t[0].append(1)
t[1]["k"].append(2)
n = {"t": t}
n["t"][1]["k"].append(3)
