class Thing:
    shared = []

    def __init__(self):
        self.a = 1
        self.b = self.a + 1
        self.a = self.b = 5

    def update(self, **values):
        for name, value in values.items():
            setattr(self, name, value)
        self.shared.append(len(values))
        self.own = self.shared
        return self


thing = Thing()
thing.update(c=3, d=[4])
thing.d += [5]
thing.d[0] = "first"
thing.a, thing.b = thing.b, thing.a
object.__setattr__(thing, "low", 1)
thing.__dict__["direct"] = 2
delattr(thing, "c")
other = Thing().update(z=1)
