from libraries import keeping


class User:
    def __init__(self, name):
        self.name = name
        self.items = []


class Registered:
    all = []
    def __init__(self, name):
        self.name = name
        self.all.append(self)


def chained():
    table = {"a": User("x")}
    keeping.keep(table["a"])
    after = 0
    keeping.change("name", "between")
    after = 1
    keeping.let_go()
    return table


def attribute():
    user = User(User("x"))
    keeping.keep(user.name)
    after = 0
    keeping.change("name", "between")
    after = 1
    keeping.let_go()
    return user


def listed():
    rows = [[User(1)]]
    keeping.keep(rows[0][0])
    after = 0
    keeping.change("name", "between")
    after = 1
    keeping.let_go()
    return rows


def registered():
    Registered("x")
    keeping.keep(Registered.all[-1])
    after = 0
    keeping.change("name", "between")
    after = 1
    keeping.let_go()


for n in range(12):
    chained()
    attribute()
    listed()
    registered()
