"""Bob is charged for what ann bought."""


def add(item, basket=[]):
    basket.append(item)
    return basket


def checkout(name, items):
    for item in items:
        basket = add(item)
    return {"name": name, "items": basket}


ann = checkout("ann", ["tea", "milk"])
bob = checkout("bob", ["bread"])
assert bob["items"] == ["bread"], bob
