total = sum(number * 2 for number in range(4))
lazy = (letter.upper() for letter in "abc")
first = next(lazy)
rest = list(lazy)
