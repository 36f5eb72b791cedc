def robust():
    count = 0
    while count < 3:
        try:
            yield count
        except ValueError as error:
            count += 10
            yield ("caught", error.args)
        count += 1
    return count


g = robust()
start = next(g)
caught = g.throw(ValueError("bad", 1))
after = next(g, "finished")
h = robust()
next(h)
try:
    h.throw(KeyError("through"))
except KeyError as error:
    came_back = error
