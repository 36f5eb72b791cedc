from libraries import keeping

rows = [[n] for n in range(8)]
big = [[n] for n in range(80)]


class User:
    def __init__(self, name):
        self.name = name
        self.items = []

    def get(self):
        return self.items

    @property
    def prop(self):
        return self.items


users = [User(n) for n in range(4)]


def get_rows():
    return rows[1]


def get_deep():
    return rows


def get_user():
    return users[1]


def get_tuple():
    return (users[2], 1)


def one():
    keeping.append_to_result(get_rows)
    after = 0


def two():
    keeping.call_and(get_deep, append_to_third)
    after = 0


def three():
    keeping.set_of_result(get_user, "name", "set")
    after = 0


def four():
    keeping.set_of_first(get_tuple, "name", "first")
    after = 0


def append_to_third(found):
    return found[3]


def five():
    for each in map(keeping.append_to_result, [get_rows, get_rows]):
        before = each
    after = 0


def six():
    found = sorted([get_rows, get_rows], key=keeping.append_to_result_key)
    after = 0


def seven():
    def local():
        return big[70]
    keeping.append_to_result(local)
    after = 0


def eight():
    def each():
        yield users[0]
        yield users[3]
    keeping.set_each(each(), "name", "each")
    after = 0


def nine():
    keeping.keep(len)
    keeping.append_to_result(lambda: users[3].items)
    after = 0
    keeping.set_of_result(lambda: users[3], "items", [5])
    after = 1


class Proxy:
    def __init__(self, of):
        self.of = of
    def __getattr__(self, name):
        return getattr(users[1], name)
    def __getitem__(self, n):
        return rows[n]
    def __iter__(self):
        return iter(rows)


def ten():
    proxy = Proxy(1)
    keeping.append_to_attribute(proxy)
    after = 0
    keeping.append_to_item(proxy, 5)
    after = 1
    keeping.append_to_each(proxy)
    after = 2


def eleven():
    def with_argument(value):
        return rows[7]
    keeping.call_result_of(with_argument)
    after = 0


one()
two()
three()
four()
five()
six()
seven()
eight()
nine()
ten()
eleven()
