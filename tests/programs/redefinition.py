def same(number):
    return number + 1


first = same(1)


def same(number):
    return number * 100


second = same(1)


class Thing:
    value = 1


old = Thing()


class Thing:
    value = 2


new = Thing()
values = (old.value, new.value, type(old) is type(new))
