"""Code that isn't recorded: it keeps what it is given, and changes it whenever it is called."""

KEPT = []


class Holder:
    pass


HOLDER = Holder()


def keep(value):
    KEPT.append(value)


def hold(value):
    HOLDER.value = value


def let_go():
    KEPT.clear()
    HOLDER.value = None


def change(name, value):
    setattr(KEPT[-1], name, value)


def change_held(name, value):
    setattr(HOLDER.value, name, value)


def change_all(name, value):
    for kept in KEPT:
        setattr(kept, name, value)


def change_when_called(value):
    return lambda name, new: setattr(value, name, new)


def call(function, *arguments):
    return function(*arguments)
