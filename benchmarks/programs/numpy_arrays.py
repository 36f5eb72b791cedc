"""Arrays: whole-array arithmetic, slices, single elements. Usage: numpy_arrays.py ROUNDS"""

import sys

import numpy


def heat(size: int, steps: int) -> float:
    plate = numpy.zeros((size, size))
    plate[0, :] = 100.0
    for _ in range(steps):
        inner = plate[1:-1, 1:-1]
        around = plate[:-2, 1:-1] + plate[2:, 1:-1] + plate[1:-1, :-2] + plate[1:-1, 2:]
        plate[1:-1, 1:-1] = inner + 0.2 * (around - 4.0 * inner)
    return float(plate.sum())


def ranks(count: int) -> int:
    values = (numpy.arange(count) * 7919) % 10007
    order = numpy.argsort(values)
    total = 0
    for place in range(0, count, 100):
        total += int(values[order[place]])
    return total


def main() -> None:
    warmth = 0.0
    total = 0
    for _ in range(int(sys.argv[1])):
        warmth += heat(100, 80)
        total += ranks(10_000)
    print(round(warmth, 6), total)


main()
