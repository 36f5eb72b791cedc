from libraries import keeping


class User:
    def __init__(self, name):
        self.name = name


def loop():
    user = User("a")
    keeping.keep(user)
    for n in keeping.after_items([1, 2], "name", "behind"):
        before = n
    after = 0
    keeping.let_go()
    return user


def go_on(values):
    for value in values:
        yield value
    values.append("behind")


def own_list():
    rows = [1, 2]
    for n in keeping.go_on(rows):
        before = n
    after = 0
    return rows


def own_deep():
    box = [[[1]], User([5])]
    for n in keeping.go_on(box[0]):
        before = n
    after = 0
    for n in keeping.go_on(box[1].name):
        before = n
    after = 1
    return box


def made():
    box = [[1, 2]]
    walk = [keeping.go_on(box[0])]
    for n in walk.pop():
        before = n
    after = 0
    return box


def mapped():
    box = [[1, 2]]
    for n, m in zip(keeping.go_on(box[0]), [1, 2, 3]):
        before = n
    after = 0
    for n in keeping.go_on(box[0]):
        if n == "behind":
            break
    else:
        after = 1
    after = 2
    return box


def nested():
    box = [[1, 2], [3, 4]]
    for n in keeping.go_on(box[0]):
        for m in keeping.go_on(box[1]):
            before = m
            if m == "behind":
                break
        after = 0
    after = 1
    return box


def handed(rows):
    for n in rows:
        before = n
    after = 0


def handing():
    box = [[1, 2]]
    handed(keeping.go_on(box[0]))
    after = 0
    handed(map(str, keeping.go_on(box[0])))
    after = 1
    return box


def generator():
    box = [[1, 2]]
    yield from keeping.go_on(box[0])
    after = 0
    for n in keeping.go_on(box[0]):
        yield n
    after = 1
    yield box


def empty():
    box = [[]]
    for n in keeping.go_on(box[0]):
        before = n
    after = 0
    return box


def long():
    box = [[n] for n in range(100)]
    rows = [n for n in range(70)]
    for n in keeping.go_on(rows):
        before = n
    after = 0
    for n in keeping.go_on(box[66]):
        before = n
    after = 1


async def agen():
    rows = [1, 2]
    async for n in keeping.go_on_async(rows):
        before = n
    after = 0


def broken():
    box = [[1, 2]]
    for n in keeping.finally_changes(box[0]):
        break
    after = 0
    return box


def returning():
    box = [[1, 2]]
    for n in keeping.finally_changes(box[0]):
        return box


def gone_on():
    box = returning()
    after = 0
    return box


loop()
own_list()
own_deep()
made()
mapped()
nested()
handing()
list(generator())
for each in generator():
    after = each
empty()
long()
import asyncio
asyncio.run(agen())
broken()
gone_on()
