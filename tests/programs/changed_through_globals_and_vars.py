import sys


class Box:
    kind = "box"

    def __init__(self):
        self.size = 1


def poke():
    globals()["made"] = 5
    sys.modules["__main__"].other = 6
    setattr(box, "size", 2)
    vars(box)["weight"] = 3
    box.__dict__["tall"] = 4
    box.__dict__.update(wide=1)
    delattr(box, "wide")
    setattr(Box, "kind", "changed")
    object.__setattr__(box, "size", 9)
    del globals()["made"]


box = Box()
made = other = 0
poke()
state = box.__dict__
state["size"] = 10
globals().update(other=7)
after = other
space = {"x": 0}
exec("x = 1\ny = [x]", space)
space["x"] = 2
del space["y"]
locals()["after"] = 3
