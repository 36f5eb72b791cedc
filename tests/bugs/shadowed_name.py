"""The largest number is not a number."""


def statistics(numbers):
    max = numbers[0]
    for number in numbers:
        if number > max:
            max = number
    return max, spread(numbers, max)


def spread(numbers, min):
    return min - numbers[-1]


largest, width = statistics([5, 1, 9, 2])
assert width == 8, width
