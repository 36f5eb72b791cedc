# oracle: from 3.12
type Pair[T] = tuple[T, T]


class Box[T]:
    def __init__(self, item: T):
        self.item = item

    def get(self) -> T:
        return self.item


def first[U](items: list[U]) -> U:
    item = items[0]
    return item


value = first([Box(1).get(), 2])
alias = Pair[int]
