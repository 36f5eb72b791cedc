def bottom(items):
    return items[5]


def middle(items):
    size = len(items)
    return bottom(items) + size


def top():
    items = [1, 2]
    try:
        return middle(items)
    except IndexError as error:
        return str(error)


result = top()
