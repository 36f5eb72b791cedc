from libraries import keeping
import operator
class User:
    def __init__(self, name):
        self.name = name
    def __setstate__(self, state):
        self.name = state["name"]
class Slotted:
    __slots__ = ("a", "b")
def ways():
    user = User("a")
    keeping.keep(user)
    after = 0
    keeping.update(name="b", x=1)
    after = 1
    keeping.replace_dict({"name": "c"})
    after = 2
    keeping.set_plainly("name", "d")
    after = 3
    keeping.delete("name")
    after = 4
    keeping.set_state({"name": "e"})
    after = 5
    keeping.let_go()
def slotted():
    s = Slotted()
    keeping.hold(s)
    after = 0
    keeping.change_held("a", [1])
    after = 1
    keeping.change_held("b", 2)
    after = 2
def by_own_store():
    user = User("own")
    keeping.HOLDER.value = user
    after = 0
    keeping.change_held("name", "x")
    after = 1
    other = User("listed")
    keeping.KEPT.append(other)
    after = 2
    keeping.change("name", "y")
    after = 3
    del keeping.KEPT[:]
    third = User("sub")
    keeping.KEPT[0:0] = [third]
    keeping.change("name", "z")
    after = 4
from libraries.keeping import KEPT, keep
def by_imported():
    user = User("own")
    KEPT.append(user)
    after = 0
    keeping.change("name", "x")
    after = 1
def temp():
    keeping.keep(User("temp"))
    seen = KEPT[-1]
    keeping.change("name", "t")
    after = 1
    found = [u for u in KEPT]
    keeping.change_all("name", "all")
    after = 2
ways()
slotted()
by_own_store()
by_imported()
temp()
