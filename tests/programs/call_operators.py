class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __iadd__(self, other):
        self.x += other.x
        self.y += other.y
        return self

    def __eq__(self, other):
        return self.x == other.x and self.y == other.y

    def __getitem__(self, index):
        return (self.x, self.y)[index]

    def __len__(self):
        return 2

    def __contains__(self, number):
        return number in (self.x, self.y)

    def __call__(self, scale):
        return Vector(self.x * scale, self.y * scale)


a = Vector(1, 2)
b = a + Vector(3, 4)
b += a
same = b == Vector(5, 8)
first = b[0]
length = len(b)
inside = 8 in b
scaled = b(10)
