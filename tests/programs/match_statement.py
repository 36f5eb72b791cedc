class Point:
    __match_args__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y


def describe(thing):
    match thing:
        case 0 | 1:
            return "small"
        case int(number) if number > 100:
            return f"large {number}"
        case [first, *rest]:
            return f"list of {first} and {len(rest)}"
        case {"kind": kind, **others}:
            return (kind, others)
        case Point(x=0, y=y):
            return f"on axis at {y}"
        case Point(x, y):
            return x + y
        case str() as text:
            return text.upper()
        case None:
            return None
        case _:
            return "other"


results = [describe(thing) for thing in (0, 500, [1, 2, 3], {"kind": "k", "z": 1}, Point(0, 9), Point(3, 4), "abc", None, 2.5)]
