def inner(name):
    received = []
    for number in range(2):
        value = yield (name, number)
        received.append(value)
    return received


def outer():
    first = yield from inner("a")
    second = yield from inner("b")
    third = yield from [7, 8]
    return first, second, third


def drive(generator):
    seen = [next(generator)]
    sent = 100
    try:
        while True:
            seen.append(generator.send(sent if len(seen) < 5 else None))
            sent += 1
    except StopIteration as stop:
        return seen, stop.value


result = drive(outer())
