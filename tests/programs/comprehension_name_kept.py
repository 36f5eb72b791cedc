number = "outside"
squares = [number * 2 for number in range(3)]


def function():
    item = "before"
    doubled = [item * 2 for item in (1, 2)]
    return item, doubled


result = function()
