empty = set()
numbers = {3, 1, 2}
numbers.add(5)
numbers.discard(1)
numbers.remove(2)
numbers.update([7, 8])
frozen = frozenset([1, 2, 3])
bigger = frozen | {4}
texts = {"a", "b"}
nested = {frozenset({1, 2}), (3, 4)}
numbers.clear()
