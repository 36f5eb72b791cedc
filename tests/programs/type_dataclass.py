# oracle: classes
from dataclasses import dataclass, field, replace


@dataclass
class Item:
    name: str
    price: float = 1.0
    tags: list = field(default_factory=list)

    def total(self):
        return self.price * 2


@dataclass(frozen=True, order=True)
class Key:
    first: int
    second: str


@dataclass(slots=True)
class Slotted:
    value: int
    items: dict


item = Item("pen")
item.tags.append("blue")
item.price += 0.5
total = item.total()
key = Key(1, "a")
other = replace(key, second="b")
smaller = key < other
slotted = Slotted(1, {})
slotted.items["k"] = slotted.value
