# oracle: limits


class Empty:
    __slots__ = ()


def of_opaque():
    empty = Empty()
    rows = [empty, Empty, (Empty(),)]
    Empty.__qualname__ = "Void"
    after = 0


of_opaque()
