items = ["a", "b", "c", "d"]
items[0], items[3] = items[3], items[0]
items[1], items[2] = items[2], items[1]


def bubble(numbers):
    for end in range(len(numbers) - 1, 0, -1):
        for index in range(end):
            if numbers[index] > numbers[index + 1]:
                numbers[index], numbers[index + 1] = numbers[index + 1], numbers[index]
    return numbers


ordered = bubble([4, 2, 3, 1])
