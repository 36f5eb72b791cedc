# oracle: limits
numbers = set(range(20_000))
numbers.add("text")
numbers.discard(5)
size = len(numbers)
