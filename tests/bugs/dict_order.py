"""The winner depends on the order in which points came in."""


def tally(votes):
    points = {}
    for name, amount in votes:
        points[name] = points.pop(name, 0) + amount
    return points


def winner(points):
    best = None
    for name in points:
        if best is None or points[name] > points[best]:
            best = name
    return best


points = tally([("ann", 2), ("bob", 3), ("ann", 1)])
assert winner(points) == "ann", points
