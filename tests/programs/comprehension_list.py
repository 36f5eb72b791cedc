numbers = [1, 2, 3, 4]
squares = [number * number for number in numbers]
evens = [number for number in numbers if number % 2 == 0]
pairs = [(a, b) for a in numbers for b in "xy" if a > 2]
nested = [[cell + 1 for cell in row] for row in [[1, 2], [3]]]


def inside(limit):
    scale = 10
    scaled = [number * scale for number in range(limit)]
    return scaled


result = inside(3)
