def collect(first, *rest, flag=False, **named):
    size = len(rest) + len(named)
    return size


plain = collect(1)
many = collect(1, 2, 3, flag=True, a=4, b=[5])
spread = collect(*[1, 2], **{"x": {"y": 1}})
