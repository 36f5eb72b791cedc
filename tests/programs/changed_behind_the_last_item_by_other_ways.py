from libraries import keeping

rows = [[n] for n in range(3)]
count = 0


class User:
    shared = []
    def __init__(self, name):
        self.name = name
        self.items = []
    def get(self):
        return self.items
    @property
    def prop(self):
        return self.items


def of_main():
    for n in keeping.then([1, 2], keeping.change_main, "count", 5):
        before = n
    after = 0
    after = 1


def of_class():
    user = User("a")
    for n in keeping.then([1, 2], setattr, User, "shared", 5):
        before = n
    after = 0
    after = 1


def of_result():
    user = User("a")
    def get():
        return user.items
    for n in keeping.change_result([1, 2], get):
        before = n
    after = 0
    for n in keeping.change_result([1, 2], user.get):
        before = n
    after = 0
    after = 1


def of_argument():
    user = User("a")
    for n in keeping.change_attribute([1, 2], user):
        before = n
    after = 0
    for n in keeping.change_property([1, 2], user):
        before = n
    after = 1
    after = 2


def of_global():
    for n in keeping.change_result([1, 2], get_rows):
        before = n
    after = 0
    after = 1


def get_rows():
    return rows[1]


def deep():
    users = [User("a"), User("b")]
    users[0].items.append(users[1])
    users[1].items.append([1])
    for n in keeping.change_deep([1, 2], users):
        before = n
    after = 0
    after = 1


def kept_weakly():
    user = User("a")
    keeping.keep_weakly(user)
    for n in keeping.then([1, 2], keeping.change_weakly, "name", 5):
        before = n
    after = 0
    keeping.let_go()


def of_fifty():
    users = [User(n) for n in range(50)]
    for user in users:
        keeping.keep(user)
    for n in keeping.then([1, 2], keeping.change_all, "name", 5):
        before = n
    after = 0
    keeping.let_go()


def direct_result():
    user = User("a")
    keeping.append_to_result(user.get)
    after = 0
    keeping.append_to_result(get_rows)
    after = 1
    holder = [user.get]
    keeping.append_to_results(holder)
    after = 2
    

of_main()
of_class()
of_result()
of_argument()
of_global()
deep()
kept_weakly()
of_fifty()
direct_result()
