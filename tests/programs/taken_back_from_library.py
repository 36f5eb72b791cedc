from libraries import keeping


class User:
    def __init__(self, name):
        self.name = name
        self.items = []


def make():
    return User("made")


def change():
    keeping.change("name", "changed")


def by_expression():
    keeping.keep(make())
    after = 0
    keeping.change("name", "between")
    after = 1
    x = keeping.KEPT[-1]
    after = 2
    keeping.change("name", "later")
    after = 3
    change()
    after = 4
    keeping.let_go()
    return x


def taken():
    keeping.keep(make())
    x = keeping.take()
    after = 0
    keeping.change("name", "later")
    after = 1
    change()
    after = 2
    y = keeping.take()
    keeping.append(1)
    after = 3
    keeping.let_go()
    return x


def taken_into_container():
    keeping.keep(make())
    rows = [keeping.take()]
    after = 0
    keeping.change("name", "later")
    after = 1
    box = User("box")
    box.other = keeping.take()
    keeping.change("name", "last")
    after = 2
    keeping.let_go()
    return rows, box


def instance():
    keeping.keep(User("direct"))
    after = 0
    keeping.change("name", "between")
    x = keeping.take()
    after = 1
    keeping.change("name", "later")
    after = 2
    keeping.let_go()
    return x


def nested():
    keeping.keep([User("in list"), make()])
    after = 0
    keeping.change_items("name", "between")
    x, y = keeping.take()
    after = 1
    keeping.change_items("name", "later")
    after = 2
    keeping.let_go()
    return x, y


def held_since():
    saved = []
    def factory():
        made = User("f")
        saved.append(made)
        return made
    keeping.keep(factory())
    after = 0
    keeping.change("name", "between")
    after = 1
    keeping.let_go()
    return saved


def through_argument():
    def give(value):
        return value
    keeping.keep(give(make()))
    after = 0
    keeping.change("name", "between")
    after = 1
    x = give(keeping.take())
    after = 2
    keeping.change("name", "later")
    after = 3
    keeping.let_go()


def stored_first():
    table = {}
    keeping.keep(table.setdefault("a", make()))
    after = 0
    keeping.change("name", "between")
    after = 1
    keeping.let_go()
    return table


def chained():
    table = {"a": User("x")}
    keeping.keep(table["a"])
    after = 0
    keeping.change("name", "between")
    after = 1
    keeping.let_go()
    return table


def by_callback():
    box = []
    keeping.call(lambda: keeping.keep(make()))
    after = 0
    keeping.call(lambda: box.append(keeping.take()))
    after = 1
    keeping.change("name", "between")
    after = 2
    keeping.let_go()
    return box



def popped():
    keeping.keep(make())
    keeping.append(1)
    x = keeping.take_out()
    after = 0
    return x


def popped_deep():
    keeping.keep([make(), [make()]])
    after = 0
    keeping.change_items_deep("name", "deep")
    x = keeping.take_out()
    after = 1
    return x


def popped_into_list():
    rows = [0]
    keeping.keep(make())
    keeping.append(1)
    rows.append(keeping.take_out())
    after = 0
    rows[0] = keeping.give(make, 7)
    after = 1
    return rows


def given_and_back():
    x = keeping.give(make, 7)
    after = 0
    y = [keeping.give(make, 8)]
    after = 1
    z = User(keeping.give(make, 9))
    after = 2
    return x, y, z


def by_argument():
    def take(value):
        after = 0
        return value
    keeping.keep(make())
    keeping.append(5)
    keeping.give_to(take)
    after = 0
    keeping.append(6)
    after = 1
    saved = []
    keeping.give_to(saved.append)
    after = 2
    keeping.let_go()
    return saved


def returned():
    def take():
        return keeping.take_out()
    keeping.keep(make())
    keeping.append(5)
    x = take()
    after = 0
    return x


def attribute():
    keeping.hold(make())
    keeping.change_held("name", "held")
    keeping.HOLDER.value.items.append(1)
    after = 0
    x = keeping.HOLDER.value
    keeping.change_held("name", "held again")
    after = 1
    keeping.append_held(4)
    after = 2
    keeping.let_go()
    return x


popped()
popped_deep()
popped_into_list()
given_and_back()
by_argument()
returned()
attribute()
by_expression()
taken()
taken_into_container()
instance()
nested()
held_since()
through_argument()
stored_first()
chained()
by_callback()
