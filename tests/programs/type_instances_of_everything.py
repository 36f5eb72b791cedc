class Empty:
    pass


class Full:
    shared = "class"

    def __init__(self):
        self.number = 1
        self.text = "t"
        self.items = [1]
        self.self = self
        self.nothing = None


empty = Empty()
full = Full()
full.number += 1
full.__dict__["sneaky"] = 5
setattr(full, "not an identifier", 6)
vars(full).update(bulk=7)
full.__dict__ = {"replaced": True}
full.after = 1
empty.__class__ = Full
