class Registry(type):
    known = []

    def __new__(meta, name, bases, namespace, **options):
        cls = super().__new__(meta, name, bases, namespace)
        meta.known.append(name)
        cls.options = options
        return cls

    def __call__(cls, *arguments):
        instance = super().__call__(*arguments)
        instance.tagged = True
        return instance


class Shape(metaclass=Registry, color="red"):
    def __init__(self, sides):
        self.sides = sides


class Square(Shape):
    pass


square = Square(4)
known = Registry.known
