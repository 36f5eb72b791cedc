def collect(words):
    result = []
    append = result.append
    for word in words:
        append(word)
    return result


collected = collect(["a", "b"])
counts = {}
put = counts.__setitem__
put("x", 1)
seen = set()
add = seen.add
list(map(add, [1, 2]))
bag = bytearray()
grow = bag.extend
grow(b"ab")
after = 1
