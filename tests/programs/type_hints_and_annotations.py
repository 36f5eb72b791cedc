from typing import Generic, Optional, TypeVar

T = TypeVar("T")


class Box(Generic[T]):
    item: T
    size: "int" = 1

    def __init__(self, item: T) -> None:
        self.item: T = item


def unwrap(box: Box[int], default: Optional[int] = None) -> int:
    result: int = box.item
    return result


value = unwrap(Box(5))
