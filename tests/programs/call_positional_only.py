def clip(value, low=0, high=10, /, *, wrap=False):
    if wrap:
        return value % high
    return max(low, min(value, high))


results = [clip(12), clip(-3), clip(12, 0, 10, wrap=True), clip(5, 6)]
