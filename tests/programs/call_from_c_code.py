def key(pair):
    return pair[1]


def combine(left, right):
    return left + right


import functools

pairs = [("a", 3), ("b", 1), ("c", 2)]
ordered = sorted(pairs, key=key)
total = functools.reduce(combine, [1, 2, 3, 4])
mapped = list(map(lambda pair: pair[0], pairs))
kept = list(filter(lambda pair: pair[1] > 1, pairs))
highest = max(pairs, key=key)
