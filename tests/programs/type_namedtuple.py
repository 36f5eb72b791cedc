# oracle: classes
from collections import namedtuple
from typing import NamedTuple

Point = namedtuple("Point", "x y")


class Person(NamedTuple):
    name: str
    tags: list
    age: int = 0


point = Point(1, 2)
moved = point._replace(x=5)
person = Person("ann", [])
person.tags.append("new")
x, y = moved
