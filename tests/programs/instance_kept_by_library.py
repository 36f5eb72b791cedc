from libraries import keeping


class User:
    def __init__(self, name):
        self.name = name


class Slotted:
    __slots__ = ("name", "other")

    def __init__(self, name):
        self.name = name


def kept():
    user = User("a")
    keeping.keep(user)
    keeping.change("name", "b")
    after = 1
    keeping.change("more", 1)
    after = 2
    keeping.let_go()
    after = 3


def held():
    user = User("a")
    keeping.hold(user)
    after = 1
    keeping.change_held("name", "b")
    after = 2
    keeping.change_held("name", "c")
    keeping.let_go()
    return user


def with_slots():
    user = Slotted("a")
    keeping.keep(user)
    keeping.change("name", "b")
    after = 1
    keeping.change("other", [1])
    after = 2
    keeping.let_go()


def in_a_closure():
    user = User("a")
    change = keeping.change_when_called(user)
    after = 1
    change("name", "b")
    after = 2
    keeping.call(change, "name", "c")
    after = 3


def inside():
    user = User("a")
    users = [user]
    keeping.keep(users[0])
    del users
    keeping.change("name", "b")
    after = 1
    keeping.let_go()


def several():
    users = [User(number) for number in range(5)]
    for user in users:
        keeping.keep(user)
    keeping.change_all("name", "all")
    after = 1
    keeping.let_go()


kept()
held()
with_slots()
in_a_closure()
inside()
several()
