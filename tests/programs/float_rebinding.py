value = 1.5
for step in range(10):
    value *= 1.1
    other = value
    value = -value
total = value + other
