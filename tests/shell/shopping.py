"""The program that the tests of the shell look at."""

import threading


class Basket:
    limit = 3

    def __init__(self, owner):
        self.owner = owner
        self.items = []

    def add(self, item, count=1):
        for _ in range(count):
            self.items.append(item)
        return len(self.items)


def total(basket, prices):
    amount = 0
    for item in basket.items:
        price = prices[item]
        amount += price
    return amount


def numbers():
    yield 1
    yield 2


def shop():
    prices = {"tea": 2, "milk": 3}
    ann = Basket("ann \x1b]0;hidden\x07 \u202e end")
    bob = Basket("bob")
    ann.add("tea", 2)
    bob.add("milk")
    print("total of ann:", total(ann, prices))
    print("\x1b[31mred\x1b[0m")
    try:
        ann.add("cake")
        total(ann, prices)
    except KeyError as error:
        missing = error.args[0]
    worker = threading.Thread(target=total, args=(bob, prices))
    worker.start()
    worker.join()
    assert sum(numbers()) == missing, "the end"


shop()
