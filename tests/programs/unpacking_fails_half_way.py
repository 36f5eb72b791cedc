a = b = "old"
try:
    a, b = iter([1])
except ValueError as error:
    message = str(error)


def source():
    yield 10
    raise KeyError("gone")


try:
    a, b = source()
except KeyError:
    pass
values = {}
try:
    values["k"], missing.attribute = 1, 2
except NameError:
    pass
