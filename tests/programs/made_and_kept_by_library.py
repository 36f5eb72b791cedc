from libraries import keeping
class User:
    def __init__(self, name="n"):
        self.name = name
class Plain:
    name = "class"
def made():
    user = keeping.make(User, "a")
    after = 0
    keeping.change("name", "b")
    after = 1
    plain = keeping.make(Plain)
    after = 2
    keeping.change("name", "b")
    after = 3
    keeping.let_go()
def several():
    users = keeping.make_several(Plain2, 1, 2, 3)
    after = 0
    keeping.change("name", "b")
    after = 1
    last = users[-1]
    keeping.change("name", "c")
    after = 2
class Plain2:
    __slots__ = ("x", "name")
    def __new__(cls, x):
        return object.__new__(cls)
made()
several()
