"""The average of the numbers is zero."""


def positive(numbers):
    return (number for number in numbers if number > 0)


def average(numbers):
    count = sum(1 for _ in numbers)
    total = sum(numbers)
    return total / count


result = average(positive([4, -1, 8]))
assert result == 6, result
