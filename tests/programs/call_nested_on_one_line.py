def inner(number):
    return number + 1


def outer(number):
    return number * 2


result = outer(inner(1)) + outer(inner(inner(2)))
chained = "a-b".upper().lower().split("-")
