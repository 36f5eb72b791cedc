"""Seven people in cars of four: one car."""


def cars(people, seats):
    return people // seats


def plan(people):
    needed = cars(people, 4)
    room = needed * 4
    return room


room = plan(7)
assert room >= 7, room
