import functools
import itertools
import operator

heard = []
hear = functools.partial(heard.append, "heard")
hear()
each = map(heard.append, [1, 2])
list(each)
lazily = filter(heard.append, [3, 4])
for item in lazily:
    pass
next(map(heard.append, [5]))
table = {}
operator.setitem(table, "k", 1)
setter = operator.methodcaller("update", {"m": 2})
setter(table)
chained = itertools.starmap(table.__setitem__, [("a", 1), ("b", 2)])
list(chained)
any(map(heard.extend, [[7]]))
after = 1
