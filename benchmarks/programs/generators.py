"""Pipelines of generators: yields, resumptions, yield from, expressions. Usage: generators.py ROUNDS"""

import sys
from collections.abc import Generator, Iterable, Iterator
from typing import Any

Tree = tuple[Any, int, Any] | None  # left, value, right


def numbers(limit: int) -> Iterator[int]:
    number = 0
    while number < limit:
        yield number
        number += 1


def odd(source: Iterable[int]) -> Iterator[int]:
    for number in source:
        if number % 2:
            yield number


def running_mean() -> Generator[float, float, None]:
    total = 0.0
    count = 0
    mean = 0.0
    while True:
        value = yield mean
        total += value
        count += 1
        mean = total / count


def make_tree(low: int, high: int) -> Tree:
    if low == high:
        return None
    middle = (low + high) // 2
    return make_tree(low, middle), middle, make_tree(middle + 1, high)


def walk(tree: Tree) -> Iterator[int]:
    if tree is not None:
        left, value, right = tree
        yield from walk(left)
        yield value
        yield from walk(right)


def main() -> None:
    total = 0
    averages = 0.0
    for _ in range(int(sys.argv[1])):
        total += sum(number * 3 for number in odd(numbers(1000)))
        means = running_mean()
        next(means)
        for number in numbers(300):
            averages += means.send(number)
        means.close()
        total += sum(walk(make_tree(0, 255)))
    print(total, round(averages, 3))


main()
