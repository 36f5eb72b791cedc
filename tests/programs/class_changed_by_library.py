from libraries import keeping
class User:
    count = 0
    table = {}
def classes():
    user = User()
    keeping.keep(user)
    after = 0
    keeping.change_class("count", 5)
    after = 1
    keeping.change_class("more", 5)
    after = 2
    keeping.let_go()
classes()
after = 3
def locals_too():
    class Inner:
        level = 1
    keeping.keep(Inner())
    keeping.change_class("level", 2)
    after = Inner
    keeping.change_class("level", 3)
    after = 1
locals_too()
