"""An even number survives the filter."""


def remove_even(numbers):
    for number in numbers:
        if number % 2 == 0:
            numbers.remove(number)
    return numbers


left = remove_even([1, 2, 4, 5])
assert 4 not in left, left
