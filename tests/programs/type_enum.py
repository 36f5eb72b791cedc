from enum import Enum, Flag, IntEnum, auto


class Color(Enum):
    RED = 1
    GREEN = "green"
    BLUE = (1, 2)


class Level(IntEnum):
    LOW = 1
    HIGH = 10


class Mode(Flag):
    READ = auto()
    WRITE = auto()


color = Color.RED
named = Color["GREEN"]
valued = Color((1, 2))
level = Level.HIGH
above = level + 1
mode = Mode.READ | Mode.WRITE
members = list(Color)
