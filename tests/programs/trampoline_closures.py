def counter():
    n = 0
    seen = []

    def step():
        nonlocal n
        n += 1
        seen.append(n)
        if n < 4:
            return step
        return seen

    return step


current = counter()
while callable(current):
    current = current()
