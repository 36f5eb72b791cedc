import functools
import itertools
import operator


calls = []


@functools.lru_cache(maxsize=2)
def cached(number):
    calls.append(number)
    return [number]


class Thing:
    @functools.cached_property
    def costly(self):
        calls.append("costly")
        return {"made": 1}

    @functools.singledispatchmethod
    def show(self, value):
        calls.append(value)

    @show.register
    def show_int(self, value: int):
        calls.append("int")


first = cached(1)
first.append("changed")
again = cached(1)
again.append("again")
thing = Thing()
thing.costly["more"] = 2
thing.costly.update(extra=3)
thing.show(1)
thing.show("text")
total = functools.reduce(lambda into, item: into + [item], [1, 2], [])
into = functools.reduce(operator.iadd, [[1], [2]], [])
accumulated = list(itertools.accumulate([[1], [2]], operator.iadd))
bound = functools.partial(calls.insert, 0)
bound("first")
ordered = sorted([[2], [1]], key=lambda pair: pair.append("key") or pair[0])
grouped = {key: list(group) for key, group in itertools.groupby([[1], [1]], key=operator.itemgetter(0))}
after = 1
