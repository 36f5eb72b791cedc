def broken():
    yield 1
    raise RuntimeError("inside")


results = []
try:
    for item in broken():
        results.append(item)
except RuntimeError as error:
    results.append(error.args[0])


def stops():
    yield 1
    raise StopIteration("bad")


try:
    list(stops())
except RuntimeError as error:
    cause = type(error.__cause__)
