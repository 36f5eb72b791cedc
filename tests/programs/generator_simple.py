def count(limit):
    number = 0
    while number < limit:
        sent = yield number
        number += 1 if sent is None else sent
    return "done"


steps = count(4)
first = next(steps)
second = next(steps)
third = steps.send(1)
last = next(steps, "end")
collected = list(count(3))
