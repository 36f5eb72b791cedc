from libraries import keeping
class User:
    def __init__(self, name):
        self.name = name
        self.items = []
        self.child = None
def deep():
    parent = User("p")
    child = User("c")
    parent.child = child
    grand = User("g")
    child.items.append(grand)
    keeping.keep(parent)
    after = 0
    keeping.run(lambda_like)
    after = 1
    keeping.append(7)
    after = 2
    keeping.let_go()
import operator
lambda_like = operator.methodcaller("__setattr__", "name", "z")
deep()
def deeper():
    parent = User("p")
    child = User("c")
    parent.child = child
    grand = User("g")
    child.items.append(grand)
    keeping.keep(parent)
    after = 0
    import functools
    keeping.change("more", 2)
    after = 1
    keeping.call(setattr_deep)
    after = 3
from libraries.keeping import KEPT
def setattr_deep():
    pass
deeper()
def table():
    users = {"a": User("a")}
    user = users["a"]
    keeping.keep(users)
    after = 0
    keeping.put("b", 2)
    after = 1
    keeping.run(operator.methodcaller("clear"))
    after = 2
table()
def nested():
    users = {"a": User("a"), "l": [[1]]}
    user = users["a"]
    inner = users["l"][0]
    keeping.keep(users)
    after = 0
    keeping.run(change_a)
    after = 1
def change_a(kept):
    kept["a"].name = "z"
nested()
