"""The price of an order is always zero."""

PRICES = {"coffee": 3, "cake": 4}


def normalise(name):
    return name.strip().title()


def price_of(name):
    return PRICES.get(normalise(name), 0)


def total(order):
    amount = 0
    for name in order:
        amount += price_of(name)
    return amount


assert total(["coffee", " cake "]) == 7
