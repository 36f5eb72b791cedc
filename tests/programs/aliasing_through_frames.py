def change(items):
    items.append("changed")
    replaced = items
    items = ["new"]
    items.append("mine")
    return replaced


def keep(holder):
    inner = holder["items"]
    change(inner)
    return inner


holder = {"items": []}
outside = holder["items"]
inside = keep(holder)
