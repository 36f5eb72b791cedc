# oracle: lifetimes
value = 0.5
for step in range(30):
    value = value * 1.5 + 0.25
    other = value / 3.0
    value = other + 1.0
    texts = [str(value), repr(other)]
total = sum([0.1] * 7)
