"""Objects of all kinds that stay the same objects."""
import collections
import dataclasses
import enum
import functools
import weakref


class Color(enum.Enum):
    RED = 1
    BLUE = 2


@dataclasses.dataclass
class Point:
    x: int
    y: int
    tags: list = dataclasses.field(default_factory=list)


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a):
        self.a = a


class Node:
    def __init__(self, value):
        self.value, self.children = value, []

    def __repr__(self):
        return f"<{self.value}: {len(self.children)}>"


@functools.lru_cache(maxsize=10)
def cached(number):
    return [number]


root = Node(0)
nodes = [root]
for number in range(30):
    node = Node(number)
    nodes[number // 3].children.append(node)
    nodes.append(node)
    try:
        1 // (number % 4)
    except ZeroDivisionError as error:
        kept = str(error)
order = {id(node) % 1000: node.value for node in nodes}
names = {node for node in nodes if node.value % 2}
first = next(iter(names)).value
points = [Point(number, -number) for number in range(3)]
alias = points[1]
alias.tags.append("seen")
slotted = Slotted(Color.RED)
slotted.b = slotted
queue = collections.deque([1, 2, 3], maxlen=3)
queue.append(4)
counter = collections.Counter("hello")
default = collections.defaultdict(list)
default["a"].append(points[0])
same = cached(1) is cached(1)
reference = weakref.ref(root)
loop = []
loop.append(loop)
