"""A price is old."""

prices = {"tea": 2}
cache = {}


def price(name):
    if name not in cache:
        cache[name] = prices[name]
    return cache[name]


def bill(names):
    return sum(price(name) for name in names)


bill(["tea"])
prices["tea"] = 3
amount = bill(["tea", "tea"])
assert amount == 6, amount
