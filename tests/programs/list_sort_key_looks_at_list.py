items = [3, 1, 2]
sizes = []


def key(number):
    sizes.append(len(items))
    return number


items.sort(key=key)
