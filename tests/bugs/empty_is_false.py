"""An empty basket is replaced."""


class Shop:
    def __init__(self, basket=None):
        self.basket = basket or []

    def add(self, item):
        self.basket.append(item)


shared = []
shop = Shop(shared)
shop.add("tea")
assert shared == ["tea"], shared
