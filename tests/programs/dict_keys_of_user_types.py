class Key:
    def __init__(self, number):
        self.number = number

    def __hash__(self):
        return self.number % 2

    def __eq__(self, other):
        return self.number == other.number


one, two, three = Key(1), Key(2), Key(3)
table = {one: "one", two: "two"}
table[three] = "three"
table[Key(1)] = "one again"
del table[two]
found = table[three]
