def build(depth):
    if depth == 0:
        return None
    return {"left": build(depth - 1), "depth": depth, "right": build(depth - 1)}


def total(node):
    if node is None:
        return 0
    return total(node["left"]) + node["depth"] + total(node["right"])


tree = build(4)
result = total(tree)
