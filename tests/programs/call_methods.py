class Counter:
    total = 0

    def __init__(self, start):
        self.value = start

    def add(self, amount=1):
        self.value += amount
        return self

    @classmethod
    def make(cls, start):
        cls.total += 1
        return cls(start)

    @staticmethod
    def double(number):
        return number * 2

    @property
    def squared(self):
        return self.value**2

    @squared.setter
    def squared(self, number):
        self.value = int(number**0.5)


counter = Counter.make(3)
counter.add().add(5)
doubled = Counter.double(counter.value)
square = counter.squared
counter.squared = 49
