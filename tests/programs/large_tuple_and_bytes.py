# oracle: limits
numbers = tuple(range(5_000))
data = bytes(range(256)) * 100
longer = numbers + (1,)
text = str(numbers)
