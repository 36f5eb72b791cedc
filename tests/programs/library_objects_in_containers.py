from libraries import keeping


class User:
    def __init__(self, name):
        self.name = name


def in_list():
    rows = [keeping.HOLDER]
    deep = [[User(keeping.HOLDER)]]
    keeping.hold(1)
    after = 0
    keeping.hold([5])
    after = 1
    keeping.change_own()
    after = 2
    keeping.append_own(3)
    after = 3
    keeping.append_own(4)
    after = 4
    return rows


def held_list():
    rows = [keeping.KEPT]
    keeping.keep(1)
    after = 0
    keeping.keep(2)
    after = 1
    keeping.let_go()
    after = 2
    return rows


def from_function():
    rows = [keeping.own_table()]
    keeping.fill_own_table()
    after = 0
    inner = rows[0]["inner"]
    keeping.fill_own_table()
    after = 1
    rows.append(keeping.own_table()["inner"])
    del inner
    keeping.fill_own_table()
    after = 2


in_list()
held_list()
from_function()
