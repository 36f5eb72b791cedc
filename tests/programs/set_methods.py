numbers = {1, 2, 3}
numbers.add(4)
numbers.add(4)
numbers.remove(1)
numbers.discard(99)
numbers |= {10, 11}
numbers &= {2, 3, 10}
numbers -= {10}
numbers ^= {3, 5}
numbers.update([6], (7,))
numbers.intersection_update({5, 6, 7})
numbers.difference_update({7})
numbers.symmetric_difference_update({6, 8})
union = numbers | {1}
common = numbers & union
popped = {42}.pop()
numbers.clear()
