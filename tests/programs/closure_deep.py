def outer(a):
    b = a + 1

    def middle(c):
        d = [b, c]

        def inner(e):
            nonlocal b
            b += e
            d.append(b)
            return a + b + c + e

        result = inner(10)
        return result, d

    first = middle(100)
    second = middle(200)
    return first, second, b


result = outer(1)
