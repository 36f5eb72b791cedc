def fill(target, count):
    for number in range(count):
        target.append(number)
    return target


mine = []
same = fill(mine, 3)
fill(mine, 2)
other = fill([], 1)
