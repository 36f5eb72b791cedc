class Point:
    __slots__ = ("x", "y")

    def __init__(self, x):
        self.x = x


class Point3(Point):
    __slots__ = ("z", "__private")

    def __init__(self, x, z):
        super().__init__(x)
        self.z = z
        self.__private = [z]


class Open(Point):
    pass


point = Point(1)
point.y = [2]
point.y.append(3)
del point.x
deep = Point3(4, 5)
deep.y = deep
mixed = Open(6)
mixed.extra = 7
mixed.y = 8


class Described:
    __slots__ = {"name": "what it is called", "size": "in bytes"}

    def __init__(self, name):
        self.name = name

    def shown(self):
        return self.name


described = Described("it").shown()
